// A segment writer with what merging needs beyond the interface: row data that is streamed instead
// of held by row.
#pragma once

#include "index/segment/row_store.h"
#include "index/segment/segment_writer.h"

namespace stratalog::index {

class StreamingSegmentWriter : public SegmentWriter {
 public:
  static Result<std::unique_ptr<StreamingSegmentWriter>> create(
      storage::Store& store, const SegmentWriterOptions& options);
  // Instead of write_rows().
  virtual Status write_row_input(RowInput& input) = 0;
};

}  // namespace stratalog::index
