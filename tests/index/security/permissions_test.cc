#include "index/security/permissions.h"

#include <catch2/catch.hpp>

#include "index/analysis/registry.h"
#include "index/security/visible_catalog.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::security;

namespace {

struct NoApplications final : ApplicationCatalog {
  std::vector<std::string> actions(std::string_view application,
                                   std::string_view name) const override {
    if (application == "myapp" && name == "read") return {"data:read/*", "login:"};
    return {};
  }
};

Permissions::Layer layer(const std::vector<std::string>& roles) {
  std::vector<Role> parsed;
  for (const std::string& text : roles) {
    auto role = parse_role("r", *json::parse(text));
    REQUIRE(role.ok());
    parsed.push_back(*role);
  }
  return Permissions::compile(parsed, NoApplications());
}

Permissions of(const std::vector<std::string>& roles) { return Permissions({layer(roles)}); }

constexpr std::string_view kSearch = "indices:data/read/search";

std::string group(const std::string& names, const std::string& privileges,
                  const std::string& more = "") {
  return R"({"indices":[{"names":[")" + names + R"("],"privileges":[")" + privileges + "\"]" +
         more + "}]}";
}

std::shared_ptr<const Mapping> mapping_of(const std::string& text) {
  auto mapping = Mapping::parse(*json::parse(text), AnalysisRegistry::built_in(), {});
  REQUIRE(mapping.ok());
  return *mapping;
}

CatalogState catalog() {
  CatalogState state;
  for (const char* name : {"logs-1", "secret", ".security-7"}) {
    auto index = std::make_shared<IndexMetadata>();
    index->name = name;
    index->settings = json::Value::object();
    index->mapping = mapping_of(
        R"({"properties":{"a":{"type":"keyword"},"b":{"properties":{"c":{"type":"keyword"},
            "d":{"type":"long"}}},"e":{"type":"text","fields":{"raw":{"type":"keyword"}}}}})");
    if (index->name == "secret") {
      index->aliases["window"] = {};
      index->aliases["other"] = {};
    }
    state.indices[name] = index;
  }
  return state;
}

}  // namespace

TEST_CASE("permissions: roles add up, and names count") {
  const Permissions both = of({group("logs-*", "read"), group("a", "write")});
  CHECK(both.index(kSearch, "logs-1"));
  CHECK_FALSE(both.index(kSearch, "a"));
  CHECK(both.index("indices:data/write/index", "a"));
  CHECK_FALSE(both.index("indices:data/write/index", "logs-1"));
  CHECK(both.any_index(kSearch));
  CHECK_FALSE(both.any_index("indices:admin/create"));
  CHECK_FALSE(both.cluster("cluster:monitor/main"));
  CHECK_FALSE(both.everything());
  // As in Elasticsearch 7: who may write may extend mappings.
  CHECK(both.index("indices:admin/mapping/put", "a"));
  CHECK_FALSE(both.index("indices:admin/mapping/put", "logs-1"));
}

TEST_CASE("permissions: a star does not reach restricted indices, unless it is said") {
  CHECK_FALSE(of({group("*", "all")}).index(kSearch, ".security-7"));
  CHECK_FALSE(of({group("*", "all")}).index(kSearch, ".security"));
  CHECK(of({group("*", "all")}).index(kSearch, ".securityx"));
  CHECK(of({group("*", "all", R"(,"allow_restricted_indices":true)")}).index(kSearch, ".security"));
}

TEST_CASE("permissions: each layer must grant") {
  const Permissions key({layer({group("logs-*", "all")}), layer({group("*", "read")})});
  CHECK(key.index(kSearch, "logs-1"));
  CHECK_FALSE(key.index(kSearch, "secret"));
  CHECK_FALSE(key.index("indices:data/write/index", "logs-1"));
  const Permissions superuser(
      {Permissions::compile(std::vector<Role>{*built_in_role("superuser")}, NoApplications())});
  CHECK(superuser.everything());
  const Permissions limited(
      {Permissions::compile(std::vector<Role>{*built_in_role("superuser")}, NoApplications()),
       layer({group("logs-*", "read")})});
  CHECK_FALSE(limited.everything());
  CHECK_FALSE(limited.index(kSearch, "secret"));
}

TEST_CASE("permissions: a role that is called superuser is not the superuser") {
  auto role = parse_role("superuser", *json::parse(R"({"cluster":["monitor"]})"));
  REQUIRE(role.ok());
  CHECK_FALSE(
      Permissions({Permissions::compile(std::vector<Role>{*role}, NoApplications())}).everything());
}

