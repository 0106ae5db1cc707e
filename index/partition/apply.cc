// Partition: the part of a write that happens under the lock. Versions are checked, numbers given,
// rows added, and the frame appended to the log, for all operations of a run in one go.
#include <algorithm>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/units.h"
#include "index/auto_id.h"
#include "index/catalog/index_errors.h"
#include "index/fault.h"
#include "index/partition/prepared.h"
#include "storage/random.h"

namespace stratalog::index {

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kTombstoneCheckNs = 10 * kNsPerSecond;
constexpr int64_t kGcDeletesDefaultNs = 60 * kNsPerSecond;

uint64_t random_prefix() {
  uint64_t prefix = 0;
  while (prefix == 0) storage::fill_random(&prefix, sizeof(prefix));
  return prefix;
}

std::string required_text(const WriteOp& op) {
  return "required seqNo [" + std::to_string(op.if_seq_no.value_or(kNoSeqNo)) +
         "], primary term [" + std::to_string(op.if_primary_term.value_or(0)) + "]";
}

}  // namespace

PartitionRecord Partition::new_record() {
  PartitionRecord record;
  record.primary_term = 1;
  record.auto_id_prefixes.push_back(random_prefix());
  return record;
}

Error Partition::conflict(std::string_view id, uint32_t shard, const std::string& why) const {
  const auto index = metadata();
  return Error(error_types::kVersionConflict, "[" + std::string(id) + "]: version conflict, " + why)
      .with("index_uuid", index->uuid)
      .with("shard", std::to_string(shard))
      .with("index", index->name);
}

// The primary term rises and a prefix of automatic ids is drawn when a partition is first written
// to after it was opened, durably before any document carries them.
Status Partition::ensure_writable() {
  if (writable_.load(std::memory_order_acquire)) return {};
  const std::lock_guard commit(commit_mutex_);
  return ensure_writable_locked();
}

Status Partition::ensure_writable_locked() {
  if (writable_.load(std::memory_order_acquire)) return {};
  PartitionRecord next = record_;
  ++next.primary_term;
  next.auto_id_prefixes.push_back(random_prefix());
  RETURN_IF_ERROR(write_commit(next, {}, 0));
  const std::lock_guard guard(mutex_);
  record_ = std::move(next);
  primary_term_ = record_.primary_term;
  auto_id_prefix_ = record_.auto_id_prefixes.back();
  known_prefixes_ = record_.auto_id_prefixes;
  writable_.store(true, std::memory_order_release);
  return {};
}

// An id of a client that looks like one that we would give later: that prefix is not used any more.
Status Partition::guard_prefix(std::string_view id) {
  const auto decoded = decode_auto_id(id);
  if (!decoded) return {};
  const auto not_issued = [&] {
    const std::lock_guard guard(mutex_);
    return decoded->prefix == auto_id_prefix_ && decoded->seq_no >= next_seq_no_;
  };
  if (!not_issued()) return {};
  const std::lock_guard commit(commit_mutex_);
  PartitionRecord next = record_;
  next.auto_id_prefixes.push_back(random_prefix());
  RETURN_IF_ERROR(write_commit(next, {}, 0));
  const std::lock_guard guard(mutex_);
  record_ = std::move(next);
  auto_id_prefix_ = record_.auto_id_prefixes.back();
  known_prefixes_ = record_.auto_id_prefixes;
  return {};
}

// For rows parsed under `mapping`: a live segment knows fields by their ids.
LiveSlot& Partition::live_slot(const Mapping& mapping) {
  ENSURE(live_ == nullptr || live_->lineage == mapping.lineage());
  if (live_ == nullptr) {
    live_ = std::make_unique<LiveSlot>();
    live_->lineage = mapping.lineage();
    live_->segment = LiveSegment::create(new_segment_name_locked());
  }
  return *live_;
}

void Partition::account(LiveSlot& slot) {
  const auto bytes = static_cast<int64_t>(slot.segment->memory_bytes());
  host_.live_bytes += bytes - slot.counted_bytes;
  slot.counted_bytes = bytes;
}

// Before a live or frozen segment goes: what it held is free again.
void Partition::discount(const LiveSlot& slot) {
  host_.live_bytes -= slot.counted_bytes;
  host_.unsealed_rows -= slot.segment->row_count();
}

// The row of `found` is replaced or deleted by operation `killer`.
void Partition::kill(const Found& found, std::string_view key, SeqNo killer) {
  if (found.live != nullptr) {
    const auto at = found.live->ids.find(key);
    if (at != found.live->ids.end()) found.live->ids.erase(at);
    if (found.live->deleted.add(found.meta.row) && found.live->sealing) {
      found.live->deletes_since_seal_began.push_back({found.meta.seq_no, killer});
    }
  } else if (found.sealed->deleted.add(found.meta.row)) {  // locate() has resolved the earlier ones
    found.sealed->deletes.push_back({found.meta.seq_no, killer});
    found.sealed->resolved_deletes = found.sealed->deletes.size();
  }
}

