// Writes a keyword-like field: dictionary, postings, column. Read by ordinal_field.h.
//
// Meta of a stored field: dictionary, varint sum of doc freqs, postings, column.
// Meta of a field that follows from another: dictionary (no postings), varint sum of doc freqs,
// varint present rows,
//   u8 width, for each ordinal of the other field the own ordinal + 1 (0: none) in that many bits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/segment/block_io.h"
#include "index/segment/column.h"
#include "index/segment/dictionary.h"
#include "index/segment/postings_writer.h"
#include "index/segment/segment_writer.h"

namespace stratalog::index {

// Streams: terms ascending with their rows.
//
// Threads one. Errors: the sink's.
class OrdinalWriter {
 public:
  OrdinalWriter(BlockSink& sink, uint32_t row_count, int zstd_level);
  void add(std::string_view term, std::span<const RowId> rows);
  void finish(std::string& meta);

  // Rows of each ordinal, and whether no row has two.
  const std::vector<uint32_t>& doc_freqs() const { return doc_freqs_; }
  bool single_valued() const { return others_.empty(); }

 private:
  void write_column(std::string& meta);

  BlockSink& sink_;
  const uint32_t row_count_;
  DictionaryWriter dictionary_;
  PostingsWriter postings_;
  std::vector<uint32_t> first_;  // by row: its first ordinal + 1, 0 without one
  struct Other {
    RowId row;
    uint32_t ordinal;
  };
  std::vector<Other> others_;  // further ordinals of rows
  std::vector<uint32_t> doc_freqs_;
  uint64_t sum_doc_freq_ = 0;
};

}  // namespace stratalog::index
