#include "bench/log_generator.h"

#include <catch2/catch.hpp>
#include <set>
#include <sstream>
#include <string>

#include "base/json.h"

namespace stratalog::bench {
namespace {

std::string generate(GeneratorOptions options) {
  LogGenerator generator(std::move(options));
  std::string out;
  while (!generator.done()) generator.append_next(out);
  return out;
}

std::string text_at(const json::Value& document, std::string_view path) {
  const json::Value* found = document.find_path(path);
  return found == nullptr ? "" : found->to_text();
}

TEST_CASE("log generator: the same seed gives the same bytes, another seed others") {
  const std::string first = generate({.docs = 200, .seed = 7});
  CHECK(first == generate({.docs = 200, .seed = 7}));
  CHECK(first != generate({.docs = 200, .seed = 8}));
}

TEST_CASE("log generator: documents look like Fluent Bit's") {
  for (const ArrivalOrder order : {ArrivalOrder::kChunked, ArrivalOrder::kShuffled}) {
    constexpr uint64_t kDocs = 20000;
    const std::string text =
        generate({.docs = kDocs, .seed = 3, .order = order, .span_ms = 3 * 86'400'000LL});
    CHECK(text.size() / kDocs >= 740);
    CHECK(text.size() / kDocs <= 820);
    std::istringstream lines(text);
    std::string action;
    std::string line;
    uint64_t docs = 0;
    std::set<std::string> pods;
    std::set<std::string> apps;
    std::set<std::string> spaces;
    while (std::getline(lines, action) && std::getline(lines, line)) {
      ++docs;
      const auto parsed = json::parse(line);
      REQUIRE(parsed.ok());
      const json::Value& document = parsed.value();
      const std::string when = text_at(document, "@timestamp");
      const std::string day = when.substr(0, 4) + "." + when.substr(5, 2) + "." + when.substr(8, 2);
      REQUIRE(action == R"({"create":{"_index":"logstash-)" + day + R"(","_type":"_doc"}})");
      REQUIRE(when >= "2024-05-01T00:00:00.000Z");
      REQUIRE(when <= "2024-05-03T23:59:59.999Z");
      REQUIRE(text_at(document, "log").ends_with('\n'));
      pods.insert(text_at(document, "kubernetes.pod_name"));
      spaces.insert(text_at(document, "kubernetes.namespace_name"));
      apps.insert(text_at(document, "kubernetes.namespace_name") + "/" +
                  text_at(document, "kubernetes.labels.app"));
    }
    CHECK(docs == kDocs);
    CHECK(pods.size() <= 284);
    CHECK(pods.size() > 200);
    CHECK(spaces.size() == 12);
    CHECK(apps.size() == 40);
    CHECK(apps.count("shop/order") == 1);
    CHECK(apps.count("shop/delivery") == 1);
  }
}

TEST_CASE("log generator: chunks come from one pod, shuffled lines do not") {
  const auto changes = [](ArrivalOrder order) {
    std::istringstream lines(generate({.docs = 2000, .order = order}));
    std::string line;
    std::string last;
    int found = 0;
    while (std::getline(lines, line) && std::getline(lines, line)) {
      const std::string pod = line.substr(line.find("\"pod_name\""), 40);
      found += pod != last ? 1 : 0;
      last = pod;
    }
    return found;
  };
  CHECK(changes(ArrivalOrder::kChunked) < 200);
  CHECK(changes(ArrivalOrder::kShuffled) > 1800);
}

}  // namespace
}  // namespace stratalog::bench
