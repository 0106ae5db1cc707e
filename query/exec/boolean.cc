#include "query/exec/boolean.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "query/exec/constant.h"

namespace stratalog::query {

using index::RowId;
using index::RowRange;

namespace {

using Children = std::vector<SegmentQueryPtr>;

bool any_bit(std::span<const uint64_t> words) {
  for (const uint64_t word : words) {
    if (word != 0) return true;
  }
  return false;
}

class BoolQuery final : public SegmentQuery {
 public:
  struct Parts {
    Children must;
    Children filter;
    Children should;
    Children must_not;
    uint32_t min_should = 0;
    uint32_t row_count = 0;
  };

  explicit BoolQuery(Parts parts) : parts_(std::move(parts)) {
    bounds_ = {0, parts_.row_count};
    cost_ = parts_.row_count;
    for (const Children* list : {&parts_.must, &parts_.filter}) {
      for (const SegmentQueryPtr& child : *list) {
        const RowRange rows = child->bounds();
        bounds_.begin = std::max(bounds_.begin, rows.begin);
        bounds_.end = std::min(bounds_.end, rows.end);
        cost_ = std::min(cost_, child->cost());
        if (!child->all_in_bounds()) required_.push_back(child.get());
      }
    }
    if (bounds_.end < bounds_.begin) bounds_.end = bounds_.begin;
    std::sort(required_.begin(), required_.end(),
              [](const SegmentQuery* a, const SegmentQuery* b) { return a->cost() < b->cost(); });
    if (parts_.min_should > 0) {
      uint64_t sum = 0;
      for (const SegmentQueryPtr& child : parts_.should) sum += child->cost();
      cost_ = std::min(cost_, sum);
    }
    cost_ = std::min<uint64_t>(cost_, bounds_.size());
  }

  void evaluate(RowId begin, RowId end, const uint64_t* mask, uint64_t* bits) override {
    const size_t words = words_for(end - begin);
    std::fill_n(bits, words, 0);
    const RowId first = std::max(begin, bounds_.begin), last = std::min(end, bounds_.end);
    if (first >= last) return;
    set_bit_range(bits, first - begin, last - begin);
    if (mask != nullptr && !and_with(bits, mask, words)) return;
    scratch_.resize(words_for(kWindowRows) > words ? words_for(kWindowRows) : words);
    for (SegmentQuery* child : required_) {
      child->evaluate(begin, end, bits, scratch_.data());
      if (!and_with(bits, scratch_.data(), words)) return;
    }
    if (parts_.min_should > 0 && !and_should(begin, end, bits, words)) return;
    for (const SegmentQueryPtr& child : parts_.must_not) {
      child->evaluate(begin, end, bits, scratch_.data());
      for (size_t w = 0; w < words; ++w) bits[w] &= ~scratch_[w];
    }
  }

  void score(std::span<const RowId> rows, float* scores) override {
    const size_t count = rows.size();
    sums_.assign(count, 0);
    part_.resize(count);
    // Lucene adds in double and rounds once; must and optional should are two such sums, added as
    // floats.
    for (const SegmentQueryPtr& child : parts_.must) {
      child->score(rows, part_.data());
      for (size_t i = 0; i < count; ++i) sums_[i] += static_cast<double>(part_[i]);
    }
    for (size_t i = 0; i < count; ++i) scores[i] = static_cast<float>(sums_[i]);
    if (parts_.should.empty()) return;
    optional_.assign(count, 0);
    matched_.resize(count);
    for (const SegmentQueryPtr& child : parts_.should) {
      child->score_optional(rows, part_.data(), matched_.data());
      for (size_t i = 0; i < count; ++i) {
        if (matched_[i] != 0) optional_[i] += static_cast<double>(part_[i]);
      }
    }
    for (size_t i = 0; i < count; ++i) scores[i] += static_cast<float>(optional_[i]);
  }

  void score_window(RowId begin, RowId end, const uint64_t* bits, float* scores) override {
    const size_t rows = end - begin;
    const std::span<const uint64_t> words(bits, words_for(rows));
    part_.resize(rows);
    sums_.assign(rows, 0);
    for (const SegmentQueryPtr& child : parts_.must) {
      child->score_window(begin, end, bits, part_.data());
      for_each_bit(words, [&](size_t i) { sums_[i] += static_cast<double>(part_[i]); });
    }
    for_each_bit(words, [&](size_t i) { scores[i] = static_cast<float>(sums_[i]); });
    if (parts_.should.empty()) return;
    if (!parts_.must.empty()) sums_.assign(rows, 0);
    for (const SegmentQueryPtr& child : parts_.should)
      child->add_scores(begin, end, bits, sums_.data());
    for_each_bit(words, [&](size_t i) { scores[i] += static_cast<float>(sums_[i]); });
  }

