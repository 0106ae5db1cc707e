#include "query/exec/constant.h"

#include <algorithm>

namespace stratalog::query {

using index::RowId;
using index::RowRange;

namespace {

class NonePlan final : public Plan {
 public:
  SegmentQueryPtr open(const SegmentContext&) const override { return nullptr; }
  bool matches_none() const override { return true; }
};

class AllPlan final : public Plan {
 public:
  explicit AllPlan(float score) : score_(score) {}
  SegmentQueryPtr open(const SegmentContext& segment) const override {
    return std::make_unique<IntervalQuery>(all_rows(segment), score_);
  }
  bool matches_all() const override { return true; }

 private:
  float score_;
};

class ConstantScoreQuery final : public SegmentQuery {
 public:
  ConstantScoreQuery(SegmentQueryPtr inner, float score)
      : inner_(std::move(inner)), score_(score) {}
  void evaluate(RowId begin, RowId end, const uint64_t* mask, uint64_t* bits) override {
    inner_->evaluate(begin, end, mask, bits);
  }
  void score(std::span<const RowId> rows, float* scores) override {
    std::fill_n(scores, rows.size(), score_);
  }
  uint64_t cost() const override { return inner_->cost(); }
  RowRange bounds() const override { return inner_->bounds(); }
  bool all_in_bounds() const override { return inner_->all_in_bounds(); }
  std::optional<uint64_t> count() const override { return inner_->count(); }
  float max_score() const override { return score_; }

 private:
  SegmentQueryPtr inner_;
  float score_;
};

class ConstantScorePlan final : public Plan {
 public:
  ConstantScorePlan(PlanPtr inner, float score) : inner_(std::move(inner)), score_(score) {}
  SegmentQueryPtr open(const SegmentContext& segment) const override {
    SegmentQueryPtr inner = inner_->open(segment);
    if (inner == nullptr) return nullptr;
    return std::make_unique<ConstantScoreQuery>(std::move(inner), score_);
  }
  bool excludes(const SegmentContext& segment) const override { return inner_->excludes(segment); }
  void visit(PlanVisitor& visitor) const override { inner_->visit(visitor); }

 private:
  PlanPtr inner_;
  float score_;
};

class LambdaPlan final : public Plan {
 public:
  LambdaPlan(std::function<SegmentQueryPtr(const SegmentContext&)> open,
             std::function<void(PlanVisitor&)> visit)
      : open_(std::move(open)), visit_(std::move(visit)) {}
  SegmentQueryPtr open(const SegmentContext& segment) const override { return open_(segment); }
  void visit(PlanVisitor& visitor) const override {
    if (visit_) visit_(visitor);
  }

 private:
  std::function<SegmentQueryPtr(const SegmentContext&)> open_;
  std::function<void(PlanVisitor&)> visit_;
};

}  // namespace

PlanPtr none_plan() {
  static const PlanPtr kNone = std::make_shared<NonePlan>();
  return kNone;
}

PlanPtr all_plan(float score) { return std::make_shared<AllPlan>(score); }

PlanPtr constant_score_plan(PlanPtr inner, float score) {
  if (inner->matches_none()) return inner;
  if (inner->matches_all()) return all_plan(score);
  return std::make_shared<ConstantScorePlan>(std::move(inner), score);
}

PlanPtr lambda_plan(std::function<SegmentQueryPtr(const SegmentContext&)> open,
                    std::function<void(PlanVisitor&)> visit) {
  return std::make_shared<LambdaPlan>(std::move(open), std::move(visit));
}

void IntervalQuery::evaluate(RowId begin, RowId end, const uint64_t*, uint64_t* bits) {
  std::fill_n(bits, words_for(end - begin), 0);
  const RowId first = std::max(begin, rows_.begin), last = std::min(end, rows_.end);
  if (first < last) set_bit_range(bits, first - begin, last - begin);
}
void IntervalQuery::score(std::span<const RowId> rows, float* scores) {
  std::fill_n(scores, rows.size(), score_);
}
void IntervalQuery::score_optional(std::span<const RowId> rows, float* scores, uint8_t* matched) {
  for (size_t i = 0; i < rows.size(); ++i) {
    matched[i] = rows[i] >= rows_.begin && rows[i] < rows_.end;
    scores[i] = matched[i] != 0 ? score_ : 0;
  }
}

void FillQuery::evaluate(RowId begin, RowId end, const uint64_t*, uint64_t* bits) {
  std::fill_n(bits, words_for(end - begin), 0);
  fill_(begin, end, bits);
}
void FillQuery::score(std::span<const RowId> rows, float* scores) {
  std::fill_n(scores, rows.size(), score_);
}

}  // namespace stratalog::query
