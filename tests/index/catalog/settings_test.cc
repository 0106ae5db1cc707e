#include "index/catalog/settings.h"

#include <catch2/catch.hpp>

#include "index/catalog/setting_specs.h"

using namespace stratalog;
using namespace stratalog::index;

namespace {

json::Value body(const char* text) {
  auto parsed = json::parse(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

std::string tree_of(const char* text) {
  auto flat = flatten_settings(body(text));
  REQUIRE(flat.ok());
  return json::to_string(settings_tree(*flat));
}

std::string refusal_of(const char* text) {
  auto flat = flatten_settings(body(text));
  if (!flat) return flat.error().reason;
  const Status status = validate_creation_settings(*flat);
  return status.ok() ? "" : status.error().reason;
}

IndexMetadata index_with(const char* tree, IndexState state = IndexState::kOpen) {
  IndexMetadata index;
  index.name = "i";
  index.uuid = "u";
  index.settings = body(tree);
  index.state = state;
  return index;
}

}  // namespace

TEST_CASE("settings: every form that clients send means the same") {
  const std::string wanted = R"({"number_of_shards":"2","refresh_interval":"5s"})";
  for (
      const char* text : {
          R"({"number_of_shards": 2, "refresh_interval": "5s"})",
          R"({"index.number_of_shards": "2", "index.refresh_interval": "5s"})",
          R"({"index": {"number_of_shards": 2, "refresh_interval": "5s"}})",
          R"({"index": {"refresh_interval": "5s"}, "number_of_shards": 2.0e0, "number_of_shards": 2})",
      }) {
    auto parsed = json::parse(text);
    if (!parsed) continue;  // the last: duplicate keys are no JSON of ours
    CHECK(tree_of(text) == wanted);
  }
  CHECK(
      tree_of(
          R"({"hidden": true, "query.default_field": ["a", 1], "mapping": {"total_fields.limit": 5}, "codec": null})") ==
      R"({"hidden":"true","mapping":{"total_fields":{"limit":"5"}},"query":{"default_field":["a","1"]}})");
}

TEST_CASE("settings: what Elasticsearch refuses is refused in its words") {
  const std::string plugins =
      " please check that any required plugins are installed, or check the breaking changes "
      "documentation for removed "
      "settings";
  const std::pair<const char*, std::string> cases[] = {
      {R"({"foo": 1})", "unknown setting [index.foo]" + plugins},
      {R"({"numbre_of_shards": 1})",
       "unknown setting [index.numbre_of_shards] did you mean [index.number_of_shards]?"},
      {R"({"index.uuid": "x"})", "unknown setting [index.uuid]" + plugins},
      {R"({"number_of_shards": 0})",
       "Failed to parse value [0] for setting [index.number_of_shards] must be >= 1"},
      {R"({"number_of_shards": 5000})",
       "Failed to parse value [5000] for setting [index.number_of_shards] must be <= 1024"},
      {R"({"number_of_shards": "x"})",
       "Failed to parse value [x] for setting [index.number_of_shards]"},
      {R"({"number_of_shards": 1.5})",
       "Failed to parse value [1.5] for setting [index.number_of_shards]"},
      {R"({"number_of_replicas": -1})",
       "Failed to parse value [-1] for setting [index.number_of_replicas] must be >= 0"},
      {R"({"hidden": "maybe"})",
       "Failed to parse value [maybe] as only [true] or [false] are allowed."},
      {R"({"codec": "foo"})",
       "unknown value for [index.codec] must be one of [default, best_compression] but was: foo"},
      {R"({"translog.durability": "foo"})",
       "No enum constant org.elasticsearch.index.translog.Translog.Durability.FOO"},
      {R"({"merge.policy.segments_per_tier": "a"})",
       "Failed to parse value [a] for setting [index.merge.policy.segments_per_tier]"},
      {R"({"merge.policy.segments_per_tier": 1})",
       "Failed to parse value [1] for setting [index.merge.policy.segments_per_tier] must be >= "
       "2.0"},
      {R"({"refresh_interval": "5"})",
       "failed to parse setting [index.refresh_interval] with value [5] as a time value: unit is "
       "missing or unrecognized"},
      {R"({"merge.policy.floor_segment": "3"})",
       "failed to parse setting [index.merge.policy.floor_segment] with value [3] as a size in "
       "bytes: unit is missing or "
       "unrecognized"},
      {R"({"version.created": 7170399})",
       "Validation Failed: 1: private index setting [index.version.created] can not be set "
       "explicitly;"},
      {R"({"mapping.conflicts": "maybe"})",
       "unknown value for [index.mapping.conflicts] must be one of [reject, accept] but was: "
       "maybe"},
  };
  for (const auto& [text, reason] : cases) {
    INFO(text);
    CHECK(refusal_of(text) == reason);
  }
}

TEST_CASE("settings: what Elasticsearch takes is taken") {
  for (const char* text : {
           R"({"refresh_interval": "-1"})",
           R"({"auto_expand_replicas": "0-1"})",
           R"({"auto_expand_replicas": "0-all"})",
           R"({"translog.durability": "async"})",
           R"({"routing.allocation.include.zone": "a"})",
           R"({"analysis": {"analyzer": {"x": {"type": "custom"}}}})",
           R"({"write.wait_for_active_shards": "all"})",
           R"({"mapping.field_name_length.limit": 9223372036854775807})",
           R"({"max_result_window": "20000"})",
           R"({"lifecycle.name": "p", "lifecycle.rollover_alias": "a"})",
           R"({"mapping.conflicts": "accept"})",
           R"({"soft_deletes.enabled": true})",
           R"({"sort.field": ["a"], "sort.order": "desc"})",
       }) {
    INFO(text);
    CHECK(refusal_of(text) == "");
  }
}

TEST_CASE("settings: specifications are sorted and their defaults are valid") {
  std::string_view last;
  for (const SettingSpec& spec : setting_specs()) {
    CHECK(last < spec.name);
    last = spec.name;
    if (spec.fallback.empty()) continue;
    INFO(spec.name);
    CHECK(validate_setting_value(spec, spec.name, json::Value(spec.fallback)).ok());
  }
}

TEST_CASE(
    "settings: an open index takes dynamic changes, a closed one static ones too, none final "
    "ones") {
  const char* tree = R"({"number_of_shards": "1", "number_of_replicas": "1"})";
  const IndexMetadata open = index_with(tree);
  const IndexMetadata closed = index_with(tree, IndexState::kClosed);

  auto changed = update_settings(
      open, body(R"({"index": {"refresh_interval": "30s", "codec": null}})"), false);
  REQUIRE_FALSE(changed.ok());
  CHECK(changed.error().reason ==
        "Can't update non dynamic settings [[index.codec]] for open indices [[i/u]]");

  changed = update_settings(open, body(R"({"settings": {"refresh_interval": "30s"}})"), false);
  REQUIRE(changed.ok());
  CHECK(changed->find("refresh_interval")->as_string() == "30s");

  changed = update_settings(closed, body(R"({"codec": "best_compression"})"), false);
  REQUIRE(changed.ok());
  changed = update_settings(closed, body(R"({"number_of_shards": 3})"), false);
  REQUIRE_FALSE(changed.ok());
  CHECK(changed.error().reason == "final i setting [index.number_of_shards], not updateable");

  changed = update_settings(open, body("{}"), false);
  REQUIRE_FALSE(changed.ok());
  CHECK(changed.error().reason == "Validation Failed: 1: no settings to update;");
}

TEST_CASE("settings: null goes back to the default, preserve_existing keeps what is set") {
  const IndexMetadata index = index_with(
      R"({"number_of_replicas": "1", "refresh_interval": "5s", "routing": {"allocation": {"include": {"a": "1", "b": "2"}}}})");
  auto changed = update_settings(
      index, body(R"({"refresh_interval": null, "index.routing.allocation.include.*": null})"),
      false);
  REQUIRE(changed.ok());
  CHECK(json::to_string(*changed) == R"({"number_of_replicas":"1"})");
  changed = update_settings(index, body(R"({"refresh_interval": "9s", "priority": 4})"), true);
  REQUIRE(changed.ok());
  CHECK(changed->find("refresh_interval")->as_string() == "5s");
  CHECK(changed->find("priority")->as_string() == "4");
}

TEST_CASE("settings: log indices accept mapping conflicts unless told otherwise") {
  const auto conflicts = [](const char* name) {
    return default_settings(name).contains("index.mapping.conflicts");
  };
  CHECK(conflicts("logstash-2026.11.22"));
  CHECK(conflicts("logs-nginx-default"));
  CHECK_FALSE(conflicts("logs-nginx"));
  CHECK_FALSE(conflicts("mylogs"));
}