TEST_CASE("permissions: rows and fields add up within a layer, and are cut between layers") {
  const std::vector<std::string> name{"logs-1"};
  const std::string rows = R"(,"query":{"term":{"a":"x"}})";
  const std::string fields = R"(,"field_security":{"grant":["a","b.*"],"except":["b.d"]})";
  const AccessRules hidden =
      of({group("logs-*", "read", rows), group("logs-1", "read", fields)}).access(kSearch, name);
  // One group shows every row and the other every field: Elasticsearch adds them up apart.
  CHECK_FALSE(hidden.rows_hidden());
  CHECK_FALSE(hidden.fields_hidden());
  const AccessRules only = of({group("logs-*", "read", rows + fields)}).access(kSearch, name);
  REQUIRE(only.row_queries.size() == 1);
  CHECK(only.row_queries[0].size() == 1);
  CHECK(only.allows_field("a"));
  CHECK(only.allows_field("b.c"));
  CHECK(only.allows_field("_id"));
  CHECK_FALSE(only.allows_field("b.d"));
  CHECK_FALSE(only.allows_field("e"));
  const AccessRules cut =
      Permissions({layer({group("*", "read", rows)}), layer({group("*", "read", fields)})})
          .access(kSearch, name);
  CHECK(cut.rows_hidden());
  CHECK(cut.fields_hidden());
  // What is not granted at all shows no row.
  const AccessRules none = of({group("x", "read")}).access(kSearch, name);
  REQUIRE(none.row_queries.size() == 1);
  CHECK(none.row_queries[0].empty());
}

TEST_CASE("permissions: questions about patterns") {
  const Permissions shop = of({group("logs-shop-*", "read")});
  const auto has = [&](const char* names, const char* privilege) {
    const std::string name = privilege;
    return shop.has_index(*NamePattern::parse(names), false,
                          (*resolve_index(std::span(&name, 1)))[0]);
  };
  CHECK(has("logs-shop-1", "read"));
  CHECK(has("logs-shop-*", "read"));
  CHECK_FALSE(has("logs-*", "read"));
  CHECK_FALSE(has("logs-shop-*", "write"));
  const Permissions app =
      of({R"({"applications":[{"application":"myapp","privileges":["read","x:*"],
             "resources":["space:*"]}]})"});
  const NamePattern space = *NamePattern::parse("space:a"), all = *NamePattern::parse("*");
  CHECK(app.has_application("myapp", "read", {"data:read/*", "login:"}, space));
  CHECK(app.has_application("myapp", "data:read/one", {}, space));
  CHECK(app.has_application("myapp", "x:y", {}, space));
  CHECK_FALSE(app.has_application("myapp", "write", {"data:write/*"}, space));
  CHECK_FALSE(app.has_application("myapp", "read", {"login:"}, all));
  CHECK_FALSE(app.has_application("other", "read", {"login:"}, space));
}

TEST_CASE("visible catalog: what is not granted is not there") {
  const CatalogState whole = catalog();
  const auto seen = visible_catalog(of({group("logs-*", "read")}), kSearch, whole);
  REQUIRE(seen->indices.size() == 1);
  CHECK(seen->indices.begin()->second == whole.indices.at("logs-1"));  // not even copied
  CHECK(visible_catalog(of({group("*", "read")}), "indices:admin/get", whole)->indices.empty());
  CHECK_FALSE(
      visible_catalog(of({group("*", "read")}), kSearch, whole)->indices.contains(".security-7"));
}

TEST_CASE("visible catalog: an alias grants its index, but not its name or other aliases") {
  const CatalogState whole = catalog();
  const auto seen = visible_catalog(of({group("window", "read")}), kSearch, whole);
  REQUIRE(seen->indices.size() == 1);
  const IndexMetadata& index = *seen->indices.at("secret");
  CHECK(index.access->by_alias_only);
  CHECK(index.aliases.size() == 1);
  CHECK(index.aliases.contains("window"));
}

TEST_CASE("visible catalog: hidden fields are not mapped, and others keep their numbers") {
  const CatalogState whole = catalog();
  const auto seen = visible_catalog(
      of({group("logs-*", "read", R"(,"field_security":{"grant":["a","b.c","e.*"]})")}), kSearch,
      whole);
  const Mapping& all = *whole.indices.at("logs-1")->mapping;
  const Mapping& some = *seen->indices.at("logs-1")->mapping;
  REQUIRE(some.find("a") != nullptr);
  CHECK(some.find("a")->id == all.find("a")->id);
  CHECK(some.find("e") == nullptr);
  CHECK(some.find("e.raw") != nullptr);
  CHECK(some.find("b.d") == nullptr);
  CHECK(some.is_object("b"));
  CHECK(some.hides("b.d"));
  CHECK(some.match("b.*").size() == 1);
  CHECK(json::to_string(some.to_json()) ==
        R"({"properties":{"a":{"type":"keyword"},"b":{"properties":{"c":{"type":"keyword"}}}}})");
}
