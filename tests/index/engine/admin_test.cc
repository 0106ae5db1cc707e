// Stories about indices, aliases, templates and settings.
#include "tests/index/engine/engine_fixture.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::test;

namespace {
using Template = Engine::TemplateKind;

struct AdminFixture : EngineFixture {
  std::string put(Template kind, const char* name, const char* body, bool create = false) {
    const Status status = engine().put_template(kind, name, json_of(body), create);
    return status.ok() ? "" : status.error().reason;
  }
  std::string refused(const char* name, const char* settings = "{}", const char* mappings = "null",
                      const char* aliases = "{}") {
    auto created =
        engine().create_index({name, json_of(settings), json_of(mappings), json_of(aliases)});
    return created.ok() ? "" : created.error().reason;
  }
  std::shared_ptr<const IndexMetadata> metadata(const char* name) {
    return engine().state()->indices.find(name)->second;
  }
  Status alias(Engine::AliasAction action) {
    return engine().update_aliases(std::span(&action, 1));
  }
};
}  // namespace

TEST_CASE_METHOD(AdminFixture, "a new index has what Elasticsearch gives it, and keeps it") {
  create("i", R"({"number_of_replicas":0})", R"({"properties":{"a":{"type":"keyword"}}})");
  const auto before = metadata("i");
  CHECK(before->uuid.size() == 22);
  CHECK(before->setting("number_of_shards", "") == "1");
  CHECK(before->setting("number_of_replicas", "") == "0");
  CHECK(before->setting("uuid", "") == before->uuid);
  CHECK(before->setting("version.created", "") == "7170399");
  CHECK(before->setting("provided_name", "") == "i");
  CHECK(before->setting("creation_date", "") == std::to_string(before->creation_date_ms));
  CHECK(before->setting("routing.allocation.include._tier_preference", "") == "data_content");
  const std::string cluster_uuid = engine().state()->cluster_uuid;
  CHECK(cluster_uuid.size() == 22);
  reopen();
  const auto after = metadata("i");
  CHECK(after->settings == before->settings);
  CHECK(after->mapping->to_json() == before->mapping->to_json());
  CHECK(engine().state()->cluster_uuid == cluster_uuid);
  CHECK(refused("i") == "index [i/" + after->uuid + "] already exists");
  CHECK(refused("j", "{}", "null", R"({"i":{}})") ==
        "Invalid alias name [i]: an index or data stream exists with the same name as the alias");
  CHECK(refused("j", R"({"foo":1})").starts_with("unknown setting [index.foo]"));
  CHECK(refused("j", R"({"number_of_routing_shards":3,"number_of_shards":2})") ==
        "the number of source shards [2] must be a factor of [3]");
}

TEST_CASE_METHOD(AdminFixture, "a deleted index is gone with all it had, and its name is free") {
  index("i", "1", "{}");
  REQUIRE(engine().flush("i").ok());
  index("i", "2", "{}");
  REQUIRE(engine().delete_index("i").ok());
  CHECK(engine().state()->find("i") == nullptr);
  CHECK(engine().delete_index("i").error().reason == "no such index [i]");
  reopen();
  CHECK(engine().state()->find("i") == nullptr);
  index("i", "3", "{}");
  REQUIRE(engine().refresh("i").ok());
  CHECK(visible("i") == 1);
  reopen();
  CHECK(visible("i") == 1);
}

