// Conjunctions, disjunctions, exclusions, and other plans of plans.
#pragma once

#include <vector>

#include "query/exec/segment_query.h"

namespace stratalog::query {

// bool, as Lucene's BooleanQuery: all of must and filter, none of must_not, at least min_should of
// should (0 with others, 1 alone). Scores are the sum of must and of those of should that match, in
// Lucene's float and double steps.
struct BoolParts {
  std::vector<PlanPtr> must;
  std::vector<PlanPtr> filter;
  std::vector<PlanPtr> should;
  std::vector<PlanPtr> must_not;
  uint32_t min_should = 0;
};
// Folds constants. `scores`: whether any will be asked for; if not, must is filter and needless
// should goes.
PlanPtr bool_plan(BoolParts parts, bool scores);

// The best score of those that match, plus tie_breaker times the others.
PlanPtr dis_max_plan(std::vector<PlanPtr> plans, float tie_breaker, bool scores);

// Rows of `positive`; where `negative` matches too the score is multiplied.
PlanPtr boosting_plan(PlanPtr positive, PlanPtr negative, float negative_boost);

}  // namespace stratalog::query
