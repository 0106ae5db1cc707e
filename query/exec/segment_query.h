// A query on one segment: a tree of evaluators that work on windows of rows as bitsets (D18).
//
// Shape   a window is [begin, end) with begin a multiple of 64; bit i of `bits` is row begin + i;
// words_for(end - begin)
//         words. Deleted rows may match: whoever collects takes them out.
// Threads one thread an object.
// Life    no longer than its SegmentContext and Plan.
// Errors  reading throws index::SegmentFault.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/exec/context.h"

namespace stratalog::query {

class SegmentQuery {
 public:
  virtual ~SegmentQuery() = default;

  // Writes all words of `bits`: the rows of the window that match. `mask` (nullptr: all) names the
  // rows of interest; of others nothing is said, so a caller that gave a mask ANDs with it.
  virtual void evaluate(index::RowId begin, index::RowId end, const uint64_t* mask,
                        uint64_t* bits) = 0;

  // Scores of rows that match: ascending, call after call ascending too (also among the calls of
  // score_optional).
  virtual void score(std::span<const index::RowId> rows, float* scores) = 0;
  // The same of rows that may not match: matched[i] says whether. By default evaluates the span of
  // rows first.
  virtual void score_optional(std::span<const index::RowId> rows, float* scores, uint8_t* matched);

  // Scores of many rows of a window (at most kScoreRows rows; windows ascend from call to call, in
  // one object either these two or the two above are called). scores[i] is written for each row
  // that `bits` names; all of these match.
  virtual void score_window(index::RowId begin, index::RowId end, const uint64_t* bits,
                            float* scores);
  // Adds to sums[i] for those rows of `bits` that match.
  virtual void add_scores(index::RowId begin, index::RowId end, const uint64_t* bits, double* sums);

  // Rough number of rows that match: conjunctions run in its order.
  virtual uint64_t cost() const = 0;
  // No row outside matches.
  virtual index::RowRange bounds() const = 0;
  // Every row of bounds() matches: then nothing need be evaluated.
  virtual bool all_in_bounds() const { return false; }
  // How many rows match, deleted ones too, where it is known without evaluating.
  virtual std::optional<uint64_t> count() const {
    if (all_in_bounds()) return bounds().size();
    return std::nullopt;
  }
  // No row scores more. Infinity where that is not known.
  virtual float max_score() const;

 private:
  std::vector<uint64_t> optional_bits_;  // scratch
  std::vector<index::RowId> window_rows_;
  std::vector<float> window_scores_;
};
using SegmentQueryPtr = std::unique_ptr<SegmentQuery>;

// What highlighting marks, as a plan tells it.
class PlanVisitor {
 public:
  virtual ~PlanVisitor() = default;
  virtual void term(const std::string& field, const std::string& term) = 0;
  // Terms at their positions; more than one may stand at a position. slop as Lucene's.
  struct PhraseTerm {
    std::vector<std::string> terms;
    uint32_t position = 0;
    bool prefix = false;
  };
  virtual void phrase(const std::string& field, const std::vector<PhraseTerm>& terms,
                      uint32_t slop) = 0;
  // All terms for which `matches` holds.
  virtual void pattern(const std::string& field, std::function<bool(std::string_view)> matches) = 0;
};

// A query on one index, after field names are resolved and constants folded. Immutable once made;
// opened per segment.
class Plan {
 public:
  virtual ~Plan() = default;
  // nullptr: no row of this segment matches.
  virtual SegmentQueryPtr open(const SegmentContext& segment) const = 0;
  // Folded constants: every row matches (with the score `constant_score`), no row does.
  virtual bool matches_all() const { return false; }
  virtual bool matches_none() const { return false; }
  // No row of the segment matches, as is known without reading it. open() may find out more.
  virtual bool excludes(const SegmentContext& segment) const {
    (void)segment;
    return false;
  }
  // Adds what highlighting marks.
  virtual void visit(PlanVisitor& visitor) const { (void)visitor; }
};
using PlanPtr = std::shared_ptr<const Plan>;

// Tests rows of a segment against a query: the filters of aggregations, post_filter,
// matched_queries. Works window by window and keeps the last window's bits, so rows may come in any
// order within a window.
class RowFilter {
 public:
  RowFilter(const Plan& plan, const SegmentContext& segment);
  ~RowFilter();
  // The rows of a window that match, as SegmentQuery::evaluate; deleted ones may be among them.
  void bits(index::RowId begin, index::RowId end, const uint64_t* mask, uint64_t* out);
  bool matches(index::RowId row);
  // Positions in `rows` (ascending) that match.
  void select(std::span<const index::RowId> rows, std::vector<uint32_t>& positions);
  bool none() const { return query_ == nullptr; }
  SegmentQuery* query() { return query_.get(); }

 private:
  void load(index::RowId row);

  std::unique_ptr<SegmentQuery> query_;
  uint32_t row_count_;
  index::RowId begin_ = 0;
  index::RowId end_ = 0;
  std::vector<uint64_t> window_;
};

}  // namespace stratalog::query
