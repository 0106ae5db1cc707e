#include "index/security/service.h"

#include <catch2/catch.hpp>

#include "tests/index/engine/engine_fixture.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::security;

namespace {

// Says what it would do.
struct PlainSecrets final : Secrets {
  std::string hash_password(std::string_view password) const override {
    return "hash of " + std::string(password);
  }
  bool password_matches(std::string_view password, std::string_view hash) const override {
    return hash_password(password) == hash;
  }
  std::string digest(std::string_view secret) const override {
    return "digest of " + std::string(secret);
  }
  bool same(std::string_view a, std::string_view b) const override { return a == b; }
  std::string random_text(size_t letters) const override { return std::string(letters, 'r'); }
};

struct ServiceFixture : test::EngineFixture {
  PlainSecrets secrets;
  std::unique_ptr<SecurityService> service = open();

  std::unique_ptr<SecurityService> open() {
    auto opened = SecurityService::open(engine(), secrets);
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  void put(security::Kind kind, const char* name, const char* record) {
    REQUIRE(service->store().put(kind, name, *json::parse(record)).ok());
  }
};

constexpr const char* kRole = R"({"indices":[{"names":["logs-*"],"privileges":["read"]}]})";
constexpr const char* kUser = R"({"roles":["r","unknown"],"hash":"hash of x","enabled":true})";
constexpr std::string_view kSearch = "indices:data/read/search";

}  // namespace

TEST_CASE_METHOD(ServiceFixture, "security: what was acknowledged is there after the power went") {
  put(security::Kind::kRole, "r", kRole);
  put(security::Kind::kUser, "u", kUser);
  put(security::Kind::kUser, "gone", kUser);
  REQUIRE(service->store().remove(security::Kind::kUser, "gone").ok());
  REQUIRE(service->store().put_reserved_hash("elastic", "hash of e").ok());
  service.reset();
  cut_power();
  service = open();
  REQUIRE(service->user("u") != nullptr);
  CHECK(service->user("u")->permissions->index(kSearch, "logs-1"));
  CHECK(service->user("gone") == nullptr);
  CHECK(service->password_hash("u") == "hash of x");
  CHECK(service->password_hash("elastic") == "hash of e");
  CHECK_FALSE(service->password_hash("kibana_system").has_value());
  CHECK(service->store().list(security::Kind::kUser).size() == 1);
}

TEST_CASE_METHOD(ServiceFixture, "security: a change of a role or a user counts at once") {
  put(security::Kind::kUser, "u", kUser);
  CHECK_FALSE(service->user("u")->permissions->index(kSearch, "logs-1"));
  put(security::Kind::kRole, "r", kRole);
  CHECK(service->user("u")->permissions->index(kSearch, "logs-1"));
  CHECK(service->user("u") == service->user("u"));
  put(security::Kind::kUser, "u", R"({"roles":["r"],"hash":"hash of x","enabled":false})");
  CHECK(service->user("u") == nullptr);
  CHECK_FALSE(service->password_hash("u").has_value());
  CHECK(service->user("elastic")->everything);
  put(security::Kind::kReservedUser, "elastic", R"({"enabled":false})");
  CHECK(service->user("elastic") == nullptr);
}

TEST_CASE_METHOD(ServiceFixture, "security: API keys end, and never do more than their maker") {
  constexpr const char* kKey = R"({"name":"k","digest":"digest of s","username":"m","expiration":10,
      "invalidated":false,"role_descriptors":{},"limited_by":{"r":{"indices":[
      {"names":["logs-*"],"privileges":["read"]}]}}})";
  put(security::Kind::kApiKey, "id", kKey);
  REQUIRE(service->api_key("id:s", 9) != nullptr);
  CHECK(service->api_key("id:s", 9)->permissions->index(kSearch, "logs-1"));
  CHECK(service->api_key("id:s", 10) == nullptr);
  CHECK(service->api_key("id:t", 9) == nullptr);
  CHECK(service->api_key("id", 9) == nullptr);
  CHECK(service->api_key("di:s", 9) == nullptr);
  put(security::Kind::kApiKey, "id",
      R"({"digest":"digest of s","username":"m","invalidated":true})");
  CHECK(service->api_key("id:s", 9) == nullptr);
}

TEST_CASE_METHOD(ServiceFixture, "security: service tokens are in Elasticsearch's form") {
  const std::string token = encode_service_token("elastic/kibana", "release-kibana", "secret");
  CHECK(token.starts_with("AAEAAWVsYXN0aWMva2liYW5h"));
  CHECK(token.find('=') == std::string::npos);
  const auto parts = decode_service_token(token);
  REQUIRE(parts.has_value());
  CHECK(parts->account == "elastic/kibana");
  CHECK(parts->name == "release-kibana");
  CHECK(parts->secret == "secret");
  for (const char* bad : {"", "x", "AAEAAQ", "AAEAAWE6Yg", "!!!!"}) {
    INFO(bad);
    CHECK_FALSE(decode_service_token(bad).has_value());
  }
  CHECK(service->bearer(token, 0) == nullptr);
  put(security::Kind::kServiceToken, "elastic/kibana/release-kibana",
      R"({"digest":"digest of secret"})");
  REQUIRE(service->bearer(token, 0) != nullptr);
  CHECK(service->bearer(token, 0)->permissions->index(kSearch, ".kibana_1"));
  CHECK_FALSE(service->bearer(token, 0)->permissions->index(kSearch, "logs-1"));
  const std::string other = encode_service_token("elastic/kibana", "release-kibana", "secreT");
  CHECK(service->bearer(other, 0) == nullptr);
}

TEST_CASE_METHOD(ServiceFixture, "security: who runs as another has that one's roles alone") {
  put(security::Kind::kRole, "r", kRole);
  put(security::Kind::kUser, "u", kUser);
  const PrincipalPtr elastic = service->user("elastic");
  const PrincipalPtr as = service->run_as(elastic, "u");
  CHECK(as->name == "u");
  CHECK(as->run_by == elastic);
  CHECK_FALSE(as->everything);
  CHECK_FALSE(as->permissions->index(kSearch, "secret"));
  CHECK(elastic->permissions->run_as("u"));
  CHECK_FALSE(service->user("u")->permissions->run_as("elastic"));
  CHECK_FALSE(service->run_as(service->user("u"), "elastic")->everything);
  CHECK_FALSE(service->run_as(elastic, "nobody")->permissions->any_index(kSearch));
  CHECK(denied(*as, kSearch, {"a", "b"}).reason ==
        "action [indices:data/read/search] is unauthorized for user [elastic] run as [u] with "
        "roles [r,unknown] on indices [a,b], this action is granted by the index privileges "
        "[read,all]");
}

TEST_CASE("security: the built-in roles are complete and grant what they say") {
  CHECK(built_in_roles().size() >= 30);
  for (const char* name : {"superuser", "kibana_system", "kibana_admin", "viewer", "editor",
                           "monitoring_user", "beats_system", "reporting_user"}) {
    INFO(name);
    REQUIRE(built_in_role(name) != nullptr);
    CHECK(built_in_role(name)->metadata.find("_reserved") != nullptr);
  }
  for (const Role& role : built_in_roles()) {
    INFO(role.name);
    CHECK(resolve_cluster(role.cluster).ok());
    for (const IndicesPrivileges& group : role.indices) {
      CHECK(resolve_index(group.privileges).ok());
      CHECK(parse_patterns(group.names).ok());
    }
  }
}
