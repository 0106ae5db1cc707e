// The rows that have any ordinal of a set, as one list: windows of rows are filled from the
// members' lists, or, where those are many, from the column.
//
// Threads one. Life: what it reads outlives it. Errors: SegmentFault.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "index/segment/segment_reader.h"

namespace stratalog::index {

class UnionPostings : public Postings {
 public:
  UnionPostings(uint32_t row_count, uint32_t doc_freq)
      : row_count_(row_count), doc_freq_(doc_freq) {}

  uint32_t doc_freq() const override { return doc_freq_; }
  RowId row() const override { return row_; }
  RowId next() override;
  RowId advance(RowId target) override;
  uint32_t freq() override { return 1; }
  std::span<const uint32_t> positions() override { return {}; }

 private:
  static constexpr uint32_t kWindowRows = 4096;
  RowId seek(uint64_t from);

  const uint32_t row_count_;
  const uint32_t doc_freq_;
  RowId row_ = kNoRow;
  bool ended_ = false;
  uint64_t window_ = UINT64_MAX;  // first row of the filled one
  std::array<uint64_t, kWindowRows / 64> bits_;
};

// Of a few lists.
class ListUnionPostings final : public UnionPostings {
 public:
  ListUnionPostings(std::vector<std::unique_ptr<Postings>> lists, uint32_t row_count,
                    uint32_t doc_freq)
      : UnionPostings(row_count, doc_freq), lists_(std::move(lists)) {}
  void fill(RowId begin, RowId end, uint64_t* bits) override;

 private:
  std::vector<std::unique_ptr<Postings>> lists_;
};

class OrdinalRows;

// Of many ordinals, by a scan of their column.
class ScanPostings final : public UnionPostings {
 public:
  ScanPostings(const OrdinalRows& rows, std::span<const uint32_t> ordinals, uint32_t doc_freq);
  void fill(RowId begin, RowId end, uint64_t* bits) override;

 private:
  const OrdinalRows& rows_;
  std::vector<uint64_t> wanted_;  // bit of each ordinal
  OrdinalBatch batch_;
};

}  // namespace stratalog::index