void Partition::add_row(LiveSlot& slot, const Prepared& prepared, const ParsedDocument& document,
                        const FrameOp& op, std::string_view key) {
  RowMeta meta;
  meta.seq_no = op.seq_no;
  meta.primary_term = primary_term_;
  meta.version = op.version;
  const bool explicit_id = (op.flags & FrameOp::kExplicitId) != 0;
  if (explicit_id) meta.explicit_id = op.id;
  meta.auto_id_prefix = auto_id_prefix_;
  if (op.flags & FrameOp::kHasRouting) meta.routing = op.routing;
  const RowId row = slot.segment->append(prepared.mapping, document, meta, op.source);
  slot.note_row(row, op.seq_no, primary_term_, explicit_id ? 0 : auto_id_prefix_);
  if (explicit_id) slot.ids[std::string(key)] = {row, op.seq_no, primary_term_, op.version};
  if (meta.routing) slot.routing[row] = *meta.routing;
}

// False: the operation is refused, its result has the error. `out` is for the log.
Result<bool> Partition::apply_one(const Item& item, const Prepared& prepared, WriteScratch& scratch,
                                  FrameOp& out) {
  const WriteOp& op = *item.op;
  WriteResult& result = *item.result;
  const bool is_delete = op.type == OpType::kDelete;
  std::optional<Found> found;
  const Tombstone* tombstone = nullptr;
  const uint32_t shard = prepared.auto_id ? 0 : shards_.of(op.id, op.routing);
  std::string key_buffer;
  const std::string_view key = shards_.key(op.id, shard, key_buffer);
  const auto refuse = [&](const std::string& why) {
    result.error = conflict(op.id, shard, why);
    return false;
  };
  if (!prepared.auto_id) {
    // A row that is being deleted must be known before the delete: opening a segment may fail.
    try {
      found = locate(op.id, shard, key);
    } catch (const SegmentFault& fault) {
      result.error = fault.error();
      return false;
    }
    if (!found) tombstone = find_tombstone(key);
  }
  const int64_t current = found                  ? found->meta.version
                          : tombstone != nullptr ? tombstone->version
                                                 : 0;

  if (op.if_seq_no) {
    if (!found) return refuse(required_text(op) + ". but no document was found");
    if (found->meta.seq_no != *op.if_seq_no ||
        found->meta.primary_term != op.if_primary_term.value_or(0)) {
      return refuse(required_text(op) + ". current document has seqNo [" +
                    std::to_string(found->meta.seq_no) + "] and primary term [" +
                    std::to_string(found->meta.primary_term) + "]");
    }
  }
  if (op.type == OpType::kCreate && found) {
    return refuse("document already exists (current version [" + std::to_string(current) + "])");
  }
  int64_t version = current + 1;
  if (op.version_type != VersionType::kInternal && op.version) {
    version = *op.version;
    const bool known = found || tombstone != nullptr;
    if (op.version_type == VersionType::kExternal && known && current >= version) {
      return refuse("current version [" + std::to_string(current) +
                    "] is higher or equal to the one provided [" + std::to_string(version) + "]");
    }
    if (op.version_type == VersionType::kExternalGte && known && current > version) {
      return refuse("current version [" + std::to_string(current) +
                    "] is higher than the one provided [" + std::to_string(version) + "]");
    }
  }

  out.seq_no = next_seq_no_++;
  out.version = version;
  if (prepared.auto_id) {
    result.id = encode_auto_id({auto_id_prefix_, out.seq_no});
  } else {
    out.flags |= FrameOp::kExplicitId;
    out.id = op.id;
  }
  if (op.routing) {
    out.flags |= FrameOp::kHasRouting;
    out.routing = *op.routing;
  }
  if (found) kill(*found, key, out.seq_no);
  if (is_delete) {
    tombstones_[std::string(key)] = {out.seq_no, primary_term_, version, steady_clock_ns()};
  } else {
    if (tombstone != nullptr) tombstones_.erase(tombstones_.find(key));
    add_row(live_slot(*prepared.mapping), prepared, scratch.documents[prepared.document], out, key);
  }

  if (prepared.holds_back) {
    const auto added = is_delete ? std::optional<SeqNo>() : std::optional(out.seq_no);
    const auto removed = found ? std::optional(found->meta.seq_no) : std::optional<SeqNo>();
    if (added || removed) pending_.add(shards_.of(result.id, op.routing), added, removed);
  }

  result.seq_no = out.seq_no;
  result.primary_term = primary_term_;
  result.version = version;
  using Outcome = WriteResult::Kind;
  result.kind = is_delete ? (found ? Outcome::kDeleted : Outcome::kNotFound)
                          : (found ? Outcome::kUpdated : Outcome::kCreated);
  return true;
}

