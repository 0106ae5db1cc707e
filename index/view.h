// A view: the segments of one partition as of one refresh. Immutable; taken once by a request,
// which pins what it names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bits.h"
#include "index/segment/segment_reader.h"

namespace stratalog::index {

struct SegmentView {
  std::shared_ptr<const SegmentReader> segment;
  std::shared_ptr<const Bitmap> deleted;  // by row; nullptr: none is
  uint32_t deleted_count = 0;

  uint32_t live_count() const { return segment->row_count() - deleted_count; }
};

struct View {
  std::vector<SegmentView> segments;  // oldest rows first
  SeqNo max_seq_no = -1;              // everything up to it is in here
  uint64_t generation = 0;            // +1 at each change, for caches

  uint64_t live_count() const {
    uint64_t count = 0;
    for (const SegmentView& segment : segments) count += segment.live_count();
    return count;
  }
};

}  // namespace stratalog::index
