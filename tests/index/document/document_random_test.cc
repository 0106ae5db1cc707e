// Documents made at random and damaged at random: no bytes may harm the parser, and it must not
// depend on what it has parsed before.
#include <catch2/catch.hpp>

#include "tests/damage.h"
#include "tests/index/document/document_fixture.h"

namespace stratalog::index {

namespace {

class RandomDocuments : public Damage {
 public:
  using Damage::Damage;

  std::string document() {
    std::string out = object(0);
    if (pick(2) == 0) out = "{\"kubernetes\":" + known_object() + ",\"doc\":" + out + "}";
    return out;
  }

 private:
  // One of few, long enough to be remembered.
  std::string known_object() {
    const std::string pod(1, static_cast<char>('a' + pick(4)));
    const std::string escape = pick(4) == 0 ? "\\n\\u00e9" : "";
    return "{\"pod\":\"" + pod + "\",\"text\":\"" + std::string(180, 'x') + escape +
           "\",\"labels\":{\"app\":\"" + pod + "\",\"n\":" + (pod == "b" ? "1.5" : "7") +
           "},\"ips\":[\"10.0.0." + std::to_string(pick(3)) + "\"]}";
  }

  std::string key() {
    return one_of({"a", "b", "c", "a.b", "a.b.c", "n", "d", "flag", "ip", "\\u0061", "e f", "b.",
                   "k8s", "@timestamp"});
  }

  std::string value(int depth) {
    switch (pick(depth < 4 ? 12 : 9)) {
      case 0:
        return one_of({"1", "-7", "1.5", "1e3", "-0.0", "12345678901234567890", "0"});
      case 1:
        return one_of({"true", "false", "null"});
      case 2:
        return one_of({"\"2024-01-01\"", "\"2024-01-01T10:00:00.123Z\"", "\"10.1.2.3\"", "\"5\"",
                       "\"true\""});
      case 3:
        return one_of(
            {"\"\\\"quoted\\\"\"", "\"\\ud83d\\ude00\"", "\"\\\\\"", "\"tab\\t\"", "\"\""});
      case 9:
      case 10:
        return object(depth + 1);
      case 11: {
        std::string out = "[";
        for (uint64_t i = 0, n = pick(4); i < n; ++i) out += (i > 0 ? ", " : "") + value(depth + 1);
        return out + "]";
      }
      default:
        return one_of({"\"x\"", "\"some words\"", "\"привет\"", "\"日本\""});
    }
  }

  std::string object(int depth) {
    std::string out = "{";
    for (uint64_t i = 0, n = pick(5); i < n; ++i) {
      if (i > 0) out += pick(8) == 0 ? " ,\n" : ",";
      out += "\"" + key() + "\":" + value(depth);
    }
    return out + "}";
  }
};

constexpr std::string_view kSomeMapping = R"({"properties": {
    "n": {"type": "long"}, "d": {"type": "date"}, "flag": {"type": "boolean"}, "ip": {"type": "ip"},
    "a": {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 5}}},
    "b": {"type": "flattened"}, "c": {"type": "nested", "include_in_root": true}, "e f": {"type": "geo_point"}}})";

MappingLimits limits_of(bool accept) {
  MappingLimits limits;
  limits.accept_conflicts = accept;
  if (accept) limits.total_fields = 40;
  return limits;
}

}  // namespace

TEST_CASE("documents at random: a used parser answers as a new one does") {
  const uint64_t seed = test_seed();
  const uint64_t rounds = test_rounds(3000);
  INFO("STRATALOG_TEST_SEED=" << seed);
  for (const bool accept : {false, true}) {
    RandomDocuments documents(seed);
    DocumentFixture used(kSomeMapping, limits_of(accept));
    for (uint64_t i = 0; i < rounds; ++i) {
      std::string text = documents.document();
      if (documents.pick(3) == 0) text = documents.bytes(std::move(text));
      INFO("round " << i << " accept " << accept << " document " << text);
      const std::string before = used.mapping_json();
      const std::string result = used.parse(text);
      DocumentFixture fresh(before, limits_of(accept));
      REQUIRE(fresh.parse(text) == result);
      REQUIRE(fresh.mapping_json() == used.mapping_json());
      // Under the mapping that it left, a document asks for nothing.
      if (!accept) continue;
      REQUIRE(used.parse(text) == result);
    }
  }
}

TEST_CASE("documents at random: what is JSON is decided as another parser decides it") {
  const uint64_t seed = test_seed();
  const uint64_t rounds = test_rounds(20000);
  INFO("STRATALOG_TEST_SEED=" << seed);
  RandomDocuments documents(seed);
  DocumentFixture fixture(R"({"enabled": false})");
  for (uint64_t i = 0; i < rounds; ++i) {
    const std::string text = documents.bytes(documents.document());
    INFO("round " << i << " document " << text);
    const bool taken = fixture.parse(text).empty();
    const Result<json::Value> other = json::parse(text, 84);
    // The other one has bounds of its own on numbers, and none on halves of surrogate pairs that
    // stand alone.
    const bool comparable =
        other.ok() || (other.error().reason.find("surrogate") == std::string::npos &&
                       other.error().reason.find("too big") == std::string::npos);
    if (comparable) REQUIRE(taken == (other.ok() && other->is_object()));
  }
}

}  // namespace stratalog::index
