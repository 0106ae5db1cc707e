#include "query/exec/collector.h"

#include <array>

namespace stratalog::query {

using index::RowId;

void Collector::collect_bits(const SegmentContext& segment, RowId begin, RowId,
                             std::span<const uint64_t> bits) {
  std::array<RowId, kBatchRows> rows;
  size_t count = 0;
  for_each_bit(bits, [&](size_t i) {
    rows[count++] = begin + static_cast<RowId>(i);
    if (count < rows.size()) return;
    collect(segment, rows, {});
    count = 0;
  });
  if (count > 0) collect(segment, std::span(rows).first(count), {});
}

void Collector::collect_interval(const SegmentContext& segment, index::RowRange range) {
  std::array<RowId, kBatchRows> rows;
  for (RowId at = range.begin; at < range.end;) {
    size_t count = 0;
    while (at < range.end && count < rows.size()) rows[count++] = at++;
    collect(segment, std::span(rows).first(count), {});
  }
}

}  // namespace stratalog::query
