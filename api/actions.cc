#include "api/actions.h"

#include <array>

#include "api/source_params.h"

namespace stratalog::api {

namespace {

// Methods: letters of G(et), H(ead), P(ost), U(put), D(elete). Actions: required ones with commas;
// behind ">" what is asked of each index; "+" alone lets everyone.
struct Row {
  std::string_view methods;
  std::string_view patterns;
  std::string_view actions;
};

constexpr std::string_view kSuperusers = "!";

constexpr Row kRows[] = {
    {"GH", "/", "cluster:monitor/main"},
    // Documents.
    {"PU", "/_bulk /{index}/_bulk /{index}/{type}/_bulk", "indices:data/write/bulk"},
    {"PU",
     "/{index}/_doc/{id} /{index}/_doc /{index}/{type} /{index}/{type}/{id} "
     "/{index}/_create/{id} /{index}/{type}/{id}/_create",
     "indices:data/write/index"},
    {"P", "/{index}/_update/{id} /{index}/{type}/{id}/_update", "indices:data/write/update"},
    {"D", "/{index}/_doc/{id} /{index}/{type}/{id}", "indices:data/write/delete"},
    {"G",
     "/{index}/_doc/{id} /{index}/{type}/{id} /{index}/_source/{id} "
     "/{index}/{type}/{id}/_source",
     "indices:data/read/get"},
    {"GP", "/_mget /{index}/_mget /{index}/{type}/_mget",
     "indices:data/read/mget>indices:data/read/mget[shard]"},
    // Searches.
    {"GP", "/_search /{index}/_search /{index}/{type}/_search", "indices:data/read/search"},
    {"GP", "/_count /{index}/_count /{index}/{type}/_count", "indices:data/read/search"},
    {"GP", "/_msearch /{index}/_msearch /{index}/{type}/_msearch",
     "indices:data/read/msearch>indices:data/read/search"},
    {"GP", "/_search/scroll /_search/scroll/{scroll_id}", "indices:data/read/scroll"},
    {"D", "/_search/scroll /_search/scroll/{scroll_id} /_pit", "+"},
    {"P", "/{index}/_pit", "indices:data/read/open_point_in_time>indices:data/read/search"},
    {"GP", "/_field_caps /{index}/_field_caps", "indices:data/read/field_caps"},
    // Indices.
    {"U", "/{index}", "indices:admin/create"},
    {"GH", "/{index}", "indices:admin/get"},
    {"D", "/{index}", "indices:admin/delete"},
    {"P", "/{index}/_open /_open", "indices:admin/open"},
    {"P", "/{index}/_close /_close", "indices:admin/close"},
    {"GP", "/_refresh /{index}/_refresh", "indices:admin/refresh"},
    {"GP", "/_flush /{index}/_flush", "indices:admin/flush"},
    {"GP", "/_flush/synced /{index}/_flush/synced", "indices:admin/flush"},
    {"P", "/_forcemerge /{index}/_forcemerge", "indices:admin/forcemerge"},
    {"G",
     "/_mapping /_mappings /{index}/_mapping /{index}/_mappings /_mapping/{type} "
     "/{index}/_mapping/{type} /{index}/_mappings/{type} /{index}/{type}/_mapping",
     "indices:admin/mappings/get"},
    {"H", "/{index}/_mapping/{type}", "indices:admin/types/exists"},
    {"PU",
     "/{index}/_mapping /{index}/_mappings /{index}/_mapping/{type} /{index}/_mappings/{type} "
     "/{index}/{type}/_mapping /{index}/{type}/_mappings /_mapping/{type} /_mappings/{type}",
     "indices:admin/mapping/put"},
    {"G",
     "/_mapping/field/{fields} /{index}/_mapping/field/{fields} /_mapping/{type}/field/{fields} "
     "/{index}/_mapping/{type}/field/{fields}",
     "indices:admin/mappings/fields/get"},
    {"G", "/_settings /_settings/{name} /{index}/_settings /{index}/_settings/{name}",
     "indices:monitor/settings/get"},
    {"U", "/_settings /{index}/_settings", "indices:admin/settings/update"},
    {"P", "/_aliases", "indices:admin/aliases"},
    {"PU",
     "/{index}/_alias/{name} /{index}/_aliases/{name} /_alias/{name} /_aliases/{name} "
     "/{index}/_alias /{index}/_aliases /_alias",
     "indices:admin/aliases"},
    {"D", "/{index}/_alias/{name} /{index}/_aliases/{name}", "indices:admin/aliases"},
    {"G",
     "/_alias /_aliases /_alias/{name} /{index}/_alias /{index}/_aliases /{index}/_alias/{name}",
     "indices:admin/aliases/get"},
    {"GP", "/_analyze", "cluster:admin/analyze"},
    {"GP", "/{index}/_analyze", "indices:admin/analyze"},
    {"G", "/_stats /_stats/{metric} /{index}/_stats /{index}/_stats/{metric}",
     "indices:monitor/stats"},
    {"G", "/_resolve/index/{name}", "indices:admin/resolve/index"},
    // Templates.
    {"PU", "/_template/{name}", "indices:admin/template/put"},
    {"G", "/_template /_template/{name}", "indices:admin/template/get"},
    {"D", "/_template/{name}", "indices:admin/template/delete"},
    {"PU", "/_index_template/{name}", "indices:admin/index_template/put"},
    {"G", "/_index_template /_index_template/{name}", "indices:admin/index_template/get"},
    {"D", "/_index_template/{name}", "indices:admin/index_template/delete"},
    {"P", "/_index_template/_simulate_index/{name}", "indices:admin/index_template/simulate_index"},
    {"PU", "/_component_template/{name}", "cluster:admin/component_template/put"},
    {"G", "/_component_template /_component_template/{name}",
     "cluster:admin/component_template/get"},
    {"D", "/_component_template/{name}", "cluster:admin/component_template/delete"},
    // The cluster.
    {"G", "/_cluster/health /_cluster/health/{index}", "cluster:monitor/health"},
    {"G", "/_cluster/settings", "cluster:monitor/state"},
    {"U", "/_cluster/settings", "cluster:admin/settings/update"},
    {"G", "/_cluster/state /_cluster/state/{metric} /_cluster/state/{metric}/{index}",
     "cluster:monitor/state"},
    {"G", "/_nodes /_nodes/{node_id} /_nodes/{node_id}/{metric}", "cluster:monitor/nodes/info"},
    {"G",
     "/_nodes/stats /_nodes/stats/{metric} /_nodes/{node_id}/stats "
     "/_nodes/{node_id}/stats/{metric}",
     "cluster:monitor/nodes/stats"},
    {"G", "/_license", "cluster:monitor/xpack/license/get"},
    {"G", "/_xpack", "cluster:monitor/xpack/info"},
    // Scripts and tasks.
    {"PU", "/_scripts/{id} /_scripts/{id}/{context}", "cluster:admin/script/put"},
    {"G", "/_scripts/{id}", "cluster:admin/script/get"},
    {"D", "/_scripts/{id}", "cluster:admin/script/delete"},
    {"GP", "/_scripts/painless/_execute", "cluster:admin/scripts/painless/execute"},
    {"G", "/_script_language", "cluster:admin/script_language/get"},
    {"G", "/_tasks", "cluster:monitor/tasks/lists"},
    {"G", "/_tasks/{task_id}", "cluster:monitor/task/get"},
    {"P", "/_tasks/_cancel /_tasks/{task_id}/_cancel", "cluster:admin/tasks/cancel"},
    {"P",
     "/_update_by_query/{task_id}/_rethrottle /_delete_by_query/{task_id}/_rethrottle "
     "/_reindex/{task_id}/_rethrottle",
     "cluster:admin/reindex/rethrottle"},
    // They go on when the request and its rules are gone: not yet for those who have rules.
    {"P", "/{index}/_update_by_query /{index}/_delete_by_query /_reindex", kSuperusers},
    // _cat.
    {"G", "/_cat", "+"},
    {"G", "/_cat/indices /_cat/indices/{index}",
     "indices:monitor/settings/get,cluster:monitor/state,cluster:monitor/health,"
     "indices:monitor/stats"},
    {"G", "/_cat/count /_cat/count/{index}", "indices:data/read/search"},
    {"G", "/_cat/health", "cluster:monitor/health"},
    {"G", "/_cat/nodes",
     "cluster:monitor/state,cluster:monitor/nodes/info,cluster:monitor/nodes/stats"},
    {"G", "/_cat/aliases /_cat/aliases/{name}", "indices:admin/aliases/get"},
    {"G", "/_cat/templates /_cat/templates/{name}", "cluster:monitor/state"},
    {"G", "/_cat/master", "cluster:monitor/state"},
    {"G", "/_cat/shards /_cat/shards/{index}", "cluster:monitor/state,indices:monitor/stats"},
    // Security. What may be asked about oneself is let through to its handler.
    {"G", "/_security/_authenticate /_security/user/_privileges", "+"},
    {"GP", "/_security/user/_has_privileges /_security/user/{name}/_has_privileges", "+"},
    {"PU", "/_security/user/_password /_security/user/{name}/_password", "+"},
    {"P", "/_security/api_key", "+"},
    {"GUD", "/_security/api_key", "+"},
    {"P", "/_security/api_key/grant", "cluster:admin/xpack/security/api_key/grant"},
    {"P", "/_security/api_key/{ids}/_clear_cache",
     "cluster:admin/xpack/security/api_key/cache/clear"},
    {"G", "/_security/user /_security/user/{name}", "cluster:admin/xpack/security/user/get"},
    {"PU", "/_security/user/{name}", "cluster:admin/xpack/security/user/put"},
    {"D", "/_security/user/{name}", "cluster:admin/xpack/security/user/delete"},
    {"PU", "/_security/user/{name}/_enable /_security/user/{name}/_disable",
     "cluster:admin/xpack/security/user/set_enabled"},
    {"G", "/_security/role /_security/role/{name}", "cluster:admin/xpack/security/role/get"},
    {"PU", "/_security/role/{name}", "cluster:admin/xpack/security/role/put"},
    {"D", "/_security/role/{name}", "cluster:admin/xpack/security/role/delete"},
    {"P", "/_security/role/{name}/_clear_cache", "cluster:admin/xpack/security/roles/cache/clear"},
    {"P", "/_security/realm/{realms}/_clear_cache",
     "cluster:admin/xpack/security/realm/cache/clear"},
    {"G", "/_security/role_mapping /_security/role_mapping/{name}",
     "cluster:admin/xpack/security/role_mapping/get"},
    {"PU", "/_security/role_mapping/{name}", "cluster:admin/xpack/security/role_mapping/put"},
    {"D", "/_security/role_mapping/{name}", "cluster:admin/xpack/security/role_mapping/delete"},
    {"G", "/_security/privilege/_builtin", "cluster:admin/xpack/security/privilege/builtin/get"},
    // By cluster privileges, or by global ones over the applications that are named.
    {"GPU", "/_security/privilege /_security/privilege/", "+"},
    {"G", "/_security/privilege/{application} /_security/privilege/{application}/{privilege}", "+"},
    {"D", "/_security/privilege/{application}/{privilege}", "+"},
    {"P", "/_security/privilege/{application}/_clear_cache",
     "cluster:admin/xpack/security/privilege/cache/clear"},
    {"G",
     "/_security/service /_security/service/{namespace} "
     "/_security/service/{namespace}/{service}",
     "cluster:admin/xpack/security/service_account/get"},
    {"PU",
     "/_security/service/{namespace}/{service}/credential/token "
     "/_security/service/{namespace}/{service}/credential/token/{name}",
     "cluster:admin/xpack/security/service_account/token/create"},
    {"D", "/_security/service/{namespace}/{service}/credential/token/{name}",
     "cluster:admin/xpack/security/service_account/token/delete"},
    {"G", "/_security/service/{namespace}/{service}/credential",
     "cluster:admin/xpack/security/service_account/credential/get"},
    {"P", "/_security/service/{namespace}/{service}/credential/token/{name}/_clear_cache",
     "cluster:admin/xpack/security/service_account/token/cache/clear"},
    {"P", "/_security/oauth2/token", "cluster:admin/xpack/security/token/create"},
    {"D", "/_security/oauth2/token", "cluster:admin/xpack/security/token/invalidate"},
};

char letter(Method method) {
  constexpr std::string_view kLetters = "GHPUD";
  return static_cast<size_t>(method) < kLetters.size() ? kLetters[static_cast<size_t>(method)]
                                                       : '?';
}

bool names(std::string_view patterns, std::string_view pattern) {
  while (!patterns.empty()) {
    const size_t space = patterns.find(' ');
    if (patterns.substr(0, space) == pattern) return true;
    if (space == std::string_view::npos) return false;
    patterns.remove_prefix(space + 1);
  }
  return false;
}

}  // namespace

EndpointActions actions_of(Method method, std::string_view pattern) {
  EndpointActions out;
  for (const Row& row : kRows) {
    if (row.methods.find(letter(method)) == std::string_view::npos) continue;
    if (!names(row.patterns, pattern)) continue;
    if (row.actions == kSuperusers) {
      out.scope = EndpointActions::Scope::kSuperusers;
      return out;
    }
    if (row.actions == "+") {
      out.scope = EndpointActions::Scope::kEveryone;
      return out;
    }
    const size_t arrow = row.actions.find('>');
    out.required = split_list(row.actions.substr(0, arrow));
    const bool on_indices = out.required.back().starts_with("indices:") &&
                            !out.required.back().starts_with("indices:admin/template/") &&
                            !out.required.back().starts_with("indices:admin/index_template/");
    out.scope = on_indices ? EndpointActions::Scope::kIndices : EndpointActions::Scope::kCluster;
    if (on_indices) {
      out.on_indices = arrow == std::string_view::npos ? out.required.back()
                                                       : std::string(row.actions.substr(arrow + 1));
    }
    return out;
  }
  return out;
}

}  // namespace stratalog::api
