#include "index/segment/union_postings.h"

#include <algorithm>
#include <bit>

#include "base/bits.h"
#include "index/segment/ordinal_rows.h"

namespace stratalog::index {

RowId UnionPostings::next() {
  return ended_ ? kNoRow : seek(row_ == kNoRow ? 0 : uint64_t{row_} + 1);
}

RowId UnionPostings::advance(RowId target) {
  if (ended_) return kNoRow;
  if (row_ != kNoRow && row_ >= target) return row_;
  return seek(target);
}

RowId UnionPostings::seek(uint64_t from) {
  while (from < row_count_) {
    const uint64_t window = from / kWindowRows * kWindowRows;
    if (window != window_) {
      bits_.fill(0);
      const auto end = static_cast<RowId>(std::min<uint64_t>(window + kWindowRows, row_count_));
      fill(static_cast<RowId>(window), end, bits_.data());
      window_ = window;
    }
    size_t i = (from - window) / 64;
    uint64_t word = bits_[i] & (~uint64_t{0} << (from % 64));
    while (word == 0 && ++i < bits_.size()) word = bits_[i];
    if (word != 0)
      return row_ = static_cast<RowId>(window + i * 64 +
                                       static_cast<unsigned>(std::countr_zero(word)));
    from = window + kWindowRows;
  }
  ended_ = true;
  return row_ = kNoRow;
}

void ListUnionPostings::fill(RowId begin, RowId end, uint64_t* bits) {
  for (const auto& list : lists_) list->fill(begin, end, bits);
}

ScanPostings::ScanPostings(const OrdinalRows& rows, std::span<const uint32_t> ordinals,
                           uint32_t doc_freq)
    : UnionPostings(rows.row_count(), doc_freq),
      rows_(rows),
      wanted_(words_for(rows.ordinal_count())) {
  for (const uint32_t ordinal : ordinals) set_bit(wanted_.data(), ordinal);
}

void ScanPostings::fill(RowId begin, RowId end, uint64_t* bits) {
  constexpr RowId kBatchRows = 16384;
  end = std::min(end, rows_.row_count());
  const RowId window = begin;
  for (; begin < end; begin = std::min(end, begin + kBatchRows)) {
    const RowId stop = std::min(end, begin + kBatchRows);
    rows_.read(begin, stop, batch_);
    const size_t offset = begin - window;
    if (batch_.one_each) {
      for (size_t i = 0; i < batch_.values.size(); ++i) {
        bits[(offset + i) / 64] |= uint64_t{get_bit(wanted_.data(), batch_.values[i])}
                                   << ((offset + i) % 64);
      }
      continue;
    }
    for (size_t i = 0; i < stop - begin; ++i) {
      for (uint32_t k = batch_.begin(i); k < batch_.end(i); ++k) {
        if (get_bit(wanted_.data(), batch_.values[k])) set_bit(bits, offset + i);
      }
    }
  }
}

}  // namespace stratalog::index
