// What takes the rows that match: hits and aggregations.
//
// Calls   for each segment with matches: begin_segment (collect | collect_bits | collect_interval)*
// end_segment.
//         Rows ascend within a segment and are never deleted ones.
// Threads one.
// Life    the SegmentContext lives until end_segment.
#pragma once

#include <cstdint>
#include <span>

#include "query/exec/context.h"

namespace stratalog::query {

class Collector {
 public:
  virtual ~Collector() = default;
  virtual bool needs_scores() const { return false; }
  virtual void begin_segment(const SegmentContext& segment) = 0;
  // At most kBatchRows rows. `scores` is empty unless someone needs them; then one a row.
  virtual void collect(const SegmentContext& segment, std::span<const index::RowId> rows,
                       std::span<const float> scores) = 0;
  // A window's rows as bits (bit i is row begin + i; begin a multiple of 64). Only without scores.
  // By default in batches to collect().
  virtual void collect_bits(const SegmentContext& segment, index::RowId begin, index::RowId end,
                            std::span<const uint64_t> bits);
  // All rows of [rows.begin, rows.end), whole segments at a time: what can be counted without
  // looking at rows is. Only without scores. By default in batches to collect().
  virtual void collect_interval(const SegmentContext& segment, index::RowRange rows);
  virtual void end_segment(const SegmentContext& segment) { (void)segment; }
};

}  // namespace stratalog::query