Result<storage::Lsn> Partition::apply(std::span<const Item> items, WriteScratch& scratch,
                                      std::vector<Prepared>& prepared, const RetryDigest* retry) {
  OpsFrame frame;
  frame.partition = id_;
  frame.primary_term = primary_term_;
  frame.auto_id_prefix = auto_id_prefix_;
  frame.first_seq_no = next_seq_no_;
  frame.ops.reserve(items.size());
  RetryRecord remembered;
  bool any = false;
  for (size_t i = 0; i < items.size(); ++i) {
    if (prepared[i].refused) continue;
    const WriteOp& op = *items[i].op;
    FrameOp out;
    if (op.type == OpType::kDelete) {
      out.flags |= FrameOp::kDelete;
    } else {
      out.source = op.source;
      out.source_bytes = static_cast<uint32_t>(op.source.size());
    }
    ASSIGN_OR_RETURN(const bool applied, apply_one(items[i], prepared[i], scratch, out));
    if (!applied) out.flags |= FrameOp::kSkipped;
    if (applied || !out.is_delete()) frame.ops.push_back(out);
    any |= applied;
    if (retry != nullptr && applied && (prepared[i].auto_id || op.type == OpType::kCreate))
      remembered.add(op.position, out.seq_no, out.version, !prepared[i].auto_id);
  }
  if (!any) return storage::Lsn{0};
  if (!remembered.empty()) {
    remembered.digest = *retry;
    remembered.time_ms = wall_clock_ms();
    remembered.primary_term = primary_term_;
    remembered.auto_id_prefix = auto_id_prefix_;
    scratch.retry.clear();
    encode_retry_record(remembered, scratch.retry);
    frame.retry = scratch.retry;
  }
  scratch.frame.clear();
  encode_frame(frame, scratch.packed, scratch.frame);
  auto lsn = host_.translog().append(scratch.frame, std::span(&id_, 1));
  if (!lsn) {
    host_.note_failure(lsn.error());
    ++unlogged_;
    return host_.health().refusal();
  }
  if (!remembered.empty()) host_.retries().add(id_, *lsn, std::move(remembered));
  last_lsn_ = *lsn;
  changed_.store(true, std::memory_order_relaxed);
  return *lsn;
}

void Partition::forget_old_tombstones(int64_t now_ns) {
  if (tombstones_.empty() || now_ns - tombstones_checked_ns_ < kTombstoneCheckNs) return;
  tombstones_checked_ns_ = now_ns;
  int64_t keep_ns = kGcDeletesDefaultNs;
  if (auto value = parse_time_value(metadata()->setting("gc_deletes", "60s"), "index.gc_deletes"))
    keep_ns = value->nanos();
  std::erase_if(tombstones_,
                [&](const auto& entry) { return now_ns - entry.second.time_ns > keep_ns; });
}

Result<storage::Lsn> Partition::write_run(std::span<const Item> items, const RetryDigest* retry) {
  const int64_t begin_ns = steady_clock_ns();
  auto scratch = host_.scratches().take();
  std::vector<Prepared> prepared;
  Result<storage::Lsn> lsn = storage::Lsn{0};
  while (true) {
    RETURN_IF_ERROR(prepare(items, *scratch, prepared));
    const std::lock_guard guard(mutex_);
    const uint64_t lineage = metadata()->mapping->lineage();
    const bool outdated = std::any_of(prepared.begin(), prepared.end(), [&](const Prepared& p) {
      return p.mapping != nullptr && p.mapping->lineage() != lineage;
    });
    if (outdated) continue;  // the mapping was made anew meanwhile
    if (live_ != nullptr && live_->lineage != lineage) freeze_locked();
    if (closed_to_writes_) {
      for (const Item& item : items) item.result->error = index_not_found(metadata()->name);
      break;
    }
    if (unlogged_ > 0) return host_.health().refusal();
    const int64_t rows_before = live_ == nullptr ? 0 : live_->segment->row_count();
    lsn = apply(items, *scratch, prepared, retry);
    if (live_ != nullptr) {
      account(*live_);
      host_.unsealed_rows += live_->segment->row_count() - rows_before;
    }
    last_write_ns_.store(begin_ns, std::memory_order_relaxed);
    forget_old_tombstones(begin_ns);
    break;
  }
  host_.scratches().give_back(std::move(scratch));
  const auto took_ns = static_cast<uint64_t>(steady_clock_ns() - begin_ns);
  counters_.index_ns += took_ns;
  for (const Item& item : items) {
    if (item.result->error) {
      ++counters_.index_failed;
    } else {
      ++(item.op->type == OpType::kDelete ? counters_.delete_total : counters_.index_total);
    }
  }
  return lsn;
}

}  // namespace stratalog::index
