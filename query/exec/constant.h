// Plans whose rows need no evaluation, and plans whose score is a constant.
#pragma once

#include <functional>

#include "query/exec/segment_query.h"

namespace stratalog::query {

PlanPtr none_plan();
PlanPtr all_plan(float score);
// The rows of `inner`, each with the score. Of a folded plan: folded.
PlanPtr constant_score_plan(PlanPtr inner, float score);

// An evaluator of an interval of rows, all with one score.
class IntervalQuery final : public SegmentQuery {
 public:
  IntervalQuery(index::RowRange rows, float score) : rows_(rows), score_(score) {}
  void evaluate(index::RowId begin, index::RowId end, const uint64_t* mask,
                uint64_t* bits) override;
  void score(std::span<const index::RowId> rows, float* scores) override;
  void score_optional(std::span<const index::RowId> rows, float* scores, uint8_t* matched) override;
  uint64_t cost() const override { return rows_.size(); }
  index::RowRange bounds() const override { return rows_; }
  bool all_in_bounds() const override { return true; }
  float max_score() const override { return score_; }

 private:
  index::RowRange rows_;
  float score_;
};

// An evaluator made of a function that sets a window's bits (they are cleared before), all rows
// with one score.
class FillQuery final : public SegmentQuery {
 public:
  using Fill = std::function<void(index::RowId begin, index::RowId end, uint64_t* bits)>;
  FillQuery(Fill fill, uint64_t cost, index::RowRange bounds, float score,
            std::optional<uint64_t> count = {})
      : fill_(std::move(fill)), cost_(cost), bounds_(bounds), score_(score), count_(count) {}
  void evaluate(index::RowId begin, index::RowId end, const uint64_t* mask,
                uint64_t* bits) override;
  void score(std::span<const index::RowId> rows, float* scores) override;
  uint64_t cost() const override { return cost_; }
  index::RowRange bounds() const override { return bounds_; }
  std::optional<uint64_t> count() const override { return count_; }
  float max_score() const override { return score_; }

 private:
  Fill fill_;
  uint64_t cost_;
  index::RowRange bounds_;
  float score_;
  std::optional<uint64_t> count_;
};

// A plan made of a function that opens it on a segment: what leaves with constant scores are made
// of.
PlanPtr lambda_plan(std::function<SegmentQueryPtr(const SegmentContext&)> open,
                    std::function<void(PlanVisitor&)> visit = {});

inline index::RowRange all_rows(const SegmentContext& segment) { return {0, segment.row_count()}; }

}  // namespace stratalog::query
