// Partition: from rows in memory to sealed segments (D5). A frozen segment becomes one synced
// change of the catalog: its segment is listed, the operations up to it are committed, deletes are
// durable. Only then does the log let go of them.
#include "base/clock.h"
#include "base/log.h"
#include "index/catalog/index_errors.h"
#include "index/catalog/records.h"
#include "index/partition/partition.h"

namespace stratalog::index {

// With mutex_ held: rows to come go to another segment.
void Partition::freeze_locked() {
  if (live_ == nullptr) return;
  live_->frozen_seq_no = next_seq_no_ - 1;
  live_->frozen_lsn = last_lsn_;
  frozen_.push_back(std::move(live_));
}

Status Partition::seal(SealScope scope) {
  const int64_t begin_ns = steady_clock_ns();
  const std::lock_guard one_at_a_time(seal_mutex_);
  uint64_t unlogged = 0;
  {
    const std::lock_guard guard(mutex_);
    if (scope == SealScope::kAll || is_full()) freeze_locked();
    if (scope == SealScope::kAll) unlogged = unlogged_;
  }
  while (true) {
    {
      const std::lock_guard guard(mutex_);
      if (frozen_.empty()) break;
    }
    RETURN_IF_ERROR(seal_front());
  }
  // Deletes of sealed rows alone are in the log too: nothing was frozen for them.
  SeqNo reached = -1;
  storage::Lsn position = 0;
  {
    const std::lock_guard commit(commit_mutex_);
    if (dropped_) return {};
    storage::CatalogBatch batch;
    std::vector<std::pair<SealedSlot*, size_t>> written;
    PartitionRecord next = record_;
    {
      const std::lock_guard guard(mutex_);
      if (live_ == nullptr && frozen_.empty() && next_seq_no_ - 1 > record_.committed_seq_no) {
        reached = next.committed_seq_no = next_seq_no_ - 1;
        position = last_lsn_;
        next.next_segment = next_segment_;
        put_deletes(batch, written);
      }
    }
    if (reached >= 0) {
      RETURN_IF_ERROR(write_commit(next, std::move(batch), position));
      const std::lock_guard guard(mutex_);
      record_ = std::move(next);
      for (const auto& [slot, count] : written) slot->durable_deletes = count;
    }
  }
  if (reached >= 0) host_.translog().release(id_, position);
  if (unlogged > 0) {
    const std::lock_guard guard(mutex_);
    if (unlogged_ == unlogged) {
      unlogged_ = 0;
      changed_.store(true, std::memory_order_relaxed);
    }
  }
  ++counters_.flush_total;
  counters_.flush_ns += static_cast<uint64_t>(steady_clock_ns() - begin_ns);
  return {};
}

Status Partition::seal_front() {
  LiveSlot* frozen = nullptr;
  std::shared_ptr<const Bitmap> deleted;
  {
    const std::lock_guard guard(mutex_);
    frozen = frozen_.front().get();  // only this function removes it, one at a time
    frozen->sealing = true;
    frozen->deletes_since_seal_began.clear();
    deleted = frozen->deleted.snapshot(frozen->segment->row_count());
  }
  const auto write = [&]() -> Result<std::shared_ptr<SealedSegment>> {
    RETURN_IF_ERROR(host_.room_for(frozen->segment->memory_bytes()));
    return frozen->segment->seal(host_.store(), deleted.get());
  };
  auto sealed = write();
  if (!sealed) host_.note_failure(sealed.error());
  Status done = sealed ? commit_sealed(*frozen, *sealed) : Status(sealed.error());
  if (!done) {
    const std::lock_guard guard(mutex_);
    if (!frozen_.empty() && frozen_.front().get() == frozen) frozen->sealing = false;
  }
  return done;
}

// Writes what changed of the partition's records. With commit_mutex_ held. `log_position`: what the
// batch builds on must be durable before it: a row that was replaced must not go while its
// successor can still be lost.
Status Partition::write_commit(const PartitionRecord& record, storage::CatalogBatch batch,
                               storage::Lsn log_position) {
  if (dropped_) return index_not_found(metadata()->name);
  if (Status synced = host_.translog().sync(log_position); !synced) {
    host_.note_failure(synced.error());
    return synced;
  }
  batch.put(records::partition_key(records::kSegmentsPrefix, id_), encode_partition(record));
  const auto retries =
      host_.retries().prepare(id_, record.committed_seq_no, wall_clock_ms(), batch);
  if (Status status = host_.store().write(batch); !status) {
    host_.note_failure(status.error());
    return status;
  }
  host_.retries().committed(retries);
  return {};
}

// Every segment's deletes that are not in the catalog yet. With mutex_ held.
void Partition::put_deletes(storage::CatalogBatch& batch,
                            std::vector<std::pair<SealedSlot*, size_t>>& written) {
  for (SealedSlot& slot : sealed_) {
    if (slot.durable_deletes == slot.deletes.size()) continue;
    batch.put(deletes_key(id_, slot.segment->entry().uid), encode_deletes(slot.deletes));
    written.emplace_back(&slot, slot.deletes.size());
  }
}

Status Partition::commit_sealed(LiveSlot& frozen, const std::shared_ptr<SealedSegment>& sealed) {
  storage::Lsn released = 0;
  {
    const std::lock_guard commit(commit_mutex_);
    if (dropped_) {
      if (sealed != nullptr) (void)host_.store().drop_segment(sealed->uid());
      const std::lock_guard guard(mutex_);
      for (const auto& slot : frozen_) discount(*slot);
      frozen_.clear();
      return {};
    }
    PartitionRecord next = record_;
    storage::CatalogBatch batch;
    std::vector<std::pair<SealedSlot*, size_t>> written;
    SealedSlot slot;
    storage::Lsn position = 0;
    {
      const std::lock_guard guard(mutex_);
      next.committed_seq_no = frozen.frozen_seq_no;
      next.next_segment = next_segment_;
      released = frozen.frozen_lsn;
      position = last_lsn_;
      if (sealed != nullptr) {
        SegmentEntry entry = describe(*sealed);
        slot.segment = std::make_shared<const LazySegment>(host_.store(), entry, sealed);
        slot.deletes = frozen.deletes_since_seal_began;
        if (!slot.deletes.empty())
          batch.put(deletes_key(id_, entry.uid), encode_deletes(slot.deletes));
        slot.durable_deletes = slot.deletes.size();
        next.segments.push_back(std::move(entry));
      }
      put_deletes(batch, written);
    }
    if (Status status = write_commit(next, std::move(batch), position); !status) {
      if (sealed != nullptr) (void)host_.store().drop_segment(sealed->uid());
      return status;
    }
    std::unique_ptr<LiveSlot> done;  // dies after the lock
    const std::lock_guard guard(mutex_);
    record_ = std::move(next);
    for (const auto& [old, count] : written) old->durable_deletes = count;
    if (sealed != nullptr) {
      // Deletes that came while the batch was written.
      slot.deletes = frozen.deletes_since_seal_began;
      sealed_.push_back(std::move(slot));
    }
    discount(frozen);
    last_seal_ns_ = steady_clock_ns();
    done = std::move(frozen_.front());
    frozen_.pop_front();
    changed_.store(true, std::memory_order_relaxed);
  }
  host_.translog().release(id_, released);
  RETURN_IF_ERROR(refresh());
  host_.request_merge(*this);
  return {};
}

}  // namespace stratalog::index
