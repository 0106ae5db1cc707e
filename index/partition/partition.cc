#include "index/partition/partition.h"

#include <algorithm>

#include "base/clock.h"
#include "index/auto_id.h"
#include "index/catalog/index_errors.h"
#include "index/catalog/records.h"
#include "index/fault.h"

namespace stratalog::index {

namespace {

std::string base36(uint64_t number) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36]);
    number /= 36;
  } while (number > 0);
  return digits;
}

DocMeta meta_of(RowId row, const RowData& data) {
  return {row, data.seq_no, data.primary_term, data.version};
}

RowData row_data_of(const SegmentReader& segment, RowId row) {
  std::vector<RowData> data;
  segment.row_data(std::span(&row, 1), data);
  return std::move(data.front());
}

void fill(GetResult& result, RowData data) {
  result.found = true;
  result.seq_no = data.seq_no;
  result.primary_term = data.primary_term;
  result.version = data.version;
  result.routing = std::move(data.routing);
}

}  // namespace

Partition::Partition(Host& host, const std::shared_ptr<const IndexMetadata>& metadata,
                     PartitionRecord record,
                     std::map<std::string, std::vector<Delete>> deletes_by_segment, Origin origin)
    : host_(host),
      id_(metadata->partition),
      shards_(*metadata),
      metadata_(metadata),
      record_(std::move(record)) {
  for (const SegmentEntry& entry : record_.segments) {
    SealedSlot& slot = sealed_.emplace_back();
    slot.segment = std::make_shared<const LazySegment>(host.store(), entry);
    const auto deletes = deletes_by_segment.find(entry.uid.hex());
    if (deletes != deletes_by_segment.end()) slot.deletes = std::move(deletes->second);
    slot.durable_deletes = slot.deletes.size();
  }
  next_seq_no_ = record_.committed_seq_no + 1;
  next_segment_ = record_.next_segment;
  primary_term_ = record_.primary_term;
  known_prefixes_ = record_.auto_id_prefixes;
  if (origin == Origin::kCreated) {
    auto_id_prefix_ = record_.auto_id_prefixes.back();
    writable_ = true;
    view_.set(std::make_shared<const View>());  // nothing is seen before the first refresh
  }
}

Partition::~Partition() {
  if (live_ != nullptr) discount(*live_);
  for (const auto& slot : frozen_) discount(*slot);
}

std::string Partition::new_segment_name_locked() { return "_" + base36(next_segment_++); }

SeqNo Partition::committed_seq_no() const {
  const std::lock_guard commit(commit_mutex_);
  return record_.committed_seq_no;
}

std::optional<Partition::Found> Partition::locate(std::string_view id, uint32_t shard,
                                                  std::string_view key) {
  const auto in_live = [&](LiveSlot& slot) -> std::optional<Found> {
    const auto at = slot.ids.find(key);
    if (at == slot.ids.end()) return std::nullopt;
    Found found{at->second, &slot, nullptr, std::nullopt};
    const auto routing = slot.routing.find(at->second.row);
    if (routing != slot.routing.end()) found.routing = routing->second;
    return found;
  };
  if (live_ != nullptr) {
    if (auto found = in_live(*live_)) return found;
  }
  for (auto slot = frozen_.rbegin(); slot != frozen_.rend(); ++slot) {
    if (auto found = in_live(**slot)) return found;
  }
  if (find_tombstone(key) != nullptr) return std::nullopt;
  for (auto slot = sealed_.rbegin(); slot != sealed_.rend(); ++slot) {
    for (const RowId row : slot->segment->rows_of_explicit_id(id)) {
      slot->resolve();
      if (slot->deleted.contains(row)) continue;
      RowData data = row_data_of(*slot->segment, row);
      if (shards_.of(id, data.routing) != shard) continue;
      return Found{meta_of(row, data), nullptr, &*slot, std::move(data.routing)};
    }
  }

  const auto decoded = decode_auto_id(id);
  if (!decoded || std::find(known_prefixes_.begin(), known_prefixes_.end(), decoded->prefix) ==
                      known_prefixes_.end()) {
    return std::nullopt;
  }
  const auto auto_in_live = [&](LiveSlot& slot) -> std::optional<Found> {
    const auto meta = slot.find_auto(decoded->prefix, decoded->seq_no);
    if (!meta || slot.deleted.contains(meta->row)) return std::nullopt;
    Found found{*meta, &slot, nullptr, std::nullopt};
    const auto routing = slot.routing.find(meta->row);
    if (routing != slot.routing.end()) found.routing = routing->second;
    if (shards_.of(id, found.routing) != shard) return std::nullopt;
    return found;
  };
  if (live_ != nullptr) {
    if (auto found = auto_in_live(*live_)) return found;
  }
  for (const auto& slot : frozen_) {
    if (auto found = auto_in_live(*slot)) return found;
  }
  for (SealedSlot& slot : sealed_) {
    if (decoded->seq_no < slot.segment->min_seq_no() ||
        decoded->seq_no > slot.segment->max_seq_no())
      continue;
    const auto row = slot.segment->find_seq_no(decoded->seq_no);
    if (!row) continue;
    slot.resolve();
    if (slot.deleted.contains(*row)) continue;
    RowData data = row_data_of(*slot.segment, *row);
    if (data.id != id || shards_.of(id, data.routing) != shard) continue;
    return Found{meta_of(*row, data), nullptr, &slot, std::move(data.routing)};
  }
  return std::nullopt;
}

