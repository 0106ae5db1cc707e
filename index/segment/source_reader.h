// Gives back the sources that source_writer.h wrote. Each block is decoded once a call, or found in
// the cache (decoded_cache.h): a table of few rows is asked for again, with another column or a
// filter more.
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

// Of one segment.
inline constexpr uint32_t kSourceGroupsMax = 1 << 15;

class SourceReader {
 public:
  SourceReader(const BlockSource& source, uint32_t row_count, ByteReader& meta);

  // Rows in any order; visit(i, bytes) in any order; not for rows without a source. `keep`: what is
  // decoded, for who reads the same rows again.
  void read(std::span<const RowId> rows, bool keep,
            const std::function<void(size_t i, std::string_view source)>& visit) const;

  class Cursor;

  // What merges take over as it is stored. There are many: 16 bytes each.
  struct Block {
    uint32_t begin;  // its first row, or object
    uint32_t number;
    uint32_t offset;
    uint16_t length;  // unless `offset` says that it is no part of a pack
    uint16_t group;   // of a source block

    static constexpr uint32_t kNotPacked = UINT32_MAX;
    Extent extent() const {
      if (offset == kNotPacked) return {.number = number};
      return {.number = number, .offset = offset, .length = length, .packed = true};
    }
  };
  struct Group {
    uint32_t object_count = 0;
    uint64_t dictionary_bytes = 0;
    Extent dictionary;
    std::vector<Block> object_blocks;

    uint32_t block_end(size_t block) const {
      return block + 1 < object_blocks.size() ? object_blocks[block + 1].begin : object_count;
    }
  };
  size_t group_count() const { return groups_.size(); }
  const Group& group(uint32_t number) const { return groups_[number]; }
  const std::vector<Block>& blocks() const { return source_blocks_; }
  RowId block_end(size_t block) const;
  ExtentBytes stored(const Extent& extent) const { return source_.read(extent); }

  uint64_t resident_bytes() const;

 private:
  size_t block_of(RowId row) const;

  const BlockSource& source_;
  const uint64_t id_;         // in the cache, of what groups decode
  const uint64_t blocks_id_;  // of source blocks
  uint32_t row_count_ = 0;
  std::vector<Block> source_blocks_;
  std::vector<Group> groups_;
};

// Reads row after row, with the last source block and, of the last few groups, the last few object
// blocks decoded.
class SourceReader::Cursor {
 public:
  // `keep`: blocks go to the cache, and come from there.
  explicit Cursor(const SourceReader& reader, bool keep = false);
  ~Cursor();
  // The bytes of a row, until the next call; none for a row without a source. Cheap for rows that
  // ascend.
  std::string_view get(RowId row);
  // A source block as it is stored, until the next call. Cheap for blocks that ascend.
  std::string_view stored(const Block& block) { return packs_.read(block.extent()); }

 private:
  struct OpenGroup;
  struct Decoded;
  void load(size_t block);
  void decode(size_t block, Decoded& out);
  OpenGroup& open(uint32_t group);

  const SourceReader& reader_;
  const bool keep_;
  std::vector<std::unique_ptr<OpenGroup>> groups_;  // nullptr: not looked at
  size_t open_groups_ = 0;
  OpenGroup* group_ = nullptr;  // of the block
  PackReader packs_;
  RowId begin_ = 0;  // rows of the block; none: no block
  RowId end_ = 0;
  std::unique_ptr<Decoded> own_;
  std::shared_ptr<const Decoded> shared_;
  const Decoded* block_ = nullptr;  // one of them
  std::string text_;
};

}  // namespace stratalog::index
