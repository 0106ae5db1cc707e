// Documents: admission, the index that each operation goes to, group commit.
#include <algorithm>

#include "base/clock.h"
#include "base/process_memory.h"
#include "base/units.h"
#include "index/auto_id.h"
#include "index/catalog/index_errors.h"
#include "index/catalog/wildcard.h"
#include "index/date/date_index_name.h"
#include "index/engine/engine_impl.h"
#include "index/resolve.h"

namespace stratalog::index {

namespace {

constexpr auto kRoomWait =
    std::chrono::milliseconds(500);      // what a client may wait for seals and merges before a 429
constexpr int kRunWaits = 20;            // times kRoomWait between the runs of one request
constexpr int64_t kLittleLiveShare = 8;  // of the live segments' limit
constexpr uint64_t kMemoryPercentMax = 85;
constexpr uint32_t kSegmentsRefusedFactor = 2;  // times NodeLimits::segments_slow: refused

Error not_alias(const std::string& name) {
  return Error(error_types::kIndexNotFound,
               "no such index [" + name + "] and [require_alias] request flag is [true] and [" +
                   name + "] is not an alias")
      .with("index_uuid", "_na_")
      .with("index", name);
}

// Where users' own tools keep their state: they are to work while logs are refused.
bool goes_on_a_full_disk(const WriteOp& op) {
  return op.type == OpType::kDelete || is_system_index(op.index);
}

Error flood_stage(const std::string& index) {
  return Error({"cluster_block_exception", 429},
               "index [" + index +
                   "] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage "
                   "watermark, index has read-only-allow-delete block];");
}

bool deduplicates(const IndexMetadata& index) {
  return index.setting("bulk.deduplicate_retries", "false") == "true";
}

bool is_alias(const CatalogState& state, const std::string& name) {
  return std::any_of(state.indices.begin(), state.indices.end(),
                     [&](const auto& entry) { return entry.second->aliases.contains(name); });
}

// index.translog.durability, in any case as Elasticsearch takes it.
bool is_async(const IndexMetadata& index) {
  const std::string durability = index.setting("translog.durability", "request");
  return durability == "async" || durability == "ASYNC" || durability == "Async";
}

Error routing_refused(std::string_view alias, std::string_view own, std::string_view given) {
  return Error(error_types::kIllegalArgument,
               "Alias [" + std::string(alias) + "] has index routing associated with it [" +
                   std::string(own) + "], and was provided with routing value [" +
                   std::string(given) + "], rejecting operation");
}

Error memory_full(int64_t used, uint64_t limit) {
  const auto text = [](int64_t bytes) {
    return std::to_string(bytes) + "/" + byte_size_text(bytes);
  };
  return Error(error_types::kCircuitBreaking,
               "[indexing] Data too large, data for [<live segments>] would be [" + text(used) +
                   "], which is larger than the limit of [" + text(static_cast<int64_t>(limit)) +
                   "]")
      .with_number("bytes_wanted", used)
      .with_number("bytes_limit", static_cast<long long>(limit))
      .with("durability", "TRANSIENT");
}

}  // namespace

// The operations of a request on one partition, in their order.
struct EngineImpl::Group {
  PartitionPtr partition;
  std::vector<Partition::Item> items;
};

void EngineImpl::wait_for_room(const std::function<bool()>& has_room) {
  std::unique_lock lock(progress_mutex_);
  progress_.wait_for(lock, kRoomWait, has_room);
}

// Before anything is applied: a request is taken whole or refused whole.
Status EngineImpl::admit(std::span<const WriteOp> ops) {
  if (health_.state() == Health::State::kDiskFull) {
    // Single operations are refused one by one.
    const bool any = std::any_of(ops.begin(), ops.end(), goes_on_a_full_disk);
    if (any && !translog_->resume()) return health_.status();
  } else {
    RETURN_IF_ERROR(health_.status());
  }
  if (!wait_for_live_room(1)) return memory_full(live_bytes.load(), limits_.live_bytes_max);
  return {};
}

// Whether live segments and the process are in their limits, after so many waits at most. Where
// sealing could free next to nothing the process's memory is not the writers' doing: they go on,
// slowly.
bool EngineImpl::wait_for_live_room(int waits) {
  const auto limit = static_cast<int64_t>(limits_.live_bytes_max);
  const auto has_room = [&] { return live_bytes.load() < limit && !short_of_memory(); };
  if (has_room() || background_ == nullptr) return true;
  for (const PartitionPtr& each : partitions()) {
    if (each->has_unsealed()) request_seal(*each, SealScope::kAll);
  }
  for (int i = 0; i < waits && !has_room(); ++i) {
    release_free_memory();
    wait_for_room(has_room);
  }
  return has_room() || live_bytes.load() < limit / kLittleLiveShare;
}

// The kernel's count: it holds what no budget of ours does, such as the allocator's slack and the
// directories of many segments.
bool EngineImpl::short_of_memory() const {
  return options_.whole_process &&
         process_resident_bytes() > options_.memory_limit_bytes / 100 * kMemoryPercentMax;
}

void EngineImpl::wait_for_memory() { wait_for_live_room(kRunWaits); }

// Answers what an earlier try of the request stored and takes it out of `groups`. `position` rises
// to where the log must be synced before that may be told.
void EngineImpl::answer_known(const RetryLedger::Request& request, std::vector<Group>& groups,
                              RefreshPolicy refresh, storage::Lsn& position) {
  uint64_t answered = 0;
  for (const auto& stored : request.stored()) {
    const PartitionPtr holder = partition(stored->partition);
    if (holder == nullptr) continue;  // dropped meanwhile: its documents are gone
    const std::string name = holder->metadata()->name;
    const auto answer = [&](const Partition::Item& item) {
      const RetryRun* run = stored->record.find(item.op->position);
      if (run == nullptr) return false;
      WriteResult& result = *item.result;
      result.index = name;
      result.seq_no = run->first_seq_no + (item.op->position - run->first_item);
      result.id = run->explicit_id ? item.op->id
                                   : encode_auto_id({stored->record.auto_id_prefix, result.seq_no});
      result.primary_term = stored->record.primary_term;
      result.version = run->version;
      result.kind = WriteResult::Kind::kCreated;
      ++answered;
      return true;
    };
    for (Group& group : groups) std::erase_if(group.items, answer);
    position = std::max(position, stored->lsn);
    if (refresh != RefreshPolicy::kNone) (void)holder->refresh();
  }
  retries_.note_answered(answered);
}

Status EngineImpl::check_auto_create(const std::string& name) const {
  const auto state = catalog_->state();
  constexpr const char* kSetting = "action.auto_create_index";
  const json::Value* value = state->transient_settings.find(kSetting);
  if (value == nullptr) value = state->persistent_settings.find(kSetting);
  const std::string text = value == nullptr ? "true" : value->to_text();
  const auto refuse = [&](const std::string& why) {
    Error error = index_not_found(name);
    error.reason = "no such index [" + name + "] and [action.auto_create_index] " + why;
    return error;
  };
  if (text == "true") return {};
  if (text == "false") return refuse("is [false]");
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    std::string_view pattern = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    const bool forbids = pattern.starts_with('-');
    const std::string whole(pattern);
    if (forbids || pattern.starts_with('+')) pattern.remove_prefix(1);
    if (!wildcard_match(pattern, name)) continue;
    if (!forbids) return {};
    return refuse("contains [" + whole + "] which forbids automatic creation of the index");
  }
  return refuse("([" + text + "]) doesn't match");
}

