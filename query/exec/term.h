// Plans of terms in inverted fields.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "query/exec/constant.h"

namespace stratalog::query {

struct TermKey {
  std::string path;
  index::Kind kind = index::Kind::kTerms;
  std::string term;
  uint64_t doc_freq = 0;  // to score with; 0: the term's own
};

// Rows with one term, scored by BM25 if `scores`, else by `boost`.
PlanPtr term_plan(const IndexContext& index, TermKey key, float boost, bool scores);

// Rows with any of these terms (sorted, distinct), all with one score.
PlanPtr terms_plan(const std::string& path, index::Kind kind, std::vector<std::string> terms,
                   float score);

// Rows with any term that a pattern takes, all with one score. The pattern is enumerated per
// segment.
struct TermPattern {
  std::string prefix;              // every term begins so
  std::vector<std::string> parts;  // every term contains each of these (beside the prefix)
  std::function<bool(std::string_view)> matches;  // empty: prefix and parts are all
  std::string key;  // names the pattern among all; empty: its rows are not kept
  bool prefix_only() const { return parts.empty() && !matches; }
  bool takes(std::string_view term) const {
    return term.starts_with(prefix) && (!matches || matches(term));
  }
};
PlanPtr pattern_plan(const std::string& path, index::Kind kind, TermPattern pattern, float score);

// Rows with a term between two. An absent end is open.
struct TermRange {
  std::optional<std::string> low;
  std::optional<std::string> high;
  bool include_low = true;
  bool include_high = true;
};
PlanPtr term_range_plan(const std::string& path, index::Kind kind, TermRange range, float score);

// Visits the terms of a pattern in one segment, ascending.
void visit_terms(const index::TermsIndex& terms, const TermPattern& pattern,
                 const std::function<void(std::string_view, const index::TermInfo&)>& visit);

// Rows with any value of the path and kind.
PlanPtr present_plan(const std::string& path, index::Kind kind, float score);

// Rows of a set of documents by their ids.
PlanPtr ids_plan(const IndexContext& index, const std::vector<std::string>& ids, float score);

// Rows with a numeric value in [low, high] (sortable forms).
PlanPtr numeric_range_plan(const std::string& path, index::Kind kind, int64_t low, int64_t high,
                           float score);
// Rows with any of these values (sorted).
PlanPtr numeric_set_plan(const std::string& path, index::Kind kind, std::vector<int64_t> values,
                         float score);

}  // namespace stratalog::query
