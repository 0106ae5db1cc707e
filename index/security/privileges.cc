#include "index/security/privileges.h"

#include <algorithm>

#include "index/catalog/wildcard.h"

namespace stratalog::index::security {

namespace {

using Patterns = std::vector<std::string>;

constexpr const char* kHasPrivileges = "cluster:admin/xpack/security/user/has_privileges";
constexpr const char* kState = "cluster:monitor/state";
constexpr const char* kTokenInvalidate = "cluster:admin/xpack/security/token/invalidate";
constexpr const char* kIlmMode = "cluster:admin/ilm/operation_mode/get";

Privilege make(const char* name, Patterns patterns, Patterns excluded = {}) {
  return {name, {std::move(patterns), std::move(excluded)}};
}

std::vector<Privilege> sorted(std::vector<Privilege> privileges) {
  std::sort(privileges.begin(), privileges.end(),
            [](const Privilege& a, const Privilege& b) { return a.name < b.name; });
  return privileges;
}

std::vector<Privilege> make_cluster() {
  const Patterns all = {"cluster:*", "indices:admin/template/*", "indices:admin/index_template/*"};
  const Patterns snapshot_views = {"cluster:admin/snapshot/status*", "cluster:admin/snapshot/get",
                                   "cluster:admin/repository/get"};
  Patterns snapshots = snapshot_views;
  snapshots.emplace_back("cluster:admin/snapshot/create");
  const Patterns transforms = {"cluster:admin/data_frame/*", "cluster:monitor/data_frame/*",
                               "cluster:monitor/transform/*", "cluster:admin/transform/*"};
  const Patterns transform_views = {"cluster:monitor/data_frame/*", "cluster:monitor/transform/*"};
  return sorted({
      make("all", all),
      make("cancel_task", {"cluster:admin/tasks/cancel*"}),
      make("create_snapshot", snapshots),
      make("delegate_pki", {"cluster:admin/xpack/security/delegate_pki", kTokenInvalidate}),
      make("grant_api_key", {"cluster:admin/xpack/security/api_key/grant*"}),
      make("manage", all, {"cluster:admin/xpack/security/*"}),
      make("manage_api_key", {"cluster:admin/xpack/security/api_key/*"}),
      make("manage_autoscaling", {"cluster:admin/autoscaling/*"}),
      make("manage_ccr", {"cluster:admin/xpack/ccr/*", kState, kHasPrivileges}),
      make("manage_data_frame_transforms", transforms),
      make("manage_enrich", {"cluster:admin/xpack/enrich/*"}),
      make("manage_ilm", {"cluster:admin/ilm/*"}),
      make("manage_index_templates", {"indices:admin/template/*", "indices:admin/index_template/*",
                                      "cluster:admin/component_template/*"}),
      make("manage_ingest_pipelines", {"cluster:admin/ingest/pipeline/*"}),
      make("manage_logstash_pipelines", {"cluster:admin/logstash/pipeline/*"}),
      make("manage_ml", {"cluster:admin/xpack/ml/*", "cluster:monitor/xpack/ml/*"}),
      make("manage_oidc", {"cluster:admin/xpack/security/oidc/*"}),
      make(kManageOwnApiKey.data(), {}),  // by what is asked: Permissions::cluster
      make("manage_pipeline", {"cluster:admin/ingest/pipeline/*"}),
      make("manage_rollup", {"cluster:admin/xpack/rollup/*", "cluster:monitor/xpack/rollup/*"}),
      make("manage_saml", {"cluster:admin/xpack/security/saml/*", kTokenInvalidate,
                           "cluster:admin/xpack/security/token/refresh",
                           "cluster:monitor/xpack/security/saml/metadata"}),
      make("manage_security", {"cluster:admin/xpack/security/*"}),
      make("manage_service_account", {"cluster:admin/xpack/security/service_account/*"}),
      make("manage_slm",
           {"cluster:admin/slm/*", "cluster:admin/ilm/start", "cluster:admin/ilm/stop", kIlmMode}),
      make("manage_token", {"cluster:admin/xpack/security/token/*"}),
      make("manage_transform", transforms),
      make("manage_watcher", {"cluster:admin/xpack/watcher/*", "cluster:monitor/xpack/watcher/*"}),
      make("monitor", {"cluster:monitor/*"}),
      make("monitor_data_frame_transforms", transform_views),
      make("monitor_ml", {"cluster:monitor/xpack/ml/*"}),
      make("monitor_rollup", {"cluster:monitor/xpack/rollup/*"}),
      make("monitor_snapshot", snapshot_views),
      make("monitor_text_structure", {"cluster:monitor/text_structure/*"}),
      make("monitor_transform", transform_views),
      make("monitor_watcher", {"cluster:monitor/xpack/watcher/*"}),
      make("none", {}),
      make("read_ccr", {kState, kHasPrivileges}),
      make("read_ilm", {"cluster:admin/ilm/get", kIlmMode}),
      make("read_pipeline",
           {"cluster:admin/ingest/pipeline/get", "cluster:admin/ingest/pipeline/simulate"}),
      make("read_slm", {"cluster:admin/slm/get", kIlmMode}),
      make("transport_client", {"cluster:monitor/nodes/liveness", kState}),
  });
}

std::vector<Privilege> make_index() {
  const std::string write = "indices:data/write/";
  const std::string admin = "indices:admin/";
  return sorted({
      make("all", {"indices:*", "internal:transport/proxy/indices:*"}),
      make("auto_configure", {admin + "mapping/auto_put", admin + "auto_create"}),
      make("create", {write + "index*", write + "bulk*"}),
      make("create_doc",
           {write + "index", write + "index[*", write + "index:op_type/create", write + "bulk*"}),
      make("create_index", {admin + "create", admin + "auto_create", admin + "data_stream/create"}),
      make("delete", {write + "delete*", write + "bulk*"}),
      make("delete_index", {admin + "delete", admin + "data_stream/delete"}),
      make("index", {write + "index*", write + "bulk*", write + "update*"}),
      make("maintenance",
           {admin + "refresh*", admin + "flush*", admin + "synced_flush", admin + "forcemerge*"}),
      make("manage", {"indices:monitor/*", admin + "*"}),
      make("manage_follow_index",
           {admin + "xpack/ccr/put_follow", admin + "xpack/ccr/unfollow", admin + "close*",
            admin + "data_stream/promote", admin + "rollover"}),
      make("manage_ilm", {admin + "ilm/*"}),
      make("manage_leader_index", {admin + "xpack/ccr/forget_follower*"}),
      make("monitor", {"indices:monitor/*"}),
      make("none", {}),
      make("read", {"indices:data/read/*", admin + "resolve/index"}),
      make("read_cross_cluster", {"internal:transport/proxy/indices:data/read/*",
                                  admin + "shards/search_shards", admin + "resolve/index"}),
      make("view_index_metadata",
           {admin + "aliases/get", admin + "aliases/exists", admin + "get", admin + "exists",
            admin + "mappings/fields/get*", admin + "mappings/get", admin + "shards/search_shards",
            admin + "types/exists", admin + "validate/query*", "indices:monitor/settings/get",
            admin + "ilm/explain", admin + "data_stream/get", admin + "resolve/index",
            "indices:data/read/field_caps*", "indices:data/read/xpack/rollup/get/index/caps"}),
      make("write", {write + "*", admin + "mapping/auto_put"}),
  });
}

const Privilege* find(std::span<const Privilege> table, std::string_view name) {
  const auto at =
      std::lower_bound(table.begin(), table.end(), name,
                       [](const Privilege& p, std::string_view n) { return p.name < n; });
  return at != table.end() && at->name == name ? &*at : nullptr;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

Error unknown(std::string_view kind, std::string_view name) {
  const bool cluster = kind == "cluster";
  std::string names;
  for (const Privilege& p : cluster ? cluster_privileges() : index_privileges()) {
    names += names.empty() ? "" : ",";
    names += cluster ? p.name : p.name + "=[" + p.name + "]";
  }
  return Error(error_types::kIllegalArgument,
               "unknown " + std::string(kind) + " privilege [" + std::string(name) +
                   "]. a privilege must be either one of the predefined " +
                   (cluster ? "cluster privilege names" : "fixed indices privileges") + " [" +
                   names + "] or a pattern over one of the available " + std::string(kind) +
                   " actions");
}

// Those that are part of many others first: Elasticsearch's order by access level.
std::vector<const Privilege*> by_access_level(std::span<const Privilege> table) {
  std::vector<std::pair<int, const Privilege*>> counted;
  for (const Privilege& p : table) {
    int held = 0;
    for (const Privilege& other : table)
      held += &other != &p && other.actions.contains_all(p.actions) ? 1 : 0;
    counted.emplace_back(-held, &p);
  }
  std::stable_sort(counted.begin(), counted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Privilege*> out;
  for (const auto& [count, p] : counted) out.push_back(p);
  return out;
}

}  // namespace

bool Actions::contains(std::string_view action) const {
  const auto matches = [&](const std::string& pattern) { return wildcard_match(pattern, action); };
  return std::any_of(patterns.begin(), patterns.end(), matches) &&
         std::none_of(excluded.begin(), excluded.end(), matches);
}

bool Actions::contains_all(const Actions& other) const {
  return std::all_of(other.patterns.begin(), other.patterns.end(), [&](const std::string& theirs) {
    // A star of theirs is matched by a star of ours alone, as no other pattern takes it.
    const bool held = std::any_of(patterns.begin(), patterns.end(), [&](const std::string& ours) {
      return wildcard_match(ours, theirs);
    });
    return held && std::all_of(excluded.begin(), excluded.end(), [&](const std::string& hole) {
             return !wildcards_overlap(hole, theirs) ||
                    std::any_of(other.excluded.begin(), other.excluded.end(),
                                [&](const std::string& e) { return wildcard_match(e, hole); });
           });
  });
}

std::span<const Privilege> cluster_privileges() {
  static const std::vector<Privilege> table = make_cluster();
  return table;
}
std::span<const Privilege> index_privileges() {
  static const std::vector<Privilege> table = make_index();
  return table;
}

bool is_cluster_action(std::string_view action) {
  return action.starts_with("cluster:") || action.starts_with("indices:admin/template/") ||
         action.starts_with("indices:admin/index_template/");
}
bool is_index_action(std::string_view action) {
  return (action.starts_with("indices:") ||
          action.starts_with("internal:transport/proxy/indices:")) &&
         !is_cluster_action(action);
}

Result<std::vector<Actions>> resolve_cluster(std::span<const std::string> names) {
  std::vector<Actions> out;
  for (const std::string& given : names) {
    const std::string name = lower(given);
    if (const Privilege* known = find(cluster_privileges(), name)) {
      out.push_back(known->actions);
    } else if (is_cluster_action(name)) {
      // An action alone stands for what it is made of on shards and nodes too.
      out.push_back({{name, name + "[*"}, {}});
    } else {
      return unknown("cluster", given);
    }
  }
  return out;
}

Result<std::vector<Actions>> resolve_index(std::span<const std::string> names) {
  std::vector<Actions> out;
  for (const std::string& given : names) {
    const std::string name = lower(given);
    if (const Privilege* known = find(index_privileges(), name)) {
      out.push_back(known->actions);
    } else if (name.starts_with("indices:") || name.starts_with("internal:transport/proxy/")) {
      out.push_back({{name, name + "[*"}, {}});
    } else {
      return unknown("index", given);
    }
  }
  return out;
}

std::string granting_privileges(std::string_view action) {
  static const std::vector<const Privilege*> cluster = by_access_level(cluster_privileges());
  static const std::vector<const Privilege*> index = by_access_level(index_privileges());
  std::string names;
  const bool own = action == kApiKeyCreate || action == kApiKeyGet || action == kApiKeyInvalidate;
  for (const Privilege* p : is_cluster_action(action) ? cluster : index) {
    if (!p->actions.contains(action) && !(own && p->name == kManageOwnApiKey)) continue;
    names += (names.empty() ? "" : ",") + p->name;
  }
  return names;
}

}  // namespace stratalog::index::security
