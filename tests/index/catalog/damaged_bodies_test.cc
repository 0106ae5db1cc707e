// Bodies that make indices - mappings, settings, analysis, aliases - damaged at random: each is
// taken or refused as a wrong request, and what is taken can be shown and taken again.
#include <catch2/catch.hpp>
#include <fstream>

#include "index/analysis/registry.h"
#include "index/catalog/aliases.h"
#include "index/catalog/mapping_bodies.h"
#include "index/catalog/settings.h"
#include "index/catalog/templates.h"
#include "index/mapping/mapping.h"
#include "tests/damage.h"

namespace stratalog::index {
namespace {

std::vector<json::Value> recorded_mappings() {
  std::vector<json::Value> out;
  std::ifstream file(TEST_DATA "/mapping/elasticsearch_7.17.3.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto test = json::parse(line);
    REQUIRE(test.ok());
    out.push_back(*test->find("mapping"));
    if (const json::Value* merge = test->find("merge")) out.push_back(*merge);
  }
  REQUIRE(out.size() > 150);
  return out;
}

json::Value tree(const char* text) {
  auto value = json::parse(text);
  REQUIRE(value.ok());
  return *value;
}

}  // namespace

TEST_CASE("damaged mappings are taken or refused, and what is taken is taken again") {
  const uint64_t seed = test_seed();
  INFO("STRATALOG_TEST_SEED=" << seed);
  Damage damage(seed);
  const std::vector<json::Value> bodies = recorded_mappings();
  const auto any = [&]() -> const json::Value& { return bodies[damage.pick(bodies.size())]; };
  size_t taken = 0;
  for (uint64_t i = 0, n = test_rounds(3000); i < n; ++i) {
    const json::Value body = damage.tree(any(), any());
    INFO(json::to_string(body));
    const auto mapping = Mapping::parse(body, AnalysisRegistry::built_in(), {});
    if (!mapping) {
      CHECK(mapping.error().type.status == 400);
      continue;
    }
    ++taken;
    const json::Value shown = (*mapping)->to_json();
    const auto again = Mapping::parse(shown, AnalysisRegistry::built_in(), {});
    INFO(json::to_string(shown));
    REQUIRE(again.ok());
    CHECK(json::to_string((*again)->to_json()) == json::to_string(shown));
    const json::Value other = damage.tree(any(), any());
    INFO(json::to_string(other));
    const auto merged = (*mapping)->merge(other, damage.pick(2) == 0);
    // Elasticsearch answers 500 where `enabled` of the root changes.
    if (!merged && std::string_view(merged.error().type.name) != "mapper_exception")
      CHECK(merged.error().type.status == 400);
  }
  CHECK(taken > 0);
}

TEST_CASE("mappings of templates are put together or refused, whatever they are") {
  const auto merged = [](const char* base, const char* over) {
    const auto out = merge_mapping_bodies(tree(base), tree(over));
    return out ? json::to_string(*out) : out.error().reason;
  };
  const char* const object = R"({"properties": {"f": {"properties": {"a": {"type": "keyword"}}}}})";
  CHECK(merged(object, R"({"properties": {"f": 5}})") ==
        "Failed to parse mapping [_doc]: Expected map for property [f]");
  CHECK(merged(R"({"properties": {"f": []}})", object) ==
        "Failed to parse mapping [_doc]: Expected map for property [f]");
  CHECK(merged(object, R"({"properties": {"f": {"type": "text"}}})") ==
        "can't merge a non object mapping [f] with an object mapping");
  CHECK(merged(R"({"properties": 5})", R"({"properties": {"f": 5}})") ==
        R"({"properties":{"f":5}})");

  const uint64_t seed = test_seed();
  INFO("STRATALOG_TEST_SEED=" << seed);
  Damage damage(seed);
  const std::vector<json::Value> bodies = recorded_mappings();
  const auto any = [&]() -> const json::Value& { return bodies[damage.pick(bodies.size())]; };
  for (uint64_t i = 0, n = test_rounds(3000); i < n; ++i) {
    const json::Value base = damage.tree(any(), any()), over = damage.tree(any(), any());
    INFO(json::to_string(base) << " " << json::to_string(over));
    const auto out = merge_mapping_bodies(base, over);
    if (!out) CHECK(out.error().type.status == 400);
    merge_mapping_defaults(base, over);
  }
}

TEST_CASE("damaged settings, analysis and aliases are taken or refused") {
  const uint64_t seed = test_seed();
  INFO("STRATALOG_TEST_SEED=" << seed);
  Damage damage(seed);
  const json::Value settings = tree(R"json({
    "number_of_shards": 3, "index.number_of_replicas": "1", "refresh_interval": "5s",
    "index": {"mapping": {"total_fields": {"limit": 10}, "conflicts": "accept"},
              "translog": {"durability": "async"}, "max_result_window": 100, "codec": "default",
              "blocks.read_only_allow_delete": true, "max_ngram_diff": 2},
    "analysis": {
      "char_filter": {"c": {"type": "mapping", "mappings": ["a => b", "\\u0041=>x"]},
                      "p": {"type": "pattern_replace", "pattern": "(\\d+)", "replacement": "$1x"}},
      "tokenizer": {"t": {"type": "ngram", "min_gram": 2, "max_gram": 3, "token_chars": ["letter"]},
                    "e": {"type": "pattern", "pattern": "[,;]", "group": 0}},
      "filter": {"s": {"type": "stop", "stopwords": ["a", "_english_"]},
                 "l": {"type": "length", "min": 1, "max": 20}},
      "analyzer": {"m": {"type": "custom", "tokenizer": "t", "filter": ["lowercase", "s", "l"],
                         "char_filter": ["c"]},
                   "w": {"type": "standard", "max_token_length": 5, "stopwords": "_none_"}},
      "normalizer": {"n": {"type": "custom", "filter": ["lowercase", "asciifolding"]}}}})json");
  const json::Value aliases = tree(R"json({
    "one": {"filter": {"term": {"a": 1}}, "routing": "r", "is_write_index": true},
    "<two-{now/d}>": {"index_routing": "1", "search_routing": "1,2", "is_hidden": "false"},
    "three": {}})json");
  const json::Value mappings = tree(R"({"properties": {"t": {"type": "text", "analyzer": "m"}}})");
  size_t taken = 0;
  for (uint64_t i = 0, n = test_rounds(3000); i < n; ++i) {
    const json::Value body = damage.tree(settings, aliases);
    INFO(json::to_string(body));
    const auto flat = flatten_settings(body);
    if (flat) {
      const Status valid = validate_creation_settings(*flat);
      if (!valid) CHECK(valid.error().type.status == 400);
      if (valid) {
        const auto mapping = make_mapping(settings_tree(*flat), mappings, {});
        if (!mapping) CHECK(mapping.error().type.status == 400);
        taken += mapping.ok() ? 1 : 0;
      }
    } else {
      CHECK(flat.error().type.status == 400);
    }
    const json::Value named = damage.tree(aliases, settings);
    INFO(json::to_string(named));
    const auto parsed = parse_aliases(named);
    if (!parsed) CHECK(parsed.error().type.status == 400);
  }
  CHECK(taken > 0);
}

}  // namespace stratalog::index
