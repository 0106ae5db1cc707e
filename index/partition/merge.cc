// Partition: several sealed segments become one, with the same single commit point as sealing.
#include "index/segment/merge.h"
#include "base/clock.h"
#include "base/log.h"
#include "index/catalog/records.h"
#include "index/fault.h"
#include "index/partition/merge_policy.h"
#include "index/partition/partition.h"

namespace stratalog::index {

namespace {

constexpr const char* kTimeField = "@timestamp";
// A partition that seals more often than this is being filled as fast as it can be.
constexpr int64_t kBusyNs = 5'000'000'000;

std::vector<MergeCandidate> candidates_of(const std::list<SealedSlot>& slots) {
  std::vector<MergeCandidate> candidates;
  for (const SealedSlot& slot : slots) {
    const uint32_t rows = slot.segment->row_count();
    candidates.push_back({slot.segment->bytes(), rows, rows - slot.live_rows(), slot.merging});
  }
  return candidates;
}

std::vector<SealedSlot*> slots_in(std::list<SealedSlot>& slots, MergeRange range) {
  std::vector<SealedSlot*> chosen;
  auto slot = std::next(slots.begin(), static_cast<std::ptrdiff_t>(range.first));
  for (size_t i = range.first; i < range.second; ++i, ++slot) chosen.push_back(&*slot);
  return chosen;
}

}  // namespace

Result<bool> Partition::merge_once(bool patient) {
  const std::lock_guard one_at_a_time(merge_mutex_);
  std::vector<SealedSlot*> inputs;
  {
    const std::lock_guard guard(mutex_);
    if (closed_to_writes_) return false;
    const bool busy =
        patient && !host_.short_of_memory() && steady_clock_ns() - last_seal_ns_ < kBusyNs;
    inputs = slots_in(sealed_, choose_merge(candidates_of(sealed_),
                                            busy ? MergePolicy::when_busy() : MergePolicy()));
  }
  if (inputs.empty()) return false;
  RETURN_IF_ERROR(merge(inputs));
  return true;
}

Status Partition::force_merge(uint32_t max_segments, bool only_expunge_deletes) {
  RETURN_IF_ERROR(seal());
  if (max_segments == 0 && !only_expunge_deletes) {
    while (true) {
      ASSIGN_OR_RETURN(const bool merged, merge_once(false));
      if (!merged) return {};
    }
  }
  const std::lock_guard one_at_a_time(merge_mutex_);
  if (only_expunge_deletes) {
    while (true) {
      std::vector<SealedSlot*> inputs;
      {
        const std::lock_guard guard(mutex_);
        for (SealedSlot& slot : sealed_) {
          if (inputs.empty() && !slot.deletes.empty()) inputs.push_back(&slot);
        }
      }
      if (inputs.empty()) return {};
      RETURN_IF_ERROR(merge(inputs));
    }
  }
  std::vector<SealedSlot*> inputs;
  {
    const std::lock_guard guard(mutex_);
    inputs = slots_in(sealed_, choose_forced_merge(candidates_of(sealed_), max_segments));
    // Down to the count already, but with deleted rows in the only segment.
    if (inputs.empty() && max_segments == 1 && sealed_.size() == 1 &&
        !sealed_.front().deletes.empty()) {
      inputs.push_back(&sealed_.front());
    }
  }
  if (inputs.empty()) return {};
  return merge(inputs);
}

Status Partition::merge(const std::vector<SealedSlot*>& inputs) {
  const int64_t begin_ns = steady_clock_ns();
  std::vector<MergeInput> parts(inputs.size());
  std::vector<size_t> deletes_seen(inputs.size());
  std::vector<std::shared_ptr<const LazySegment>> segments(inputs.size());
  MergeOptions options;
  options.time_field = kTimeField;
  uint64_t rows = 0, bytes = 0;
  try {
    const std::lock_guard guard(mutex_);
    options.name = new_segment_name_locked();
    for (size_t i = 0; i < inputs.size(); ++i) {
      inputs[i]->resolve();
      inputs[i]->merging = true;
      segments[i] = inputs[i]->segment;
      parts[i].deleted = inputs[i]->deleted.snapshot(inputs[i]->segment->row_count());
      deletes_seen[i] = inputs[i]->deletes.size();
      rows += inputs[i]->segment->row_count();
      bytes += inputs[i]->segment->bytes();
    }
  } catch (const SegmentFault& fault) {
    const std::lock_guard guard(mutex_);
    for (SealedSlot* input : inputs) input->merging = false;
    return fault.error();
  }
  const auto run = [&]() -> Status {
    RETURN_IF_ERROR(host_.room_for(bytes));
    for (size_t i = 0; i < inputs.size(); ++i) {
      ASSIGN_OR_RETURN(parts[i].segment, segments[i]->open());
    }
    options.pending_bytes_max = host_.limits().merge_pending_bytes_max;
    auto merged = merge_segments(host_.store(), parts, options);
    if (!merged) return merged.error();
    return commit_merged(inputs, deletes_seen, *merged);
  };
  Status status = run();
  if (!status) {
    const std::lock_guard guard(mutex_);
    for (SealedSlot* input : inputs) input->merging = false;
    if (Status store = host_.store().status(); !store) host_.note_failure(store.error());
    return status;
  }
  ++counters_.merge_total;
  counters_.merge_docs += rows;
  counters_.merge_bytes += bytes;
  counters_.merge_ns += static_cast<uint64_t>(steady_clock_ns() - begin_ns);
  return {};
}

Status Partition::commit_merged(const std::vector<SealedSlot*>& inputs,
                                const std::vector<size_t>& deletes_seen,
                                const std::shared_ptr<SealedSegment>& merged) {
  std::vector<storage::SegmentUid> gone;
  {
    const std::lock_guard commit(commit_mutex_);
    if (dropped_) {
      if (merged != nullptr) (void)host_.store().drop_segment(merged->uid());
      return {};
    }
    // Deletes that came since the merge began hold for its output.
    const auto late_deletes = [&] {
      std::vector<Delete> late;
      for (size_t i = 0; i < inputs.size(); ++i) {
        late.insert(late.end(),
                    inputs[i]->deletes.begin() + static_cast<std::ptrdiff_t>(deletes_seen[i]),
                    inputs[i]->deletes.end());
      }
      return late;
    };
    PartitionRecord next = record_;
    storage::CatalogBatch batch;
    std::vector<std::pair<SealedSlot*, size_t>> written;
    SealedSlot slot;
    storage::Lsn position = 0;
    for (const SealedSlot* input : inputs) {
      const storage::SegmentUid& uid = input->segment->entry().uid;
      gone.push_back(uid);
      std::erase_if(next.segments, [&](const SegmentEntry& entry) { return entry.uid == uid; });
    }
    {
      const std::lock_guard guard(mutex_);
      position = last_lsn_;
      next.next_segment = next_segment_;
      put_deletes(batch, written);
      std::erase_if(written, [&](const auto& entry) {
        return std::find(inputs.begin(), inputs.end(), entry.first) != inputs.end();
      });
      for (const storage::SegmentUid& uid : gone) batch.remove(deletes_key(id_, uid));
      if (merged != nullptr) {
        SegmentEntry entry = describe(*merged);
        slot.segment = std::make_shared<const LazySegment>(host_.store(), entry, merged);
        slot.deletes = late_deletes();
        slot.durable_deletes = slot.deletes.size();
        if (!slot.deletes.empty())
          batch.put(deletes_key(id_, entry.uid), encode_deletes(slot.deletes));
        next.segments.push_back(std::move(entry));
        std::sort(next.segments.begin(), next.segments.end(),
                  [](const SegmentEntry& a, const SegmentEntry& b) {
                    return a.min_seq_no < b.min_seq_no;
                  });
      }
    }
    if (Status status = write_commit(next, std::move(batch), position); !status) {
      if (merged != nullptr) (void)host_.store().drop_segment(merged->uid());
      return status;
    }
    const std::lock_guard guard(mutex_);
    record_ = std::move(next);
    for (const auto& [old, count] : written) old->durable_deletes = count;
    const auto at = std::find_if(sealed_.begin(), sealed_.end(),
                                 [&](const SealedSlot& s) { return &s == inputs[0]; });
    if (merged != nullptr) {
      slot.deletes = late_deletes();
      sealed_.insert(at, std::move(slot));
    }
    sealed_.remove_if([&](const SealedSlot& s) {
      return std::find(inputs.begin(), inputs.end(), &s) != inputs.end();
    });
    changed_.store(true, std::memory_order_relaxed);
  }
  RETURN_IF_ERROR(refresh());
  // What stays is dropped at the next start: the catalog does not list it.
  for (const storage::SegmentUid& uid : gone) {
    if (Status status = host_.store().drop_segment(uid); !status)
      log::warn("engine", "a merged segment stays", {{"reason", status.error().reason}});
  }
  return {};
}

}  // namespace stratalog::index
