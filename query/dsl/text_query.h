// Text against fields: what match, match_phrase, multi_match, query_string and simple_query_string
// share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/dsl/clause.h"
#include "query/dsl/pattern.h"
#include "query/exec/field_plans.h"

namespace stratalog::query {

struct TextOptions {
  bool all_terms = false;  // operator: and
  std::string minimum_should_match;
  std::string analyzer;  // empty: the field's search analyzer
  std::optional<Fuzziness> fuzziness;
  uint32_t prefix_length = 0;
  uint32_t max_expansions = kFuzzyExpansionsDefault;
  bool transpositions = true;
  bool lenient = false;
  bool zero_terms_all = false;  // zero_terms_query: all
  uint32_t slop = 0;            // phrases
};

enum class TextMode : uint8_t { kBoolean, kPhrase, kPhrasePrefix, kBoolPrefix };

// `what` names the query in errors: "match". The plan of one field.
Result<PlanPtr> field_text_plan(const PlanContext& context, std::string_view field,
                                const Literal& text, TextMode mode, const TextOptions& options,
                                std::string_view what);

// A text as the field's analyzer splits it, for phrases and such: the terms by position.
struct AnalyzedTerm {
  std::string text;
  uint32_t position = 0;
};
// Fails with query_shard_exception "[match] analyzer [x] not found".
Result<std::vector<AnalyzedTerm>> analyze_for(const PlanContext& context,
                                              const index::MappedField* field,
                                              const std::string& analyzer, std::string_view text,
                                              bool quoted, std::string_view what);

// Fails likewise for a name of no analyzer, whatever the text is; "": none was given.
Status check_analyzer(const IndexContext& index, std::string_view query, std::string_view what,
                      const std::string& name);

// "title^2": a field pattern and its boost.
struct BoostedField {
  std::string pattern;
  float boost = 1;
};
Result<BoostedField> parse_boosted_field(std::string_view text);
// The fields of an index that patterns name, with boosts multiplied; no pattern:
// index.query.default_field. `all` tells that every field is meant. Only searchable ones of a
// pattern with "*"; a plain name stands for itself even if unmapped.
Result<std::vector<BoostedField>> expand_fields(const IndexContext& index,
                                                const std::vector<BoostedField>& patterns,
                                                bool& all);

// operator / default_operator: "and", "or" in any case. IAE "No enum constant ..."
Result<bool> parse_operator_is_and(std::string_view text);

}  // namespace stratalog::query
