// _cat/indices, count, health, nodes, aliases, templates, master, shards.
#include <unistd.h>

#include <ctime>
#include <fstream>

#include "api/admin_common.h"
#include "api/cat_table.h"
#include "api/families.h"
#include "base/clock.h"
#include "query/search.h"

namespace stratalog::api {

namespace {

using index::IndicesOptions;

CatCell number(uint64_t value) { return static_cast<int64_t>(value); }

std::string clock_text(int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[16];
  const size_t length = std::strftime(text, sizeof(text), "%H:%M:%S", &utc);
  return std::string(text, length);
}
std::string date_text(int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  const size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  const std::string millis = std::to_string(1000 + ms % 1000);
  return std::string(text, length) + "." + millis.substr(1) + "Z";
}

Result<Response> indices(const Request& request, Context& context) {
  CatTable table(
      {{"health", {"h"}, "current health status"},
       {"status", {"s"}, "open/close status"},
       {"index", {"i", "idx"}, "index name"},
       {"uuid", {"id", "uuid"}, "index uuid"},
       {"pri", {"p", "shards.primary", "shardsPrimary"}, "number of primary shards", true, true},
       {"rep", {"r", "shards.replica", "shardsReplica"}, "number of replica shards", true, true},
       {"docs.count", {"dc", "docsCount"}, "available docs", true, true},
       {"docs.deleted", {"dd", "docsDeleted"}, "deleted docs", true, true},
       {"creation.date", {"cd"}, "index creation date (millisecond value)", false, true},
       {"creation.date.string", {"cds"}, "index creation date (as string)", false, true},
       {"store.size", {"ss", "storeSize"}, "store size of primaries & replicas", true, true},
       {"pri.store.size", {}, "store size of primaries", true, true},
       {"segments.count", {"sc", "segmentsCount"}, "number of segments", false, true},
       {"indexing.index_total",
        {"iito", "indexingIndexTotal"},
        "number of indexing ops",
        false,
        true},
       {"search.query_total", {"sqto", "searchQueryTotal"}, "total query phase ops", false, true}});
  IndicesOptions defaults;
  defaults.expand_closed = true;
  defaults.expand_hidden = true;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const auto all, resolve_path(request, context, options));
  const std::string health = request.params.get("health");
  for (const index::ResolvedIndex& resolved : all) {
    const index::IndexMetadata& index = *resolved.index;
    const bool open = index.state == index::IndexState::kOpen;
    if (!health.empty() && health != "green") continue;
    std::vector<CatCell> row{std::string("green"),
                             std::string(open ? "open" : "close"),
                             index.name,
                             index.uuid,
                             number(index.number_of_shards()),
                             number(index.number_of_replicas())};
    index::IndexStats stats;
    if (open) {
      ASSIGN_OR_RETURN(stats, context.engine.stats(index.name));
    }
    const auto if_open = [&](CatCell cell) { return open ? std::move(cell) : CatCell(); };
    row.push_back(if_open(number(stats.docs_count)));
    row.push_back(if_open(number(stats.docs_deleted)));
    row.push_back(index.creation_date_ms);
    row.push_back(date_text(index.creation_date_ms));
    row.push_back(if_open(CatBytes{stats.store_bytes}));
    row.push_back(if_open(CatBytes{stats.store_bytes}));
    row.push_back(if_open(number(stats.segment_count)));
    row.push_back(if_open(number(stats.index_total)));
    row.push_back(if_open(number(stats.search_total)));
    table.add(std::move(row));
  }
  return table.answer(request);
}

Result<Response> count(const Request& request, Context& context) {
  CatTable table({{"epoch", {"t", "time"}, "seconds since 1970-01-01 00:00:00"},
                  {"timestamp", {"ts", "hms"}, "time in HH:MM:SS"},
                  {"count", {"dc", "docs.count", "docsCount"}, "the document count"}});
  ASSIGN_OR_RETURN(const auto all, resolve_path(request, context, {}));
  uint64_t documents = 0;
  for (const index::ResolvedIndex& resolved : all) {
    const index::AccessRules* access = resolved.index->access.get();
    if (access != nullptr && access->rows_hidden()) {
      query::SearchOptions options;
      options.memory = context.search_memory;
      ASSIGN_OR_RETURN(const query::CountResponse found,
                       query::count(context.engine, std::span(&resolved, 1), {}, options));
      documents += found.count;
      continue;
    }
    ASSIGN_OR_RETURN(const index::View view, context.engine.view(*resolved.index));
    documents += view.live_count();
  }
  const int64_t now = wall_clock_ms();
  table.add({now / 1000, clock_text(now), number(documents)});
  return table.answer(request);
}

Result<Response> health(const Request& request, Context& context) {
  CatTable table(
      {{"epoch", {"t", "time"}, "seconds since 1970-01-01 00:00:00"},
       {"timestamp", {"ts", "hms"}, "time in HH:MM:SS"},
       {"cluster", {"cl"}, "cluster name"},
       {"status", {"st"}, "health status"},
       {"node.total", {"nt", "nodeTotal"}, "total number of nodes", true, true},
       {"node.data", {"nd", "nodeData"}, "number of nodes that can store data", true, true},
       {"shards", {"t", "sh", "shards.total"}, "total number of shards", true, true},
       {"pri", {"p", "shards.primary"}, "number of primary shards", true, true},
       {"relo", {"r", "shards.relocating"}, "number of relocating nodes", true, true},
       {"init", {"i", "shards.initializing"}, "number of initializing nodes", true, true},
       {"unassign", {"u", "shards.unassigned"}, "number of unassigned shards", true, true},
       {"pending_tasks", {"pt", "pendingTasks"}, "number of pending tasks", true, true},
       {"max_task_wait_time", {"mtwt"}, "wait time of longest task pending", true, true},
       {"active_shards_percent", {"asp"}, "active number of shards in percent", true, true}});
  uint64_t shards = 0;
  for (const auto& [name, index] : context.engine.state()->indices) {
    if (index->state == index::IndexState::kOpen) shards += index->number_of_shards();
  }
  const int64_t now = wall_clock_ms();
  table.add({now / 1000, clock_text(now), context.node.cluster_name, std::string("green"),
             number(1), number(1), number(shards), number(shards), number(0), number(0), number(0),
             number(0), std::string("-"), std::string("100.0%")});
  return table.answer(request);
}

// Percentages and loads of the machine, read when asked.
struct Machine {
  int64_t ram_percent = 0;
  std::string loads[3];
};
Machine read_machine() {
  Machine machine;
  std::ifstream memory("/proc/meminfo");
  std::string key, unit;
  int64_t value = 0, total = 0, available = 0;
  while (memory >> key >> value >> unit) {
    if (key == "MemTotal:") total = value;
    if (key == "MemAvailable:") available = value;
    if (total != 0 && available != 0) break;
  }
  if (total > 0) machine.ram_percent = (total - available) * 100 / total;
  std::ifstream loads("/proc/loadavg");
  for (std::string& load : machine.loads) loads >> load;
  return machine;
}

Result<Response> nodes(const Request& request, Context& context) {
  CatTable table({{"id", {"id", "nodeId"}, "unique node id", false},
                  {"ip", {"i"}, "ip address"},
                  {"heap.percent",
                   {"hp", "heapPercent"},
                   "used memory of memory.limit in percent",
                   true,
                   true},
                  {"ram.percent", {"rp", "ramPercent"}, "used machine memory ratio", true, true},
                  {"cpu", {}, "recent cpu usage", true, true},
                  {"load_1m", {"l"}, "1m load avg", true, true},
                  {"load_5m", {"l"}, "5m load avg", true, true},
                  {"load_15m", {"l"}, "15m load avg", true, true},
                  {"node.role", {"r", "role", "nodeRole"}, "node roles"},
                  {"master", {"m"}, "*:current master"},
                  {"name", {"n"}, "node name"},
                  {"version", {"v"}, "es version", false},
                  {"http_address", {"http"}, "bound http address", false}});
  const index::Engine::NodeStats stats = context.engine.node_stats();
  const uint64_t limit = std::max<uint64_t>(stats.memory_limit_bytes, 1);
  const Machine machine = read_machine();
  table.add({context.node.node_id, context.node.publish_host,
             number(stats.memory_used_bytes * 100 / limit), machine.ram_percent, CatCell(),
             machine.loads[0], machine.loads[1], machine.loads[2], std::string("dim"),
             std::string("*"), context.node.node_name, std::string("7.17.3"),
             context.node.publish_host + ":" + std::to_string(context.node.http_port)});
  return table.answer(request);
}

Result<Response> aliases(const Request& request, Context& context) {
  CatTable table({{"alias", {"a"}, "alias name"},
                  {"index", {"i", "idx"}, "index alias points to"},
                  {"filter", {"f", "fi"}, "filter"},
                  {"routing.index", {"ri", "routingIndex"}, "index routing"},
                  {"routing.search", {"rs", "routingSearch"}, "search routing"},
                  {"is_write_index", {"w", "isWriteIndex"}, "write index"}});
  const std::string& pattern = request.path_param("name");
  const auto or_dash = [](const std::string& text) {
    return text.empty() ? std::string("-") : text;
  };
  for (const auto& [name, index] : context.engine.state()->indices) {
    for (const auto& [alias, metadata] : index->aliases) {
      if (!pattern.empty() && !matches_pattern(pattern, alias)) continue;
      table.add({alias, name, std::string(metadata.filter.is_null() ? "-" : "*"),
                 or_dash(metadata.index_routing), or_dash(metadata.search_routing),
                 std::string(!metadata.is_write_index   ? "-"
                             : *metadata.is_write_index ? "true"
                                                        : "false")});
    }
  }
  return table.answer(request);
}

Result<Response> templates(const Request& request, Context& context) {
  CatTable table({{"name", {"n"}, "template name"},
                  {"index_patterns", {"t"}, "template index patterns"},
                  {"order", {"o", "p"}, "template application order/priority number"},
                  {"version", {"v"}, "version"},
                  {"composed_of", {"c"}, "component templates comprising index template"}});
  const auto state = context.engine.state();
  const std::string& pattern = request.path_param("name");
  const auto list = [](const json::Value* value) {
    std::string joined;
    if (value != nullptr && value->is_array()) {
      for (const json::Value& element : value->as_array())
        joined += (joined.empty() ? "" : ", ") + element.to_text();
    }
    return "[" + joined + "]";
  };
  const auto text = [](const json::Value* value) {
    return value == nullptr ? std::string() : value->to_text();
  };
  for (const auto& [name, body] : state->legacy_templates) {
    if (!pattern.empty() && !matches_pattern(pattern, name)) continue;
    table.add({name, list(body.find("index_patterns")), text(body.find("order")),
               text(body.find("version")), std::string()});
  }
  for (const auto& [name, body] : state->index_templates) {
    if (!pattern.empty() && !matches_pattern(pattern, name)) continue;
    table.add({name, list(body.find("index_patterns")), text(body.find("priority")),
               text(body.find("version")), list(body.find("composed_of"))});
  }
  return table.answer(request);
}

Result<Response> master(const Request& request, Context& context) {
  CatTable table({{"id", {}, "node id"},
                  {"host", {"h"}, "host name"},
                  {"ip", {}, "ip address"},
                  {"node", {"n"}, "node name"}});
  table.add({context.node.node_id, context.node.publish_host, context.node.publish_host,
             context.node.node_name});
  return table.answer(request);
}

Result<Response> shards(const Request& request, Context& context) {
  CatTable table({{"index", {"i", "idx"}, "index name"},
                  {"shard", {"s", "sh"}, "shard name"},
                  {"prirep", {"p", "pr", "primaryOrReplica"}, "primary or replica"},
                  {"state", {"st"}, "shard state"},
                  {"docs", {"d", "dc"}, "number of docs in shard", true, true},
                  {"store", {"sto"}, "store size of shard (how much disk it uses)", true, true},
                  {"ip", {}, "ip of node where it lives"},
                  {"node", {"n"}, "name of node where it lives"}});
  ASSIGN_OR_RETURN(const auto all, resolve_path(request, context, {}));
  for (const index::ResolvedIndex& resolved : all) {
    ASSIGN_OR_RETURN(const index::IndexStats stats, context.engine.stats(resolved.index->name));
    table.add({resolved.index->name, number(0), std::string("p"), std::string("STARTED"),
               number(stats.docs_count), CatBytes{stats.store_bytes}, context.node.publish_host,
               context.node.node_name});
  }
  return table.answer(request);
}

Result<Response> list(const Request&, Context&) {
  std::string text = "=^.^=\n";
  for (const char* path :
       {"/_cat/aliases", "/_cat/aliases/{alias}", "/_cat/count", "/_cat/count/{index}",
        "/_cat/health", "/_cat/indices", "/_cat/indices/{index}", "/_cat/master", "/_cat/nodes",
        "/_cat/shards", "/_cat/shards/{index}", "/_cat/templates"}) {
    text.append(path).append("\n");
  }
  return Response::text(text);
}

}  // namespace

