// (row, value) pairs in row order: the column form of live fields. As long as every row so far has
// exactly one value the rows are not written down.
//
// Threads one writer; a snapshot is taken under the owner's lock and then read by any thread while
// rows are appended.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "index/live/growing_array.h"
#include "index/segment/segment_reader.h"
#include "index/types.h"

namespace stratalog::index {

template <typename T>
struct EntrySnapshot {
  const GrowingArray<T>* values = nullptr;
  const GrowingArray<RowId>* rows = nullptr;  // unused when dense
  uint32_t count = 0;                         // entries
  uint32_t present_rows = 0;
  bool dense = true;  // entry i is of row i

  RowId row(uint32_t i) const { return dense ? i : (*rows)[i]; }
  const T& value(uint32_t i) const { return (*values)[i]; }
  bool single_valued() const { return present_rows == count; }
  // The first entry of a row >= `target`, looking from entry `from` on.
  uint32_t lower(RowId target, uint32_t from = 0) const {
    if (dense) return std::max(from, std::min(target, count));
    uint32_t step = 1, low = from, high = from;
    while (high < count && (*rows)[high] < target) {  // gallop: callers ask in ascending order
      low = high + 1;
      high = std::min(count, high + step);
      step *= 2;
    }
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if ((*rows)[middle] < target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  // Appends the values of ascending rows; `convert` maps a stored value to one of the batch.
  template <typename Out, typename Convert>
  void gather(std::span<const RowId> wanted, uint32_t row_count, ValueBatch<Out>& out,
              Convert&& convert) const {
    out.values.clear();
    out.starts.clear();
    out.one_each = dense && count == row_count;
    out.values.reserve(wanted.size());
    if (out.one_each) {
      for (const RowId wanted_row : wanted) out.values.push_back(convert((*values)[wanted_row]));
      return;
    }
    out.starts.reserve(wanted.size() + 1);
    uint32_t at = 0;
    for (const RowId wanted_row : wanted) {
      out.starts.push_back(static_cast<uint32_t>(out.values.size()));
      at = lower(wanted_row, at);
      for (uint32_t i = at; i < count && row(i) == wanted_row; ++i)
        out.values.push_back(convert(value(i)));
      const auto first = out.values.begin() + out.starts.back();
      if (out.values.end() - first > 1) std::sort(first, out.values.end());
    }
    out.starts.push_back(static_cast<uint32_t>(out.values.size()));
  }
  // Sets the bits of rows in [begin, end) that have an entry whose value `wanted` accepts.
  template <typename Wanted>
  void fill(RowId begin, RowId end, uint64_t* bits, Wanted&& wanted) const {
    for (uint32_t i = lower(begin); i < count; ++i) {
      const RowId at = row(i);
      if (at >= end) return;
      if (wanted(value(i))) bits[(at - begin) / 64] |= uint64_t{1} << ((at - begin) % 64);
    }
  }
};

template <typename T>
class EntryColumn {
 public:
  // Rows never fall.
  void add(RowId row, const T& value) {
    const uint32_t count = static_cast<uint32_t>(values_.size());
    if (dense_ && row != count) {
      for (uint32_t i = 0; i < count; ++i) rows_.push_back(i);
      dense_ = false;
    }
    if (!dense_) rows_.push_back(row);
    values_.push_back(value);
    if (count == 0 || row != last_row_) ++present_rows_;
    last_row_ = row;
  }
  EntrySnapshot<T> snapshot() const {
    return {&values_, &rows_, static_cast<uint32_t>(values_.size()), present_rows_, dense_};
  }
  uint32_t size() const { return static_cast<uint32_t>(values_.size()); }
  bool has(RowId row) const { return size() > 0 && last_row_ == row; }
  size_t bytes() const { return values_.bytes() + rows_.bytes(); }

 private:
  GrowingArray<T> values_;
  GrowingArray<RowId> rows_;
  uint32_t present_rows_ = 0;
  RowId last_row_ = kNoRow;
  bool dense_ = true;
};

}  // namespace stratalog::index
