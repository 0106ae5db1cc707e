#include "api/render.h"

#include <catch2/catch.hpp>

#include <fstream>

#include "api/http.h"
#include "base/json.h"

using namespace stratalog;
using namespace stratalog::api;

namespace {

std::string rendered(const std::string& json, const std::string& query) {
  const auto params = QueryParams::parse(query);
  REQUIRE(params);
  RenderOptions options;
  auto filter = FilterPaths::parse(params->get("filter_path"));
  REQUIRE(filter);
  options.filter = *filter;
  if (params->has("pretty")) options.form = Form::kPretty;
  if (params->has("format")) options.form = Form::kYaml;
  return render(json, options);
}

}  // namespace

TEST_CASE("render: pretty, YAML and filter_path print what Elasticsearch 7.17.3 printed") {
  std::ifstream file(TEST_DATA "/api/render.jsonl");
  std::string line;
  std::string document;
  int checked = 0;
  while (std::getline(file, line)) {
    const auto recorded = json::parse(line);
    REQUIRE(recorded);
    const std::string& query = recorded->find("query")->as_string();
    const std::string& answer = recorded->find("answer")->as_string();
    if (query.empty()) document = answer;
    if (answer.starts_with("{\"error\"")) continue;
    INFO(query);
    CHECK(rendered(document, query) == answer);
    ++checked;
  }
  CHECK(checked > 80);
}

TEST_CASE("render: a root array that is filtered empty leaves nothing, an unfiltered one prints") {
  CHECK(rendered(R"([{"a":1}])", "filter_path=b") == "");
  CHECK(rendered(R"([{"a":1}])", "filter_path=b&pretty") == "\n");
  CHECK(rendered(R"([{"a":1,"b":2}])", "filter_path=b") == R"([{"b":2}])");
  CHECK(rendered("[]", "pretty") == "[ ]\n");
  CHECK(rendered("[]", "format=yaml") == "--- []\n");
  CHECK(rendered(R"([{"a":1,"b":"x"}])", "format=yaml") == "---\n- a: 1\n  b: \"x\"\n");
}

TEST_CASE("render: what is no JSON comes back as it was, whole or cut anywhere") {
  const std::string text =
      R"({"a":[1,{"b":"\u00e9\ud83d\ude00\n"},-1.5e3],"c":{},"d":[true,null]})";
  for (size_t length = 0; length < text.size(); ++length) {
    const std::string cut = text.substr(0, length);
    for (const char* query : {"pretty", "format=yaml", "filter_path=a.b", "filter_path=-a"}) {
      CHECK(rendered(cut, query) == cut);
    }
  }
  for (const char* bad : {"{]", "[}", "{\"a\" 1}", "[1,]", "{\"a\":1}x", "nul", "\"\\u12", "{,}"}) {
    CHECK(rendered(bad, "pretty") == bad);
  }
}

TEST_CASE("render: depth costs no stack") {
  const size_t depth = 200000;
  const std::string deep = std::string(depth, '[') + std::string(depth, ']');
  CHECK(rendered(deep, "filter_path=-a").empty());
  CHECK(rendered(deep, "filter_path=a").empty());
}

TEST_CASE("filter_path: a lone minus is refused") {
  const auto filter = FilterPaths::parse("a,-");
  REQUIRE_FALSE(filter);
  CHECK(filter.error().reason == "filters cannot be null or empty");
}
