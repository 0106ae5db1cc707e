#include "index/segment/list_reader.h"

namespace stratalog::index {

ListReader::ListReader(const PostingsReader& reader, bool positions)
    : reader_(reader),
      records_(reader),
      position_cursor_(reader),
      positions_(positions && reader.has_positions()) {}

void ListReader::read(const TermEntry& entry, ReadList& out) {
  out.rows.clear();
  out.freqs.clear();
  out.positions.clear();
  if (entry.list_count == 1) {
    out.rows.push_back(entry.row);
    if (entry.list_freq > 1) out.freqs.push_back(static_cast<uint32_t>(entry.list_freq));
  } else {
    const bool with_freqs = entry.list_freq > entry.list_count;
    const auto list = reader_.open(
        entry, with_freqs ? TermsIndex::Want::kFreqs : TermsIndex::Want::kRows, &records_);
    out.rows.reserve(entry.list_count);
    out.freqs.reserve(entry.list_count);
    list->read(0, kNoRow, out.rows, out.freqs);
    if (!with_freqs) out.freqs.clear();
    check_stored(out.rows.size() == entry.list_count, "entries of a postings list");
  }
  if (!positions_) return;
  position_cursor_.seek(entry.freq_before);
  if (out.freqs.empty()) {
    position_cursor_.append_firsts(out.rows.size(), out.positions);
  } else {
    for (const uint32_t freq : out.freqs) position_cursor_.append(freq, out.positions);
  }
}

}  // namespace stratalog::index
