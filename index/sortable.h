// Numbers as int64 whose order is the numbers' order: the one form in which numeric columns hold
// values.
#pragma once

#include <bit>
#include <cstdint>

namespace stratalog::index {

// -0.0 sorts below 0.0, NaN above all (as Lucene's NumericUtils.doubleToSortableLong).
inline int64_t sortable_from_double(double v) {
  const int64_t bits = std::bit_cast<int64_t>(v);
  return bits ^ ((bits >> 63) & INT64_MAX);
}
inline double double_from_sortable(int64_t v) {
  return std::bit_cast<double>(v ^ ((v >> 63) & INT64_MAX));
}
inline int64_t sortable_from_u64(uint64_t v) {
  return static_cast<int64_t>(v ^ (uint64_t{1} << 63));
}
inline uint64_t u64_from_sortable(int64_t v) {
  return static_cast<uint64_t>(v) ^ (uint64_t{1} << 63);
}

}  // namespace stratalog::index
