#include <algorithm>
#include <bit>
#include <limits>

#include "base/ensure.h"
#include "index/segment/bit_packing.h"
#include "index/segment/compression.h"
#include "index/segment/dictionary.h"

namespace stratalog::index {
namespace {

constexpr size_t kBlockTermBytes = 16 << 10;
constexpr size_t kBlockTerms = 2048;

size_t common_prefix(std::string_view a, std::string_view b) {
  const size_t size = std::min(a.size(), b.size());
  size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    const uint64_t differing =
        get_fixed<uint64_t>(a.data() + at) ^ get_fixed<uint64_t>(b.data() + at);
    if (differing != 0) return at + static_cast<size_t>(std::countr_zero(differing)) / 8;
  }
  while (at < size && a[at] == b[at]) ++at;
  return at;
}

bool goes_before(std::string_view a, std::string_view b, size_t shared) {
  if (shared == a.size()) return shared < b.size();
  return shared < b.size() && static_cast<uint8_t>(a[shared]) < static_cast<uint8_t>(b[shared]);
}

}  // namespace

DictionaryWriter::DictionaryWriter(BlockSink& sink, const DictionaryShape& shape, int zstd_level)
    : sink_(sink), shape_(shape), zstd_level_(zstd_level) {}

void DictionaryWriter::add(std::string_view term, const TermEntry& entry) {
  ENSURE(term_count() < std::numeric_limits<uint32_t>::max());
  const size_t shared = common_prefix(last_term_, term);
  ENSURE(term_count() == 0 || goes_before(last_term_, term, shared));
  const bool first = pending_.empty();
  if (first)
    separator_ = term_count_ == 0 ? std::string() : std::string(term.substr(0, shared + 1));
  const size_t prefix = first ? 0 : shared;
  pending_.push_back(
      {entry, static_cast<uint32_t>(prefix), static_cast<uint32_t>(term.size() - prefix)});
  suffixes_.append(term.substr(prefix));
  // The pair that the suffix makes with the prefix too.
  pairs_.add(term.substr(prefix == 0 ? 0 : prefix - 1));
  pending_bytes_ += term.size();
  last_term_.resize(shared);
  last_term_.append(term.substr(shared));
  if (pending_bytes_ >= kBlockTermBytes || pending_.size() >= kBlockTerms) flush();
}

void DictionaryWriter::flush() {
  text_.clear();
  for (const Pending& p : pending_) put_varint(text_, p.prefix);
  for (const Pending& p : pending_) put_varint(text_, p.suffix);
  text_.append(suffixes_);

  numbers_.clear();
  for (const Pending& p : pending_) put_varint(numbers_, p.entry.list_count - 1);
  if (shape_.has_freqs) {
    for (const Pending& p : pending_) put_varint(numbers_, p.entry.list_freq - p.entry.list_count);
  }
  if (shape_.has_postings) {
    for (const Pending& p : pending_) {
      if (p.entry.list_count > 1) put_varint(numbers_, p.entry.record_length);
    }
  }
  if (shape_.shown_apart) {
    for (const Pending& p : pending_) put_varint(numbers_, p.entry.doc_freq);
    for (const Pending& p : pending_)
      put_varint(numbers_, p.entry.total_term_freq - p.entry.doc_freq);
  }

  block_.clear();
  put_varint(block_, pending_.size());
  if (shape_.has_postings) {
    put_varint(block_, record_offset_);
    put_varint(block_, freq_before_);
  }
  put_compressed(block_, text_, zstd_level_);
  put_compressed(block_, numbers_, zstd_level_);
  if (shape_.has_postings) {
    std::vector<uint32_t> rows;
    for (const Pending& p : pending_) {
      if (p.entry.list_count == 1) {
        rows.push_back(p.entry.row);
      } else {
        record_offset_ += p.entry.record_length;
      }
      freq_before_ += p.entry.list_freq;
    }
    pack_bits(block_, rows, bits_for(shape_.list_rows - 1));
  }

  const Extent extent = sink_.put(Part::kDictionary, block_);
  const size_t shared = common_prefix(last_separator_, separator_);
  put_varint(index_, shared);
  put_string(index_, std::string_view(separator_).substr(shared));
  put_varint(index_, pending_.size());
  put_extent(index_, extent);
  last_separator_ = separator_;
  pairs_.filter().put(filters_);
  pairs_ = {};
  ++block_count_;
  term_count_ += static_cast<uint32_t>(pending_.size());
  pending_.clear();
  suffixes_.clear();
  pending_bytes_ = 0;
}

void DictionaryWriter::finish(std::string& meta) {
  if (!pending_.empty()) flush();
  meta.push_back(static_cast<char>((shape_.has_postings ? 1 : 0) | (shape_.has_freqs ? 2 : 0) |
                                   (shape_.shown_apart ? 4 : 0)));
  put_varint(meta, shape_.list_rows);
  put_varint(meta, term_count_);
  put_varint(meta, block_count_);
  put_compressed(meta, index_, zstd_level_);
  if (block_count_ == 0) return;
  block_.clear();
  put_compressed(block_, filters_, zstd_level_);
  put_extent(meta, sink_.put(Part::kDictionary, block_));
}

}  // namespace stratalog::index
