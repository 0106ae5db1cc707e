#include "query/exec/segment_query.h"

#include <algorithm>
#include <limits>

namespace stratalog::query {

using index::RowId;

float SegmentQuery::max_score() const { return std::numeric_limits<float>::infinity(); }

void SegmentQuery::score_optional(std::span<const RowId> rows, float* scores, uint8_t* matched) {
  if (rows.empty()) return;
  std::vector<RowId> hits;
  std::vector<uint32_t> places;
  for (size_t at = 0; at < rows.size();) {
    const RowId begin = rows[at] & ~RowId{63};
    size_t stop = at;
    while (stop < rows.size() && rows[stop] - begin < kWindowRows) ++stop;
    const RowId end = rows[stop - 1] + 1;
    optional_bits_.resize(words_for(end - begin));
    evaluate(begin, end, nullptr, optional_bits_.data());
    for (; at < stop; ++at) {
      matched[at] = get_bit(optional_bits_.data(), rows[at] - begin);
      scores[at] = 0;
      if (matched[at] == 0) continue;
      hits.push_back(rows[at]);
      places.push_back(static_cast<uint32_t>(at));
    }
  }
  if (hits.empty()) return;
  std::vector<float> found(hits.size());
  score(hits, found.data());
  for (size_t i = 0; i < hits.size(); ++i) scores[places[i]] = found[i];
}

void SegmentQuery::score_window(RowId begin, RowId end, const uint64_t* bits, float* scores) {
  window_rows_.clear();
  for_each_bit({bits, words_for(end - begin)},
               [&](size_t i) { window_rows_.push_back(begin + static_cast<RowId>(i)); });
  if (window_rows_.empty()) return;
  window_scores_.resize(window_rows_.size());
  score(window_rows_, window_scores_.data());
  for (size_t i = 0; i < window_rows_.size(); ++i)
    scores[window_rows_[i] - begin] = window_scores_[i];
}

void SegmentQuery::add_scores(RowId begin, RowId end, const uint64_t* bits, double* sums) {
  const size_t words = words_for(end - begin);
  std::vector<uint64_t> both(words);
  evaluate(begin, end, bits, both.data());
  uint64_t any = 0;
  for (size_t w = 0; w < words; ++w) any |= both[w] &= bits[w];
  if (any == 0) return;
  std::vector<float> scores(end - begin);
  score_window(begin, end, both.data(), scores.data());
  for_each_bit(both, [&](size_t i) { sums[i] += static_cast<double>(scores[i]); });
}

RowFilter::RowFilter(const Plan& plan, const SegmentContext& segment)
    : query_(plan.open(segment)), row_count_(segment.row_count()) {}
RowFilter::~RowFilter() = default;

void RowFilter::bits(RowId begin, RowId end, const uint64_t* mask, uint64_t* out) {
  if (query_ == nullptr) {
    std::fill_n(out, words_for(end - begin), 0);
    return;
  }
  query_->evaluate(begin, end, mask, out);
}

void RowFilter::load(RowId row) {
  begin_ = row / kWindowRows * kWindowRows;
  end_ = std::min(row_count_, begin_ + kWindowRows);
  window_.resize(words_for(kWindowRows));
  bits(begin_, end_, nullptr, window_.data());
}

bool RowFilter::matches(RowId row) {
  if (query_ == nullptr) return false;
  if (row < begin_ || row >= end_) load(row);
  return get_bit(window_.data(), row - begin_);
}

void RowFilter::select(std::span<const RowId> rows, std::vector<uint32_t>& positions) {
  positions.clear();
  if (query_ == nullptr) return;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (matches(rows[i])) positions.push_back(static_cast<uint32_t>(i));
  }
}

}  // namespace stratalog::query
