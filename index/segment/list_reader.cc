#include "index/segment/list_reader.h"

namespace stratalog::index {

ListReader::ListReader(const PostingsReader& reader, bool positions)
    : reader_(reader),
      records_(reader),
      position_cursor_(reader),
      positions_(positions && reader.has_positions()) {}

void ListReader::append(const TermEntry& entry, ReadList& out) {
  const size_t before = out.rows.size();
  const bool with_freqs = entry.list_freq > entry.list_count;
  if (with_freqs && out.freqs.empty()) out.freqs.assign(before, 1);
  if (entry.list_count == 1) {
    out.rows.push_back(entry.row);
    if (with_freqs) out.freqs.push_back(static_cast<uint32_t>(entry.list_freq));
  } else {
    const auto list = reader_.open(
        entry, with_freqs ? TermsIndex::Want::kFreqs : TermsIndex::Want::kRows, &records_);
    ones_.clear();
    list->read(0, kNoRow, out.rows, with_freqs ? out.freqs : ones_);
    check_stored(out.rows.size() - before == entry.list_count, "entries of a postings list");
  }
  if (!with_freqs && !out.freqs.empty()) out.freqs.resize(out.rows.size(), 1);
  if (!positions_) return;
  position_cursor_.seek(entry.freq_before);
  position_cursor_.append_bytes(entry.list_freq, out.positions);
}

}  // namespace stratalog::index
