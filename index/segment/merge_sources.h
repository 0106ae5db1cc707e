// Sources of a merge in the new order. Blocks of an input whose rows are all kept and stay together
// (most of what lies beside one another in time) are taken over as they are stored, with
// their group; other rows are decoded and written anew.
//
// Threads one. Errors: SegmentFault.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "index/segment/merge_rows.h"
#include "index/segment/source_writer.h"

namespace stratalog::index {

class MergeSources {
 public:
  explicit MergeSources(const MergeRows& rows);
  // All rows; finish() is the caller's.
  void write(SourceWriter& writer);

 private:
  static constexpr uint32_t kNotCopied = UINT32_MAX;

  struct Input {
    const SourceReader* reader = nullptr;  // nullptr: no sources
    std::unique_ptr<SourceReader::Cursor> cursor;
    std::vector<bool> copied;      // by block
    std::vector<uint32_t> groups;  // their numbers in the writer
    size_t next = 0;               // no block before it is asked for
  };
  void choose_blocks(size_t number, SourceWriter& writer);

  const MergeRows& rows_;
  std::vector<Input> inputs_;
  uint32_t copied_groups_ = 0;
};

}  // namespace stratalog::index