  uint64_t cost() const override { return cost_; }
  RowRange bounds() const override { return bounds_; }
  bool all_in_bounds() const override {
    return required_.empty() && parts_.min_should == 0 && parts_.must_not.empty();
  }
  std::optional<uint64_t> count() const override {
    if (all_in_bounds()) return bounds_.size();
    const bool whole = bounds_.begin == 0 && bounds_.end == parts_.row_count;
    if (!whole || !parts_.must_not.empty()) return std::nullopt;
    if (required_.size() == 1 && parts_.min_should == 0) return required_[0]->count();
    if (required_.empty() && parts_.should.size() == 1 && parts_.min_should == 1)
      return parts_.should[0]->count();
    return std::nullopt;
  }
  float max_score() const override {
    double sum = 0;
    for (const SegmentQueryPtr& child : parts_.must) sum += static_cast<double>(child->max_score());
    for (const SegmentQueryPtr& child : parts_.should)
      sum += static_cast<double>(child->max_score());
    return std::nextafter(static_cast<float>(sum), std::numeric_limits<float>::infinity());
  }

 private:
  static bool and_with(uint64_t* bits, const uint64_t* other, size_t words) {
    uint64_t any = 0;
    for (size_t w = 0; w < words; ++w) any |= bits[w] &= other[w];
    return any != 0;
  }

  // Keeps the rows that at least min_should of should match.
  bool and_should(RowId begin, RowId end, uint64_t* bits, size_t words) {
    if (parts_.min_should == 1) {
      any_.assign(words, 0);
      for (const SegmentQueryPtr& child : parts_.should) {
        child->evaluate(begin, end, bits, scratch_.data());
        for (size_t w = 0; w < words; ++w) any_[w] |= scratch_[w];
      }
      return and_with(bits, any_.data(), words);
    }
    counts_.assign(end - begin, 0);
    for (const SegmentQueryPtr& child : parts_.should) {
      child->evaluate(begin, end, bits, scratch_.data());
      for_each_bit(std::span(scratch_).first(words), [&](size_t i) { ++counts_[i]; });
    }
    for (size_t w = 0; w < words; ++w) {
      for (uint64_t word = bits[w]; word != 0; word &= word - 1) {
        const size_t i = w * 64 + static_cast<size_t>(std::countr_zero(word));
        if (counts_[i] < parts_.min_should) clear_bit(bits, i);
      }
    }
    return any_bit({bits, words});
  }

  Parts parts_;
  std::vector<SegmentQuery*> required_;
  RowRange bounds_;
  uint64_t cost_ = 0;
  std::vector<uint64_t> scratch_, any_;
  std::vector<uint32_t> counts_;
  std::vector<double> sums_, optional_;
  std::vector<float> part_;
  std::vector<uint8_t> matched_;
};

class BoolPlan final : public Plan {
 public:
  explicit BoolPlan(BoolParts parts) : parts_(std::move(parts)) {}

  // The alternatives, of a plan that is nothing else.
  const std::vector<PlanPtr>* alternatives() const {
    const bool pure = parts_.must.empty() && parts_.filter.empty() && parts_.must_not.empty();
    return pure && parts_.min_should == 1 ? &parts_.should : nullptr;
  }

  SegmentQueryPtr open(const SegmentContext& segment) const override {
    BoolQuery::Parts parts;
    parts.row_count = segment.row_count();
    parts.min_should = parts_.min_should;
    // Cheapest refusals first: a filter on time drops whole segments before terms are looked up.
    for (const PlanPtr& plan : parts_.filter) {
      if (!add_required(plan, segment, parts.filter)) return nullptr;
    }
    for (const PlanPtr& plan : parts_.must) {
      if (!add_required(plan, segment, parts.must)) return nullptr;
    }
    for (const PlanPtr& plan : parts_.should) {
      if (SegmentQueryPtr child = plan->open(segment)) parts.should.push_back(std::move(child));
    }
    if (parts.should.size() < parts.min_should) return nullptr;
    for (const PlanPtr& plan : parts_.must_not) {
      SegmentQueryPtr child = plan->open(segment);
      if (child == nullptr) continue;
      if (child->all_in_bounds() && child->bounds().size() == segment.row_count()) return nullptr;
      parts.must_not.push_back(std::move(child));
    }
    auto query = std::make_unique<BoolQuery>(std::move(parts));
    if (query->bounds().size() == 0) return nullptr;
    return query;
  }

  bool excludes(const SegmentContext& segment) const override {
    const auto excluded = [&](const PlanPtr& plan) { return plan->excludes(segment); };
    return std::any_of(parts_.filter.begin(), parts_.filter.end(), excluded) ||
           std::any_of(parts_.must.begin(), parts_.must.end(), excluded) ||
           (parts_.min_should > 0 &&
            std::all_of(parts_.should.begin(), parts_.should.end(), excluded));
  }

