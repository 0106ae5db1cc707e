#include "index/live/live_numeric.h"

#include <algorithm>

#include "base/bits.h"

namespace stratalog::index {

namespace {

class LiveNumericReader final : public NumericColumn {
 public:
  LiveNumericReader(EntrySnapshot<int64_t> entries, uint32_t row_count, int64_t min, int64_t max,
                    bool ascending)
      : entries_(entries), row_count_(row_count), min_(min), max_(max), ascending_(ascending) {}

  uint64_t value_count() const override { return entries_.count; }
  uint32_t present_rows() const override { return entries_.present_rows; }
  int64_t min() const override { return min_; }
  int64_t max() const override { return max_; }
  bool one_each() const override { return entries_.dense && entries_.count == row_count_; }
  bool sorted() const override { return one_each() && ascending_; }
  RowId lower_bound(int64_t value) const override {
    RowId low = 0, high = row_count_;
    while (low < high) {
      const RowId middle = low + (high - low) / 2;
      if (entries_.value(middle) < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  void gather(std::span<const RowId> rows, NumericBatch& out) const override {
    entries_.gather(rows, row_count_, out, [](int64_t v) { return v; });
  }
  void fill_range(RowId begin, RowId end, int64_t low, int64_t high,
                  uint64_t* bits) const override {
    entries_.fill(begin, end, bits, [=](int64_t v) { return v >= low && v <= high; });
  }
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    entries_.fill(begin, end, bits, [](int64_t) { return true; });
  }

 private:
  EntrySnapshot<int64_t> entries_;
  uint32_t row_count_;
  int64_t min_;
  int64_t max_;
  bool ascending_;
};

}  // namespace

void LiveNumeric::add(RowId row, int64_t value) {
  entries_.add(row, value);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  ascending_ = ascending_ && value >= last_;
  last_ = value;
}

std::unique_ptr<NumericColumn> LiveNumeric::reader(uint32_t row_count) const {
  return std::make_unique<LiveNumericReader>(entries_.snapshot(), row_count, min_, max_,
                                             ascending_);
}

}  // namespace stratalog::index
