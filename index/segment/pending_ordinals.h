// Keyword-like fields with few values that wait in memory for the end of a segment, because one of
// them may turn out to follow from another: every row with the same pod id has the same pod name,
// node, namespace, labels. Such a field costs a small table instead of a column and postings.
//
// Threads one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/segment/ordinal_writer.h"
#include "index/types.h"

namespace stratalog::index {

class PendingOrdinals {
 public:
  explicit PendingOrdinals(uint32_t row_count) : ordinals_(row_count) {}

  // False, and nothing is added, where the field does not fit: too many terms, or a row with two.
  bool add(std::string_view term, std::span<const RowId> rows);
  // Hands all terms over in order.
  void replay(OrdinalWriter& writer) const;

  uint32_t term_count() const { return static_cast<uint32_t>(ends_.size()); }
  std::string_view term(uint32_t ordinal) const;
  uint32_t present_rows() const { return present_rows_; }
  const std::vector<uint32_t>& doc_freqs() const { return doc_freqs_; }
  uint64_t bytes() const { return ordinals_.size() * sizeof(uint16_t) + chars_.size(); }

  // For each ordinal of `root` the own ordinal + 1 (0: none), where it follows from it.
  std::optional<std::vector<uint32_t>> follows_from(const PendingOrdinals& root) const;
  void write_derived(BlockSink& sink, int zstd_level, std::span<const uint32_t> table,
                     std::string& meta) const;

 private:
  std::vector<uint16_t> ordinals_;  // by row: + 1, 0 for none
  std::string chars_;
  std::vector<uint32_t> ends_;
  std::vector<uint32_t> doc_freqs_;
  uint32_t present_rows_ = 0;
};

}  // namespace stratalog::index
