// A numeric column of the live segment.
#pragma once

#include <cstdint>
#include <memory>

#include "index/live/entry_column.h"

namespace stratalog::index {

class LiveNumeric {
 public:
  void add(RowId row, int64_t value);
  size_t bytes() const { return entries_.bytes(); }
  EntrySnapshot<int64_t> entries() const { return entries_.snapshot(); }
  std::unique_ptr<NumericColumn> reader(uint32_t row_count) const;

 private:
  EntryColumn<int64_t> entries_;
  int64_t min_ = INT64_MAX;
  int64_t max_ = INT64_MIN;
  int64_t last_ = INT64_MIN;
  bool ascending_ = true;
};

}  // namespace stratalog::index
