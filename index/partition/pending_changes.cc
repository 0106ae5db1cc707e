#include "index/partition/pending_changes.h"

#include <algorithm>

namespace stratalog::index {

namespace {

constexpr size_t kChangesMax = 10'000;  // 40 bytes each; beyond it a refresh shows everything

// Shows or hides the row of a sequence number, in whichever segment it is.
void set_shown(View& view, SeqNo seq_no, bool shown) {
  for (SegmentView& segment : view.segments) {
    if (segment.segment->row_count() == 0 || seq_no < segment.segment->min_seq_no() ||
        seq_no > segment.segment->max_seq_no())
      continue;
    const auto row = segment.segment->find_seq_no(seq_no);
    if (!row) continue;
    auto deleted = segment.deleted == nullptr
                       ? std::make_shared<Bitmap>(segment.segment->row_count())
                       : std::make_shared<Bitmap>(*segment.deleted);
    shown ? deleted->clear(*row) : deleted->set(*row);
    segment.deleted_count = static_cast<uint32_t>(deleted->count());
    segment.deleted = segment.deleted_count == 0 ? nullptr : std::move(deleted);
    return;
  }
}

}  // namespace

void PendingChanges::add(uint32_t shard, std::optional<SeqNo> added, std::optional<SeqNo> removed) {
  if (changes_.size() >= kChangesMax) complete_ = false;
  if (complete_) changes_.push_back({shard, added, removed});
}

void PendingChanges::clear() {
  changes_.clear();
  complete_ = true;
}

void PendingChanges::hold_back(const std::set<uint32_t>& shards, View& view) {
  std::erase_if(changes_, [&](const Change& change) { return shards.contains(change.shard); });
  std::set<SeqNo> hidden;
  for (const Change& change : changes_) {
    if (change.added) hidden.insert(*change.added);
  }
  for (const Change& change : changes_) {
    if (change.added) set_shown(view, *change.added, false);
    // A row that came and went since then was never shown.
    if (change.removed && !hidden.contains(*change.removed)) set_shown(view, *change.removed, true);
  }
}

}  // namespace stratalog::index
