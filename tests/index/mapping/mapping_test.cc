#include "index/mapping/mapping.h"

#include <catch2/catch.hpp>

#include <fstream>

#include "index/analysis/registry.h"

namespace stratalog::index {

namespace {

using MappingResult = Result<std::shared_ptr<const Mapping>>;

MappingResult parse(const json::Value& body, const MappingLimits& limits = {}) {
  return Mapping::parse(body, AnalysisRegistry::built_in(), limits);
}

json::Value parse_json(std::string_view text) {
  Result<json::Value> value = json::parse(text);
  REQUIRE(value.ok());
  return std::move(*value);
}

// The error as the table holds it: [[type, reason], [type, reason of the cause], ...].
json::Value chain(const Error& error) {
  json::Value out = json::Value::array();
  for (const Error* at = &error; at != nullptr; at = at->caused_by.get()) {
    out.push_back(json::Value(json::Array{json::Value(at->type.name), json::Value(at->reason)}));
  }
  return out;
}

json::Value answer(const json::Value& test) {
  MappingResult mapping = parse(*test.find("mapping"));
  if (const json::Value* merge = test.find("merge"); merge != nullptr && mapping)
    mapping = (*mapping)->merge(*merge, false);
  if (mapping) return json::Value::object({{"mapping", (*mapping)->to_json()}});
  return json::Value::object(
      {{"error", chain(mapping.error())}, {"status", mapping.error().type.status}});
}

}  // namespace

TEST_CASE("mapping: parsing and merging answer as Elasticsearch 7.17.3 does") {
  std::ifstream file(TEST_DATA "/mapping/elasticsearch_7.17.3.jsonl");
  REQUIRE(file.good());
  size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const json::Value test = parse_json(line);
    INFO(line);
    CHECK(json::to_string(answer(test)) == json::to_string(*test.find("answer")));
  }
  CHECK(count > 150);
}

TEST_CASE("mapping: what counts against the field limit is what the JSON shows") {
  MappingLimits limits;
  limits.accept_conflicts = true;
  const MappingResult mapping =
      parse(parse_json(R"({"properties": {"x": {"type": "long"}}})"), limits);
  REQUIRE(mapping.ok());
  for (const bool dynamic_update : {false, true}) {
    for (const std::string_view more :
         {R"({"properties": {"x": {"properties": {}}}})",
          R"({"properties": {"x": {"properties": {"y": {"type": "object"}}}}})",
          R"({"properties": {"x": {"properties": {"y": {"type": "long"}}}}})"}) {
      INFO(more);
      const MappingResult merged = (*mapping)->merge(parse_json(more), dynamic_update);
      REQUIRE(merged.ok());
      const MappingResult read_back = parse((*merged)->to_json(), limits);
      REQUIRE(read_back.ok());
      CHECK((*merged)->total_fields() == (*read_back)->total_fields());
    }
  }
}

}  // namespace stratalog::index