const Partition::Tombstone* Partition::find_tombstone(std::string_view key) const {
  const auto at = tombstones_.find(key);
  return at == tombstones_.end() ? nullptr : &at->second;
}

// The document as of a view: `result` stays as it is when there is none.
void Partition::take_from_view(const View& view, const GetOp& op, GetResult& result) const {
  const auto decoded = decode_auto_id(op.id);
  const uint32_t shard = shards_.of(op.id, op.routing);
  for (auto segment = view.segments.rbegin(); segment != view.segments.rend(); ++segment) {
    const SegmentReader& reader = *segment->segment;
    std::vector<RowId> rows = reader.rows_of_explicit_id(op.id);
    if (decoded && reader.row_count() > 0 && decoded->seq_no >= reader.min_seq_no() &&
        decoded->seq_no <= reader.max_seq_no()) {
      if (const auto row = reader.find_seq_no(decoded->seq_no)) rows.push_back(*row);
    }
    for (const RowId row : rows) {
      if (segment->deleted != nullptr && segment->deleted->get(row)) continue;
      RowData data = row_data_of(reader, row);
      if (data.id != op.id || shards_.of(op.id, data.routing) != shard) continue;
      fill(result, std::move(data));
      reader.sources(std::span(&row, 1),
                     [&](size_t, std::string_view source) { result.source = source; });
      return;
    }
  }
}

Result<GetResult> Partition::get(const GetOp& op) {
  const int64_t begin_ns = steady_clock_ns();
  GetResult result;
  const auto index = metadata();
  const Mapping& mapping = *index->mapping;
  result.index = index->name;
  result.id = op.id;
  const bool any_type = op.doc_type.empty() || op.doc_type == "_all";
  if (mapping.routing_required() && !op.routing) return routing_missing(*index, op.doc_type, op.id);
  result.type = any_type ? mapping.type() : std::string(op.doc_type);
  if (!any_type && !mapping.has_type(op.doc_type)) {
    ++counters_.get_total;
    ++counters_.get_missing;
    return result;
  }
  try {
    if (op.realtime) {
      const uint32_t shard = shards_.of(op.id, op.routing);
      std::string key_buffer;
      const std::string_view key = shards_.key(op.id, shard, key_buffer);
      std::shared_ptr<LiveSegment> live;
      std::shared_ptr<const LazySegment> sealed;
      RowId row = 0;
      {
        const std::lock_guard guard(mutex_);
        if (auto found = locate(op.id, shard, key)) {
          row = found->meta.row;
          if (found->live != nullptr) live = found->live->segment;
          if (found->sealed != nullptr) sealed = found->sealed->segment;
          result.found = true;
          result.seq_no = found->meta.seq_no;
          result.primary_term = found->meta.primary_term;
          result.version = found->meta.version;
          result.routing = std::move(found->routing);
        }
      }
      if (live != nullptr) {
        std::string buffer;
        result.source = live->source(row, buffer);
      } else if (sealed != nullptr) {
        sealed->sources(std::span(&row, 1),
                        [&](size_t, std::string_view source) { result.source = source; });
      }
    } else {
      ASSIGN_OR_RETURN(const auto current, view());
      take_from_view(*current, op, result);
    }
  } catch (const SegmentFault& fault) {
    return fault.error();
  }
  if (!mapping.source_enabled()) result.source.clear();
  ++counters_.get_total;
  ++(result.found ? counters_.get_exists : counters_.get_missing);
  counters_.get_ns += static_cast<uint64_t>(steady_clock_ns() - begin_ns);
  return result;
}

