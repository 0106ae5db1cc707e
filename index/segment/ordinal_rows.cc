#include "index/segment/ordinal_rows.h"

#include <algorithm>
#include <numeric>

#include "base/bits.h"
#include "index/segment/bit_packing.h"
#include "index/segment/union_postings.h"

namespace stratalog::index {
namespace {

// Opening a list costs about as much as scanning a thousand rows of the column.
constexpr size_t kListsMax = 256;

}  // namespace

StoredOrdinalRows::StoredOrdinalRows(const BlockSource& source, const DictionaryReader& dictionary,
                                     uint32_t row_count, ByteReader& meta)
    : dictionary_(dictionary), postings_(source, meta), column_(source, row_count, meta) {
  check_stored(postings_.list_rows() == row_count && dictionary.shape().has_postings &&
                   dictionary.shape().list_rows == row_count,
               "ordinal field");
  check_stored(column_.value_count() == 0 ||
                   (column_.min() >= 0 && column_.max() < int64_t{dictionary.term_count()}),
               "ordinal column");
}

void StoredOrdinalRows::check(const OrdinalBatch& batch) const {
  uint32_t max = 0;
  for (const uint32_t ordinal : batch.values) max = std::max(max, ordinal);
  check_stored(batch.values.empty() || max < ordinal_count(), "ordinal of a row");
}

void StoredOrdinalRows::gather(std::span<const RowId> rows, OrdinalBatch& out) const {
  column_.gather(rows, out);
  check(out);
}

void StoredOrdinalRows::read(RowId begin, RowId end, OrdinalBatch& out) const {
  column_.read(begin, end, out);
  check(out);
}

void StoredOrdinalRows::fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                                   uint64_t* bits) const {
  if (low >= high) return;
  column_.fill_range(begin, end, low, int64_t{high} - 1, bits);
}

std::unique_ptr<Postings> StoredOrdinalRows::postings(std::vector<uint32_t> ordinals,
                                                      uint32_t doc_freq) const {
  if (ordinals.size() == 1)
    return postings_.open(dictionary_.entry(ordinals[0]), TermsIndex::Want::kRows);
  if (ordinals.size() > kListsMax) return std::make_unique<ScanPostings>(*this, ordinals, doc_freq);
  std::vector<std::unique_ptr<Postings>> lists;
  lists.reserve(ordinals.size());
  for (const uint32_t ordinal : ordinals) {
    lists.push_back(postings_.open(dictionary_.entry(ordinal), TermsIndex::Want::kRows));
  }
  return std::make_unique<ListUnionPostings>(std::move(lists), row_count(), doc_freq);
}

DerivedOrdinalRows::DerivedOrdinalRows(const OrdinalRows& root, uint32_t ordinal_count,
                                       ByteReader& meta)
    : root_(root), ordinal_count_(ordinal_count) {
  const uint64_t present = meta.varint();
  const auto width = meta.fixed<uint8_t>();
  check_stored(meta.ok() && present <= root.row_count() && width <= 32 && root.single_valued(),
               "derived field");
  present_rows_ = static_cast<uint32_t>(present);
  const std::string_view packed = meta.bytes(packed_bytes(root.ordinal_count(), width));
  check_stored(meta.ok(), "derived field is cut off");
  // The bytes of a meta may end here: the packed ones are copied to have readable ones behind.
  std::string padded(packed);
  padded.append(8, '\0');
  table_.resize(root.ordinal_count());
  unpack_bits(padded.data(), 0, table_.size(), width, table_.data());
  for (uint32_t i = 0; i < table_.size(); ++i) {
    check_stored(table_[i] <= ordinal_count_, "derived ordinal");
    if (table_[i] != 0) sorted_.push_back(i);
  }
  total_ = sorted_.size() == table_.size();
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [&](uint32_t a, uint32_t b) { return table_[a] < table_[b]; });
  check_stored(!one_each() || (total_ && root.one_each()), "derived field");
}

void DerivedOrdinalRows::map(OrdinalBatch& batch) const {
  if (total_) {
    for (uint32_t& ordinal : batch.values) ordinal = table_[ordinal] - 1;
    return;
  }
  if (batch.one_each) {
    batch.starts.resize(batch.values.size() + 1);
    std::iota(batch.starts.begin(), batch.starts.end(), 0);
    batch.one_each = false;
  }
  uint32_t kept = 0;
  uint32_t begin = 0;
  for (size_t row = 0; row + 1 < batch.starts.size(); ++row) {
    const uint32_t end = batch.starts[row + 1];
    for (; begin < end; ++begin) {
      if (const uint32_t mapped = table_[batch.values[begin]]; mapped != 0)
        batch.values[kept++] = mapped - 1;
    }
    batch.starts[row + 1] = kept;
  }
  batch.values.resize(kept);
}

void DerivedOrdinalRows::gather(std::span<const RowId> rows, OrdinalBatch& out) const {
  root_.gather(rows, out);
  map(out);
}

void DerivedOrdinalRows::read(RowId begin, RowId end, OrdinalBatch& out) const {
  root_.read(begin, end, out);
  map(out);
}

std::vector<uint32_t> DerivedOrdinalRows::roots_of(uint32_t low, uint32_t high) const {
  const auto first = std::partition_point(sorted_.begin(), sorted_.end(),
                                          [&](uint32_t r) { return table_[r] - 1 < low; });
  const auto last =
      std::partition_point(first, sorted_.end(), [&](uint32_t r) { return table_[r] - 1 < high; });
  return {first, last};
}

void DerivedOrdinalRows::fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                                    uint64_t* bits) const {
  std::vector<uint32_t> roots = roots_of(low, high);
  if (roots.empty()) return;
  std::sort(roots.begin(), roots.end());
  root_.postings(std::move(roots), 0)->fill(begin, end, bits);
}

void DerivedOrdinalRows::fill_present(RowId begin, RowId end, uint64_t* bits) const {
  if (total_) {
    root_.fill_present(begin, end, bits);
  } else {
    fill_range(begin, end, 0, ordinal_count_, bits);
  }
}

std::unique_ptr<Postings> DerivedOrdinalRows::postings(std::vector<uint32_t> ordinals,
                                                       uint32_t doc_freq) const {
  std::vector<uint32_t> roots;
  for (const uint32_t ordinal : ordinals) {
    check_stored(ordinal < ordinal_count_, "derived ordinal");
    const std::vector<uint32_t> of = roots_of(ordinal, ordinal + 1);
    roots.insert(roots.end(), of.begin(), of.end());
  }
  std::sort(roots.begin(), roots.end());
  return root_.postings(std::move(roots), doc_freq);
}

}  // namespace stratalog::index
