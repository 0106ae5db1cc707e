// Which ordinals each row of a keyword-like field has: kept by row (a column and postings), or
// following from another field's ordinals by a table (all the names of a pod follow from its id),
// which costs no bytes by row at all.
//
// Threads any. Life: a field that follows from another one does not outlive it. Errors:
// SegmentFault.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/segment/column.h"
#include "index/segment/dictionary.h"
#include "index/segment/postings_reader.h"

namespace stratalog::index {

class OrdinalRows {
 public:
  virtual ~OrdinalRows() = default;
  virtual uint32_t ordinal_count() const = 0;
  virtual uint32_t row_count() const = 0;
  virtual uint32_t present_rows() const = 0;
  virtual bool one_each() const = 0;
  virtual bool single_valued() const = 0;
  virtual void gather(std::span<const RowId> rows, OrdinalBatch& out) const = 0;
  virtual void read(RowId begin, RowId end, OrdinalBatch& out) const = 0;
  virtual void fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                          uint64_t* bits) const = 0;
  virtual void fill_present(RowId begin, RowId end, uint64_t* bits) const = 0;
  // Rows with any of these ordinals, which ascend; `doc_freq` is how many those are.
  virtual std::unique_ptr<Postings> postings(std::vector<uint32_t> ordinals,
                                             uint32_t doc_freq) const = 0;
  // The lists of the ordinals, where they are stored; nullptr where they follow from another field.
  virtual const PostingsReader* lists() const { return nullptr; }
  virtual uint64_t resident_bytes() const = 0;
};

// Ordinals in a column, rows of an ordinal in a postings list.
class StoredOrdinalRows final : public OrdinalRows {
 public:
  // `dictionary` outlives this.
  StoredOrdinalRows(const BlockSource& source, const DictionaryReader& dictionary,
                    uint32_t row_count, ByteReader& meta);

  uint32_t ordinal_count() const override { return dictionary_.term_count(); }
  uint32_t row_count() const override { return column_.row_count(); }
  uint32_t present_rows() const override { return column_.present_rows(); }
  bool one_each() const override { return column_.one_each(); }
  bool single_valued() const override { return column_.single_valued(); }
  void gather(std::span<const RowId> rows, OrdinalBatch& out) const override;
  void read(RowId begin, RowId end, OrdinalBatch& out) const override;
  void fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                  uint64_t* bits) const override;
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    column_.fill_present(begin, end, bits);
  }
  std::unique_ptr<Postings> postings(std::vector<uint32_t> ordinals,
                                     uint32_t doc_freq) const override;
  const PostingsReader* lists() const override { return &postings_; }
  uint64_t resident_bytes() const override {
    return postings_.resident_bytes() + column_.resident_bytes();
  }

 private:
  void check(const OrdinalBatch& batch) const;

  const DictionaryReader& dictionary_;
  const PostingsReader postings_;
  const ColumnReader column_;
};

// Ordinals that follow from those of `root`: table[root ordinal] is ordinal + 1, or 0 for none.
class DerivedOrdinalRows final : public OrdinalRows {
 public:
  DerivedOrdinalRows(const OrdinalRows& root, uint32_t ordinal_count, ByteReader& meta);

  uint32_t ordinal_count() const override { return ordinal_count_; }
  uint32_t row_count() const override { return root_.row_count(); }
  uint32_t present_rows() const override { return present_rows_; }
  bool one_each() const override { return present_rows_ == root_.row_count() && present_rows_ > 0; }
  bool single_valued() const override { return true; }
  void gather(std::span<const RowId> rows, OrdinalBatch& out) const override;
  void read(RowId begin, RowId end, OrdinalBatch& out) const override;
  void fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                  uint64_t* bits) const override;
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override;
  std::unique_ptr<Postings> postings(std::vector<uint32_t> ordinals,
                                     uint32_t doc_freq) const override;
  uint64_t resident_bytes() const override {
    return sizeof(*this) + (table_.capacity() + sorted_.capacity()) * 4;
  }

 private:
  void map(OrdinalBatch& batch) const;
  std::vector<uint32_t> roots_of(uint32_t low, uint32_t high) const;  // ascending

  const OrdinalRows& root_;
  const uint32_t ordinal_count_;
  uint32_t present_rows_ = 0;
  std::vector<uint32_t> table_;
  std::vector<uint32_t> sorted_;  // root ordinals with a value, by (value, root ordinal)
  bool total_ = false;            // no root ordinal without a value
};

}  // namespace stratalog::index
