// Searches as a real Elasticsearch 7.17.3 answered them: tests/data/query/*.json hold mappings,
// documents, requests and its answers. What is its own (took, node, uuid, order of `fields`) is not
// compared.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/query/search_fixture.h"

namespace stratalog::query {
namespace {

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out.append(part);
  return out;
}

json::Value load(const std::string& name) {
  std::ifstream file(join({TEST_DATA, "/query/", name, ".json"}));
  std::stringstream text;
  text << file.rdbuf();
  auto value = json::parse(text.str(), 100);
  REQUIRE(value.ok());
  return std::move(*value);
}

void strip(json::Value& value) {
  if (value.is_array()) {
    for (json::Value& element : value.as_array()) strip(element);
    return;
  }
  if (!value.is_object()) return;
  for (const char* name : {"took", "node", "index_uuid", "_scroll_id"}) value.erase(name);
  // Members of `hits.hits.fields` and the like have no order in Elasticsearch; ours compare without
  // one anyway.
  for (json::Member& member : value.as_object()) strip(member.value);
}

// Where two answers differ first, as a path; empty if they are equal.
std::string difference(const json::Value& expected, const json::Value& got,
                       const std::string& path) {
  if (expected.is_object() && got.is_object()) {
    for (const json::Member& member : expected.as_object()) {
      const json::Value* other = got.find(member.key);
      if (other == nullptr)
        return join({path, ".", member.key, " is missing: ", json::to_string(member.value)});
      std::string inner = difference(member.value, *other, join({path, ".", member.key}));
      if (!inner.empty()) return inner;
    }
    for (const json::Member& member : got.as_object()) {
      if (expected.find(member.key) == nullptr) {
        return join({path, ".", member.key, " is too much: ", json::to_string(member.value)});
      }
    }
    return {};
  }
  if (expected.is_array() && got.is_array()) {
    for (size_t i = 0; i < std::min(expected.size(), got.size()); ++i) {
      std::string inner = difference(expected.as_array()[i], got.as_array()[i],
                                     join({path, "[", std::to_string(i), "]"}));
      if (!inner.empty()) return inner;
    }
    if (expected.size() == got.size()) return {};
    return join({path, " has ", std::to_string(got.size()), " elements, not ",
                 std::to_string(expected.size()), ": ", json::to_string(got), " not ",
                 json::to_string(expected)});
  }
  if (expected == got) return {};
  return join({path, " is ", json::to_string(got), ", not ", json::to_string(expected)});
}

struct Corpus {
  MemoryIndices indices;
  std::vector<std::string> names;
};

void fill(Corpus& corpus, const json::Value& record, size_t segment_rows) {
  for (const json::Member& index : record.find("indices")->as_object()) {
    corpus.names.push_back(index.key);
    corpus.indices.create(index.key, index.value);
    size_t i = 0;
    for (const json::Value& document : index.value.find("documents")->as_array()) {
      const json::Value* source = document.find("source");
      corpus.indices.add(index.key, document.find("id")->as_string(), source->as_string());
      if (++i % segment_rows == 0) corpus.indices.cut(index.key);
    }
  }
}

void check(const std::string& name, size_t segment_rows) {
  const json::Value record = load(name);
  Corpus corpus;
  fill(corpus, record, segment_rows);
  size_t failed = 0;
  for (const json::Value& request : record.find("cases")->as_array()) {
    std::map<std::string, std::string> params;
    if (const json::Value* list = request.find("params")) {
      for (const json::Member& member : list->as_object())
        params[member.key] = member.value.as_string();
    }
    std::vector<std::string> names = corpus.names;
    if (const json::Value* only = request.find("index")) names = {only->as_string()};
    const std::string body = request.find("body")->as_string();
    json::Value got = run_search(corpus.indices, names, body, params);
    json::Value expected = *request.find("answer");
    strip(got);
    strip(expected);
    const std::string where = difference(expected, got, "");
    if (where.empty()) continue;
    ++failed;
    std::string shown = body;
    for (const auto& [key, value] : params) shown += join({" ?", key, "=", value});
    FAIL_CHECK(name << ": " << shown << "\n    " << where);
  }
  CHECK(failed == 0);
}

}  // namespace

TEST_CASE("searches answer as Elasticsearch 7.17.3 did") {
  for (const char* name : {"errors", "search", "highlight"}) check(name, 1000);
}

TEST_CASE("searches answer the same whatever the segments are") {
  for (const char* name : {"errors", "search", "highlight"}) check(name, 2);
}

}  // namespace stratalog::query
