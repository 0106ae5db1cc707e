// Sequence numbers, versions, primary terms, ids and routing by row.
//
// Meta, columns as in column.h, ordinal fields as in ordinal_field.h:
//   columns seq_no, version, primary_term
//   u8 flags: 1 explicit ids, 2 derived ids, 4 routing
//   explicit ids: ordinal field (a row without one has a derived id), filter (id_filter.h)
//   derived ids: column of prefixes
//   routing: ordinal field
//
// One id may stand at several rows: those that were replaced while the segment was live, and
// documents of other routing (index/partition/virtual_shards.h).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index/segment/column.h"
#include "index/segment/id_filter.h"
#include "index/segment/ordinal_field.h"
#include "index/segment/segment_writer.h"

namespace stratalog::index {

// Row data in row order, for a writer.
class RowInput {
 public:
  struct Window {
    std::vector<int64_t> seq_no;
    std::vector<int64_t> version;
    std::vector<int64_t> primary_term;
    std::vector<int64_t>
        prefix;  // the bits of the derived id's prefix; anything where the id is explicit
  };
  virtual ~RowInput() = default;
  // Windows ascend and adjoin.
  virtual void read(RowId begin, RowId end, Window& out) = 0;
  // Explicit ids with their rows, and the most that may come; nullptr: none.
  virtual TermsInput* ids() = 0;
  virtual uint64_t id_count_max() const = 0;
  virtual TermsInput* routing() = 0;  // nullptr: none
};

// Appends the meta.
void write_row_store(BlockSink& sink, uint32_t row_count, int zstd_level, RowInput& input,
                     std::string& meta);
void write_row_store(BlockSink& sink, uint32_t row_count, int zstd_level, const RowColumns& columns,
                     std::string& meta);

// Threads any. Life: `source` outlives it. Errors: SegmentFault.
class RowStore {
 public:
  RowStore(const BlockSource& source, uint32_t row_count, ByteReader& meta);

  const ColumnReader& seq_no() const { return seq_no_; }
  void read(std::span<const RowId> rows, std::vector<RowData>& out) const;
  std::vector<RowId> rows_of_explicit_id(std::string_view id) const;

  // For merges: by row, the explicit id or none, and the prefix of a derived one.
  const OrdinalField* ids() const { return ids_.get(); }
  const OrdinalField* routing() const { return routing_.get(); }
  const ColumnReader& version() const { return version_; }
  const ColumnReader& primary_term() const { return primary_term_; }
  const ColumnReader* prefixes() const { return prefixes_.get(); }
  uint64_t resident_bytes() const;

 private:
  const ColumnReader seq_no_;
  const ColumnReader version_;
  const ColumnReader primary_term_;
  std::unique_ptr<const OrdinalField> ids_;
  std::unique_ptr<const IdFilterReader> filter_;
  std::unique_ptr<const ColumnReader> prefixes_;
  std::unique_ptr<const OrdinalField> routing_;
};

}  // namespace stratalog::index
