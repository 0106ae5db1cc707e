#include "index/partition/slot.h"

#include <algorithm>
#include <unordered_set>

namespace stratalog::index {

namespace {
constexpr size_t kFewVictims = 16;   // up to here each is looked up by itself
constexpr RowId kWindow = 16 << 10;  // rows of a column read at a time
}  // namespace

std::optional<DocMeta> LiveSlot::find_auto(uint64_t prefix, SeqNo seq_no) const {
  auto run = std::upper_bound(
      runs.begin(), runs.end(), seq_no,
      [](SeqNo wanted, const Run& candidate) { return wanted < candidate.seq_no; });
  if (run == runs.begin()) return std::nullopt;
  const RowId end = run == runs.end() ? segment->row_count() : run->row;
  --run;
  const uint64_t row = run->row + static_cast<uint64_t>(seq_no - run->seq_no);
  if (row >= end || run->auto_id_prefix != prefix || prefix == 0) return std::nullopt;
  return DocMeta{static_cast<RowId>(row), seq_no, run->primary_term, 1};
}

void LiveSlot::note_row(RowId row, SeqNo seq_no, int64_t primary_term, uint64_t prefix) {
  if (!runs.empty()) {
    const Run& last = runs.back();
    const SeqNo expected = last.seq_no + static_cast<SeqNo>(row - last.row);
    if (seq_no == expected && last.primary_term == primary_term && last.auto_id_prefix == prefix)
      return;
  }
  runs.push_back({row, seq_no, primary_term, prefix});
}

void SealedSlot::resolve() {
  const size_t todo = deletes.size() - resolved_deletes;
  if (todo == 0) return;
  if (todo <= kFewVictims) {
    for (size_t i = resolved_deletes; i < deletes.size(); ++i) {
      if (const auto row = segment->find_seq_no(deletes[i].victim)) deleted.add(*row);
    }
  } else {
    std::unordered_set<SeqNo> victims;
    for (size_t i = resolved_deletes; i < deletes.size(); ++i) victims.insert(deletes[i].victim);
    const NumericColumn* column = segment->numeric("_seq_no", Kind::kI64);
    NumericBatch batch;
    std::vector<RowId> rows;
    for (RowId begin = 0; begin < segment->row_count(); begin += kWindow) {
      rows.clear();
      for (RowId row = begin; row < std::min(segment->row_count(), begin + kWindow); ++row)
        rows.push_back(row);
      column->gather(rows, batch);
      for (size_t i = 0; i < rows.size(); ++i) {
        if (victims.contains(batch.values[batch.begin(i)])) deleted.add(rows[i]);
      }
    }
  }
  resolved_deletes = deletes.size();
}

}  // namespace stratalog::index
