// Where each row of a merge comes from and goes to.
//
//   number of a row over all inputs = first number of its input + its row there
//
// Threads one. Memory 8 bytes a row.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "index/segment/merge.h"
#include "index/segment/sealed_segment_impl.h"

namespace stratalog::index {

class MergeRows {
 public:
  // Throws SegmentFault.
  MergeRows(std::span<const MergeInput> inputs, const std::string& time_field);

  uint32_t row_count() const { return static_cast<uint32_t>(old_of_new_.size()); }
  size_t input_count() const { return segments_.size(); }
  const SealedSegmentImpl& segment(size_t input) const { return *segments_[input]; }
  // New row of each row of an input; kNoRow: dropped.
  std::span<const RowId> new_rows(size_t input) const {
    return std::span<const RowId>(new_of_old_)
        .subspan(firsts_[input], segments_[input]->row_count());
  }

  struct Place {
    uint32_t input;
    RowId row;
  };
  Place old_row(RowId row) const;

  // The old rows of the new rows [begin, end), by input, and which input's rows follow which.
  struct Run {
    uint32_t input;
    uint32_t rows;
  };
  struct Window {
    std::vector<std::vector<RowId>> rows;  // by input, in the order of the new rows
    std::vector<Run> runs;                 // in the order of the new rows
  };
  void window(RowId begin, RowId end, Window& out) const;

 private:
  void order_rows(std::span<const MergeInput> inputs, const std::string& time_field);

  // Read past the cache.
  std::vector<std::unique_ptr<const SealedSegmentImpl>> segments_;
  std::vector<uint32_t> firsts_;
  std::vector<uint32_t> old_of_new_;  // numbers over all inputs
  std::vector<RowId> new_of_old_;
};

}  // namespace stratalog::index