TEST_CASE_METHOD(AdminFixture, "a composable template hides legacy ones; requests win over both") {
  CHECK(put(Template::kComponent, "c1",
            R"({"template":{"settings":{"number_of_shards":2,"refresh_interval":"5s"},
                "mappings":{"properties":{"a":{"type":"keyword"},"b":{"type":"long"}}},"aliases":{"al":{}}}})") ==
        "");
  CHECK(
      put(Template::kComponent, "c2",
          R"({"template":{"settings":{"number_of_shards":3},"mappings":{"dynamic":"strict","properties":{"a":{"type":"text"}}}}})") ==
      "");
  CHECK(
      put(Template::kIndex, "t", R"({"index_patterns":["t*"],"composed_of":["c1","c2"],"priority":5,
                "template":{"settings":{"number_of_replicas":0},"mappings":{"properties":{"c":{"type":"ip"}}}}})") ==
      "");
  CHECK(put(Template::kLegacy, "l",
            R"({"index_patterns":["t*","l*"],"order":1,"settings":{"priority":7},
                "mappings":{"properties":{"z":{"type":"keyword"}}},"aliases":{"{index}-alias":{}}})") ==
        "");
  CHECK(
      put(Template::kLegacy, "l2", R"({"index_patterns":["l*"],"order":2,"settings":{"priority":8},
                "mappings":{"properties":{"z":{"type":"keyword","ignore_above":3}}}})") == "");
  reopen();
  create("t1", R"({"number_of_shards":1})", R"({"properties":{"c":{"type":"keyword"}}})");
  const auto t1 = metadata("t1");
  CHECK(t1->setting("number_of_shards", "") == "1");
  CHECK(t1->setting("number_of_replicas", "") == "0");
  CHECK(t1->setting("refresh_interval", "") == "5s");
  CHECK(t1->setting("priority", "none") == "none");
  CHECK(t1->aliases.contains("al"));
  CHECK(
      json::to_string(t1->mapping->to_json()) ==
      R"({"dynamic":"strict","properties":{"a":{"type":"text"},"b":{"type":"long"},"c":{"type":"keyword"}}})");
  create("l1");
  const auto l1 = metadata("l1");
  CHECK(l1->setting("priority", "") == "8");
  CHECK(l1->aliases.contains("l1-alias"));
  CHECK(l1->mapping->to_json().find_path("properties.z.ignore_above")->as_int() == 3);

  const auto simulated = engine().simulate_index("t9");
  REQUIRE(simulated.ok());
  CHECK(simulated->find_path("template.settings.index.number_of_shards")->as_string() == "3");
  CHECK(simulated->find("overlapping")->as_array()[0].find("name")->as_string() == "l");
  CHECK(engine().simulate_index("other")->empty());
}

TEST_CASE_METHOD(AdminFixture, "templates that can't be are refused in Elasticsearch's words") {
  CHECK(put(Template::kComponent, "c",
            R"({"template":{"mappings":{"properties":{"a":{"type":"keyword"}}}}})") == "");
  CHECK(put(Template::kComponent, "c", R"({"template":{}})", true) ==
        "component template [c] already exists");
  CHECK(put(Template::kComponent, "d", R"({})") == "Required [template]");
  CHECK(put(Template::kComponent, "d", R"({"foo":1})") ==
        "[component_template] unknown field [foo]");
  CHECK(
      put(Template::kComponent, "a b", R"({"template":{}})") ==
      "index_template [a b] invalid, cause [Validation Failed: 1: name must not contain a space;]");
  CHECK(put(Template::kIndex, "t",
            R"({"index_patterns":["t*"],"composed_of":["c"],"priority":5})") == "");
  CHECK(put(Template::kIndex, "u", R"({"index_patterns":["tt*"],"priority":5})") ==
        "index template [u] has index patterns [tt*] matching patterns from existing templates [t] "
        "with patterns (t => "
        "[t*]) that have the same priority [5], multiple index templates may not match during "
        "index creation, please "
        "use a different priority");
  CHECK(put(Template::kIndex, "u", R"({"index_patterns":["u*"],"composed_of":["x","y"]})") ==
        "index_template [u] invalid, cause [index template [u] specifies component templates [x, "
        "y] that do not exist]");
  CHECK(put(Template::kIndex, "u", R"({"priority":1})") == "Required [index_patterns]");
  CHECK(put(Template::kIndex, "u", R"({"index_patterns":["_a","b c","#"]})") ==
        "index_template [u] invalid, cause [Validation Failed: 1: index_pattern [_a] must not "
        "start with '_';2: "
        "index_patterns [b c] must not contain a space;3: index_pattern [b c] must not contain the "
        "following characters "
        "[ , \", *, \\, <, |, ,, >, /, ?];4: index_pattern [#] must not contain a '#';]");
  CHECK(
      put(Template::kIndex, "u", R"({"index_patterns":["u*"],"composed_of":["c"],
              "template":{"mappings":{"properties":{"a":{"properties":{"b":{"type":"long"}}}}}}})") ==
      "composable template [u] template after composition with component templates [c] is invalid");
  CHECK(put(Template::kComponent, "c",
            R"({"template":{"mappings":{"properties":{"a":{"type":"long","foo":3}}}}})") ==
        "Failed to parse mapping [_doc]: unknown parameter [foo] on mapper [a] of type [long]");
  const Status in_use = engine().delete_template(Template::kComponent, "c");
  REQUIRE_FALSE(in_use.ok());
  CHECK(
      in_use.error().reason ==
      "component templates [c] cannot be removed as they are still in use by index templates [t]");
  CHECK(put(Template::kLegacy, "l", R"({"order":1})") ==
        "Validation Failed: 1: index patterns are missing;");
  CHECK(put(Template::kLegacy, "l", R"({"index_patterns":"l*","foo":1})") ==
        "unknown key [foo] in the template ");
  CHECK(engine().delete_template(Template::kLegacy, "l").error().reason ==
        "index_template [l] missing");
  CHECK(engine().delete_template(Template::kIndex, "t").ok());
  CHECK(engine().delete_template(Template::kComponent, "c").ok());
}

