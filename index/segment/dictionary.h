// The terms of a field: sorted, prefix-coded blocks of about 16 KiB of terms, compressed; what is
// resident is a separator for each block (the shortest string above all terms before it that is not
// above its own).
//
// Block, all numbers varints where not said otherwise:
//   term count
//   record offset, list frequency: sums over all terms before the block         (has postings)
//   compressed: prefix lengths, suffix lengths, suffixes; a term = that many bytes of the term
//               before it, its suffix
//   compressed: list counts - 1
//               list frequencies - list counts                                  (has freqs)
//               record lengths of terms with a list count over 1                (has postings)
//               doc freqs, total term freqs - doc freqs                         (shown apart)
//   rows of the terms with a list count of 1, bits_for(list rows - 1) bits each (has postings)
//
// Meta:
//   u8 flags: 1 has postings, 2 has freqs, 4 shown apart
//   list rows, term count, block count
//   compressed index: for each block bytes shared with the last separator, the rest of its own,
//                     term count, extent
//   where there are blocks: extent of the compressed pair filters of all blocks (pair_filter.h)
//
// So a term that occurs in one row needs no postings (78 % of the terms of logs are such), and
// neither positions nor frequencies need an address: they lie in term order, counted by list
// frequency.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/segment/block_io.h"
#include "index/segment/pair_filter.h"

namespace stratalog::index {

// What is known of each term of a dictionary.
struct DictionaryShape {
  bool has_postings = true;  // else the list count is the doc freq and nothing more
  bool has_freqs = false;
  bool shown_apart = false;  // lists are not of rows: doc_freq and total_term_freq are kept beside
  uint32_t list_rows = 0;    // lists name numbers below it
};

struct TermEntry {
  uint32_t list_count = 0;  // entries of its postings list
  uint32_t doc_freq = 0;    // as shown to queries: of rows
  uint32_t row = 0;         // list_count 1
  uint32_t record_length = 0;
  uint64_t record_offset = 0;  // list_count > 1
  uint64_t list_freq = 0;      // sum of the list's frequencies
  uint64_t total_term_freq = 0;
  uint64_t freq_before = 0;  // sum of list_freq of all terms before it
};

// Threads one. Errors: the sink's.
class DictionaryWriter {
 public:
  DictionaryWriter(BlockSink& sink, const DictionaryShape& shape, int zstd_level);

  // Terms strictly ascending. Offsets and freq_before need not be set: records lie one after the
  // other.
  void add(std::string_view term, const TermEntry& entry);
  // Appends what a reader needs to `meta`.
  void finish(std::string& meta);

  uint32_t term_count() const { return term_count_ + static_cast<uint32_t>(pending_.size()); }

 private:
  struct Pending {
    TermEntry entry;
    uint32_t prefix;
    uint32_t suffix;
  };
  void flush();

  BlockSink& sink_;
  const DictionaryShape shape_;
  const int zstd_level_;
  uint32_t term_count_ = 0;
  uint64_t record_offset_ = 0;
  uint64_t freq_before_ = 0;

  std::vector<Pending> pending_;
  std::string suffixes_;
  size_t pending_bytes_ = 0;
  std::string last_term_;
  std::string separator_;  // of the pending block
  std::string last_separator_;

  uint32_t block_count_ = 0;
  std::string index_;
  PairCollector pairs_;  // of the pending block
  std::string filters_;
  std::string text_, numbers_, block_;
};

// A block's terms, spelled out.
class DictionaryBlock {
 public:
  uint32_t first_ordinal() const { return first_ordinal_; }
  uint32_t count() const { return static_cast<uint32_t>(ends_.size()); }
  std::string_view term(uint32_t i) const {
    const uint32_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(chars_).substr(begin, ends_[i] - begin);
  }
  const TermEntry& entry(uint32_t i) const { return entries_[i]; }
  // All terms one after the other; ends()[i] is where term i ends.
  std::string_view chars() const { return chars_; }
  std::span<const uint32_t> ends() const { return ends_; }
  uint32_t lower_bound(std::string_view term) const;

 private:
  friend class DictionaryReader;
  uint32_t first_ordinal_ = 0;
  std::string chars_;
  std::vector<uint32_t> ends_;
  std::vector<TermEntry> entries_;
};

// Threads any. Life: `source` outlives it.
class DictionaryReader {
 public:
  DictionaryReader(const BlockSource& source, ByteReader& meta);

  uint32_t term_count() const { return term_count_; }
  uint32_t block_count() const { return static_cast<uint32_t>(blocks_.size()); }
  const DictionaryShape& shape() const { return shape_; }

  std::shared_ptr<const DictionaryBlock> block(uint32_t number) const;
  uint32_t block_of_ordinal(uint32_t ordinal) const;
  uint32_t block_of_term(
      std::string_view term) const;  // the one that would hold it; 0 without blocks

  std::optional<uint32_t> find(std::string_view term, TermEntry* entry = nullptr) const;
  uint32_t lower_bound(
      std::string_view term) const;  // first ordinal whose term is not below; term_count() if none
  TermEntry entry(uint32_t ordinal) const;
  std::string term(uint32_t ordinal) const;

  // The blocks that may hold a term with all of `parts` in it, ascending.
  std::vector<uint32_t> blocks_containing(std::span<const std::string_view> parts) const;

  uint64_t resident_bytes() const;

 private:
  struct Block {
    Extent extent;
    uint32_t first_ordinal;
    uint32_t separator_end;
  };
  std::string_view separator(size_t i) const;
  std::shared_ptr<const DictionaryBlock> decode(uint32_t number) const;

  const BlockSource& source_;
  const uint64_t id_;  // of this object, never given twice
  DictionaryShape shape_;
  uint32_t term_count_ = 0;
  Extent filters_;
  std::vector<Block> blocks_;
  std::string separators_;
};

}  // namespace stratalog::index
