// A segment writer with what merging needs beyond the interface: row data that is streamed instead
// of held by row, sources that are taken over as they are stored.
#pragma once

#include <functional>

#include "index/segment/row_store.h"
#include "index/segment/segment_writer.h"
#include "index/segment/source_writer.h"

namespace stratalog::index {

class StreamingSegmentWriter : public SegmentWriter {
 public:
  static Result<std::unique_ptr<StreamingSegmentWriter>> create(
      storage::Store& store, const SegmentWriterOptions& options);
  // Instead of write_rows().
  virtual Status write_row_input(RowInput& input) = 0;
  // Instead of write_sources(): `fill` gives the sources of all rows to the writer.
  virtual Status write_sources_by(const std::function<void(SourceWriter&)>& fill) = 0;
};

}  // namespace stratalog::index