  void visit(PlanVisitor& visitor) const override {
    for (const auto* list : {&parts_.must, &parts_.filter, &parts_.should}) {
      for (const PlanPtr& plan : *list) plan->visit(visitor);
    }
  }

 private:
  static bool add_required(const PlanPtr& plan, const SegmentContext& segment, Children& out) {
    SegmentQueryPtr child = plan->open(segment);
    if (child == nullptr) return false;
    out.push_back(std::move(child));
    return true;
  }

  BoolParts parts_;
};

class DisMaxQuery final : public SegmentQuery {
 public:
  DisMaxQuery(Children children, float tie_breaker, uint32_t rows)
      : children_(std::move(children)), tie_breaker_(tie_breaker), rows_(rows) {}

  void evaluate(RowId begin, RowId end, const uint64_t* mask, uint64_t* bits) override {
    const size_t words = words_for(end - begin);
    std::fill_n(bits, words, 0);
    scratch_.resize(words);
    for (const SegmentQueryPtr& child : children_) {
      child->evaluate(begin, end, mask, scratch_.data());
      for (size_t w = 0; w < words; ++w) bits[w] |= scratch_[w];
    }
  }
  void score(std::span<const RowId> rows, float* scores) override {
    // Lucene's DisjunctionMaxScorer: the others are added in double, the sum is rounded once.
    const size_t count = rows.size();
    best_.assign(count, 0);
    others_.assign(count, 0);
    part_.resize(count);
    matched_.resize(count);
    for (const SegmentQueryPtr& child : children_) {
      child->score_optional(rows, part_.data(), matched_.data());
      for (size_t i = 0; i < count; ++i) {
        if (matched_[i] == 0) continue;
        if (part_[i] >= best_[i]) {
          others_[i] += static_cast<double>(best_[i]);
          best_[i] = part_[i];
        } else {
          others_[i] += static_cast<double>(part_[i]);
        }
      }
    }
    for (size_t i = 0; i < count; ++i) {
      scores[i] = static_cast<float>(static_cast<double>(best_[i]) +
                                     others_[i] * static_cast<double>(tie_breaker_));
    }
  }
  uint64_t cost() const override {
    uint64_t sum = 0;
    for (const SegmentQueryPtr& child : children_) sum += child->cost();
    return std::min<uint64_t>(sum, rows_);
  }
  RowRange bounds() const override {
    RowRange rows{rows_, 0};
    for (const SegmentQueryPtr& child : children_) {
      rows.begin = std::min(rows.begin, child->bounds().begin);
      rows.end = std::max(rows.end, child->bounds().end);
    }
    return rows;
  }

 private:
  Children children_;
  float tie_breaker_;
  uint32_t rows_;
  std::vector<uint64_t> scratch_;
  std::vector<float> best_, part_;
  std::vector<double> others_;
  std::vector<uint8_t> matched_;
};

class DisMaxPlan final : public Plan {
 public:
  DisMaxPlan(std::vector<PlanPtr> plans, float tie_breaker)
      : plans_(std::move(plans)), tie_breaker_(tie_breaker) {}
  SegmentQueryPtr open(const SegmentContext& segment) const override {
    Children children;
    for (const PlanPtr& plan : plans_) {
      if (SegmentQueryPtr child = plan->open(segment)) children.push_back(std::move(child));
    }
    if (children.empty()) return nullptr;
    if (children.size() == 1) return std::move(children[0]);
    return std::make_unique<DisMaxQuery>(std::move(children), tie_breaker_, segment.row_count());
  }
  void visit(PlanVisitor& visitor) const override {
    for (const PlanPtr& plan : plans_) plan->visit(visitor);
  }

 private:
  std::vector<PlanPtr> plans_;
  float tie_breaker_;
};

class BoostingQuery final : public SegmentQuery {
 public:
  BoostingQuery(SegmentQueryPtr positive, SegmentQueryPtr negative, float negative_boost)
      : positive_(std::move(positive)),
        negative_(std::move(negative)),
        negative_boost_(negative_boost) {}
  void evaluate(RowId begin, RowId end, const uint64_t* mask, uint64_t* bits) override {
    positive_->evaluate(begin, end, mask, bits);
  }
  void score(std::span<const RowId> rows, float* scores) override {
    positive_->score(rows, scores);
    part_.resize(rows.size());
    matched_.resize(rows.size());
    negative_->score_optional(rows, part_.data(), matched_.data());
    for (size_t i = 0; i < rows.size(); ++i) {
      if (matched_[i] != 0) scores[i] *= negative_boost_;
    }
  }
  uint64_t cost() const override { return positive_->cost(); }
  RowRange bounds() const override { return positive_->bounds(); }
  bool all_in_bounds() const override { return positive_->all_in_bounds(); }
  std::optional<uint64_t> count() const override { return positive_->count(); }

