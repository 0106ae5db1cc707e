// Postings lists of a field: for each term the rows that have it, how often, and where. Read by
// postings_reader.h.
//
// A term of one row has no record: its dictionary block holds the row. The others have one record
// each, in term order, in shared blocks. A record of fewer than 256 rows:
//   bits: Rice list of gaps (row - row before - 1; rice.h), then, if the frequencies' sum is above
//   the count, Rice list of frequencies - 1
// A bigger one, its entries in runs of 128:
//   u8 form                    0 packed, 1 bitset, 2 all rows
//   packed:  u8 width, last rows of the runs (less the one before) in that many bits
//            u8 widths of the runs' gaps
//            body: each run's gaps - 1 in its width
//   bitset:  u8 width, number of rows in each 4,096 of the segment in that many bits
//            body: one bit for each row
//   frequencies, if their sum is above the count:
//            u8 widths of the runs' frequencies - 1; u8 width, the runs' sums of frequencies - 1 in
//            that many bits body: each run's frequencies - 1 in its width
// A body is: varint extent count; 0: the bytes follow; else that many (varint bytes, extent). Runs
// do not cross extents, nor do words of a bitset.
//
// Positions lie in term order in blocks of their own, compressed (position_bytes.h). Where a term's
// begin is counted by the frequencies before it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "index/segment/block_io.h"
#include "index/segment/dictionary.h"

namespace stratalog::index {

inline constexpr uint32_t kSmallListMax = 255;  // entries of a Rice-coded list
inline constexpr uint32_t kRankRows = 4096;     // rows counted together in a bitset
// A list with at least one row in so many is a bitset: below, packed gaps are smaller by more than
// a factor of 1.5.
inline constexpr uint32_t kDenseOneIn = 10;

// Threads one. Errors: the sink's.
class PostingsWriter {
 public:
  struct Shape {
    uint32_t list_rows = 0;
    bool has_freqs = false;
    bool has_positions = false;  // needs has_freqs
  };
  PostingsWriter(BlockSink& sink, const Shape& shape, int zstd_level);

  // Lists in term order. `freqs` may be empty (all 1), `positions` too where the shape has none:
  // position_bytes.h.
  TermEntry add(std::span<const uint32_t> rows, std::span<const uint32_t> freqs,
                std::string_view positions);
  void finish(std::string& meta);

 private:
  void put_small(std::span<const uint32_t> rows, std::span<const uint32_t> freqs);
  void put_packed(std::span<const uint32_t> rows);
  void put_bitset(std::span<const uint32_t> rows);
  void put_freqs(std::span<const uint32_t> freqs);
  void put_body(Part part, std::span<const std::string> pieces);
  void put_positions(std::string_view positions);
  void flush_records();
  void flush_positions();

  BlockSink& sink_;
  const Shape shape_;
  const int zstd_level_;

  std::string record_;
  std::string records_;        // the open record block
  std::string record_blocks_;  // index of the written ones: varint bytes, extent
  uint32_t record_block_count_ = 0;

  std::string positions_;        // the open position block
  uint64_t position_count_ = 0;  // in it
  uint64_t position_total_ = 0;  // of all
  std::string position_blocks_;  // varint count, extent
  uint32_t position_block_count_ = 0;
  std::string compressed_;
};

}  // namespace stratalog::index
