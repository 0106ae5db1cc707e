// _cluster/*, _nodes, _stats, _resolve: one node, whose health is green when it answers at all.
// Elasticsearch doc pages "Cluster APIs", "Index stats API".
#include <algorithm>
#include <span>
#include <thread>

#include "api/admin_common.h"
#include "api/families.h"
#include "api/guard.h"
#include "api/human.h"
#include "api/source_params.h"
#include "base/clock.h"
#include "base/units.h"

namespace stratalog::api {

namespace {

using index::IndicesOptions;

IndicesOptions every_index() {
  IndicesOptions options;
  options.expand_hidden = true;
  options.forbid_closed = false;
  return options;
}

// What a health request waits for and a cluster of one node may never reach.
Result<bool> reachable(const QueryParams& params, uint64_t shards) {
  const std::string nodes = params.get("wait_for_nodes");
  if (!nodes.empty()) {
    std::string_view text = nodes;
    std::string_view op = "=";
    for (const std::string_view candidate : {">=", "<=", ">", "<"}) {
      if (!text.starts_with(candidate)) continue;
      op = candidate;
      text.remove_prefix(candidate.size());
      break;
    }
    for (const auto& [prefix, meaning] : {std::pair("ge(", ">="), std::pair("le(", "<="),
                                          std::pair("gt(", ">"), std::pair("lt(", "<")}) {
      if (!text.starts_with(prefix) || !text.ends_with(')')) continue;
      op = meaning;
      text = text.substr(3, text.size() - 4);
      break;
    }
    const auto count = json::Value(text).to_int();
    if (!count)
      return Error(error_types::kNumberFormat, "For input string: \"" + std::string(text) + "\"");
    const bool fine = op == ">="   ? 1 >= *count
                      : op == "<=" ? 1 <= *count
                      : op == ">"  ? 1 > *count
                      : op == "<"  ? 1 < *count
                                   : 1 == *count;
    if (!fine) return false;
  }
  const std::string active = params.get("wait_for_active_shards");
  if (!active.empty() && active != "all") {
    const auto count = json::Value(active).to_int();
    if (!count || *count < 0) {
      return Error(error_types::kIllegalArgument, "cannot parse ActiveShardCount[" + active + "]");
    }
    if (static_cast<uint64_t>(*count) > shards) return false;
  }
  const std::string status = params.get("wait_for_status");
  if (!status.empty() && status != "green" && status != "yellow" && status != "red" &&
      status != "GREEN" && status != "YELLOW" && status != "RED") {
    return Error(error_types::kIllegalArgument, "unknown cluster health status [" + status + "]");
  }
  return true;
}

Result<Response> health(const Request& request, Context& context) {
  const std::string level = request.params.get("level", "cluster");
  if (level != "cluster" && level != "indices" && level != "shards") {
    return Error(error_types::kIllegalArgument,
                 "level parameter must be one of [cluster] or [indices] or [shards] but was [" +
                     level + "]");
  }
  ASSIGN_OR_RETURN(const TimeValue timeout,
                   parse_time_value(request.params.get("timeout", "30s"), "timeout"));
  ASSIGN_OR_RETURN(const IndicesOptions options,
                   read_indices_options(request.params, every_index()));
  const int64_t deadline_ns = steady_clock_ns() + timeout.nanos();
  std::vector<index::ResolvedIndex> indices;
  bool timed_out = false;
  uint64_t shards = 0;
  while (true) {
    // A named index that is not there yet is waited for, as Elasticsearch does.
    Result<std::vector<index::ResolvedIndex>> resolved = resolve_path(request, context, options);
    shards = 0;
    if (resolved) {
      indices = std::move(*resolved);
      for (const index::ResolvedIndex& one : indices) {
        if (one.index->state == index::IndexState::kOpen) shards += one.index->number_of_shards();
      }
      ASSIGN_OR_RETURN(const bool fine, reachable(request.params, shards));
      if (fine) break;
    }
    if (steady_clock_ns() >= deadline_ns) {
      timed_out = true;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const bool missing = timed_out && indices.empty() && request.has_path_param("index");
  Response response;
  json::Writer out(response.body);
  const auto counts = [&](uint64_t count) {
    out.field("active_primary_shards", count)
        .field("active_shards", count)
        .field("relocating_shards", 0);
    out.field("initializing_shards", 0).field("unassigned_shards", 0);
  };
  out.begin_object()
      .field("cluster_name", context.node.cluster_name)
      .field("status", missing ? "red" : "green");
  out.field("timed_out", timed_out).field("number_of_nodes", 1).field("number_of_data_nodes", 1);
  counts(shards);
  out.field("delayed_unassigned_shards", 0)
      .field("number_of_pending_tasks", 0)
      .field("number_of_in_flight_fetch", 0);
  out.field("task_max_waiting_in_queue_millis", 0).field("active_shards_percent_as_number", 100.0);
  if (level != "cluster") {
    out.key("indices").begin_object();
    for (const index::ResolvedIndex& resolved : indices) {
      const uint64_t count = resolved.index->number_of_shards();
      out.key(resolved.index->name)
          .begin_object()
          .field("status", "green")
          .field("number_of_shards", count);
      out.field("number_of_replicas", resolved.index->number_of_replicas());
      counts(count);
      if (level == "shards") {
        out.key("shards").begin_object();
        for (uint64_t shard = 0; shard < count; ++shard) {
          out.key(std::to_string(shard))
              .begin_object()
              .field("status", "green")
              .field("primary_active", true);
          out.field("active_shards", 1)
              .field("relocating_shards", 0)
              .field("initializing_shards", 0);
          out.field("unassigned_shards", 0).end_object();
        }
        out.end_object();
      }
      out.end_object();
    }
    out.end_object();
  }
  out.end_object();
  response.status = timed_out ? 408 : 200;
  return with_readable(request, std::move(response));
}

Result<Response> get_settings(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const bool flat, request.params.get_bool("flat_settings", false));
  const auto state = context.engine.state();
  const auto shown = [&](const json::Value& settings) {
    if (settings.is_null()) return json::Value::object();
    return flat ? settings : unflatten_settings(settings);
  };
  Response response;
  json::Writer out(response.body);
  out.begin_object().field("persistent", shown(state->persistent_settings));
  out.field("transient", shown(state->transient_settings));
  ASSIGN_OR_RETURN(const bool defaults, request.params.get_bool("include_defaults", false));
  if (defaults) {
    const json::Value known =
        json::Value::object({{"cluster.name", context.node.cluster_name},
                             {"node.name", context.node.node_name},
                             {"path.data", context.node.data_path},
                             {"http.port", std::to_string(context.node.http_port)}});
    out.field("defaults", shown(known));
  }
  out.end_object();
  return response;
}

Result<Response> put_settings(const Request& request, Context& context) {
  if (request.body.empty())
    return Error(error_types::kElasticsearchParse, "request body is required");
  ASSIGN_OR_RETURN(const bool flat, request.params.get_bool("flat_settings", false));
  ASSIGN_OR_RETURN(const json::Value body, read_body(request));
  json::Value persistent = json::Value::object(), transient = json::Value::object();
  for (const json::Member& member : body.as_object()) {
    if (member.key == "persistent") {
      persistent = flatten_settings(member.value, "");
    } else if (member.key == "transient") {
      transient = flatten_settings(member.value, "");
    } else {
      return Error(error_types::kXContentParse,
                   "[cluster_update_settings_request] unknown field [" + member.key + "]");
    }
  }
  if (persistent.empty() && transient.empty()) return validation_error("no settings to update");
  RETURN_IF_ERROR(context.engine.put_cluster_settings(persistent, transient));
  const auto shown = [&](json::Value settings) {
    std::erase_if(settings.as_object(),
                  [](const json::Member& member) { return member.value.is_null(); });
    return flat ? settings : unflatten_settings(settings);
  };
  Response response;
  json::Writer(response.body)
      .begin_object()
      .field("acknowledged", true)
      .field("persistent", shown(persistent))
      .field("transient", shown(transient))
      .end_object();
  return response;
}

Result<Response> cluster_state(const Request& request, Context& context) {
  const auto state = context.engine.state();
  const std::string& metrics = request.path_param("metric");
  const auto wants = [&](std::string_view metric) {
    if (metrics.empty() || metrics == "_all") return true;
    const auto list = split_list(metrics);
    return std::find(list.begin(), list.end(), metric) != list.end();
  };
  IndicesOptions defaults = every_index();
  defaults.expand_closed = true;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  Response response;
  json::Writer out(response.body);
  out.begin_object()
      .field("cluster_name", state->cluster_name)
      .field("cluster_uuid", state->cluster_uuid);
  if (wants("version"))
    out.field("version", state->version).field("state_uuid", state->cluster_uuid);
  if (wants("master_node")) out.field("master_node", context.node.node_id);
  if (wants("blocks")) out.key("blocks").begin_object().end_object();
  if (wants("nodes")) {
    const std::string address =
        context.node.publish_host + ":" + std::to_string(context.node.http_port);
    out.key("nodes")
        .begin_object()
        .key(context.node.node_id)
        .begin_object()
        .field("name", context.node.node_name);
    out.field("ephemeral_id", context.node.node_id).field("transport_address", address);
    out.key("attributes").begin_object().end_object().end_object().end_object();
  }
  if (wants("metadata")) {
    out.key("metadata")
        .begin_object()
        .field("cluster_uuid", state->cluster_uuid)
        .key("templates")
        .begin_object();
    for (const auto& [name, body] : state->legacy_templates) {
      json::Value shown = body;
      shown.erase(index::kTemplateTypeKey);
      out.field(name, shown);
    }
    out.end_object().key("indices").begin_object();
    for (const index::ResolvedIndex& resolved : indices) {
      const index::IndexMetadata& index = *resolved.index;
      out.key(index.name)
          .begin_object()
          .field("version", index.version)
          .field("mapping_version", index.mapping_version);
      out.field("settings_version", index.settings_version)
          .field("aliases_version", index.aliases_version);
      out.field("state", index.state == index::IndexState::kOpen ? "open" : "close");
      out.field("settings", settings_json(index, false)).key("mappings").begin_object();
      if (!index.mapping->type().empty()) {
        out.field(index.mapping->type(), index.mapping->to_json());
      }
      out.end_object().key("aliases").begin_array();
      for (const auto& [name, alias] : index.aliases) out.string(name);
      out.end_array().end_object();
    }
    out.end_object().end_object();
  }
  out.end_object();
  return response;
}

void append_nodes_header(json::Writer& out, const Context& context) {
  out.begin_object()
      .key("_nodes")
      .begin_object()
      .field("total", 1)
      .field("successful", 1)
      .field("failed", 0)
      .end_object();
  out.field("cluster_name", context.node.cluster_name)
      .key("nodes")
      .begin_object()
      .key(context.node.node_id)
      .begin_object();
}

Result<Response> nodes(const Request& request, Context& context) {
  Response response;
  json::Writer out(response.body);
  const std::string address =
      context.node.publish_host + ":" + std::to_string(context.node.http_port);
  append_nodes_header(out, context);
  out.field("name", context.node.node_name)
      .field("transport_address", address)
      .field("host", context.node.publish_host);
  out.field("ip", context.node.publish_host)
      .field("version", "7.17.3")
      .field("build_flavor", "default");
  out.field("build_type", "docker").field("build_hash", "5ad023604c8d7416c9eb6c0eadb62b14e766caff");
  out.key("roles").begin_array();
  for (const char* role : {"data", "ingest", "master"}) out.string(role);
  out.end_array().key("settings").begin_object();
  out.key("cluster").begin_object().field("name", context.node.cluster_name).end_object();
  out.key("node").begin_object().field("name", context.node.node_name).end_object();
  out.key("path").begin_object().field("data", context.node.data_path).end_object().end_object();
  out.key("os").begin_object().field("name", "Linux");
  out.field("available_processors", std::thread::hardware_concurrency()).end_object();
  out.key("http").begin_object().key("bound_address").begin_array().string(address).end_array();
  out.field("publish_address", address)
      .field("max_content_length_in_bytes", context.node.max_content_length_bytes);
  out.end_object()
      .key("plugins")
      .begin_array()
      .end_array()
      .key("modules")
      .begin_array()
      .end_array();
  out.end_object().end_object().end_object();
  return with_readable(request, std::move(response));
}

// The counters of an index (or sums of them) under _stats' names.
void append_stats(json::Writer& out, const index::IndexStats& s) {
  out.key("docs")
      .begin_object()
      .field("count", s.docs_count)
      .field("deleted", s.docs_deleted)
      .end_object();
  out.key("store")
      .begin_object()
      .field("size_in_bytes", s.store_bytes)
      .field("total_data_set_size_in_bytes", s.store_bytes);
  out.field("reserved_in_bytes", 0).end_object();
  out.key("indexing")
      .begin_object()
      .field("index_total", s.index_total)
      .field("index_time_in_millis", s.index_time_ms);
  out.field("index_current", 0)
      .field("index_failed", s.index_failed)
      .field("delete_total", s.delete_total);
  out.field("delete_time_in_millis", 0)
      .field("delete_current", 0)
      .field("noop_update_total", s.noop_update_total);
  out.field("is_throttled", false).field("throttle_time_in_millis", 0).end_object();
  out.key("get").begin_object().field("total", s.get_total).field("time_in_millis", s.get_time_ms);
  out.field("exists_total", s.get_exists_total).field("exists_time_in_millis", s.get_time_ms);
  out.field("missing_total", s.get_missing_total)
      .field("missing_time_in_millis", 0)
      .field("current", 0)
      .end_object();
  out.key("search").begin_object().field("open_contexts", 0).field("query_total", s.search_total);
  out.field("query_time_in_millis", s.search_time_ms)
      .field("query_current", 0)
      .field("fetch_total", s.fetch_total);
  out.field("fetch_time_in_millis", s.fetch_time_ms).field("fetch_current", 0).end_object();
  out.key("merges").begin_object().field("current", 0).field("total", s.merge_total);
  out.field("total_time_in_millis", s.merge_time_ms).field("total_docs", s.merge_docs);
  out.field("total_size_in_bytes", s.merge_bytes).end_object();
  out.key("refresh")
      .begin_object()
      .field("total", s.refresh_total)
      .field("total_time_in_millis", s.refresh_time_ms);
  out.end_object().key("flush").begin_object().field("total", s.flush_total);
  out.field("total_time_in_millis", s.flush_time_ms).end_object();
  out.key("segments")
      .begin_object()
      .field("count", s.segment_count)
      .field("memory_in_bytes", s.memory_bytes)
      .end_object();
  out.key("translog")
      .begin_object()
      .field("operations", s.translog_ops)
      .field("size_in_bytes", s.translog_bytes);
  out.field("uncommitted_operations", s.translog_ops)
      .field("uncommitted_size_in_bytes", s.translog_bytes)
      .end_object();
}

void add_up(index::IndexStats& sum, const index::IndexStats& s) {
  for (const auto member :
       {&index::IndexStats::docs_count,       &index::IndexStats::docs_deleted,
        &index::IndexStats::store_bytes,      &index::IndexStats::segment_count,
        &index::IndexStats::memory_bytes,     &index::IndexStats::index_total,
        &index::IndexStats::index_time_ms,    &index::IndexStats::index_failed,
        &index::IndexStats::delete_total,     &index::IndexStats::noop_update_total,
        &index::IndexStats::get_total,        &index::IndexStats::get_time_ms,
        &index::IndexStats::get_exists_total, &index::IndexStats::get_missing_total,
        &index::IndexStats::refresh_total,    &index::IndexStats::refresh_time_ms,
        &index::IndexStats::flush_total,      &index::IndexStats::flush_time_ms,
        &index::IndexStats::merge_total,      &index::IndexStats::merge_docs,
        &index::IndexStats::merge_bytes,      &index::IndexStats::merge_time_ms,
        &index::IndexStats::search_total,     &index::IndexStats::search_time_ms,
        &index::IndexStats::fetch_total,      &index::IndexStats::fetch_time_ms,
        &index::IndexStats::translog_ops,     &index::IndexStats::translog_bytes}) {
    sum.*member += s.*member;
  }
}

// "a,b" of a path: each must be one that Elasticsearch has.
Result<std::vector<std::string>> read_metrics(const Request& request,
                                              std::span<const std::string_view> known,
                                              std::string_view what) {
  std::vector<std::string> metrics = split_list(request.path_param("metric"));
  for (const std::string& metric : metrics) {
    if (metric == "_all" || std::find(known.begin(), known.end(), metric) != known.end()) continue;
    return Error(error_types::kIllegalArgument, "request [" + request.path +
                                                    "] contains unrecognized " + std::string(what) +
                                                    ": [" + metric + "]");
  }
  if (std::find(metrics.begin(), metrics.end(), "_all") != metrics.end()) metrics.clear();
  return metrics;
}

Result<std::string> read_level(const Request& request, std::string_view first,
                               std::string_view second, const std::string& fallback) {
  std::string level = request.params.get("level", fallback);
  if (level == first || level == second || level == "shards") return level;
  return Error(error_types::kIllegalArgument,
               "level parameter must be one of [" + std::string(first) + "] or [" +
                   std::string(second) + "] or [shards] but was [" + level + "]");
}

constexpr std::string_view kIndexMetrics[] = {
    "bulk",        "completion",  "docs",     "fielddata", "flush",         "get",    "indexing",
    "merge",       "query_cache", "recovery", "refresh",   "request_cache", "search", "segments",
    "shard_stats", "store",       "suggest",  "translog",  "warmer"};
constexpr std::string_view kNodeMetrics[] = {"adaptive_selection",
                                             "breaker",
                                             "discovery",
                                             "fs",
                                             "http",
                                             "indexing_pressure",
                                             "indices",
                                             "ingest",
                                             "jvm",
                                             "os",
                                             "process",
                                             "script",
                                             "script_cache",
                                             "thread_pool",
                                             "transport"};

Result<Response> stats(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const std::vector<std::string> wanted,
                   read_metrics(request, kIndexMetrics, "metric"));
  ASSIGN_OR_RETURN(const std::string level, read_level(request, "cluster", "indices", "indices"));
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  std::string per_index;
  json::Writer each(per_index);
  each.begin_object();
  index::IndexStats all;
  uint64_t total = 0, successful = 0;
  for (const index::ResolvedIndex& resolved : indices) {
    ASSIGN_OR_RETURN(const index::IndexStats one, context.engine.stats(resolved.index->name));
    add_up(all, one);
    total +=
        uint64_t{resolved.index->number_of_shards()} * (1 + resolved.index->number_of_replicas());
    successful += resolved.index->number_of_shards();
    each.key(resolved.index->name).begin_object().field("uuid", resolved.index->uuid);
    for (const char* part : {"primaries", "total"}) {
      each.key(part).begin_object();
      append_stats(each, one);
      each.end_object();
    }
    each.end_object();
  }
  each.end_object();
  Response response;
  json::Writer out(response.body);
  out.begin_object()
      .key("_shards")
      .begin_object()
      .field("total", total)
      .field("successful", successful)
      .field("failed", 0);
  out.end_object().key("_all").begin_object();
  for (const char* part : {"primaries", "total"}) {
    out.key(part).begin_object();
    append_stats(out, all);
    out.end_object();
  }
  out.end_object();
  if (level != "cluster") out.key("indices").raw(per_index);
  out.end_object();
  // Metrics of the path: the others are left out.
  if (wanted.empty()) return with_readable(request, std::move(response));
  json::Value tree = *json::parse(response.body);
  const auto keep = [&](json::Value& holder) {
    for (const char* part : {"primaries", "total"}) {
      json::Value* figures = holder.find(part);
      if (figures == nullptr) continue;
      std::erase_if(figures->as_object(), [&](const json::Member& member) {
        const std::string name = member.key == "merges" ? "merge" : member.key;
        return std::find(wanted.begin(), wanted.end(), name) == wanted.end();
      });
    }
  };
  keep(*tree.find("_all"));
  if (json::Value* by_index = tree.find("indices")) {
    for (json::Member& member : by_index->as_object()) keep(member.value);
  }
  return with_readable(request, Response::json(json::to_string(tree)));
}

Result<Response> nodes_stats(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const std::vector<std::string> metrics,
                   read_metrics(request, kNodeMetrics, "metric"));
  RETURN_IF_ERROR(read_level(request, "indices", "node", "node"));
  const auto wants = [&](std::string_view part) {
    return metrics.empty() || std::find(metrics.begin(), metrics.end(), part) != metrics.end();
  };
  index::IndexStats all;
  for (const auto& [name, metadata] : context.engine.state()->indices) {
    if (metadata->state != index::IndexState::kOpen) continue;
    if (const auto one = context.engine.stats(name)) add_up(all, *one);
  }
  const index::Engine::NodeStats node = context.engine.node_stats();
  Response response;
  json::Writer out(response.body);
  append_nodes_header(out, context);
  out.field("timestamp", wall_clock_ms())
      .field("name", context.node.node_name)
      .field("host", context.node.publish_host);
  out.key("roles").begin_array().string("data").string("ingest").string("master").end_array();
  if (wants("indices")) {
    out.key("indices").begin_object();
    append_stats(out, all);
    out.end_object();
  }
  if (wants("jvm")) {
    out.key("jvm").begin_object().field("uptime_in_millis",
                                        wall_clock_ms() - context.node.start_time_ms);
    out.key("mem").begin_object().field("heap_used_in_bytes", node.memory_used_bytes);
    const uint64_t limit = std::max<uint64_t>(node.memory_limit_bytes, 1);
    out.field("heap_used_percent", node.memory_used_bytes * 100 / limit)
        .field("heap_max_in_bytes", node.memory_limit_bytes);
    out.end_object().end_object();
  }
  if (wants("fs")) {
    out.key("fs").begin_object().key("total").begin_object();
    out.field("total_in_bytes", node.disk_total_bytes)
        .field("free_in_bytes", node.disk_available_bytes)
        .field("available_in_bytes", node.disk_available_bytes);
    out.end_object().end_object();
  }
  out.end_object().end_object().end_object();
  return with_readable(request, std::move(response));
}

Result<Response> resolve_index(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.forbid_closed = false;
  defaults.ignore_unavailable = has_wildcard(request.path_param("name"));
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  Response response;
  json::Writer out(response.body);
  std::map<std::string, std::vector<std::string>> aliases;
  out.begin_object().key("indices").begin_array();
  const std::string& expression = request.path_param("name");
  const bool remote = expression.find(':') != std::string::npos;
  std::vector<index::ResolvedIndex> indices;
  if (!remote) {
    ASSIGN_OR_RETURN(indices, resolve(context, expression, options));
  }
  for (const index::ResolvedIndex& resolved : indices) {
    for (const auto& [alias, metadata] : resolved.index->aliases) {
      for (const std::string& pattern : split_list(expression)) {
        if (matches_pattern(pattern, alias)) aliases[alias].push_back(resolved.index->name);
      }
    }
    bool by_name = false;
    for (const std::string& pattern : split_list(expression))
      by_name = by_name || matches_pattern(pattern, resolved.index->name);
    if (!by_name) continue;
    out.begin_object().field("name", resolved.index->name);
    if (!resolved.index->aliases.empty()) {
      out.key("aliases").begin_array();
      for (const auto& [alias, metadata] : resolved.index->aliases) out.string(alias);
      out.end_array();
    }
    out.key("attributes").begin_array();
    out.string(resolved.index->state == index::IndexState::kOpen ? "open" : "closed");
    if (resolved.index->hidden()) out.string("hidden");
    out.end_array().end_object();
  }
  out.end_array().key("aliases").begin_array();
  for (const auto& [alias, names] : aliases) {
    out.begin_object().field("name", alias).key("indices").begin_array();
    for (const std::string& name : names) out.string(name);
    out.end_array().end_object();
  }
  out.end_array().key("data_streams").begin_array().end_array().end_object();
  return response;
}

}  // namespace

