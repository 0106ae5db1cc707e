// A text field of the live segment: a stream of term ids, cut into units. A unit is the analysed
// text of one row or, where the field has a keyword multi-field that holds the same value, of one
// distinct value: then it is analysed once and the row's unit follows from the keyword's id. No
// postings: readers scan the stream, the seal sorts it.
//
// Stream: one u32 a token. A word with the top bit set comes before a token whose position is not
// the one after the token before it: its low 31 bits are the step (0: the same position, 2: a hole
// of one).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "index/analysis/analyzer.h"
#include "index/live/entry_column.h"
#include "index/live/live_ordinals.h"
#include "index/live/term_table.h"

namespace stratalog::index {

inline constexpr uint32_t kStepFlag = 0x80000000u;
inline constexpr uint32_t kNoUnit = UINT32_MAX;

class LiveText {
 public:
  struct Options {
    std::shared_ptr<const Analyzer> analyzer;  // nullptr: the standard one
    uint32_t position_increment_gap = kPositionIncrementGap;
    bool norms = true;
    bool freqs = true;
    bool positions = true;
  };
  // `sibling`: the keyword multi-field, or nullptr. Outlives this.
  LiveText(Arena& arena, Options options, const LiveOrdinals* sibling);

  // Values of one row, in order; commit() ends the row, after the sibling's values were added.
  void add_value(std::string_view text) { pending_.push_back(text); }
  bool has_pending() const { return !pending_.empty(); }
  void commit(RowId row, TokenBuffer& tokens);
  // Instead of values and commit(): the row's text is that of an earlier row's unit.
  void commit_known(RowId row, uint32_t unit_id);
  uint32_t last_unit() const { return last_unit_; }  // of the last row

  size_t bytes() const;
  const Options& options() const { return options_; }
  const LiveOrdinals* sibling() const { return sibling_; }

  struct Unit {
    uint32_t start;  // in the stream
    uint32_t words;  // of the stream
    uint32_t token_count;
    uint32_t term_count;  // distinct
    uint32_t row_count;   // rows that have it; any thread by atomic_ref
    uint8_t norm;
  };
  // Everything as of a moment; taken under the owner's lock.
  struct Snapshot {
    const LiveText* field;
    EntrySnapshot<uint32_t> units_of_rows;    // not derived
    EntrySnapshot<uint32_t> sibling_of_rows;  // derived: the sibling's entries
    bool derived;
    uint32_t unit_count;
    uint32_t term_count;
    uint32_t present_rows;
    uint32_t term_rows;  // with at least one term: an empty text has none
    uint64_t sum_doc_freq;
    uint64_t sum_total_term_freq;

    uint32_t entry_count() const { return derived ? sibling_of_rows.count : units_of_rows.count; }
    RowId row(uint32_t entry) const {
      return derived ? sibling_of_rows.row(entry) : units_of_rows.row(entry);
    }
    uint32_t unit(uint32_t entry) const {
      return derived ? field->unit_of_value_[sibling_of_rows.value(entry)]
                     : units_of_rows.value(entry);
    }
    // The first entry of a row >= target.
    uint32_t lower(RowId target, uint32_t from = 0) const {
      return derived ? sibling_of_rows.lower(target, from) : units_of_rows.lower(target, from);
    }
  };
  Snapshot snapshot() const;
  std::unique_ptr<TermsIndex> reader() const;

  const TermTable& table() const { return table_; }
  const Unit& unit(uint32_t id) const { return units_[id]; }
  uint32_t unit_of_value(uint32_t value) const { return unit_of_value_[value]; }
  const GrowingArray<uint32_t>& stream() const { return stream_; }
  // Calls visit(term id, position) for the tokens of a unit.
  template <typename Visit>
  void tokens_of(uint32_t unit_id, Visit&& visit) const {
    const Unit& u = units_[unit_id];
    uint32_t next = 0;
    stream_.spans(u.start, u.start + u.words, [&](std::span<const uint32_t> words, size_t) {
      for (const uint32_t word : words) {
        if ((word & kStepFlag) != 0) {
          next += (word & ~kStepFlag) - 1;
          continue;
        }
        visit(word, next);
        ++next;
      }
    });
  }

  std::shared_ptr<const TermOrder> order(uint32_t count) const;

 private:
  uint32_t analyze_unit(std::span<const std::string_view> texts, TokenBuffer& tokens);
  void stop_deriving();

  Options options_;
  const LiveOrdinals* sibling_;
  TermTable table_;  // tallies: units that have the term, tokens, the last unit
  GrowingArray<uint32_t> stream_;
  GrowingArray<Unit> units_;
  GrowingArray<uint32_t> unit_of_value_;  // by the sibling's id; kNoUnit: not analysed yet
  EntryColumn<uint32_t> unit_of_row_;     // once not derived
  bool derived_;
  uint32_t last_unit_ = kNoUnit;
  uint32_t present_rows_ = 0;
  uint32_t term_rows_ = 0;
  uint64_t sum_doc_freq_ = 0;
  uint64_t sum_total_term_freq_ = 0;
  std::vector<std::string_view> pending_;
  std::vector<uint32_t> hashes_;  // of the tokens in work
  mutable std::mutex order_mutex_;
  mutable std::shared_ptr<const TermOrder> order_;
};

}  // namespace stratalog::index
