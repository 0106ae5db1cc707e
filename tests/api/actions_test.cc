#include "api/actions.h"

#include <catch2/catch.hpp>

#include "api/families.h"
#include "api/router.h"
#include "index/security/privileges.h"

using namespace stratalog;
using namespace stratalog::api;

TEST_CASE("actions: every endpoint says what it does") {
  Router router;
  add_all_routes(router);
  add_security_routes(router);
  size_t count = 0;
  router.visit([&](const Router::Route& route) {
    ++count;
    INFO(method_name(route.method) << " " << route.pattern);
    CHECK(route.actions.scope != EndpointActions::Scope::kUnknown);
    for (const std::string& action : route.actions.required) {
      // Something grants it: a name with a slip of the pen is granted to nobody but superusers.
      CHECK_FALSE(index::security::granting_privileges(action).empty());
    }
  });
  CHECK(count > 200);
}

TEST_CASE("actions: what is not in the table is for nobody but superusers") {
  CHECK(actions_of(Method::kGet, "/_nowhere").scope == EndpointActions::Scope::kUnknown);
  CHECK(actions_of(Method::kPatch, "/").scope == EndpointActions::Scope::kUnknown);
}

TEST_CASE("actions: the last one that is required is asked of each index") {
  const EndpointActions indices = actions_of(Method::kGet, "/_cat/indices");
  CHECK(indices.scope == EndpointActions::Scope::kIndices);
  CHECK(indices.required.size() == 4);
  CHECK(indices.on_indices == "indices:monitor/stats");
  const EndpointActions mget = actions_of(Method::kPost, "/_mget");
  CHECK(mget.required[0] == "indices:data/read/mget");
  CHECK(mget.on_indices == "indices:data/read/mget[shard]");
  CHECK(actions_of(Method::kPut, "/_template/{name}").scope == EndpointActions::Scope::kCluster);
}