void add_cat_routes(Router& router) {
  add_routes(router, {Method::kGet}, {"/_cat"}, list, CatTable::params());
  add_routes(router, {Method::kGet}, {"/_cat/indices", "/_cat/indices/{index}"}, indices,
             with_indices_params(CatTable::params({"health", "pri", "include_unloaded_segments"})));
  add_routes(router, {Method::kGet}, {"/_cat/count", "/_cat/count/{index}"}, count,
             CatTable::params());
  add_routes(router, {Method::kGet}, {"/_cat/health"}, health, CatTable::params());
  add_routes(router, {Method::kGet}, {"/_cat/nodes"}, nodes,
             CatTable::params({"full_id", "include_unloaded_segments"}));
  add_routes(router, {Method::kGet}, {"/_cat/aliases", "/_cat/aliases/{name}"}, aliases,
             with_indices_params(CatTable::params()));
  add_routes(router, {Method::kGet}, {"/_cat/templates", "/_cat/templates/{name}"}, templates,
             CatTable::params());
  add_routes(router, {Method::kGet}, {"/_cat/master"}, master, CatTable::params());
  add_routes(router, {Method::kGet}, {"/_cat/shards", "/_cat/shards/{index}"}, shards,
             CatTable::params());
}

}  // namespace stratalog::api