void add_cluster_routes(Router& router) {
  add_routes(
      router, {Method::kGet}, {"/_cluster/health", "/_cluster/health/{index}"}, health,
      with_indices_params({"level", "local", "master_timeout", "timeout", "wait_for_active_shards",
                           "wait_for_nodes", "wait_for_events", "wait_for_no_relocating_shards",
                           "wait_for_no_initializing_shards", "wait_for_status",
                           "return_200_for_cluster_health_timeout"}));
  add_routes(router, {Method::kGet}, {"/_cluster/settings"}, get_settings,
             {"flat_settings", "master_timeout", "timeout", "include_defaults", "local"});
  add_routes(router, {Method::kPut}, {"/_cluster/settings"}, put_settings,
             {"flat_settings", "master_timeout", "timeout"});
  add_routes(router, {Method::kGet},
             {"/_cluster/state", "/_cluster/state/{metric}", "/_cluster/state/{metric}/{index}"},
             cluster_state,
             with_indices_params({"local", "master_timeout", "flat_settings",
                                  "wait_for_metadata_version", "wait_for_timeout"}));
  add_routes(router, {Method::kGet}, {"/_nodes", "/_nodes/{node_id}", "/_nodes/{node_id}/{metric}"},
             nodes, {"flat_settings", "timeout"});
  add_routes(router, {Method::kGet},
             {"/_nodes/stats", "/_nodes/stats/{metric}", "/_nodes/{node_id}/stats",
              "/_nodes/{node_id}/stats/{metric}"},
             nodes_stats,
             {"timeout", "level", "types", "groups", "fields", "include_segment_file_sizes"});
  add_routes(router, {Method::kGet},
             {"/_stats", "/_stats/{metric}", "/{index}/_stats", "/{index}/_stats/{metric}"}, stats,
             with_indices_params({"completion_fields", "fielddata_fields", "fields", "groups",
                                  "level", "types", "include_segment_file_sizes",
                                  "include_unloaded_segments", "forbid_closed_indices"}));
  add_routes(router, {Method::kGet}, {"/_resolve/index/{name}"}, resolve_index,
             with_indices_params());
}

}  // namespace stratalog::api
