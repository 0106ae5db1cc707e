// Which sealed segments of a partition to merge (D12). Segments stand in the order of their
// sequence numbers, which in logs is the order of time: only neighbours are merged, so that
// segments keep disjoint ranges of time.
//
// A segment's level is log8 of its live bytes over the floor. Eight or more neighbours of at most
// one level become one segment, the lowest level first, if that is at least twice as long as the
// longest of them: so a row is written once for each doubling, and a long segment is not written
// anew for a few short ones beside it. A segment with a fifth of its rows deleted is written anew.
// Lucene's LogMergePolicy, tiered by size.
//
// While a partition is being filled as fast as it can be, merges wait, up to four times as many
// segments: what is merged later is written less often, and the processor is the writers'.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace stratalog::index {

struct MergeCandidate {
  uint64_t bytes = 0;
  uint32_t rows = 0;
  uint32_t deleted = 0;
  bool busy = false;  // in a merge already
};

struct MergePolicy {
  uint64_t floor_bytes = 4 << 20;
  uint32_t factor = 8;            // so many at least
  uint32_t rows_max = 5'000'000;  // of a merged segment
  double deleted_share_max = 0.2;

  static MergePolicy when_busy() {
    MergePolicy policy;
    policy.factor *= 4;
    return policy;
  }
};

// Half-open range of neighbours; empty if no merge is due.
using MergeRange = std::pair<size_t, size_t>;
MergeRange choose_merge(std::span<const MergeCandidate> segments, const MergePolicy& policy);

// What one step towards at most `segments_max` segments merges: empty when there.
MergeRange choose_forced_merge(std::span<const MergeCandidate> segments, uint32_t segments_max);

}  // namespace stratalog::index