Result<std::shared_ptr<const View>> Partition::view() {
  if (auto current = view_.get()) return current;
  RETURN_IF_ERROR(refresh());
  return view_.get();
}

Status Partition::refresh_written(std::span<const Item> items) {
  if (shards_.single()) return refresh();
  std::set<uint32_t> shards;
  for (const Item& item : items) shards.insert(shards_.of(item.result->id, item.op->routing));
  return refresh_shards(&shards);
}

Status Partition::refresh_shards(const std::set<uint32_t>* shards) {
  const std::lock_guard one_at_a_time(refresh_mutex_);
  if (!changed_.load(std::memory_order_relaxed) && view_.get() != nullptr) {
    ++counters_.refresh_total;
    return {};
  }
  const int64_t begin_ns = steady_clock_ns();
  auto next = std::make_shared<View>();
  storage::Lsn position = 0;
  try {
    const std::lock_guard guard(mutex_);
    if (unlogged_ > 0) return host_.health().refusal();
    for (SealedSlot& slot : sealed_) {
      slot.resolve();
      next->segments.push_back(
          {slot.segment, slot.deleted.snapshot(slot.segment->row_count()), slot.deleted.count()});
    }
    for (const auto& slot : frozen_) {
      if (slot->reader == nullptr) slot->reader = slot->segment->reader(slot->segment->row_count());
      next->segments.push_back(
          {slot->reader, slot->deleted.snapshot(slot->reader->row_count()), slot->deleted.count()});
    }
    if (live_ != nullptr && live_->segment->row_count() > 0) {
      const uint32_t rows = live_->segment->row_count();
      next->segments.push_back(
          {live_->segment->reader(rows), live_->deleted.snapshot(rows), live_->deleted.count()});
    }
    next->max_seq_no = next_seq_no_ - 1;
    position = last_lsn_;
    if (shards != nullptr && pending_.complete()) {
      pending_.hold_back(*shards, *next);
    } else {
      pending_.clear();
    }
    changed_.store(!pending_.empty(), std::memory_order_relaxed);
  } catch (const SegmentFault& fault) {
    return fault.error();
  }
  // A view never shows what could be gone after a crash.
  if (Status synced = host_.translog().sync(position); !synced) {
    changed_.store(true, std::memory_order_relaxed);
    host_.note_failure(synced.error());
    return synced;
  }
  next->generation = ++view_generation_;
  view_.set(std::move(next));
  ++counters_.refresh_total;
  counters_.refresh_ns += static_cast<uint64_t>(steady_clock_ns() - begin_ns);
  return {};
}

bool Partition::has_unlogged() const {
  const std::lock_guard guard(mutex_);
  return unlogged_ > 0;
}

bool Partition::has_unsealed() const {
  const std::lock_guard guard(mutex_);
  return live_ != nullptr || !frozen_.empty();
}

uint32_t Partition::sealed_count() const {
  const std::lock_guard guard(mutex_);
  return static_cast<uint32_t>(sealed_.size());
}

bool Partition::seal_due() const {
  const std::lock_guard guard(mutex_);
  // A seal that failed is to be tried again; one that runs takes what is full by then.
  if (!frozen_.empty() && !frozen_.front()->sealing) return true;
  return is_full();
}

