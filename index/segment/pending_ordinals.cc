#include "index/segment/pending_ordinals.h"

#include <algorithm>

#include "base/ensure.h"
#include "index/segment/bit_packing.h"

namespace stratalog::index {
namespace {

constexpr size_t kTermsMax = UINT16_MAX;
constexpr size_t kTermBytesMax = 4 << 20;

// So many terms a root may have at most: a table this big is not worth more than the column and
// costs queries a scan. What has more neither is one nor follows from one.
size_t root_terms_max(size_t rows) { return std::min(kTermsMax, std::max<size_t>(16, rows / 16)); }

}  // namespace

bool PendingOrdinals::add(std::string_view term, std::span<const RowId> rows) {
  ENSURE(!rows.empty());
  ENSURE(rows.back() < ordinals_.size());
  if (ends_.size() >= root_terms_max(ordinals_.size()) ||
      chars_.size() + term.size() > kTermBytesMax)
    return false;
  if (std::any_of(rows.begin(), rows.end(), [&](RowId row) { return ordinals_[row] != 0; }))
    return false;
  chars_.append(term);
  ends_.push_back(static_cast<uint32_t>(chars_.size()));
  for (const RowId row : rows) ordinals_[row] = static_cast<uint16_t>(ends_.size());
  doc_freqs_.push_back(static_cast<uint32_t>(rows.size()));
  present_rows_ += static_cast<uint32_t>(rows.size());
  return true;
}

std::string_view PendingOrdinals::term(uint32_t ordinal) const {
  const uint32_t begin = ordinal == 0 ? 0 : ends_[ordinal - 1];
  return std::string_view(chars_).substr(begin, ends_[ordinal] - begin);
}

void PendingOrdinals::replay(OrdinalWriter& writer) const {
  std::vector<uint32_t> at(term_count() + 1);
  for (uint32_t i = 0; i < term_count(); ++i) at[i + 1] = at[i] + doc_freqs_[i];
  std::vector<RowId> rows(present_rows_);
  for (RowId row = 0; row < ordinals_.size(); ++row) {
    if (ordinals_[row] != 0) rows[at[ordinals_[row] - 1]++] = row;
  }
  size_t begin = 0;
  for (uint32_t i = 0; i < term_count(); ++i) {
    writer.add(term(i), std::span<const RowId>(rows).subspan(begin, doc_freqs_[i]));
    begin += doc_freqs_[i];
  }
}

std::optional<std::vector<uint32_t>> PendingOrdinals::follows_from(
    const PendingOrdinals& root) const {
  constexpr uint32_t kUnseen = UINT32_MAX;
  std::vector<uint32_t> table(root.term_count() + 1, kUnseen);
  table[0] = 0;  // rows without a value of the root must have none here
  for (size_t row = 0; row < ordinals_.size(); ++row) {
    uint32_t& mapped = table[root.ordinals_[row]];
    if (mapped == ordinals_[row]) continue;
    if (mapped != kUnseen) return std::nullopt;
    mapped = ordinals_[row];
  }
  table.erase(table.begin());
  return table;
}

void PendingOrdinals::write_derived(BlockSink& sink, int zstd_level,
                                    std::span<const uint32_t> table, std::string& meta) const {
  DictionaryWriter dictionary(sink, {.has_postings = false}, zstd_level);
  for (uint32_t i = 0; i < term_count(); ++i) {
    TermEntry entry;
    entry.list_count = doc_freqs_[i];
    entry.doc_freq = doc_freqs_[i];
    entry.list_freq = entry.total_term_freq = doc_freqs_[i];
    dictionary.add(term(i), entry);
  }
  dictionary.finish(meta);
  put_varint(meta, present_rows_);  // the sum of doc freqs: one value a row
  put_varint(meta, present_rows_);
  const unsigned width = bits_for(term_count());
  meta.push_back(static_cast<char>(width));
  pack_bits(meta, table, width);
}

}  // namespace stratalog::index
