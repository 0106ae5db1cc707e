// A sealed segment from the inside: what merging needs beyond the reader interface. Fields are
// opened when they are first asked for, so that a segment of many fields costs little until it is
// queried.
//
// Threads any.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "index/segment/directory.h"
#include "index/segment/ordinal_field.h"
#include "index/segment/row_store.h"
#include "index/segment/sealed_segment.h"
#include "index/segment/source_reader.h"
#include "index/segment/text_field.h"

namespace stratalog::index {

class NumericField final : public NumericColumn {
 public:
  NumericField(const BlockSource& source, uint32_t row_count, ByteReader& meta)
      : own_(std::in_place, source, row_count, meta), column_(*own_) {}
  explicit NumericField(const ColumnReader& column) : column_(column) {}

  uint64_t value_count() const override { return column_.value_count(); }
  uint32_t present_rows() const override { return column_.present_rows(); }
  int64_t min() const override { return column_.min(); }
  int64_t max() const override { return column_.max(); }
  bool one_each() const override { return column_.one_each(); }
  bool sorted() const override { return column_.sorted(); }
  RowId lower_bound(int64_t value) const override { return column_.lower_bound(value); }
  void gather(std::span<const RowId> rows, NumericBatch& out) const override {
    column_.gather(rows, out);
  }
  void fill_range(RowId begin, RowId end, int64_t low, int64_t high,
                  uint64_t* bits) const override {
    column_.fill_range(begin, end, low, high, bits);
  }
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    column_.fill_present(begin, end, bits);
  }

  const ColumnReader& column() const { return column_; }
  uint64_t resident_bytes() const { return sizeof(*this) + column_.resident_bytes(); }

 private:
  std::optional<const ColumnReader> own_;
  const ColumnReader& column_;
};

class SealedSegmentImpl final : public SealedSegment {
 public:
  // Throws SegmentFault.
  SealedSegmentImpl(std::shared_ptr<storage::SegmentHandle> handle, storage::CacheUse use);

  uint32_t row_count() const override { return directory_.row_count; }
  SeqNo min_seq_no() const override { return rows_ == nullptr ? kNoSeqNo : rows_->seq_no().min(); }
  SeqNo max_seq_no() const override { return rows_ == nullptr ? kNoSeqNo : rows_->seq_no().max(); }
  uint64_t bytes() const override { return source_.handle().file_bytes(); }
  bool live() const override { return false; }
  const std::string& name() const override { return directory_.name; }
  const std::vector<FieldKey>& fields() const override { return fields_; }
  const NumericColumn* numeric(std::string_view path, Kind kind) const override;
  const OrdinalColumn* ordinals(std::string_view path, Kind kind) const override;
  const TermsIndex* terms(std::string_view path, Kind kind) const override;
  void row_data(std::span<const RowId> rows, std::vector<RowData>& out) const override;
  std::vector<RowId> rows_of_explicit_id(std::string_view id) const override;
  std::optional<RowId> find_seq_no(SeqNo seq_no) const override;
  void read_sources(std::span<const RowId> rows, Reuse reuse,
                    const VisitSource& visit) const override;

  const storage::SegmentUid& uid() const override { return source_.handle().uid(); }
  uint64_t resident_bytes() const override;
  std::vector<std::pair<std::string, uint64_t>> bytes_by_structure() const override;
  const FieldKey* shares_values_of(const FieldKey& text_field) const override;

  // nullptr where there is none.
  const NumericField* numeric_field(std::string_view path, Kind kind) const;
  const OrdinalField* ordinal_field(std::string_view path, Kind kind) const;
  const TextField* text_field(std::string_view path) const;
  // The field from which a derived one follows; nullptr for others.
  const FieldKey* follows_from(const FieldKey& field) const;
  const RowStore* row_store() const { return rows_.get(); }
  const SourceReader* source_reader() const { return sources_.get(); }
  std::shared_ptr<storage::SegmentHandle> share_handle() const { return source_.share_handle(); }

 private:
  struct Slot {
    std::atomic<bool> ready{false};
    std::unique_ptr<const NumericField> numeric;
    std::unique_ptr<const OrdinalField> ordinals;
    std::unique_ptr<const TextField> text;
  };

  std::optional<uint32_t> find_field(std::string_view path,
                                     Kind kind) const;  // number of the structure
  const Slot& opened(uint32_t structure) const;
  void open_field(uint32_t structure, Slot& slot) const;
  template <typename Read>
  void with_meta(uint32_t structure, Read&& read) const;

  BlockSource source_;
  Directory directory_;
  uint64_t directory_bytes_ = 0;
  std::vector<FieldKey> fields_;
  std::vector<uint32_t> field_structures_;  // of fields_
  std::unique_ptr<Slot[]> slots_;           // of the directory's structures
  mutable std::recursive_mutex open_mutex_;
  std::unique_ptr<const RowStore> rows_;
  std::unique_ptr<const NumericField> seq_no_;
  std::unique_ptr<const SourceReader> sources_;
};

}  // namespace stratalog::index
