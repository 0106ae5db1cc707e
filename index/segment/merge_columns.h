// Columns of a merge, read window by window in the new order.
//
// Threads one. Life: what they read outlives them. Errors: SegmentFault.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "index/segment/merge_rows.h"
#include "index/segment/segment_writer.h"

namespace stratalog::index {

class MergeNumbers final : public NumericInput {
 public:
  // nullptr: the input has no such field.
  MergeNumbers(const MergeRows& rows, std::vector<const ColumnReader*> columns)
      : rows_(rows), columns_(std::move(columns)), batches_(columns_.size()) {}
  void read(RowId begin, RowId end, NumericBatch& out) override;
  bool any();  // whether any row that is kept has a value

 private:
  const MergeRows& rows_;
  const std::vector<const ColumnReader*> columns_;
  MergeRows::Window window_;
  std::vector<NumericBatch> batches_;
};

// A keyword-like field with few values: its columns are read, not its lists.
//
// Memory 4 bytes a value, the terms.
class MergeOrdinals final : public TermsInput {
 public:
  MergeOrdinals(const MergeRows& rows, const std::vector<const OrdinalField*>& fields);
  bool next() override;
  std::string_view term() const override;
  std::span<const RowId> rows() const override;
  std::span<const uint32_t> freqs() const override { return {}; }
  std::string_view positions() const override { return {}; }

  // As MergeTerms::new_ordinals(), at any time.
  const std::vector<std::vector<uint32_t>>& new_ordinals() const { return new_ordinals_; }

 private:
  void merge_terms(const std::vector<const OrdinalField*>& fields);
  void place_rows(const MergeRows& rows, const std::vector<const OrdinalField*>& fields);

  std::string chars_;
  std::vector<size_t> ends_;  // of the terms in chars_
  std::vector<std::vector<uint32_t>>
      new_ordinals_;              // by input; until place_rows() those of terms without rows too
  std::vector<uint64_t> begins_;  // of each term's rows
  std::vector<RowId> rows_of_terms_;
  size_t at_ = SIZE_MAX;
};

}  // namespace stratalog::index
