#include "index/segment/text_writer.h"

#include <algorithm>

#include "base/bits.h"
#include "base/ensure.h"
#include "index/segment/column.h"
#include "index/segment/dictionary.h"
#include "index/segment/postings_writer.h"

namespace stratalog::index {

void write_text_field(BlockSink& sink, uint32_t list_rows, int zstd_level, TermsInput& input,
                      const SegmentWriter::TextOptions& options,
                      std::span<const uint32_t> list_doc_freqs, bool by_value, std::string& meta) {
  ENSURE(options.norms.size() == list_rows);
  const bool freqs = options.freqs;
  const bool positions = options.freqs && options.positions;
  DictionaryWriter dictionary(
      sink,
      {.has_postings = true, .has_freqs = freqs, .shown_apart = by_value, .list_rows = list_rows},
      zstd_level);
  PostingsWriter postings(
      sink, {.list_rows = list_rows, .has_freqs = freqs, .has_positions = positions}, zstd_level);

  std::vector<uint64_t> present(words_for(list_rows));
  uint64_t sum_doc_freq = 0;
  uint64_t sum_total_term_freq = 0;
  while (input.next()) {
    const auto rows = input.rows();
    const auto row_freqs = freqs ? input.freqs() : std::span<const uint32_t>();
    TermEntry entry =
        postings.add(rows, row_freqs, positions ? input.positions() : std::string_view());
    for (const RowId row : rows) set_bit(present.data(), row);
    if (by_value) {
      uint64_t doc_freq = 0;
      entry.total_term_freq = 0;
      for (size_t i = 0; i < rows.size(); ++i) {
        doc_freq += list_doc_freqs[rows[i]];
        entry.total_term_freq +=
            uint64_t{list_doc_freqs[rows[i]]} * (row_freqs.empty() ? 1 : row_freqs[i]);
      }
      entry.doc_freq = static_cast<uint32_t>(doc_freq);
    }
    sum_doc_freq += entry.doc_freq;
    sum_total_term_freq += entry.total_term_freq;
    dictionary.add(input.term(), entry);
  }
  dictionary.finish(meta);
  postings.finish(meta);

  uint64_t doc_count = 0;
  for_each_bit(present, [&](size_t row) { doc_count += by_value ? list_doc_freqs[row] : 1; });
  put_varint(meta, doc_count);
  put_varint(meta, sum_doc_freq);
  put_varint(meta, sum_total_term_freq);
  meta.push_back(options.has_norms ? 1 : 0);
  ColumnWriter norms(sink, Part::kNorms, list_rows);
  std::vector<int64_t> values;
  for (uint32_t begin = 0; begin < list_rows; begin += kChunkRows) {
    const uint32_t rows = std::min(kChunkRows, list_rows - begin);
    const auto chunk = options.norms.subspan(begin, rows);
    values.assign(chunk.begin(), chunk.end());
    norms.add(rows, std::span<const int64_t>(values), {});
  }
  norms.finish(meta);
}

}  // namespace stratalog::index