Result<EngineImpl::PartitionPtr> EngineImpl::create_on_demand(const WriteOp& op,
                                                              const std::string& name) {
  if (op.type == OpType::kDelete && op.version_type == VersionType::kInternal) {
    return index_not_found(name, "index_expression");
  }
  RETURN_IF_ERROR(check_auto_create(name));
  CreateIndexRequest request;
  request.name = name;
  auto created = create_index(request);
  if (created) return partition((*created)->partition);
  if (created.error().type == error_types::kResourceAlreadyExists) {
    // Another request was faster.
    ASSIGN_OR_RETURN(const auto target,
                     resolve_write_index(*catalog_->state(), name, wall_clock_ms()));
    if (target != nullptr) return partition(target->partition);
  }
  return created.error();
}

Result<EngineImpl::PartitionPtr> EngineImpl::write_target(const WriteOp& op) {
  const auto state = catalog_->state();
  const int64_t now_ms = wall_clock_ms();
  if (op.require_alias && !is_alias(*state, op.index)) return not_alias(op.index);
  ASSIGN_OR_RETURN(const auto target, resolve_write_index(*state, op.index, now_ms));
  PartitionPtr found = target == nullptr ? nullptr : partition(target->partition);
  if (found == nullptr) {
    ASSIGN_OR_RETURN(const std::string name, resolve_date_index_name(op.index, now_ms));
    ASSIGN_OR_RETURN(found, create_on_demand(op, name));
  }
  if (found == nullptr) return index_not_found(op.index, "index_expression");
  return found;
}

