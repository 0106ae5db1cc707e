#include "index/partition/merge_policy.h"

#include <algorithm>

namespace stratalog::index {

namespace {

uint64_t live_rows(const MergeCandidate& segment) {
  return segment.rows - std::min(segment.deleted, segment.rows);
}

uint64_t live_bytes(const MergeCandidate& segment) {
  return segment.rows == 0 ? 0 : segment.bytes * live_rows(segment) / segment.rows;
}

uint32_t level_of(const MergeCandidate& segment, const MergePolicy& policy) {
  uint32_t level = 0;
  for (uint64_t size = live_bytes(segment) / policy.floor_bytes; size >= 1; size /= policy.factor)
    ++level;
  return level;
}

// What neighbours would be as one segment.
struct Sum {
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t largest = 0;  // bytes of one of them

  Sum with(const MergeCandidate& segment) const {
    const uint64_t more = live_bytes(segment);
    return {rows + live_rows(segment), bytes + more, std::max(largest, more)};
  }
  // It fits, and is at least twice as long as what it takes over.
  bool worthwhile(const MergePolicy& policy) const {
    return rows <= policy.rows_max && largest <= bytes / 2;
  }
};

// The cheapest `factor` neighbours among [begin, end) that are worth it, and those beside them with
// which they still are; empty if there are none.
MergeRange cheapest(std::span<const MergeCandidate> segments, size_t begin, size_t end,
                    const MergePolicy& policy) {
  MergeRange best{0, 0};
  Sum best_sum;
  for (size_t first = begin; first + policy.factor <= end; ++first) {
    Sum sum;
    for (const MergeCandidate& segment : segments.subspan(first, policy.factor))
      sum = sum.with(segment);
    if (!sum.worthwhile(policy) || (best.second != 0 && sum.bytes >= best_sum.bytes)) continue;
    best_sum = sum;
    best = {first, first + policy.factor};
  }
  if (best.second == 0) return best;
  const auto take = [&](size_t i) {
    const Sum sum = best_sum.with(segments[i]);
    if (!sum.worthwhile(policy)) return false;
    best_sum = sum;
    return true;
  };
  while (best.second < end && take(best.second)) ++best.second;
  while (best.first > begin && take(best.first - 1)) --best.first;
  return best;
}

}  // namespace

MergeRange choose_merge(std::span<const MergeCandidate> segments, const MergePolicy& policy) {
  for (size_t i = 0; i < segments.size(); ++i) {
    const double share =
        segments[i].rows == 0 ? 1 : static_cast<double>(segments[i].deleted) / segments[i].rows;
    if (!segments[i].busy && share >= policy.deleted_share_max) return {i, i + 1};
  }
  uint32_t top = 0;
  for (const MergeCandidate& segment : segments) top = std::max(top, level_of(segment, policy));
  for (uint32_t level = 0; level <= top; ++level) {
    for (size_t begin = 0; begin < segments.size();) {
      size_t end = begin;
      while (end < segments.size() && !segments[end].busy &&
             level_of(segments[end], policy) <= level)
        ++end;
      const MergeRange range = cheapest(segments, begin, end, policy);
      if (range.second > range.first) return range;
      begin = end + 1;
    }
  }
  return {0, 0};
}

MergeRange choose_forced_merge(std::span<const MergeCandidate> segments, uint32_t segments_max) {
  const auto wanted = std::max<size_t>(segments_max, 1);
  if (segments.size() <= wanted) return {0, 0};
  // So many neighbours that the count is reached, and of all such groups the smallest.
  const size_t group = segments.size() - wanted + 1;
  MergeRange best{0, 0};
  uint64_t best_bytes = UINT64_MAX;
  for (size_t first = 0; first + group <= segments.size(); ++first) {
    uint64_t bytes = 0;
    bool busy = false;
    for (size_t i = first; i < first + group; ++i) {
      bytes += segments[i].bytes;
      busy |= segments[i].busy;
    }
    if (!busy && bytes < best_bytes) {
      best_bytes = bytes;
      best = {first, first + group};
    }
  }
  return best;
}

}  // namespace stratalog::index
