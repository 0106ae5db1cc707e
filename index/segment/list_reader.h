// Reads whole lists of ascending terms: what a merge does with all of a field. Each block is read
// once.
//
// Threads one. Life: `reader` outlives it. Errors: SegmentFault.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/segment/postings_reader.h"

namespace stratalog::index {

struct ReadList {
  std::vector<uint32_t> rows;
  std::vector<uint32_t> freqs;  // empty: all 1
  std::string positions;        // of all rows, one after the other: position_bytes.h

  void clear() {
    rows.clear();
    freqs.clear();
    positions.clear();
  }
};

class ListReader {
 public:
  ListReader(const PostingsReader& reader, bool positions);
  // Appends a term's list to `out`.
  void append(const TermEntry& entry, ReadList& out);

 private:
  const PostingsReader& reader_;
  PostingsReader::RecordCursor records_;
  PostingsReader::PositionCursor position_cursor_;
  const bool positions_;
  std::vector<uint32_t> ones_;  // frequencies that need not be kept
};

}  // namespace stratalog::index
