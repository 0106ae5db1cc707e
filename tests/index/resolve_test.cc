#include "index/resolve.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "index/catalog/aliases.h"

using namespace stratalog;
using namespace stratalog::index;

namespace {

json::Value fixture() {
  std::ifstream in(TEST_DATA "/index/resolve_7.17.3.json");
  std::stringstream text;
  text << in.rdbuf();
  auto parsed = json::parse(text.str());
  REQUIRE(parsed.ok());
  return *parsed;
}

CatalogState state_of(const json::Value& data) {
  CatalogState state;
  for (const json::Member& member : data.find("indices")->as_object()) {
    auto index = std::make_shared<IndexMetadata>();
    index->name = member.key;
    index->uuid = "uuid-of-" + member.key;
    index->settings = json::Value::object();
    if (member.value.find("hidden") != nullptr) index->settings.set("hidden", "true");
    for (const json::Value& closed : data.find("closed")->as_array()) {
      if (closed.as_string() == member.key) index->state = IndexState::kClosed;
    }
    for (const json::Value& alias : data.find("aliases")->as_array()) {
      if (alias.as_array()[0].as_string() != member.key) continue;
      const std::string name = alias.as_array()[1].as_string();
      auto parsed = parse_alias(name, alias.as_array()[2]);
      REQUIRE(parsed.ok());
      index->aliases[name] = *parsed;
    }
    state.indices[member.key] = index;
  }
  return state;
}

IndicesOptions options_of(const std::string& text) {
  const std::string flags = text.substr(0, text.find(':'));
  const std::string expand = "," + text.substr(text.find(':') + 1) + ",";
  const auto has = [&](const char* word) {
    return expand.find("," + std::string(word) + ",") != std::string::npos;
  };
  const bool all = has("all");
  IndicesOptions options;
  options.ignore_unavailable = flags.find('i') != std::string::npos;
  options.allow_no_indices = flags.find('a') != std::string::npos;
  options.forbid_closed = flags.find('f') != std::string::npos;
  options.expand_open = all || has("open");
  options.expand_closed = all || has("closed");
  options.expand_hidden = all || has("hidden");
  return options;
}

// An error as Elasticsearch shows it, without root causes and index_uuid.
json::Value shown(const Error& error) {
  json::Value out = json::Value::object();
  out.set("type", error.type.name);
  out.set("status", error.type.status);
  out.set("reason", error.reason);
  for (const Error::Field& field : error.fields) {
    if (field.name == "index_uuid") continue;
    out.set(field.name, field.raw ? *json::parse(field.value) : json::Value(field.value));
  }
  return out;
}

}  // namespace

TEST_CASE("index expressions resolve as Elasticsearch 7.17.3 does") {
  const json::Value data = fixture();
  const CatalogState state = state_of(data);
  size_t rows = 0;
  for (const json::Value& row : data.find("resolve")->as_array()) {
    const std::string& expression = row.find("expression")->as_string();
    for (const json::Value& option : row.find("options")->as_array()) {
      const auto resolved = resolve_indices(state, expression, options_of(option.as_string()), 0);
      json::Value result = json::Value::array();
      if (resolved.ok()) {
        for (const ResolvedIndex& index : *resolved) result.push_back(index.index->name);
      } else {
        result = shown(resolved.error());
      }
      INFO("expression [" << expression << "] options [" << option.as_string() << "]");
      INFO(json::to_string(result));
      CHECK(result == *row.find("result"));
      ++rows;
    }
  }
  CHECK(rows > 2000);
}

TEST_CASE("the filters of aliases apply unless an index is also reached without one") {
  CatalogState state;
  auto index = std::make_shared<IndexMetadata>();
  index->name = "logs";
  index->settings = json::Value::object();
  index->aliases["red"].filter =
      json::Value::object({{"term", json::Value::object({{"c", "red"}})}});
  index->aliases["blue"].filter =
      json::Value::object({{"term", json::Value::object({{"c", "blue"}})}});
  index->aliases["every"];
  state.indices["logs"] = index;
  using Names = std::vector<std::string>;
  const std::pair<const char*, Names> cases[] = {
      {"red", {"red"}},
      {"red,blue", {"blue", "red"}},
      {"logs", {}},
      {"logs,red", {}},
      {"red,every", {}},
      {"re*", {"red"}},
      {"*", {}},
      {"_all", {}},
      {"", {}},
      {"*e*", {}},
      {"blue,-red", {"blue"}},
  };
  for (const auto& [expression, aliases] : cases) {
    INFO(expression);
    const auto resolved = resolve_indices(state, expression, {.ignore_unavailable = true}, 0);
    REQUIRE(resolved.ok());
    REQUIRE(resolved->size() == 1);
    CHECK(resolved->front().via_aliases == aliases);
  }
}

TEST_CASE("a write goes to the index of the name or to the alias' write index") {
  const json::Value data = fixture();
  const CatalogState state = state_of(data);
  for (const json::Value& row : data.find("write")->as_array()) {
    const std::string& name = row.find("name")->as_string();
    INFO(name);
    const auto target = resolve_write_index(state, name, 0);
    if (const json::Value* expected = row.find("index")) {
      REQUIRE(target.ok());
      REQUIRE(*target != nullptr);
      CHECK((*target)->name == expected->as_string());
    } else if (row.find("error")->find("type")->as_string() == "index_not_found_exception") {
      REQUIRE(target.ok());
      CHECK(*target == nullptr);
    } else {
      REQUIRE_FALSE(target.ok());
      CHECK(target.error().reason == row.find("error")->find("reason")->as_string());
      CHECK(target.error().type.name == row.find("error")->find("type")->as_string());
    }
  }
}

TEST_CASE("new index names follow Elasticsearch's rules") {
  const std::string chars =
      "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]";
  const std::pair<std::string, std::string> refused[] = {
      {"", "must not be empty"},
      {"Upper", "must be lowercase"},
      {"\xD0\x94\xD0\xB0", "must be lowercase"},
      {"_x", "must not start with '_', '-', or '+'"},
      {"-x", "must not start with '_', '-', or '+'"},
      {"+x", "must not start with '_', '-', or '+'"},
      {".", "must not be '.' or '..'"},
      {"..", "must not be '.' or '..'"},
      {"a*", chars},
      {"a b", chars},
      {"a,b", chars},
      {"a\\b", chars},
      {"a#b", "must not contain '#'"},
      {"a:b", "must not contain ':'"},
      {std::string(256, 'e'), "index name is too long, (256 > 255)"},
  };
  for (const auto& [name, why] : refused) {
    const Status status = validate_index_name(name);
    INFO(name);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().reason == "Invalid index name [" + name + "], " + why);
    CHECK(status.error().type == error_types::kInvalidIndexName);
  }
  for (const char* name :
       {"logs", ".kibana_1", "logstash-2026.11.22", "a-b_c+d", "\xC3\xA9t\xC3\xA9"}) {
    CHECK(validate_index_name(name).ok());
  }
}
