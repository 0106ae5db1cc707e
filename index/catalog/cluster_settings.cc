#include "index/catalog/cluster_settings.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "index/catalog/wildcard.h"

namespace stratalog::index {

namespace {

// Names and families of names that Elasticsearch lets change while it runs. Those that only concern
// several nodes are kept and shown, and have nothing to act on here.
constexpr std::string_view kDynamic[] = {
    "action.auto_create_index",
    "action.destructive_requires_name",
    "action.search.shard_count.limit",
    "cluster.auto_shrink_voting_configuration",
    "cluster.blocks.*",
    "cluster.indices.close.enable",
    "cluster.info.update.*",
    "cluster.max_shards_per_node*",
    "cluster.max_voting_config_exclusions",
    "cluster.metadata.*",
    "cluster.no_master_block",
    "cluster.persistent_tasks.allocation.*",
    "cluster.remote.*",
    "cluster.routing.*",
    "cluster.service.slow_*",
    "indices.breaker.*",
    "indices.id_field_data.enabled",
    "indices.lifecycle.*",
    "indices.mapping.dynamic_timeout",
    "indices.recovery.*",
    "ingest.geoip.downloader.enabled",
    "logger.*",
    "script.allowed_*",
    "script.context.*",
    "script.disable_max_compilations_rate",
    "script.max_compilations_rate",
    "script.max_size_in_bytes",
    "search.aggs.*",
    "search.allow_expensive_queries",
    "search.default_allow_partial_results",
    "search.default_keep_alive",
    "search.default_search_timeout",
    "search.low_level_cancellation",
    "search.max_async_search_response_size",
    "search.max_buckets",
    "search.max_keep_alive",
    "search.max_open_scroll_context",
    "slm.*",
    "transport.tracer.*",
    "xpack.*",
};

bool is_dynamic(std::string_view name) {
  return std::any_of(std::begin(kDynamic), std::end(kDynamic),
                     [&](std::string_view pattern) { return wildcard_match(pattern, name); });
}

Status apply(json::Value& flat, const json::Value& changes, const std::string& path,
             const std::string& kind) {
  for (const json::Member& member : changes.as_object()) {
    const std::string name = path.empty() ? member.key : path + "." + member.key;
    if (member.value.is_object()) {
      RETURN_IF_ERROR(apply(flat, member.value, name, kind));
      continue;
    }
    if (member.value.is_null() && is_wildcard(name)) {
      std::vector<std::string> gone;
      for (const json::Member& old : flat.as_object()) {
        if (wildcard_match(name, old.key)) gone.push_back(old.key);
      }
      for (const std::string& key : gone) flat.erase(key);
      continue;
    }
    if (!is_dynamic(name)) {
      return Error(error_types::kIllegalArgument, kind + " setting [" + name + "], not recognized");
    }
    if (member.value.is_null()) {
      flat.erase(name);
    } else if (member.value.is_array()) {
      json::Value list = json::Value::array();
      for (const json::Value& item : member.value.as_array()) list.push_back(item.to_text());
      flat.set(name, std::move(list));
    } else {
      flat.set(name, member.value.to_text());
    }
  }
  return {};
}

}  // namespace

Result<json::Value> update_cluster_settings(const json::Value& flat, const json::Value& changes,
                                            const std::string& kind) {
  json::Value next = flat;
  if (changes.is_object()) RETURN_IF_ERROR(apply(next, changes, "", kind));
  return next;
}

}  // namespace stratalog::index