Result<std::vector<WriteResult>> EngineImpl::write(std::span<const WriteOp> ops,
                                                   const WriteOptions& options) {
  RETURN_IF_ERROR(admit(ops));
  const bool disk_full = health_.state() == Health::State::kDiskFull;
  std::vector<WriteResult> results(ops.size());
  // Requests name few indices: a list is faster than a map.
  struct Target {
    std::string_view name;
    bool require_alias;
    bool is_delete;
    std::optional<Error> error;
    size_t group = 0;
    std::string routing;  // of the alias
    std::optional<Error> check_routing(const WriteOp& op) const {
      if (routing.empty() || !op.routing || *op.routing == routing) return std::nullopt;
      return routing_refused(op.index, routing, *op.routing);
    }
  };
  std::vector<Target> targets;
  std::vector<Group> groups;
  std::vector<std::unique_ptr<WriteOp>> rerouted;
  for (size_t i = 0; i < ops.size(); ++i) {
    const WriteOp& op = ops[i];
    if (disk_full && !goes_on_a_full_disk(op)) {
      results[i].index = op.index;
      results[i].id = op.id;
      results[i].error = flood_stage(op.index);
      continue;
    }
    const bool is_delete = op.type == OpType::kDelete;
    auto target = std::find_if(targets.begin(), targets.end(), [&](const Target& t) {
      return t.name == op.index && t.require_alias == op.require_alias &&
             (t.is_delete == is_delete || !t.error);
    });
    if (target == targets.end()) {
      target = targets.insert(targets.end(),
                              Target{op.index, op.require_alias, is_delete, std::nullopt, 0, {}});
      auto found = write_target(op);
      if (!found) {
        target->error = found.error();
      } else {
        const auto group = std::find_if(groups.begin(), groups.end(),
                                        [&](const Group& g) { return g.partition == *found; });
        target->group = static_cast<size_t>(group - groups.begin());
        if (group == groups.end()) groups.push_back({*found, {}});
        const auto index = groups[target->group].partition->metadata();
        const auto alias = index->aliases.find(op.index);
        if (alias != index->aliases.end()) target->routing = alias->second.index_routing;
      }
    }
    if (target->error) {
      results[i].index = op.index;
      results[i].id = op.id;
      results[i].error = target->error;
      continue;
    }
    if (auto refused = target->check_routing(op)) {
      results[i].index = groups[target->group].partition->metadata()->name;
      results[i].id = op.id;
      results[i].error = std::move(refused);
      continue;
    }
    const WriteOp* effective = &op;
    if (!target->routing.empty() && !op.routing) {
      rerouted.push_back(std::make_unique<WriteOp>(op));
      rerouted.back()->routing = target->routing;
      effective = rerouted.back().get();
    }
    groups[target->group].items.push_back({effective, &results[i]});
  }

  for (const Group& group : groups) {
    const auto has_room = [&] { return group.partition->sealed_count() < limits_.segments_slow; };
    if (has_room() || background_ == nullptr) continue;
    request_merge(*group.partition);
    wait_for_room(has_room);
    if (group.partition->sealed_count() >= limits_.segments_slow * kSegmentsRefusedFactor) {
      return Error(error_types::kRejectedExecution,
                   "rejected execution of a write: index [" + group.partition->metadata()->name +
                       "] has too many segments that wait for merging");
    }
  }

  storage::Lsn position = 0;
  // Until the end: the same request, sent again meanwhile, waits for this one's outcome.
  std::optional<RetryLedger::Request> retry;
  const auto remembers = [](const Group& group) {
    return deduplicates(*group.partition->metadata());
  };
  if (options.retry_digest && std::any_of(groups.begin(), groups.end(), remembers)) {
    retry.emplace(retries_.begin(options.retry_digest(), wall_clock_ms()));
    answer_known(*retry, groups, options.refresh, position);
  }
  for (const Group& group : groups) {
    if (group.items.empty()) continue;
    const RetryDigest* digest = retry && remembers(group) ? &retry->digest() : nullptr;
    ASSIGN_OR_RETURN(const storage::Lsn lsn,
                     group.partition->write(group.items, options.want_source, digest));
    if (!is_async(*group.partition->metadata())) position = std::max(position, lsn);
  }
  if (position > 0) {
    if (Status synced = translog_->sync(position); !synced) {
      note_failure(synced.error());
      return health_.refusal();
    }
  }
  if (options.refresh != RefreshPolicy::kNone) {
    for (const Group& group : groups)
      RETURN_IF_ERROR(group.partition->refresh_written(group.items));
    for (WriteResult& result : results) {
      result.forced_refresh = options.refresh == RefreshPolicy::kTrue && !result.error;
    }
  }
  bound_log();
  return results;
}

