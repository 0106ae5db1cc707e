// Merges sealed segments into one, in (timestamp, sequence number) order, dropping the rows that
// `deleted` names. Streams: holds one field's term and one block of each column at a time, reads
// past the cache.
//
// Threads one thread a merge; inputs are only read.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/segment/sealed_segment.h"
#include "index/view.h"

namespace stratalog::index {

struct MergeInput {
  std::shared_ptr<const SealedSegment> segment;
  std::shared_ptr<const Bitmap> deleted;  // nullptr: none
};

struct MergeOptions {
  std::string name;        // of the output
  std::string time_field;  // "@timestamp": rows are ordered by its kI64 or kNanos column where all
                           // inputs have it
  uint64_t pending_bytes_max = 32 << 20;  // SegmentWriterOptions
};

// The output is in the store, not in any partition yet. No rows left: nullptr.
Result<std::shared_ptr<SealedSegment>> merge_segments(storage::Store& store,
                                                      std::span<const MergeInput> inputs,
                                                      const MergeOptions& options);

}  // namespace stratalog::index
