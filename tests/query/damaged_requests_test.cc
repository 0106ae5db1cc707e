// Search requests that were right once, damaged: each is answered, by hits or by an error that says
// the request is wrong, never by a fault of the server's.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "query/search_request.h"
#include "tests/damage.h"
#include "tests/query/search_fixture.h"

namespace stratalog::query {
namespace {

struct Recorded {
  MemoryIndices indices;
  std::vector<std::string> names;
  std::vector<json::Value> bodies;
};

void load(Recorded& out, const std::string& name) {
  std::string path = TEST_DATA "/query/";
  path.append(name).append(".json");
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  auto record = json::parse(text.str(), 100);
  REQUIRE(record.ok());
  for (const json::Member& index : record->find("indices")->as_object()) {
    out.names.push_back(index.key);
    out.indices.create(index.key, index.value);
    for (const json::Value& document : index.value.find("documents")->as_array()) {
      out.indices.add(index.key, document.find("id")->as_string(),
                      document.find("source")->as_string());
    }
  }
  for (const json::Value& request : record->find("cases")->as_array()) {
    if (auto body = json::parse(request.find("body")->as_string(), 400))
      out.bodies.push_back(*body);
  }
}

int status_of(const json::Value& answer) {
  const json::Value* status = answer.find("status");
  return status == nullptr ? 200 : static_cast<int>(status->as_int());
}

// Elasticsearch itself answers 500 to some requests that are merely wrong.
bool as_elasticsearch_does(const json::Value& answer) {
  const json::Value& cause = answer.find_path("error.root_cause")->as_array()[0];
  return cause.find("type")->as_string() == "search_exception" ||
         cause.find("reason")->as_string().starts_with("Can't get text on a ");
}

}  // namespace

TEST_CASE("damaged searches are answered as wrong requests are") {
  const uint64_t seed = test_seed();
  INFO("STRATALOG_TEST_SEED=" << seed);
  Damage damage(seed);
  for (const char* name : {"errors", "search", "highlight"}) {
    Recorded recorded;
    load(recorded, name);
    REQUIRE(recorded.bodies.size() > 20);
    for (uint64_t i = 0, n = test_rounds(700); i < n; ++i) {
      const json::Value& body = recorded.bodies[damage.pick(recorded.bodies.size())];
      const json::Value& donor = recorded.bodies[damage.pick(recorded.bodies.size())];
      std::string text = json::to_string(damage.tree(body, donor));
      if (damage.pick(4) == 0) text = damage.bytes(std::move(text));
      INFO(text);
      const json::Value answer = run_search(recorded.indices, recorded.names, text);
      INFO(json::to_string(answer));
      CHECK((status_of(answer) < 500 || as_elasticsearch_does(answer)));
    }
  }
}

TEST_CASE("damaged text of a search is read to its end and no further") {
  const uint64_t seed = test_seed();
  INFO("STRATALOG_TEST_SEED=" << seed);
  Damage damage(seed);
  Recorded recorded;
  load(recorded, "search");
  const auto none = [](std::string_view) -> const std::string* { return nullptr; };
  for (uint64_t i = 0, n = test_rounds(5000); i < n; ++i) {
    const std::string text =
        damage.bytes(json::to_string(recorded.bodies[damage.pick(recorded.bodies.size())]));
    // Exactly as large as the text: a sanitizer sees what is read behind it.
    const std::vector<char> exact(text.begin(), text.end());
    INFO(text);
    const auto request = parse_search({exact.data(), exact.size()}, none);
    if (!request) CHECK(request.error().type.status == 400);
  }
}

}  // namespace stratalog::query
