#include "index/segment/ordinal_writer.h"

#include <algorithm>

#include "base/ensure.h"

namespace stratalog::index {

OrdinalWriter::OrdinalWriter(BlockSink& sink, uint32_t row_count, int zstd_level)
    : sink_(sink),
      row_count_(row_count),
      dictionary_(sink, {.has_postings = true, .list_rows = row_count}, zstd_level),
      postings_(sink, {.list_rows = row_count}, zstd_level),
      first_(row_count) {}

void OrdinalWriter::add(std::string_view term, std::span<const RowId> rows) {
  const auto ordinal = static_cast<uint32_t>(doc_freqs_.size());
  dictionary_.add(term, postings_.add(rows, {}, {}));
  doc_freqs_.push_back(static_cast<uint32_t>(rows.size()));
  sum_doc_freq_ += rows.size();
  for (const RowId row : rows) {
    if (first_[row] == 0) {
      first_[row] = ordinal + 1;
    } else {
      others_.push_back({row, ordinal});
    }
  }
}

void OrdinalWriter::finish(std::string& meta) {
  dictionary_.finish(meta);
  put_varint(meta, sum_doc_freq_);
  postings_.finish(meta);
  write_column(meta);
}

void OrdinalWriter::write_column(std::string& meta) {
  std::stable_sort(others_.begin(), others_.end(),
                   [](const Other& a, const Other& b) { return a.row < b.row; });
  ColumnWriter column(sink_, Part::kOrdinalColumns, row_count_);
  std::vector<uint32_t> values;
  std::vector<uint32_t> starts;
  size_t other = 0;
  for (uint32_t begin = 0; begin < row_count_; begin += kChunkRows) {
    const uint32_t rows = std::min(kChunkRows, row_count_ - begin);
    values.clear();
    starts.assign(1, 0);
    for (RowId row = begin; row < begin + rows; ++row) {
      if (first_[row] != 0) values.push_back(first_[row] - 1);
      for (; other < others_.size() && others_[other].row == row; ++other)
        values.push_back(others_[other].ordinal);
      starts.push_back(static_cast<uint32_t>(values.size()));
    }
    column.add(rows, std::span<const uint32_t>(values), starts);
  }
  column.finish(meta);
}

}  // namespace stratalog::index
