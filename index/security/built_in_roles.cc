// The built-in roles of Elasticsearch 7.17 as data: doc page "Built-in roles".
#include <algorithm>

#include "index/security/role.h"

namespace stratalog::index::security {

namespace {

constexpr std::string_view kRoles = R"json({
"apm_system":
  {"cluster":["monitor","cluster:admin/xpack/monitoring/bulk"],
  "indices":[{"names":[".monitoring-beats-*"],"privileges":["create_index","create_doc"]}],
  "metadata":{"_reserved":true}},
"apm_user":
  {"indices":[{"names":["apm-*"],"privileges":["read","view_index_metadata"]},
  {"names":["logs-apm.*","metrics-apm.*","traces-apm.*","traces-apm-*"],"privileges":["read",
  "view_index_metadata"]},{"names":[".ml-anomalies*"],"privileges":["read",
  "view_index_metadata"]},{"names":["observability-annotations"],"privileges":["read",
  "view_index_metadata"]}],"applications":[{"application":"kibana-*",
  "privileges":["reserved_ml_apm_user"],"resources":["*"]}],"metadata":{"_reserved":true}},
"beats_admin":
  {"indices":[{"names":[".management-beats"],"privileges":["all"]}],"metadata":{"_reserved":true}},
"beats_system":
  {"cluster":["monitor","cluster:admin/xpack/monitoring/bulk"],
  "indices":[{"names":[".monitoring-beats-*"],"privileges":["create_index","create"]}],
  "metadata":{"_reserved":true}},
"data_frame_transforms_admin":
  {"cluster":["manage_data_frame_transforms"],"indices":[{"names":[".transform-notifications-*",
  ".data-frame-notifications-*",".transform-notifications-read"],
  "privileges":["view_index_metadata","read"]}],"applications":[{"application":"kibana-*",
  "privileges":["reserved_ml_user"],"resources":["*"]}],"metadata":{"_deprecated":true,
  "_deprecated_reason":"Please use the [transform_admin] role instead","_reserved":true}},
"data_frame_transforms_user":
  {"cluster":["monitor_data_frame_transforms"],"indices":[{"names":[".transform-notifications-*",
  ".data-frame-notifications-*",".transform-notifications-read"],
  "privileges":["view_index_metadata","read"]}],"applications":[{"application":"kibana-*",
  "privileges":["reserved_ml_user"],"resources":["*"]}],"metadata":{"_deprecated":true,
  "_deprecated_reason":"Please use the [transform_user] role instead","_reserved":true}},
"editor":
  {"indices":[{"names":["/~(([.]|ilm-history-).*)/"],"privileges":["read","view_index_metadata"]},
  {"names":["observability-annotations"],"privileges":["read","view_index_metadata","write"]},
  {"names":[".siem-signals*",".lists-*",".items-*"],"privileges":["read","view_index_metadata",
  "write","maintenance"]},{"names":[".internal.alerts*",".alerts*",".internal.preview.alerts*",
  ".preview.alerts*"],"privileges":["read","view_index_metadata","write","maintenance"]}],
  "applications":[{"application":"kibana-.kibana","privileges":["all"],"resources":["*"]}],
  "metadata":{"_reserved":true}},
"enrich_user":
  {"cluster":["manage_enrich","manage_ingest_pipelines","monitor"],
  "indices":[{"names":[".enrich-*"],"privileges":["manage","read","write"]}],
  "metadata":{"_reserved":true}},
"ingest_admin":
  {"cluster":["manage_index_templates","manage_pipeline"],"metadata":{"_reserved":true}},
"kibana_admin":
  {"applications":[{"application":"kibana-.kibana","privileges":["all"],"resources":["*"]}],
  "metadata":{"_reserved":true}},
"kibana_dashboard_only_user":
  {"applications":[{"application":"kibana-.kibana","privileges":["read"],"resources":["*"]}],
  "metadata":{"_deprecated":true,
  "_deprecated_reason":"Please use Kibana feature privileges instead","_reserved":true}},
"kibana_system":
  {"cluster":["monitor","manage_index_templates","cluster:admin/xpack/monitoring/bulk",
  "manage_saml","manage_token","manage_oidc","cluster:admin/xpack/security/api_key/invalidate",
  "grant_api_key","manage_own_api_key","cluster:admin/xpack/security/privilege/builtin/get",
  "delegate_pki","cluster:admin/ilm/get","cluster:admin/ilm/put","manage_ml",
  "cluster:admin/analyze","monitor_text_structure","cancel_task"],
  "global":{"application":{"manage":{"applications":["kibana-*"]}}},
  "indices":[{"names":[".kibana*",".reporting-*"],"privileges":["all"]},
  {"names":[".monitoring-*"],"privileges":["read","read_cross_cluster"]},
  {"names":[".management-beats"],"privileges":["create_index","read","write"]},
  {"names":[".ml-anomalies*",".ml-notifications*",".ml-stats-*"],"privileges":["read"]},
  {"names":[".ml-annotations*"],"privileges":["read","write"]},
  {"names":[".apm-agent-configuration"],"privileges":["all"]},{"names":[".apm-custom-link"],
  "privileges":["all"]},{"names":["apm-*"],"privileges":["read","read_cross_cluster"]},
  {"names":["logs-apm.*","metrics-apm.*","traces-apm.*","traces-apm-*"],"privileges":["read",
  "read_cross_cluster"]},{"names":["*"],"privileges":["view_index_metadata","monitor"]},
  {"names":[".logs-endpoint.diagnostic.collection-*"],"privileges":["read"]},{"names":[".fleet*"],
  "privileges":["all"],"allow_restricted_indices":true},{"names":[".siem-signals*"],
  "privileges":["all"]},{"names":[".lists-*",".items-*"],"privileges":["all"]},
  {"names":[".internal.alerts*",".alerts*",".preview.alerts*",".internal.preview.alerts*"],
  "privileges":["all"]},{"names":["metrics-endpoint.policy-*","metrics-endpoint.metrics-*",
  "logs-endpoint.events.*"],"privileges":["read"]},{"names":["logs-*","synthetics-*","traces-*",
  "metrics-*"],"privileges":["indices:admin/settings/update","indices:admin/mapping/put",
  "indices:admin/rollover"]},{"names":["metrics-endpoint.metadata_current_default",
  ".metrics-endpoint.metadata_current_default",".metrics-endpoint.metadata_united_default"],
  "privileges":["create_index","delete_index","read","index","indices:admin/aliases",
  "indices:admin/settings/update","indices:admin/mapping/put"]}],"metadata":{"_reserved":true}},
"kibana_user":
  {"applications":[{"application":"kibana-.kibana","privileges":["all"],"resources":["*"]}],
  "metadata":{"_deprecated":true,
  "_deprecated_reason":"Please use the [kibana_admin] role instead","_reserved":true}},
"logstash_admin":
  {"cluster":["manage_logstash_pipelines"],"indices":[{"names":[".logstash*"],
  "privileges":["create","delete","index","manage","read"]}],"metadata":{"_reserved":true}},
"logstash_system":
  {"cluster":["monitor","cluster:admin/xpack/monitoring/bulk"],"metadata":{"_reserved":true}},
"machine_learning_admin":
  {"cluster":["manage_ml"],"indices":[{"names":[".ml-anomalies*",".ml-notifications*",
  ".ml-state*",".ml-meta*",".ml-stats-*"],"privileges":["view_index_metadata","read"]},
  {"names":[".ml-annotations*"],"privileges":["view_index_metadata","read","write"]}],
  "applications":[{"application":"kibana-*","privileges":["reserved_ml_admin"],
  "resources":["*"]}],"metadata":{"_reserved":true}},
"machine_learning_user":
  {"cluster":["monitor_ml"],"indices":[{"names":[".ml-anomalies*",".ml-notifications*"],
  "privileges":["view_index_metadata","read"]},{"names":[".ml-annotations*"],
  "privileges":["view_index_metadata","read","write"]}],"applications":[{"application":"kibana-*",
  "privileges":["reserved_ml_user"],"resources":["*"]}],"metadata":{"_reserved":true}},
"monitoring_user":
  {"cluster":["cluster:monitor/main","cluster:monitor/xpack/info","cluster:monitor/remote/info"],
  "indices":[{"names":[".monitoring-*"],"privileges":["read","read_cross_cluster"]}],
  "applications":[{"application":"kibana-*","privileges":["reserved_monitoring"],
  "resources":["*"]}],"metadata":{"_reserved":true}},
"remote_monitoring_agent":
  {"cluster":["manage_index_templates","manage_ingest_pipelines","monitor",
  "cluster:admin/ilm/get","cluster:admin/ilm/put","cluster:monitor/xpack/watcher/watch/get",
  "cluster:admin/xpack/watcher/watch/put","cluster:admin/xpack/watcher/watch/delete"],
  "indices":[{"names":[".monitoring-*"],"privileges":["all"]},{"names":["metricbeat-*"],
  "privileges":["index","create_index","view_index_metadata"]}],"metadata":{"_reserved":true}},
"remote_monitoring_collector":
  {"cluster":["monitor"],"indices":[{"names":["*"],"privileges":["monitor"],
  "allow_restricted_indices":true},{"names":[".kibana*"],"privileges":["read"]}],
  "metadata":{"_reserved":true}},
"reporting_user":
  {"metadata":{"_deprecated":true,
  "_deprecated_reason":"Please use Kibana feature privileges instead","_reserved":true}},
"rollup_admin":
  {"cluster":["manage_rollup"],"metadata":{"_reserved":true}},
"rollup_user":
  {"cluster":["monitor_rollup"],"metadata":{"_reserved":true}},
"snapshot_user":
  {"cluster":["create_snapshot","cluster:admin/repository/get"],"indices":[{"names":["*"],
  "privileges":["view_index_metadata"],"allow_restricted_indices":true}],
  "metadata":{"_reserved":true}},
"superuser":
  {"cluster":["all"],"indices":[{"names":["*"],"privileges":["all"],
  "allow_restricted_indices":true}],"applications":[{"application":"*","privileges":["*"],
  "resources":["*"]}],"run_as":["*"],"metadata":{"_reserved":true}},
"transform_admin":
  {"cluster":["manage_transform"],"indices":[{"names":[".transform-notifications-*",
  ".data-frame-notifications-*",".transform-notifications-read"],
  "privileges":["view_index_metadata","read"]}],"metadata":{"_reserved":true}},
"transform_user":
  {"cluster":["monitor_transform"],"indices":[{"names":[".transform-notifications-*",
  ".data-frame-notifications-*",".transform-notifications-read"],
  "privileges":["view_index_metadata","read"]}],"metadata":{"_reserved":true}},
"transport_client":
  {"cluster":["transport_client"],"metadata":{"_reserved":true}},
"viewer":
  {"indices":[{"names":["/~(([.]|ilm-history-).*)/"],"privileges":["read","view_index_metadata"]},
  {"names":[".siem-signals*",".lists-*",".items-*"],"privileges":["read","view_index_metadata"]},
  {"names":[".alerts*",".preview.alerts*"],"privileges":["read","view_index_metadata"]}],
  "applications":[{"application":"kibana-.kibana","privileges":["read"],"resources":["*"]}],
  "metadata":{"_reserved":true}},
"watcher_admin":
  {"cluster":["manage_watcher"],"indices":[{"names":[".watches",".triggered_watches",
  ".watcher-history-*"],"privileges":["read"]}],"metadata":{"_reserved":true}},
"watcher_user":
  {"cluster":["monitor_watcher"],"indices":[{"names":[".watches"],"privileges":["read"]},
  {"names":[".watcher-history-*"],"privileges":["read"]}],"metadata":{"_reserved":true}}
})json";

std::vector<Role> read_roles() {
  Result<json::Value> tree = json::parse(kRoles);
  ENSURE(tree.ok(), "the built-in roles are no JSON");
  std::vector<Role> roles;
  for (const json::Member& member : tree->as_object()) {
    Result<Role> role = parse_role(member.key, member.value);
    ENSURE(role.ok(), member.key);
    roles.push_back(std::move(*role));
  }
  return roles;
}

}  // namespace

const std::vector<Role>& built_in_roles() {
  static const std::vector<Role> roles = read_roles();
  return roles;
}

const Role* built_in_role(std::string_view name) {
  const std::vector<Role>& roles = built_in_roles();
  const auto at = std::lower_bound(roles.begin(), roles.end(), name,
                                   [](const Role& r, std::string_view n) { return r.name < n; });
  return at != roles.end() && at->name == name ? &*at : nullptr;
}

}  // namespace stratalog::index::security