 private:
  SegmentQueryPtr positive_;
  SegmentQueryPtr negative_;
  float negative_boost_;
  std::vector<float> part_;
  std::vector<uint8_t> matched_;
};

class BoostingPlan final : public Plan {
 public:
  BoostingPlan(PlanPtr positive, PlanPtr negative, float negative_boost)
      : positive_(std::move(positive)),
        negative_(std::move(negative)),
        negative_boost_(negative_boost) {}
  SegmentQueryPtr open(const SegmentContext& segment) const override {
    SegmentQueryPtr positive = positive_->open(segment);
    if (positive == nullptr) return nullptr;
    SegmentQueryPtr negative = negative_->open(segment);
    if (negative == nullptr) return positive;
    return std::make_unique<BoostingQuery>(std::move(positive), std::move(negative),
                                           negative_boost_);
  }
  void visit(PlanVisitor& visitor) const override { positive_->visit(visitor); }

 private:
  PlanPtr positive_;
  PlanPtr negative_;
  float negative_boost_;
};

void drop_none(std::vector<PlanPtr>& plans) {
  std::erase_if(plans, [](const PlanPtr& plan) { return plan->matches_none(); });
}
// Alternatives of alternatives are alternatives, as Lucene rewrites them: their scores are summed
// once.
void inline_alternatives(std::vector<PlanPtr>& plans) {
  std::vector<PlanPtr> out;
  for (PlanPtr& plan : plans) {
    const auto* inner = dynamic_cast<const BoolPlan*>(plan.get());
    const std::vector<PlanPtr>* list = inner == nullptr ? nullptr : inner->alternatives();
    if (list == nullptr) {
      out.push_back(std::move(plan));
    } else {
      out.insert(out.end(), list->begin(), list->end());
    }
  }
  plans.swap(out);
}
bool has_none(const std::vector<PlanPtr>& plans) {
  return std::any_of(plans.begin(), plans.end(),
                     [](const PlanPtr& plan) { return plan->matches_none(); });
}

}  // namespace

PlanPtr bool_plan(BoolParts parts, bool scores) {
  if (has_none(parts.must) || has_none(parts.filter)) return none_plan();
  for (const PlanPtr& plan : parts.must_not) {
    if (plan->matches_all()) return none_plan();
  }
  drop_none(parts.must_not);
  drop_none(parts.should);
  if (parts.min_should <= 1) inline_alternatives(parts.should);
  if (parts.should.size() < parts.min_should) return none_plan();
  if (!scores) {
    parts.filter.insert(parts.filter.end(), parts.must.begin(), parts.must.end());
    parts.must.clear();
    if (parts.min_should == 0) parts.should.clear();
    if (parts.min_should == parts.should.size()) {
      parts.filter.insert(parts.filter.end(), parts.should.begin(), parts.should.end());
      parts.should.clear();
      parts.min_should = 0;
    }
  }
  std::erase_if(parts.filter, [](const PlanPtr& plan) { return plan->matches_all(); });
  const size_t count =
      parts.must.size() + parts.filter.size() + parts.should.size() + parts.must_not.size();
  if (count == 0) return all_plan(0);
  if (count == 1 && parts.must_not.empty()) {
    if (!parts.must.empty()) return parts.must[0];
    if (!parts.filter.empty()) return constant_score_plan(parts.filter[0], 0);
    if (parts.min_should == 1) return parts.should[0];
  }
  return std::make_shared<BoolPlan>(std::move(parts));
}

PlanPtr dis_max_plan(std::vector<PlanPtr> plans, float tie_breaker, bool scores) {
  drop_none(plans);
  if (plans.empty()) return none_plan();
  if (plans.size() == 1) return plans[0];
  if (!scores) {
    for (const PlanPtr& plan : plans) {
      if (plan->matches_all()) return plan;
    }
  }
  if (tie_breaker == 1) {  // a plain sum, which Lucene makes of it too
    BoolParts parts;
    parts.should = std::move(plans);
    parts.min_should = 1;
    return bool_plan(std::move(parts), scores);
  }
  return std::make_shared<DisMaxPlan>(std::move(plans), tie_breaker);
}

PlanPtr boosting_plan(PlanPtr positive, PlanPtr negative, float negative_boost) {
  if (positive->matches_none() || negative->matches_none()) return positive;
  return std::make_shared<BoostingPlan>(std::move(positive), std::move(negative), negative_boost);
}

}  // namespace stratalog::query
