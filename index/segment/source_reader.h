// Gives back the sources that source_writer.h wrote. Each block is decoded once a call; nothing is
// kept between calls.
//
// Threads any. Life: `source` outlives it. Errors: SegmentFault.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
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

  // The rows of the block that holds `row`: batches of them are read without decoding a block
  // twice.
  RowId block_end(RowId row) const;

  uint64_t resident_bytes() const {
    return sizeof(*this) + (source_blocks_.capacity() + object_blocks_.capacity()) * sizeof(Block);
  }

 private:
  class Objects;
  struct Block {
    uint32_t begin;  // its first row, or object
    Extent extent;
  };
  size_t block_of(RowId row) const;

  const BlockSource& source_;
  uint32_t row_count_ = 0;
  uint32_t object_count_ = 0;
  std::vector<Block> source_blocks_;
  std::vector<Block> object_blocks_;
};

}  // namespace stratalog::index
