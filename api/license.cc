// What a client asks to learn which features there are: _license, _xpack.
// By documentation: no reference that could be asked has them.
#include "api/admin_common.h"
#include "api/families.h"

namespace stratalog::api {

namespace {

Result<Response> license(const Request&, Context& context) {
  Response response;
  json::Writer(response.body)
      .begin_object()
      .key("license")
      .begin_object()
      .field("status", "active")
      .field("uid", context.node.cluster_uuid)
      .field("type", "basic")
      .field("issue_date_in_millis", context.node.start_time_ms)
      .field("max_nodes", 1000)
      .field("issued_to", context.node.cluster_name)
      .field("issuer", "stratalog")
      .field("start_date_in_millis", -1)
      .end_object()
      .end_object();
  return response;
}

Result<Response> xpack(const Request&, Context& context) {
  Response response;
  json::Writer out(response.body);
  out.begin_object().key("build").begin_object().field("hash",
                                                       "5ad023604c8d7416c9eb6c0eadb62b14e766caff");
  out.field("date", "2022-04-19T08:11:19.070913226Z").end_object();
  out.key("license").begin_object().field("uid", context.node.cluster_uuid).field("type", "basic");
  out.field("mode", "basic").field("status", "active").end_object();
  out.key("features").begin_object();
  out.key("security")
      .begin_object()
      .field("available", true)
      .field("enabled", context.security != nullptr);
  out.end_object();
  for (const char* feature :
       {"ccr", "ilm", "ml", "monitoring", "rollup", "sql", "transform", "watcher"}) {
    out.key(feature).begin_object().field("available", false).field("enabled", false).end_object();
  }
  out.end_object().field("tagline", "You know, for X").end_object();
  return response;
}

}  // namespace

void add_license_routes(Router& router) {
  add_routes(router, {Method::kGet}, {"/_license"}, license, {"local", "accept_enterprise"});
  add_routes(router, {Method::kGet}, {"/_xpack"}, xpack, {"categories", "accept_enterprise"});
}

}  // namespace stratalog::api
