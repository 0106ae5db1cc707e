#include "api/info.h"

#include "api/router.h"
#include "base/json_writer.h"

namespace stratalog::api {
namespace {

Response info(const Request&, Context& context) {
  Response response;
  json::Writer w(response.body);
  w.begin_object()
      .field("name", context.node.node_name)
      .field("cluster_name", context.node.cluster_name)
      .field("cluster_uuid", context.node.cluster_uuid);
  w.key("version")
      .begin_object()
      .field("number", kVersionNumber)
      .field("build_flavor", "default")
      .field("build_type", "docker")
      .field("build_hash", kBuildHash)
      .field("build_date", "2022-04-19T08:11:19.070913226Z")
      .field("build_snapshot", false)
      .field("lucene_version", "8.11.1")
      .field("minimum_wire_compatibility_version", "6.8.0")
      .field("minimum_index_compatibility_version", "6.0.0-beta1")
      .end_object();
  w.field("tagline", "You Know, for Search").end_object();
  response.pretty = true;
  return response;
}

}  // namespace

void add_info_routes(Router& router) {
  router.add({Method::kGet, "/", info, {}, Lane::kManagement});
  router.add({Method::kHead, "/", info, {}, Lane::kManagement});
}

}  // namespace stratalog::api
