// The terms of one field over all inputs of a merge, ascending, with the lists put together.
//
// Threads one. Life: readers and maps outlive it. Errors: SegmentFault.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/segment/list_reader.h"
#include "index/segment/segment_writer.h"
#include "index/segment/term_cursor.h"

namespace stratalog::index {

class MergeTerms final : public TermsInput {
 public:
  struct Source {
    const DictionaryReader* dictionary = nullptr;
    const PostingsReader* postings = nullptr;
    std::span<const uint32_t> new_rows;  // of the lists' rows; kNoRow: dropped
    // In place of `postings`: the lists come from here, as rows of the input (text that is kept by
    // value).
    const TermsIndex* expanded = nullptr;
  };
  MergeTerms(std::vector<Source> sources, bool freqs, bool positions);
  ~MergeTerms() override;

  // Terms without a row that is kept are left out.
  bool next() override;
  std::string_view term() const override { return term_; }
  std::span<const RowId> rows() const override { return list_.rows; }
  std::span<const uint32_t> freqs() const override { return list_.freqs; }
  std::string_view positions() const override { return list_.positions; }

  // By source: the number, among the terms that next() gave, of each of its terms; kNoRow for those
  // left out. Filled as far as next() has come.
  const std::vector<std::vector<uint32_t>>& new_ordinals() const { return new_ordinals_; }

 private:
  struct Cursor;
  // A cursor with the first bytes of its term: most comparisons touch nothing else.
  struct Head {
    uint64_t prefix;
    Cursor* cursor;
  };
  // Entries of list_ that came from one input, ascending; while they are put in order: those left.
  struct Run {
    size_t begin;
    size_t end;
    size_t positions;  // where its own begin
  };
  static bool same_term(const Head& a, const Head& b);
  static bool goes_before(const Head& a, const Head& b);
  static bool goes_after(const Head& a, const Head& b) { return goes_before(b, a); }
  void advance();
  void sink(const Head& moved);
  bool gather(std::span<Cursor* const> holders);
  bool gather_row(Cursor& cursor);
  void add(Cursor& cursor);
  bool number_rows(const Source& source, size_t begin);
  void drop_rows(size_t begin, size_t positions_begin);
  void add_runs(Run run);
  bool in_order() const;
  void put_in_order();
  void take(Run& run, size_t end);

  const bool freqs_;
  const bool positions_;
  std::vector<std::unique_ptr<Cursor>> cursors_;
  std::vector<Head> heap_;
  std::vector<Cursor*> same_;
  std::vector<std::vector<uint32_t>> new_ordinals_;
  uint32_t term_count_ = 0;
  std::string_view term_;   // in the block of a cursor that stays there until the next call
  bool top_given_ = false;  // the first of the heap, alone; else those of same_
  ReadList list_;
  std::vector<Run> runs_;
  ReadList sorted_;
};

}  // namespace stratalog::index
