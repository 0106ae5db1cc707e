// Wildcards, Lucene's regular expressions and fuzziness as patterns over terms.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "query/dsl/clause.h"
#include "query/exec/term.h"

namespace stratalog::query {

// `text` with "*" (any characters), "?" (one) and "\" (the next as it is), as Lucene's
// WildcardQuery.
TermPattern wildcard_pattern(std::string_view text, bool case_insensitive = false);
TermPattern prefix_pattern(std::string_view text, bool case_insensitive = false);

// Lucene's RegExp syntax (flags ALL), without complement, intersection and intervals, which are
// refused by name. https://www.elastic.co/guide/en/elasticsearch/reference/7.17/regexp-syntax.html
Result<TermPattern> regexp_pattern(std::string_view text, bool case_insensitive);

// How far a fuzzy term may be: "AUTO", "AUTO:3,6", "0", "1", "2".
struct Fuzziness {
  bool automatic = true;
  int low = 3, high = 6;
  int edits = 0;
  // Fails with number_format_exception.
  static Result<Fuzziness> parse(std::string_view text);
  int edits_for(std::string_view term) const;
};

struct FuzzyOptions {
  Fuzziness fuzziness;
  uint32_t prefix_length = 0;
  uint32_t max_expansions = kFuzzyExpansionsDefault;
  bool transpositions = true;
};

// Terms near `term`, best first, scored as Lucene's FuzzyQuery does: each by BM25 with the greatest
// document frequency of all, times its similarity.
PlanPtr fuzzy_plan(const PlanContext& context, const std::string& path, index::Kind kind,
                   const std::string& term, const FuzzyOptions& options);

// Edits between two texts of code points; most + 1 if there are more.
int edit_distance(std::u32string_view a, std::u32string_view b, int most, bool transpositions);
std::u32string code_points(std::string_view text);

}  // namespace stratalog::query
