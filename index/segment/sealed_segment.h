// A sealed segment: immutable, in one store file. Opening reads its directory and small resident
// parts (dictionary index, zones, value tables: a few KB a field); all else is read block by block
// through the store's cache.
#pragma once

#include <memory>

#include "base/result.h"
#include "index/segment/segment_reader.h"
#include "storage/store.h"

namespace stratalog::index {

class SealedSegment : public SegmentReader {
 public:
  // Fails with corruption_exception on anything that is not a whole segment of a known format.
  static Result<std::shared_ptr<SealedSegment>> open(
      std::shared_ptr<storage::SegmentHandle> handle);

  virtual const storage::SegmentUid& uid() const = 0;
  virtual uint64_t resident_bytes() const = 0;
  // Bytes on disk by structure ("source", "postings", "positions", "dictionary", "columns", ...),
  // for stats and benches.
  virtual std::vector<std::pair<std::string, uint64_t>> bytes_by_structure() const = 0;
  // Text fields kept by value: the ordinal field whose values they share (else nullptr). For merge.
  virtual const FieldKey* shares_values_of(const FieldKey& text_field) const = 0;
};

}  // namespace stratalog::index
