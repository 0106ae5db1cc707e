#include <algorithm>

#include "index/auto_id.h"
#include "query/exec/term.h"

namespace stratalog::query {

using index::RowId;

namespace {

// Rows of a segment whose id is among `ids`: explicit ones by the dictionary, automatic ones by
// their sequence number (and then compared, since the form alone proves nothing).
std::vector<RowId> rows_of(const index::SegmentReader& reader,
                           const std::vector<std::string>& ids) {
  std::vector<RowId> rows;
  for (const std::string& id : ids) {
    const auto explicit_rows = reader.rows_of_explicit_id(id);
    rows.insert(rows.end(), explicit_rows.begin(), explicit_rows.end());
    const auto automatic = index::decode_auto_id(id);
    if (!automatic) continue;
    // The id holds the low 56 bits of the number.
    if (automatic->seq_no < reader.min_seq_no() || automatic->seq_no > reader.max_seq_no())
      continue;
    const auto row = reader.find_seq_no(automatic->seq_no);
    if (!row) continue;
    std::vector<index::RowData> data;
    reader.row_data(std::span(&*row, 1), data);
    if (!data.empty() && data[0].id == id) rows.push_back(*row);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

}  // namespace

PlanPtr ids_plan(const IndexContext&, const std::vector<std::string>& ids, float score) {
  if (ids.empty()) return none_plan();
  return lambda_plan([ids, score](const SegmentContext& segment) -> SegmentQueryPtr {
    if (segment.row_count() == 0) return nullptr;
    auto rows = std::make_shared<const std::vector<RowId>>(rows_of(segment.reader, ids));
    if (rows->empty()) return nullptr;
    return std::make_unique<FillQuery>(
        [rows](RowId begin, RowId end, uint64_t* bits) {
          for (auto it = std::lower_bound(rows->begin(), rows->end(), begin);
               it != rows->end() && *it < end; ++it) {
            set_bit(bits, *it - begin);
          }
        },
        rows->size(), index::RowRange{rows->front(), rows->back() + 1}, score, rows->size());
  });
}

}  // namespace stratalog::query
