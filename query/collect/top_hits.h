// The best hits of a request, gathered segment by segment.
//
// Calls   for each segment: SegmentTopHits (add)* finish. The best so far bound what the next
// segment need look at. Shape   ties go by (index, sequence number), so that pages are stable over
// seal and merge.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "query/collect/sort_key.h"

namespace stratalog::query {

struct Hit {
  uint32_t index = 0;    // position among the request's indices
  uint32_t segment = 0;  // in its view
  index::RowId row = 0;
  index::SeqNo seq_no = 0;
  float score = 0;
  std::vector<SortValue> sort;  // one a key; by score alone: one
};

class TopHits {
 public:
  // `keys` of each index, all of one length; borrowed. `after`: only hits behind it (with ties:
  // also behind `after_tie`).
  TopHits(size_t size, std::span<const std::vector<IndexSortKey>> keys)
      : size_(size), keys_(keys) {}
  void set_after(std::vector<SortValue> after) { after_ = std::move(after); }
  void set_after_hit(Hit hit) { after_hit_ = std::move(hit); }

  size_t size() const { return size_; }
  bool full() const { return best_.size() >= size_; }
  const std::vector<Hit>& best() const { return best_; }
  std::vector<Hit> take() { return std::move(best_); }

 private:
  friend class SegmentTopHits;
  int compare(const Hit& a, const Hit& b) const;
  void merge(std::vector<Hit> hits);

  size_t size_;
  std::span<const std::vector<IndexSortKey>> keys_;
  std::vector<Hit> best_;
  std::optional<std::vector<SortValue>> after_;
  std::optional<Hit> after_hit_;
};

class SegmentTopHits {
 public:
  SegmentTopHits(TopHits& top, const SegmentContext& segment);

  // Rows ascending within a call; `scores` one a row or empty.
  void add(std::span<const index::RowId> rows, std::span<const float> scores);
  // Whether rows of the segment are in the first key's order (then `done` tells when no further row
  // can enter).
  bool rows_ascend() const { return keys_[0].ascending_rows(); }
  bool rows_descend() const { return keys_[0].descending_rows(); }
  // No row whose first key is `least` or more can enter.
  bool hopeless(int64_t least) const { return bound_ < least; }
  // By score alone: what a row must score to enter.
  float least_score() const { return keys_[0].score_of(bound_); }
  bool hopeless() const { return hopeless(keys_[0].least()) || useful_rows().size() == 0; }
  // Rows that may stand behind `after`.
  index::RowRange useful_rows() const {
    if (after_.empty()) return {0, segment_.row_count()};
    return keys_[0].rows_from(after_[0]);
  }
  // The last row given ended all hope for those behind it in the key's order.
  bool done() const { return done_; }
  void finish();

 private:
  struct Slot {
    index::SeqNo seq_no;
    index::RowId row;
    float score;
    uint32_t keys;  // position in pool_
  };
  bool less(const Slot& a, const Slot& b) const;
  void prune();

  TopHits& top_;
  const SegmentContext& segment_;
  std::vector<SegmentSortKey> keys_;
  const index::NumericColumn* seq_nos_;
  std::vector<Slot> slots_;
  std::vector<int64_t> pool_;  // keys of slots, width a slot
  size_t width_;
  int64_t bound_ = INT64_MAX;  // first keys over it can't enter
  bool done_ = false;
  std::vector<int64_t> after_;  // keys behind which hits must stand; empty: none
  bool after_ties_ = false;     // with equal keys the sequence number decides
  std::vector<int64_t> batch_;
  std::vector<uint32_t> chosen_;
  std::vector<index::RowId> chosen_rows_;
  index::NumericBatch numbers_;
};

}  // namespace stratalog::query
