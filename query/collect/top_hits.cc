#include "query/collect/top_hits.h"

#include <algorithm>

#include "query/exec/search_memory.h"

namespace stratalog::query {

using index::RowId;

int TopHits::compare(const Hit& a, const Hit& b) const {
  const std::vector<IndexSortKey>& keys = keys_[a.index];
  for (size_t i = 0; i < keys.size(); ++i) {
    if (const int order = keys[i].compare(a.sort[i], b.sort[i]); order != 0) return order;
  }
  if (a.index != b.index) return a.index < b.index ? -1 : 1;
  return a.seq_no < b.seq_no ? -1 : a.seq_no > b.seq_no ? 1 : 0;
}

void TopHits::merge(std::vector<Hit> hits) {
  const auto before = [&](const Hit& a, const Hit& b) { return compare(a, b) < 0; };
  std::sort(hits.begin(), hits.end(), before);
  const auto middle = static_cast<std::ptrdiff_t>(best_.size());
  best_.insert(best_.end(), std::make_move_iterator(hits.begin()),
               std::make_move_iterator(hits.end()));
  std::inplace_merge(best_.begin(), best_.begin() + middle, best_.end(), before);
  if (best_.size() > size_) best_.resize(size_);
}

SegmentTopHits::SegmentTopHits(TopHits& top, const SegmentContext& segment)
    : top_(top), segment_(segment) {
  for (const IndexSortKey& key : top.keys_[segment.index.ordinal]) keys_.emplace_back(key, segment);
  width_ = keys_.size();
  seq_nos_ = segment.reader.numeric("_seq_no", index::Kind::kI64);
  int64_t bound = 0;
  if (top.size_ > 0 && top.full() && keys_[0].key_of(top.best_.back().sort[0], bound))
    bound_ = bound;
  const std::vector<SortValue>* after = top.after_hit_ ? &top.after_hit_->sort
                                        : top.after_   ? &*top.after_
                                                       : nullptr;
  if (after == nullptr) return;
  for (size_t i = 0; i < width_; ++i) {
    int64_t key = INT64_MIN;
    keys_[i].key_of((*after)[i], key);
    after_.push_back(key);
  }
  after_ties_ = top.after_hit_.has_value();
}

bool SegmentTopHits::less(const Slot& a, const Slot& b) const {
  for (size_t i = 0; i < width_; ++i) {
    const int64_t x = pool_[a.keys + i], y = pool_[b.keys + i];
    if (x != y) return x < y;
  }
  return a.seq_no < b.seq_no;
}

void SegmentTopHits::add(std::span<const RowId> rows, std::span<const float> scores) {
  const size_t count = rows.size();
  if (count == 0 || top_.size_ == 0) return;
  batch_.resize(count * width_);
  for (size_t k = 0; k < width_; ++k) keys_[k].keys(rows, scores, batch_.data() + k * count);
  chosen_.clear();
  chosen_rows_.clear();
  const auto behind_after = [&](size_t i) {
    for (size_t k = 0; k < width_; ++k) {
      const int64_t key = batch_[k * count + i];
      if (key != after_[k]) return key > after_[k];
    }
    return after_ties_;  // equal: by sequence number below
  };
  for (size_t i = 0; i < count; ++i) {
    if (batch_[i] > bound_) continue;
    if (!after_.empty() && !behind_after(i)) continue;
    chosen_.push_back(static_cast<uint32_t>(i));
    chosen_rows_.push_back(rows[i]);
  }
  // In a segment in the key's order, rows behind one over the bound are over it too.
  done_ = (rows_ascend() && batch_[count - 1] > bound_) || (rows_descend() && batch_[0] > bound_);
  if (chosen_.empty()) return;
  if (seq_nos_ != nullptr) seq_nos_->gather(chosen_rows_, numbers_);
  for (size_t c = 0; c < chosen_.size(); ++c) {
    const size_t i = chosen_[c];
    const index::SeqNo seq_no = seq_nos_ == nullptr ? rows[i] : numbers_.values[c];
    if (after_ties_) {
      bool equal = true;
      for (size_t k = 0; equal && k < width_; ++k) equal = batch_[k * count + i] == after_[k];
      const Hit& last = *top_.after_hit_;
      const uint32_t own = segment_.index.ordinal;
      if (equal && (own < last.index || (own == last.index && seq_no <= last.seq_no))) continue;
    }
    slots_.push_back(
        {seq_no, rows[i], scores.empty() ? 0 : scores[i], static_cast<uint32_t>(pool_.size())});
    for (size_t k = 0; k < width_; ++k) pool_.push_back(batch_[k * count + i]);
  }
  if (slots_.size() >= 2 * top_.size_ + 256) prune();
  if (width_ == 1 && keys_[0].unique() && slots_.size() >= top_.size_) done_ = true;
}

void SegmentTopHits::prune() {
  if (slots_.size() <= top_.size_) return;
  const auto before = [this](const Slot& a, const Slot& b) { return less(a, b); };
  const auto nth = slots_.begin() + static_cast<std::ptrdiff_t>(top_.size_ - 1);
  std::nth_element(slots_.begin(), nth, slots_.end(), before);
  bound_ = std::min(bound_, pool_[nth->keys]);
  slots_.resize(top_.size_);
  std::vector<int64_t> kept;
  kept.reserve(slots_.size() * width_);
  for (Slot& slot : slots_) {
    const auto from = pool_.begin() + slot.keys;
    slot.keys = static_cast<uint32_t>(kept.size());
    kept.insert(kept.end(), from, from + static_cast<std::ptrdiff_t>(width_));
  }
  pool_.swap(kept);
}

void SegmentTopHits::finish() {
  prune();
  std::vector<Hit> hits;
  hits.reserve(slots_.size());
  for (const Slot& slot : slots_) {
    check_memory();  // keys may be long texts
    Hit hit{segment_.index.ordinal, segment_.ordinal, slot.row, slot.seq_no, slot.score, {}};
    for (size_t k = 0; k < width_; ++k) hit.sort.push_back(keys_[k].value(pool_[slot.keys + k]));
    hits.push_back(std::move(hit));
  }
  slots_.clear();
  pool_.clear();
  top_.merge(std::move(hits));
}

}  // namespace stratalog::query