bool Partition::is_full() const {
  return live_ != nullptr &&
         (live_->counted_bytes >= static_cast<int64_t>(host_.limits().segment_live_bytes_max) ||
          live_->segment->row_count() >= host_.limits().segment_live_rows_max);
}

IndexStats Partition::stats() const {
  IndexStats stats;
  const auto ms = [](const std::atomic<uint64_t>& ns) { return ns.load() / 1'000'000; };
  stats.index_total = counters_.index_total;
  stats.index_time_ms = ms(counters_.index_ns);
  stats.index_failed = counters_.index_failed;
  stats.delete_total = counters_.delete_total;
  stats.noop_update_total = counters_.noop_update_total;
  stats.get_total = counters_.get_total;
  stats.get_time_ms = ms(counters_.get_ns);
  stats.get_exists_total = counters_.get_exists;
  stats.get_missing_total = counters_.get_missing;
  stats.refresh_total = counters_.refresh_total;
  stats.refresh_time_ms = ms(counters_.refresh_ns);
  stats.flush_total = counters_.flush_total;
  stats.flush_time_ms = ms(counters_.flush_ns);
  stats.merge_total = counters_.merge_total;
  stats.merge_docs = counters_.merge_docs;
  stats.merge_bytes = counters_.merge_bytes;
  stats.merge_time_ms = ms(counters_.merge_ns);
  stats.search_total = counters_.search_total;
  stats.search_time_ms = ms(counters_.search_ns);
  stats.fetch_total = counters_.fetch_total;
  stats.fetch_time_ms = ms(counters_.fetch_ns);

  const auto shown = view_.get();
  const std::lock_guard guard(mutex_);
  for (const SealedSlot& slot : sealed_) {
    stats.store_bytes += slot.segment->bytes();
    stats.memory_bytes += slot.segment->resident_bytes();
    stats.docs_count += slot.live_rows();
    stats.docs_deleted += slot.segment->row_count() - slot.live_rows();
  }
  stats.segment_count = sealed_.size();
  const auto add_live = [&](const LiveSlot& slot) {
    const uint32_t rows = slot.segment->row_count();
    stats.translog_ops += rows;
    // Rows that are in the log only: what they take until they are written.
    stats.store_bytes += static_cast<uint64_t>(slot.counted_bytes);
    stats.memory_bytes += static_cast<uint64_t>(slot.counted_bytes);
    stats.docs_count += rows - slot.deleted.count();
    stats.docs_deleted += slot.deleted.count();
    ++stats.segment_count;
  };
  for (const auto& slot : frozen_) add_live(*slot);
  if (live_ != nullptr) add_live(*live_);
  // As searches see it: what is not refreshed does not count.
  if (shown != nullptr) {
    stats.docs_count = shown->live_count();
    stats.docs_deleted = 0;
    stats.segment_count = shown->segments.size();
    for (const SegmentView& segment : shown->segments) stats.docs_deleted += segment.deleted_count;
  }
  stats.max_seq_no = next_seq_no_ - 1;
  return stats;
}

uint64_t Partition::resident_bytes() const {
  const std::lock_guard guard(mutex_);
  uint64_t bytes = 0;
  for (const SealedSlot& slot : sealed_) bytes += slot.segment->resident_bytes();
  return bytes;
}

std::vector<storage::SegmentUid> Partition::drop(storage::CatalogBatch& batch) {
  const std::lock_guard commit(commit_mutex_);
  dropped_ = true;
  const std::lock_guard guard(mutex_);
  closed_to_writes_ = true;
  batch.remove(records::partition_key(records::kSegmentsPrefix, id_));
  host_.retries().prepare_drop(id_, batch);
  std::vector<storage::SegmentUid> uids;
  for (const SealedSlot& slot : sealed_) {
    uids.push_back(slot.segment->entry().uid);
    if (!slot.deletes.empty()) batch.remove(deletes_key(id_, uids.back()));
  }
  return uids;
}

void Partition::undo_drop() {
  const std::lock_guard commit(commit_mutex_);
  dropped_ = false;
  const std::lock_guard guard(mutex_);
  closed_to_writes_ = false;
}

}  // namespace stratalog::index