Result<GetResult> EngineImpl::get(const GetOp& op) {
  const auto state = catalog_->state();
  if (const auto holders = state->indices_of_alias(op.index); holders.size() > 1) {
    std::string names;
    for (const std::string& name : holders) names += (names.empty() ? "" : ", ") + name;
    return Error(error_types::kIllegalArgument,
                 "alias [" + std::string(op.index) +
                     "] has more than one index associated with it [" + names +
                     "], can't execute a single index op");
  }
  ASSIGN_OR_RETURN(const auto target, resolve_write_index(*state, op.index, wall_clock_ms()));
  if (target == nullptr) return index_not_found(op.index, "index_expression");
  const PartitionPtr found = partition(target->partition);
  if (found == nullptr) return index_not_found(op.index, "index_expression");
  const auto alias = target->aliases.find(std::string(op.index));
  if (alias == target->aliases.end() || alias->second.index_routing.empty()) return found->get(op);
  GetOp routed = op;
  if (op.routing && *op.routing != alias->second.index_routing) {
    return routing_refused(op.index, alias->second.index_routing, *op.routing);
  }
  routed.routing = alias->second.index_routing;
  return found->get(routed);
}

Result<View> EngineImpl::view(const IndexMetadata& index) {
  const PartitionPtr found = partition(index.partition);
  if (found == nullptr) return index_not_found(index.name);
  ASSIGN_OR_RETURN(const auto current, found->view());
  return *current;
}

void EngineImpl::record_search(const IndexMetadata& index, uint64_t query_ns, uint64_t fetch_ns) {
  const PartitionPtr found = partition(index.partition);
  if (found == nullptr) return;
  Counters& counters = found->counters();
  ++counters.search_total;
  counters.search_ns += query_ns;
  if (fetch_ns > 0) {
    ++counters.fetch_total;
    counters.fetch_ns += fetch_ns;
  }
}

}  // namespace stratalog::index
