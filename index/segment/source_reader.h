// Gives back the sources that source_writer.h wrote. Each block is decoded once a call; nothing is
// kept between calls.
//
// Threads any; a cursor one. Life: `source` outlives it, it its cursors. Errors: SegmentFault.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/segment/block_io.h"
#include "index/types.h"

namespace stratalog::index {

class SourceReader {
 public:
  SourceReader(const BlockSource& source, uint32_t row_count, ByteReader& meta);

  // Rows in any order; visit(i, bytes) in any order; not for rows without a source.
  void read(std::span<const RowId> rows,
            const std::function<void(size_t i, std::string_view source)>& visit) const;

  class Cursor;

  uint64_t resident_bytes() const {
    return sizeof(*this) + (source_blocks_.capacity() + object_blocks_.capacity()) * sizeof(Block);
  }

 private:
  struct Block {
    uint32_t begin;  // its first row, or object
    Extent extent;
  };
  size_t block_of(RowId row) const;
  RowId block_end(size_t block) const;

  const BlockSource& source_;
  uint32_t row_count_ = 0;
  uint32_t object_count_ = 0;
  uint64_t dictionary_bytes_ = 0;
  Extent dictionary_;
  std::vector<Block> source_blocks_;
  std::vector<Block> object_blocks_;
};

// Reads row after row, with the last source block and the last few object blocks decoded.
class SourceReader::Cursor {
 public:
  explicit Cursor(const SourceReader& reader);
  ~Cursor();
  // The bytes of a row, until the next call; none for a row without a source. Cheap for rows that
  // ascend.
  std::string_view get(RowId row);

 private:
  class Objects;
  void load(size_t block);

  const SourceReader& reader_;
  std::optional<ExtentBytes> dictionary_;  // from the first block on
  std::unique_ptr<Objects> objects_;
  size_t block_ = SIZE_MAX;
  RowId begin_ = 0;
  RowId end_ = 0;
  std::string raw_;
  struct Row {
    uint32_t heads;  // where its references begin
    uint32_t rest;   // where its bytes begin
    uint32_t length;
    uint32_t objects;
  };
  std::vector<Row> rows_;
  std::string text_;
};

}  // namespace stratalog::index
