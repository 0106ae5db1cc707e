#include "index/security/privileges.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::index::security;

namespace {

Actions index_actions(std::string name) {
  auto found = resolve_index(std::span(&name, 1));
  REQUIRE(found.ok());
  return (*found)[0];
}

Actions cluster_actions(std::string name) {
  auto found = resolve_cluster(std::span(&name, 1));
  REQUIRE(found.ok());
  return (*found)[0];
}

}  // namespace

TEST_CASE("privileges: what each grants and what not") {
  struct Case {
    const char* privilege;
    const char* action;
    bool granted;
  };
  for (const Case& c : {
           Case{"read", "indices:data/read/search", true},
           Case{"read", "indices:data/read/mget[shard]", true},
           Case{"read", "indices:data/write/index", false},
           Case{"read", "indices:admin/get", false},
           Case{"create_doc", "indices:data/write/index:op_type/create", true},
           Case{"create_doc", "indices:data/write/index:op_type/index", false},
           Case{"create_doc", "indices:data/write/bulk[s]", true},
           Case{"create", "indices:data/write/index:op_type/index", true},
           Case{"create", "indices:data/write/update", false},
           Case{"index", "indices:data/write/update", true},
           Case{"index", "indices:data/write/delete", false},
           Case{"write", "indices:data/write/delete", true},
           Case{"monitor", "indices:monitor/stats", true},
           Case{"monitor", "indices:admin/refresh", false},
           Case{"manage", "indices:admin/delete", true},
           Case{"manage", "indices:data/read/search", false},
           Case{"all", "indices:anything", true},
           Case{"all", "cluster:monitor/main", false},
           Case{"none", "indices:data/read/search", false},
           Case{"maintenance", "indices:admin/forcemerge", true},
           Case{"view_index_metadata", "indices:admin/mappings/get", true},
           Case{"view_index_metadata", "indices:admin/mapping/put", false},
           Case{"indices:data/read/search", "indices:data/read/search", true},
           Case{"indices:data/read/search", "indices:data/read/search[phase/query]", true},
           Case{"indices:data/read/search", "indices:data/read/get", false},
       }) {
    INFO(c.privilege << " " << c.action);
    CHECK(index_actions(c.privilege).contains(c.action) == c.granted);
  }
  for (const Case& c : {
           Case{"monitor", "cluster:monitor/health", true},
           Case{"monitor", "cluster:admin/settings/update", false},
           Case{"manage", "cluster:admin/settings/update", true},
           Case{"manage", "cluster:admin/xpack/security/user/put", false},
           Case{"manage", "indices:admin/template/put", true},
           Case{"all", "cluster:admin/xpack/security/user/put", true},
           Case{"manage_security", "cluster:admin/xpack/security/user/put", true},
           Case{"manage_security", "cluster:monitor/main", false},
           Case{"manage_own_api_key", "cluster:admin/xpack/security/api_key/create", false},
           Case{"manage_index_templates", "cluster:admin/component_template/put", true},
       }) {
    INFO(c.privilege << " " << c.action);
    CHECK(cluster_actions(c.privilege).contains(c.action) == c.granted);
  }
}

TEST_CASE("privileges: one may hold another") {
  CHECK(index_actions("all").contains_all(index_actions("read")));
  CHECK(index_actions("write").contains_all(index_actions("create")));
  CHECK_FALSE(index_actions("create").contains_all(index_actions("write")));
  CHECK(cluster_actions("all").contains_all(cluster_actions("manage")));
  CHECK(cluster_actions("manage").contains_all(cluster_actions("monitor")));
  CHECK_FALSE(cluster_actions("manage").contains_all(cluster_actions("all")));
  CHECK_FALSE(cluster_actions("manage").contains_all(cluster_actions("manage_security")));
  CHECK_FALSE(cluster_actions("manage").contains_all(cluster_actions("manage_api_key")));
  CHECK(cluster_actions("manage_security").contains_all(cluster_actions("manage_api_key")));
}

TEST_CASE("privileges: those that grant an action are told, the least first") {
  CHECK(granting_privileges("indices:data/read/search") == "read,all");
  CHECK(granting_privileges("cluster:monitor/main") == "monitor,manage,all");
  CHECK(granting_privileges("cluster:admin/xpack/security/user/put") == "manage_security,all");
  CHECK(granting_privileges("indices:admin/create") == "create_index,manage,all");
  CHECK(granting_privileges("internal:unknown").empty());
}

TEST_CASE("privileges: unknown names are refused, names come in any case") {
  const std::string names[] = {"Read", "nonsense"};
  REQUIRE(resolve_index(std::span(names, 1)).ok());
  const auto refused = resolve_index(names);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().reason.starts_with(
      "unknown index privilege [nonsense]. a privilege must be either one of the predefined fixed "
      "indices privileges [all=[all],auto_configure=[auto_configure],"));
  CHECK_FALSE(resolve_cluster(names).ok());
}
