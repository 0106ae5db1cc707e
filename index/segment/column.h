// Columns of numbers by row: numeric doc values, and ordinals. Values lie in chunks of 16,384 rows,
// in groups of 128 values with a frame of reference each; zones (min, max, counts) of chunks are
// resident, those of groups are in the chunk.
//
// Meta, varints where not said otherwise:
//   u8 flags: 1 one value in every row, 2 also never descending
//   row count, value count, present rows; zigzag min, zigzag max of all
//   for each chunk (none where the column has no value, or one and the same in every row):
//     present rows, values - present rows
//     unless 0 rows: (min - column's min), (max - min)
//     unless one same value in every row: extent
// Chunk:
//   u8 mode       0 one value in every row
//                 1 at most one, rows as a bitset
//                 2 at most one, rows as a packed list
//                 3 any number
//   varint divisor: values are chunk min + divisor * n
//   mode 1: one bit for each row
//   mode 2: present rows in 14 bits each
//   mode 3: u8 width, values of each row in that many bits
//   u8 width, group mins (less the chunk's, divided) in that many bits
//   u8 width, spans (max - min) likewise
//   u8 of each group: bits 0-6 width, bit 7 gaps
//   groups: without gaps: n - group min, packed
//           with gaps: varint first - group min, varint zigzag g, packed (n[i] - n[i - 1] - g)
//
// A group with gaps must be decoded from its beginning: taken only where it is smaller, as for
// times and sequence numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index/segment/block_io.h"
#include "index/segment/segment_reader.h"

namespace stratalog::index {

class ColumnChunk;

// Calls must match: create (add)* finish, rows ascending and adjoining. Threads one. Errors: the
// sink's.
class ColumnWriter {
 public:
  // `part` is what the chunks are accounted to.
  ColumnWriter(BlockSink& sink, Part part, uint32_t row_count);

  // The values of the next `rows` rows; values[starts[i]] .. of row i. Empty `starts`: one value
  // each.
  void add(uint32_t rows, std::span<const int64_t> values, std::span<const uint32_t> starts);
  void add(uint32_t rows, std::span<const uint32_t> values, std::span<const uint32_t> starts);
  void finish(std::string& meta);

 private:
  template <typename T>
  void append(uint32_t rows, std::span<const T> values, std::span<const uint32_t> starts);
  void flush_chunk();
  void encode_chunk(int64_t min, uint64_t range, uint32_t present);

  BlockSink& sink_;
  const Part part_;
  const uint32_t row_count_;

  uint32_t rows_done_ = 0;        // in written chunks
  std::vector<int64_t> values_;   // of the open chunk
  std::vector<uint32_t> counts_;  // values by row of the open chunk
  uint64_t value_count_ = 0;
  uint32_t present_rows_ = 0;
  bool one_each_ = true;
  bool sorted_ = true;
  bool has_last_ = false;
  int64_t last_ = 0;

  struct Zone {
    uint32_t present;
    uint64_t values;
    int64_t min;
    int64_t max;
    bool stored;
    Extent extent;
  };
  std::vector<Zone> zones_;
  std::string chunk_;
};

// Threads any. Life: `source` outlives it. Errors: SegmentFault.
// Cost    parsed chunks are kept between calls (column_chunk.h), but for a source that bypasses the
// cache.
class ColumnReader {
 public:
  ColumnReader(const BlockSource& source, uint32_t row_count, ByteReader& meta);

  uint32_t row_count() const { return row_count_; }
  uint64_t value_count() const { return value_count_; }
  uint32_t present_rows() const { return present_rows_; }
  int64_t min() const { return min_; }
  int64_t max() const { return max_; }
  bool one_each() const { return one_each_; }
  bool sorted() const { return sorted_; }
  bool single_valued() const { return value_count_ == present_rows_; }

  RowId lower_bound(int64_t value) const;
  // T is int64_t or uint32_t; for the latter the caller has checked min() and max().
  template <typename T>
  void gather(std::span<const RowId> rows, ValueBatch<T>& out) const;
  // All rows of [begin, end).
  template <typename T>
  void read(RowId begin, RowId end, ValueBatch<T>& out) const;
  void fill_range(RowId begin, RowId end, int64_t low, int64_t high, uint64_t* bits) const;
  void fill_present(RowId begin, RowId end, uint64_t* bits) const;
  // The first row with the value; one_each() only.
  std::optional<RowId> find(int64_t value) const;

  uint64_t resident_bytes() const { return sizeof(*this) + zones_.capacity() * sizeof(Zone); }

 private:
  struct Zone {
    int64_t min = 0;
    int64_t max = 0;
    uint64_t values = 0;
    uint32_t present = 0;
    bool stored = false;
    Extent extent;
  };
  template <typename T>
  void gather_chunk(const ColumnChunk& chunk, RowId base, std::span<const RowId> rows,
                    ValueBatch<T>& out) const;
  template <typename Bit>
  void fill_chunk_range(const ColumnChunk& chunk, uint32_t begin, uint32_t end, int64_t low,
                        int64_t high, const Bit& bit_of, uint64_t* bits) const;
  uint32_t chunk_rows(size_t chunk) const {
    return std::min(kChunkRows, row_count_ - static_cast<uint32_t>(chunk) * kChunkRows);
  }
  bool constant() const { return zones_.empty(); }
  std::shared_ptr<const ColumnChunk> chunk(size_t number) const;

  const BlockSource& source_;
  const uint64_t id_;  // among the columns of the process
  uint32_t row_count_ = 0;
  uint64_t value_count_ = 0;
  uint32_t present_rows_ = 0;
  int64_t min_ = 0;
  int64_t max_ = 0;
  bool one_each_ = false;
  bool sorted_ = false;
  std::vector<Zone> zones_;
};

}  // namespace stratalog::index
