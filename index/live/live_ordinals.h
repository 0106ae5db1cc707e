// A keyword-like field of the live segment: a table of distinct values in order of first sight and
// each row's entries into it. Readers sort the values when an ordinal is asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "index/live/entry_column.h"
#include "index/live/term_table.h"

namespace stratalog::index {

// Live ids in the order of their terms, and back.
struct TermOrder {
  std::vector<uint32_t> id_of_rank;
  std::vector<uint32_t> rank_of_id;
};

class LiveOrdinals {
 public:
  explicit LiveOrdinals(Arena& arena) : table_(arena) {}

  // `stable`: where the same bytes stay as long as the segment, or nothing.
  void add(RowId row, std::string_view value, std::string_view stable);
  // A value that is in the table.
  void add_known(RowId row, uint32_t id) { note(row, id, nullptr); }

  // The last value added: which row, which bytes (by address), which id, and whether the row has
  // just this one.
  bool last_was_only(RowId row, const char* data) const {
    return last_row_ == row && last_data_ == data && last_row_values_ == 1;
  }
  uint32_t last_id() const { return last_id_; }

  size_t bytes() const { return table_.bytes() + entries_.bytes(); }
  EntrySnapshot<uint32_t> entries() const { return entries_.snapshot(); }
  uint32_t term_count() const { return table_.size(); }
  const TermTable& table() const { return table_; }
  // Any thread; may be ahead of a reader's rows.
  uint32_t doc_freq(uint32_t id) const { return table_.places(id); }
  // The order of the first `count` terms; kept for the next who asks.
  std::shared_ptr<const TermOrder> order(uint32_t count) const;

  struct Readers {
    std::unique_ptr<OrdinalColumn> column;
    std::unique_ptr<TermsIndex> terms;
  };
  Readers readers(uint32_t row_count) const;

 private:
  void note(RowId row, uint32_t id, const char* data);

  TermTable table_;  // tallies: rows that have the value, -, the last row
  EntryColumn<uint32_t> entries_;
  RowId last_row_ = kNoRow;
  const char* last_data_ = nullptr;
  uint32_t last_id_ = 0;
  uint32_t last_row_values_ = 0;
  mutable std::mutex order_mutex_;
  mutable std::shared_ptr<const TermOrder> order_;
};

// Rows found by a scan, with or without frequencies and positions: what every live posting list is.
class FoundPostings : public Postings {
 public:
  explicit FoundPostings(std::vector<RowId> rows) : rows_(std::move(rows)) {}
  uint32_t doc_freq() const override { return static_cast<uint32_t>(rows_.size()); }
  RowId row() const override {
    return at_ == 0 ? kNoRow : at_ > rows_.size() ? kNoRow : rows_[at_ - 1];
  }
  RowId next() override;
  RowId advance(RowId target) override;
  uint32_t freq() override { return 1; }
  std::span<const uint32_t> positions() override { return {}; }
  void fill(RowId begin, RowId end, uint64_t* bits) override;

 protected:
  size_t index() const { return at_ - 1; }  // of row() in rows_

  std::vector<RowId> rows_;

 private:
  size_t at_ = 0;  // 1 + index of the current row
};

// Walks terms in the given order; `info` tells what is known of an id.
class OrderedTermIterator : public TermIterator {
 public:
  using InfoOf = std::function<TermInfo(uint32_t id)>;
  OrderedTermIterator(std::shared_ptr<const TermOrder> order, const TermTable& table, uint32_t rank,
                      InfoOf info)
      : order_(std::move(order)), table_(table), rank_(rank), info_(std::move(info)) {}
  bool valid() const override { return rank_ < order_->id_of_rank.size(); }
  std::string_view term() const override { return table_.term(order_->id_of_rank[rank_]); }
  TermInfo info() const override { return info_(order_->id_of_rank[rank_]); }
  void next() override { ++rank_; }

 private:
  std::shared_ptr<const TermOrder> order_;
  const TermTable& table_;
  size_t rank_;
  InfoOf info_;
};

// Ranks by binary search of `term` among the ordered terms.
uint32_t lower_rank(const TermOrder& order, const TermTable& table, std::string_view term);
// Puts ids into the order of their terms as bytes.
void sort_by_term(const TermTable& table, std::span<uint32_t> ids);
// Sorts the first `count` terms, taking over the order of fewer of them.
std::shared_ptr<const TermOrder> make_order(const TermTable& table, uint32_t count,
                                            const TermOrder* earlier);

}  // namespace stratalog::index
