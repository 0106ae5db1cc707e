// Administration: indices, aliases, templates, settings. Each change holds the catalog's lock from
// reading the state to showing the new one.
#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "index/catalog/aliases.h"
#include "index/catalog/cluster_settings.h"
#include "index/catalog/index_errors.h"
#include "index/catalog/names.h"
#include "index/catalog/records.h"
#include "index/catalog/settings.h"
#include "index/catalog/templates.h"
#include "index/engine/engine_impl.h"
#include "index/resolve.h"

namespace stratalog::index {

namespace {

constexpr const char* kVersionCreated =
    "7170399";  // of Elasticsearch 7.17.3, which clients take us for
constexpr size_t kPartitionsMax = 10'000;

// Settings that the mapping is made with.
bool same_mapping_settings(const json::Value& a, const json::Value& b) {
  for (const char* part : {"analysis", "mapping", "max_ngram_diff", "max_shingle_diff"}) {
    const json::Value *x = a.find(part), *y = b.find(part);
    if ((x == nullptr) != (y == nullptr) || (x != nullptr && !(*x == *y))) return false;
  }
  return true;
}

Status check_routing_shards(const FlatSettings& settings) {
  const auto routing = settings.find("index.number_of_routing_shards");
  const auto shards = settings.find("index.number_of_shards");
  if (routing == settings.end() || shards == settings.end()) return {};
  const int64_t of = routing->second.to_int().value_or(1),
                count = shards->second.to_int().value_or(1);
  if (count > 0 && of % count == 0) return {};
  return Error(error_types::kIllegalArgument,
               "the number of source shards [" + std::to_string(count) + "] must be a factor of [" +
                   std::to_string(of) + "]");
}

Error block_error(const IndexMetadata& index, const char* block) {
  return Error(error_types::kClusterBlock,
               "index [" + index.name + "] blocked by: [" + block + "];");
}

// Blocks of metadata changes (not of those that lift the block).
Status check_metadata_block(const IndexMetadata& index) {
  if (index.settings.find("blocks") == nullptr) return {};
  if (index.setting("blocks.read_only", "false") == "true") {
    return block_error(index, "FORBIDDEN/5/index read-only (api)");
  }
  if (index.setting("blocks.metadata", "false") == "true")
    return block_error(index, "FORBIDDEN/9/index metadata (api)");
  return {};
}

}  // namespace

Result<std::shared_ptr<IndexMetadata>> EngineImpl::new_index(const CatalogState& state,
                                                             const CreateIndexRequest& request) {
  RETURN_IF_ERROR(validate_index_name(request.name));
  if (const IndexMetadata* old = state.find(request.name)) return index_already_exists(*old);
  if (!state.indices_of_alias(request.name).empty()) {
    return invalid_index_name(request.name, "already exists as alias");
  }
  if (state.indices.size() >= kPartitionsMax) {
    const std::string count = std::to_string(state.indices.size());
    return Error({"validation_exception", 400},
                 "Validation Failed: 1: this action would add [1] total shards, but this cluster "
                 "currently has [" +
                     count + "]/[" + std::to_string(kPartitionsMax) +
                     "] maximum normal shards open;");
  }
  RETURN_IF_ERROR(validate_type_name(request.type));
  ASSIGN_OR_RETURN(IndexPlan plan, plan_index(state, request));
  RETURN_IF_ERROR(check_routing_shards(plan.settings));
  auto index = std::make_shared<IndexMetadata>();
  index->name = request.name;
  index->uuid = random_uuid();
  index->creation_date_ms = wall_clock_ms();
  index->aliases = std::move(plan.aliases);
  for (const auto& [alias, metadata] : index->aliases) {
    RETURN_IF_ERROR(validate_alias_name(alias));
    if (state.indices.contains(alias)) {
      return invalid_alias_name(alias,
                                "an index or data stream exists with the same name as the alias");
    }
  }
  FlatSettings settings = default_settings(request.name);
  overlay_settings(settings, plan.settings);
  settings["index.creation_date"] = std::to_string(index->creation_date_ms);
  settings["index.uuid"] = index->uuid;
  settings["index.version.created"] = kVersionCreated;
  settings["index.provided_name"] = request.name;
  index->settings = settings_tree(settings);
  ASSIGN_OR_RETURN(index->mapping, make_mapping(index->settings, plan.mappings, plan.type));
  return index;
}

Status EngineImpl::commit(CatalogState next, storage::CatalogBatch batch) {
  Status committed = catalog_->commit(std::move(next), std::move(batch));
  if (committed || store_->status()) return committed;
  note_failure(committed.error());
  return health_.refusal();
}

Result<std::shared_ptr<const IndexMetadata>> EngineImpl::create_index(
    const CreateIndexRequest& request) {
  if (!is_system_index(request.name)) RETURN_IF_ERROR(health_.status());
  const auto lock = catalog_->lock();
  const auto state = catalog_->state();
  ASSIGN_OR_RETURN(auto index, new_index(*state, request));
  index->partition = catalog_->new_partition();
  CatalogState next = *state;
  next.indices.emplace(index->name, index);
  RETURN_IF_ERROR(validate_all_aliases(next.indices));

  const PartitionRecord record = Partition::new_record();
  storage::CatalogBatch batch;
  batch.put(records::partition_key(records::kSegmentsPrefix, index->partition),
            encode_partition(record));
  const auto created = std::make_shared<Partition>(*this, index, record,
                                                   std::map<std::string, std::vector<Delete>>(),
                                                   Partition::Origin::kCreated);
  {
    // Before the state is shown: who sees the index finds its partition.
    const std::unique_lock guard(partitions_mutex_);
    partitions_.emplace(index->partition, created);
  }
  if (Status status = commit(std::move(next), std::move(batch)); !status) {
    const std::unique_lock guard(partitions_mutex_);
    partitions_.erase(index->partition);
    return status.error();
  }
  return std::shared_ptr<const IndexMetadata>(index);
}

// With the catalog's lock: commits `next`, in which indices of `before` are missing, and frees what
// they held. No data is read: a dropped index costs some removed files.
Status EngineImpl::drop_partitions(const CatalogState& before, CatalogState next) {
  storage::CatalogBatch batch;
  std::vector<std::pair<PartitionPtr, std::vector<storage::SegmentUid>>> dropped;
  for (const auto& [name, index] : before.indices) {
    const auto now = next.indices.find(name);
    if (now != next.indices.end() && now->second->partition == index->partition) continue;
    const PartitionPtr gone = partition(index->partition);
    dropped.emplace_back(gone, gone->drop(batch));
  }
  if (Status status = commit(std::move(next), std::move(batch)); !status) {
    for (auto& [gone, uids] : dropped) gone->undo_drop();
    return status;
  }
  for (auto& [gone, uids] : dropped) {
    if (background_ != nullptr) background_->forget(*gone);
    {
      const std::unique_lock guard(partitions_mutex_);
      partitions_.erase(gone->id());
    }
    translog_->drop(gone->id());
    retries_.forget(gone->id());
    for (const storage::SegmentUid& uid : uids) {
      // What stays is dropped at the next start: the catalog does not list it.
      if (Status status = store_->drop_segment(uid); !status)
        log::warn("engine", "a segment stays", {{"reason", status.error().reason}});
    }
  }
  return {};
}

Status EngineImpl::delete_index(std::string_view name) {
  RETURN_IF_ERROR(may_remove());
  const auto lock = catalog_->lock();
  const auto state = catalog_->state();
  const IndexMetadata* index = state->find(name);
  if (index == nullptr) return index_not_found(name);
  RETURN_IF_ERROR(check_metadata_block(*index));
  CatalogState next = *state;
  next.indices.erase(index->name);
  return drop_partitions(*state, std::move(next));
}

Status EngineImpl::change_index(std::string_view name,
                                const std::function<Status(IndexMetadata&)>& change) {
  const auto state = catalog_->state();
  const auto at = state->indices.find(name);
  if (at == state->indices.end()) return index_not_found(name);
  auto index = std::make_shared<IndexMetadata>(*at->second);
  RETURN_IF_ERROR(change(*index));
  ++index->version;
  CatalogState next = *state;
  next.indices[index->name] = index;
  RETURN_IF_ERROR(commit(std::move(next)));
  if (const PartitionPtr changed = partition(index->partition)) changed->set_metadata(index);
  return {};
}

// A change after which the mapping is made anew from its JSON.
Status EngineImpl::remake_mapping(std::string_view name,
                                  const std::function<Status(IndexMetadata&)>& change) {
  ASSIGN_OR_RETURN(const PartitionPtr changed, find_partition(name));
  const auto mapping_lock = changed->mapping_lock();
  const auto lock = catalog_->lock();
  const auto change_and_remake = [&](IndexMetadata& index) -> Status {
    const json::Value before = index.settings;
    RETURN_IF_ERROR(change(index));
    if (same_mapping_settings(before, index.settings)) return {};
    ASSIGN_OR_RETURN(index.mapping,
                     make_mapping(index.settings, index.mapping->to_json(), index.mapping->type()));
    return {};
  };
  return change_index(name, change_and_remake);
}

Status EngineImpl::close_index(std::string_view name) {
  RETURN_IF_ERROR(may_change());
  ASSIGN_OR_RETURN(const PartitionPtr closing, find_partition(name));
  {
    const auto lock = catalog_->lock();
    const auto to_closed = [](IndexMetadata& index) -> Status {
      RETURN_IF_ERROR(check_metadata_block(index));
      index.state = IndexState::kClosed;
      index.settings.set("verified_before_close", "true");
      ++index.settings_version;
      return {};
    };
    RETURN_IF_ERROR(change_index(name, to_closed));
  }
  return closing->seal();
}

Status EngineImpl::open_index(std::string_view name) {
  RETURN_IF_ERROR(may_change());
  const auto lock = catalog_->lock();
  return change_index(name, [](IndexMetadata& index) -> Status {
    index.state = IndexState::kOpen;
    if (index.settings.erase("verified_before_close")) ++index.settings_version;
    return {};
  });
}

Status EngineImpl::put_mapping(std::string_view name, const json::Value& mapping,
                               std::string_view type) {
  RETURN_IF_ERROR(may_change());
  ASSIGN_OR_RETURN(const PartitionPtr changed, find_partition(name));
  const auto mapping_lock = changed->mapping_lock();
  const auto lock = catalog_->lock();
  const auto state = catalog_->state();
  const IndexMetadata* index = state->find(name);
  if (index == nullptr) return index_not_found(name);
  RETURN_IF_ERROR(check_metadata_block(*index));
  auto current = index->mapping;
  if (current->type().empty()) {
    ASSIGN_OR_RETURN(current, current->with_type(type.empty() ? kDefaultType : type));
  } else if (!type.empty() && type != current->type() && !current->limits().accept_conflicts) {
    return Error(error_types::kIllegalArgument,
                 "Rejecting mapping update to [" + index->name +
                     "] as the final mapping would have more than 1 type: [" + current->type() +
                     ", " + std::string(type) + "]");
  }
  ASSIGN_OR_RETURN(auto merged, current->merge(mapping, false));
  if (merged == index->mapping) return {};
  return change_index(name, [&](IndexMetadata& next) -> Status {
    next.mapping = std::move(merged);
    ++next.mapping_version;
    return {};
  });
}

Status EngineImpl::commit_mapping(Partition& changed, std::shared_ptr<const Mapping> mapping) {
  const auto lock = catalog_->lock();
  const auto shown = catalog_->state()->find(changed.metadata()->name);
  if (shown == nullptr || shown->partition != changed.id())
    return index_not_found(changed.metadata()->name);
  return change_index(shown->name, [&](IndexMetadata& next) -> Status {
    next.mapping = std::move(mapping);
    ++next.mapping_version;
    return {};
  });
}

Status EngineImpl::put_settings(std::string_view name, const json::Value& settings,
                                bool preserve_existing) {
  RETURN_IF_ERROR(may_change());
  return remake_mapping(name, [&](IndexMetadata& index) -> Status {
    ASSIGN_OR_RETURN(index.settings, update_settings(index, settings, preserve_existing));
    ++index.settings_version;
    return {};
  });
}

Result<EngineImpl::PartitionPtr> EngineImpl::find_partition(std::string_view name) const {
  const auto state = catalog_->state();
  const IndexMetadata* index = state->find(name);
  if (index == nullptr) return index_not_found(name);
  PartitionPtr found = partition(index->partition);
  if (found == nullptr) return index_not_found(name);
  return found;
}

Status EngineImpl::refresh(std::string_view name) {
  ASSIGN_OR_RETURN(const PartitionPtr found, find_partition(name));
  return found->refresh();
}

Status EngineImpl::flush(std::string_view name) {
  ASSIGN_OR_RETURN(const PartitionPtr found, find_partition(name));
  return found->seal();
}

Status EngineImpl::force_merge(std::string_view name, uint32_t max_segments,
                               bool only_expunge_deletes) {
  ASSIGN_OR_RETURN(const PartitionPtr found, find_partition(name));
  return found->force_merge(max_segments, only_expunge_deletes);
}

Result<IndexStats> EngineImpl::stats(std::string_view name) {
  ASSIGN_OR_RETURN(const PartitionPtr found, find_partition(name));
  return found->stats();
}

Status EngineImpl::update_aliases(std::span<const AliasAction> actions) {
  RETURN_IF_ERROR(may_remove());
  const auto lock = catalog_->lock();
  const auto state = catalog_->state();
  CatalogState next = *state;
  ASSIGN_OR_RETURN(next.indices, apply_alias_actions(state->indices, actions));
  std::vector<std::shared_ptr<const IndexMetadata>> changed;
  for (const auto& [name, index] : next.indices) {
    if (state->indices.find(name)->second != index) changed.push_back(index);
  }
  if (changed.empty() && next.indices.size() == state->indices.size()) return {};
  RETURN_IF_ERROR(drop_partitions(*state, std::move(next)));
  for (const auto& index : changed) {
    if (const PartitionPtr shown = partition(index->partition)) shown->set_metadata(index);
  }
  return {};
}

namespace {
auto& templates_of(CatalogState& state, Engine::TemplateKind kind) {
  switch (kind) {
    case Engine::TemplateKind::kLegacy:
      return state.legacy_templates;
    case Engine::TemplateKind::kIndex:
      return state.index_templates;
    case Engine::TemplateKind::kComponent:
      break;
  }
  return state.component_templates;
}
}  // namespace

Status EngineImpl::put_template(TemplateKind kind, std::string_view name, const json::Value& body,
                                bool create) {
  RETURN_IF_ERROR(may_change());
  const auto lock = catalog_->lock();
  CatalogState next = *catalog_->state();
  ASSIGN_OR_RETURN(json::Value normalized, normalize_template(next, kind, name, body, create));
  templates_of(next, kind).insert_or_assign(std::string(name), std::move(normalized));
  return commit(std::move(next));
}

Status EngineImpl::delete_template(TemplateKind kind, std::string_view name) {
  RETURN_IF_ERROR(may_change());
  const auto lock = catalog_->lock();
  CatalogState next = *catalog_->state();
  RETURN_IF_ERROR(check_template_removal(next, kind, name));
  auto& templates = templates_of(next, kind);
  templates.erase(templates.find(name));
  return commit(std::move(next));
}

Result<json::Value> EngineImpl::simulate_index(std::string_view name) const {
  return simulate_index_templates(*catalog_->state(), name);
}

Status EngineImpl::put_cluster_settings(const json::Value& persistent,
                                        const json::Value& transient) {
  RETURN_IF_ERROR(may_change());
  const auto lock = catalog_->lock();
  CatalogState next = *catalog_->state();
  ASSIGN_OR_RETURN(next.persistent_settings,
                   update_cluster_settings(next.persistent_settings, persistent, "persistent"));
  ASSIGN_OR_RETURN(next.transient_settings,
                   update_cluster_settings(next.transient_settings, transient, "transient"));
  return commit(std::move(next));
}

Result<std::optional<std::string>> EngineImpl::get_record(std::string_view key) const {
  return store_->get(std::string(records::kRecordPrefix) + std::string(key));
}

Status EngineImpl::put_record(std::string_view key, std::string_view value) {
  const RecordChange change{std::string(key), std::string(value)};
  return change_records(std::span(&change, 1));
}

Status EngineImpl::scan_records(
    std::string_view prefix,
    const std::function<Status(std::string_view, std::string_view)>& visit) const {
  return store_->scan(std::string(records::kRecordPrefix) + std::string(prefix),
                      [&](std::string_view key, std::string_view value) {
                        return visit(key.substr(records::kRecordPrefix.size()), value);
                      });
}

Status EngineImpl::change_records(std::span<const RecordChange> changes) {
  storage::CatalogBatch batch;
  for (const RecordChange& change : changes) {
    const std::string key = std::string(records::kRecordPrefix) + change.key;
    change.value ? batch.put(key, *change.value) : batch.remove(key);
  }
  Status written = store_->write(batch);
  if (written || store_->status()) return written;
  note_failure(written.error());
  return health_.refusal();
}

Engine::NodeStats EngineImpl::node_stats() const {
  NodeStats stats;
  const storage::StoreStats stored = store_->stats();
  stats.memory_used_bytes =
      stored.cache_used_bytes + static_cast<uint64_t>(std::max<int64_t>(live_bytes.load(), 0));
  for (const PartitionPtr& each : partitions()) stats.memory_used_bytes += each->resident_bytes();
  stats.memory_limit_bytes = options_.memory_limit_bytes;
  stats.translog_bytes = translog_->bytes();
  stats.data_bytes = stored.segment_bytes + stats.translog_bytes;
  stats.cache_hits = stored.cache_hits;
  stats.cache_misses = stored.cache_misses;
  const RetryLedger::Stats retries = retries_.stats();
  stats.retried_requests_kept = retries.records;
  stats.retried_items_answered = retries.items_answered;
  if (const auto space = folder_->space()) {
    stats.disk_total_bytes = space->total_bytes;
    stats.disk_available_bytes = space->available_bytes;
  }
  return stats;
}

}  // namespace stratalog::index
