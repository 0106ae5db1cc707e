// A filter over a segment's explicit ids: says no for about 99 of 100 ids that it does not hold,
// for one block read, so that a lookup reads dictionaries of few segments. A split block Bloom
// filter (Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007; the
// bits of a block as in the Parquet format): 32 bytes a block, 8 bits a key.
//
// Meta: varint block count, then an extent for each 1,024 blocks
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/segment/block_io.h"

namespace stratalog::index {

class IdFilterWriter {
 public:
  explicit IdFilterWriter(uint64_t keys);
  void add(std::string_view key);
  void finish(BlockSink& sink, std::string& meta) const;

 private:
  std::vector<uint32_t> words_;
};

// Threads any. Life: `source` outlives it. Errors: SegmentFault.
class IdFilterReader {
 public:
  IdFilterReader(const BlockSource& source, ByteReader& meta);
  bool may_hold(std::string_view key) const;

 private:
  const BlockSource& source_;
  uint64_t blocks_ = 0;
  std::vector<Extent> extents_;
};

}  // namespace stratalog::index
