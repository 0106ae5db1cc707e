// Sources of a merge in the new order. Each input is walked from front to end with one decoded
// block at hand.
//
// Threads one. Errors: SegmentFault.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "index/segment/merge_rows.h"
#include "index/segment/segment_writer.h"

namespace stratalog::index {

class MergeSources final : public SourceInput {
 public:
  explicit MergeSources(const MergeRows& rows);
  std::string_view source(RowId row) override;

 private:
  const MergeRows& rows_;
  std::vector<std::unique_ptr<SourceReader::Cursor>> cursors_;  // by input; nullptr: no sources
};

}  // namespace stratalog::index