TEST_CASE_METHOD(AdminFixture, "aliases change all or none") {
  create("a");
  create("b");
  using Action = Engine::AliasAction;
  REQUIRE(alias({Action::Type::kAdd, "a", "x", {}, {}}).ok());
  CHECK(alias({Action::Type::kRemove, "a", "nope", {}, {}}).error().reason ==
        "aliases [nope] missing");
  CHECK(alias({Action::Type::kRemove, "a", "nope", {}, true}).error().reason ==
        "required alias [nope] does not exist");
  CHECK(alias({Action::Type::kAdd, "a", "b", {}, {}}).error().reason ==
        "Invalid alias name [b]: an index or data stream exists with the same name as the alias");
  AliasMetadata writer;
  writer.is_write_index = true;
  const std::vector<Action> both = {{Action::Type::kAdd, "a", "w", writer, {}},
                                    {Action::Type::kAdd, "b", "w", writer, {}}};
  CHECK(engine().update_aliases(both).error().reason ==
        "alias [w] has more than one write index [a,b]");
  CHECK(engine().state()->indices_of_alias("w").empty());
  const std::vector<Action> swap = {{Action::Type::kRemoveIndex, "b", "", {}, {}},
                                    {Action::Type::kAdd, "a", "b", writer, {}}};
  REQUIRE(engine().update_aliases(swap).ok());
  CHECK_FALSE(index("b", "1", "{}").error);
  CHECK(source("a", "1") == "{}");
  reopen();
  CHECK(engine().state()->indices_of_alias("b") == std::vector<std::string>{"a"});
  CHECK(refused("x") == "Invalid index name [x], already exists as alias");
}

TEST_CASE_METHOD(AdminFixture,
                 "a closed index refuses documents, keeps them, and takes static settings") {
  index("i", "1", R"({"t":"Ab"})");
  REQUIRE(engine().close_index("i").ok());
  CHECK(index("i", "2", "{}").error->reason == "closed");
  CHECK(metadata("i")->setting("verified_before_close", "") == "true");
  CHECK(engine().put_settings("i", json_of(R"({"codec":"best_compression"})"), false).ok());
  reopen();
  CHECK(metadata("i")->state == IndexState::kClosed);
  REQUIRE(engine().open_index("i").ok());
  CHECK(source("i", "1") == R"({"t":"Ab"})");
  CHECK_FALSE(index("i", "2", "{}").error);
}

TEST_CASE_METHOD(AdminFixture,
                 "mapping limits changed by settings hold at once, for old and new documents") {
  create("i", R"({"mapping.total_fields.limit":2})");
  CHECK_FALSE(index("i", "1", R"({"a":1,"b":2})").error);
  CHECK(index("i", "2", R"({"c":3})").error);
  REQUIRE(engine().put_settings("i", json_of(R"({"mapping.total_fields.limit":20})"), false).ok());
  CHECK_FALSE(index("i", "2", R"({"c":3,"a":4})").error);
  REQUIRE(engine().flush("i").ok());
  CHECK(visible("i") == 2);
  const Status refused_type =
      engine().put_mapping("i", json_of(R"({"properties":{"a":{"type":"keyword"}}})"));
  REQUIRE_FALSE(refused_type.ok());
  CHECK(refused_type.error().reason ==
        "mapper [a] cannot be changed from type [long] to [keyword]");
  CHECK(engine().put_mapping("i", json_of(R"({"properties":{"d":{"type":"keyword"}}})")).ok());
  CHECK(metadata("i")->mapping_version == 4);
}

TEST_CASE_METHOD(AdminFixture, "cluster settings and records survive; transient settings do not") {
  REQUIRE(engine()
              .put_cluster_settings(json_of(R"({"search":{"max_buckets":5}})"),
                                    json_of(R"({"action.auto_create_index":false})"))
              .ok());
  CHECK(index("new", "1", "{}").error->reason ==
        "no such index [new] and [action.auto_create_index] is [false]");
  CHECK(engine().put_cluster_settings(json_of(R"({"foo":1})"), json_of("{}")).error().reason ==
        "persistent setting [foo], not recognized");
  REQUIRE(engine().put_record("password", "x").ok());
  reopen();
  CHECK(json::to_string(engine().state()->persistent_settings) == R"({"search.max_buckets":"5"})");
  CHECK(**engine().get_record("password") == "x");
  CHECK_FALSE(engine().get_record("other")->has_value());
  CHECK_FALSE(index("new", "1", "{}").error);
}
