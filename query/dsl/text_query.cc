#include "query/dsl/text_query.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "index/analysis/analyzer.h"
#include "index/analysis/registry.h"
#include "query/dsl/min_should_match.h"
#include "query/exec/boolean.h"
#include "query/exec/metadata_fields.h"
#include "query/exec/phrase.h"

namespace stratalog::query {

using index::FieldType;
using index::Kind;
using index::MappedField;

namespace {

PlanPtr zero_terms(const PlanContext& context, const TextOptions& options) {
  return options.zero_terms_all ? all_plan(context.boost) : none_plan();
}

PlanPtr one_term(const PlanContext& context, const std::string& path, Kind kind,
                 const std::string& term, const TextOptions& options) {
  if (!options.fuzziness)
    return term_plan(context.index, {path, kind, term}, context.boost, context.scores);
  const FuzzyOptions fuzzy{*options.fuzziness, options.prefix_length, options.max_expansions,
                           options.transpositions};
  return fuzzy_plan(context, path, kind, term, fuzzy);
}

Result<PlanPtr> boolean_of(const PlanContext& context, const std::string& path, Kind kind,
                           const std::vector<AnalyzedTerm>& terms, const TextOptions& options,
                           bool last_is_prefix) {
  if (terms.size() > kClausesMax) {
    return Error({"too_many_clauses", 400},
                 "maxClauseCount is set to " + std::to_string(kClausesMax));
  }
  std::vector<PlanPtr> plans;
  for (size_t i = 0; i < terms.size();) {
    // Terms at one position are one clause: any of them.
    std::vector<PlanPtr> same;
    size_t next = i;
    for (; next < terms.size() && terms[next].position == terms[i].position; ++next) {
      if (last_is_prefix && next + 1 == terms.size()) {
        same.push_back(pattern_plan(path, kind, prefix_pattern(terms[next].text), context.boost));
      } else {
        same.push_back(one_term(context, path, kind, terms[next].text, options));
      }
    }
    i = next;
    plans.push_back(same.size() == 1 ? same[0] : dis_max_plan(std::move(same), 0, context.scores));
  }
  if (plans.size() == 1) return plans[0];
  BoolParts parts;
  if (options.all_terms) {
    parts.must = std::move(plans);
  } else {
    parts.min_should = 1;
    if (!options.minimum_should_match.empty()) {
      ASSIGN_OR_RETURN(
          const uint32_t wanted,
          min_should_match(options.minimum_should_match, static_cast<uint32_t>(plans.size())));
      parts.min_should = std::max(parts.min_should, wanted);
    }
    parts.should = std::move(plans);
  }
  return bool_plan(std::move(parts), context.scores);
}

PlanPtr phrase_of(const PlanContext& context, const std::string& path,
                  const std::vector<AnalyzedTerm>& terms, const TextOptions& options,
                  bool last_is_prefix) {
  std::vector<PhraseTerm> places;
  for (const AnalyzedTerm& term : terms) {
    if (places.empty() || places.back().position != term.position)
      places.push_back({{}, term.position, false});
    places.back().terms.push_back(term.text);
  }
  const uint32_t first = places.front().position;
  for (PhraseTerm& place : places) place.position -= first;
  places.back().prefix = last_is_prefix;
  return phrase_plan(context.index, path, std::move(places), options.slop, options.max_expansions,
                     context.boost, context.scores);
}

// Text in an analysed field (the mapped one, or one by conflict).
Result<PlanPtr> text_plan(const PlanContext& context, const MappedField& field, const Literal& text,
                          TextMode mode, const TextOptions& options, std::string_view what) {
  ASSIGN_OR_RETURN(
      const std::vector<AnalyzedTerm> terms,
      analyze_for(context, &field, options.analyzer, text.text, mode == TextMode::kPhrase, what));
  if (terms.empty()) return zero_terms(context, options);
  switch (mode) {
    case TextMode::kBoolean:
      return boolean_of(context, field.path, field.kind, terms, options, false);
    case TextMode::kBoolPrefix:
      return boolean_of(context, field.path, field.kind, terms, options, true);
    default:
      break;
  }
  if (terms.size() == 1 && mode == TextMode::kPhrase) {
    return one_term(context, field.path, field.kind, terms[0].text, options);
  }
  if (field.kind == Kind::kTerms && !field.positions &&
      (terms.size() > 1 || mode == TextMode::kPhrasePrefix)) {
    return Error(
        error_types::kIllegalState,
        "field:[" + field.path + "] was indexed without position data; cannot run PhraseQuery");
  }
  return phrase_of(context, field.path, terms, options, mode == TextMode::kPhrasePrefix);
}

// Text against a metadata field: one term as it is, or those that a given analyzer makes of it.
Result<PlanPtr> metadata_text_plan(const PlanContext& context, const MappedField& field,
                                   const Literal& text, TextMode mode, const TextOptions& options,
                                   std::string_view what) {
  const std::string shown = "[" + field.path + "] of type [" + field.path + "]";
  if (mode == TextMode::kBoolPrefix && what == "simple_query_string")
    return field_pattern_plan(context, field.path, "prefix", prefix_pattern(text.text));
  if (!takes_text(field)) {
    return Error(error_types::kIllegalArgument,
                 "Field " + shown + " does not support match queries");
  }
  if (mode == TextMode::kPhrasePrefix) {
    return Error(error_types::kIllegalArgument,
                 "Can only use phrase prefix queries on text fields - not on [" + field.path +
                     "] which is of type [" + field.path + "]");
  }
  const bool terms = field.kind == Kind::kOrdinals && !is_virtual(field);
  if (options.fuzziness && !terms) return field_pattern_plan(context, field.path, "fuzzy", {});
  if (options.fuzziness && mode == TextMode::kBoolean)
    return one_term(context, field.path, field.kind, text.text, options);
  if (options.analyzer.empty()) return field_term_plan(context, field.path, text);
  ASSIGN_OR_RETURN(const std::vector<AnalyzedTerm> found,
                   analyze_for(context, &field, options.analyzer, text.text, false, what));
  if (found.empty()) return zero_terms(context, options);
  BoolParts parts;
  parts.min_should = 1;
  for (const AnalyzedTerm& term : found) {
    ASSIGN_OR_RETURN(PlanPtr plan,
                     field_term_plan(context, field.path, Literal::of_text(term.text)));
    (options.all_terms ? parts.must : parts.should).push_back(std::move(plan));
  }
  if (options.all_terms) parts.min_should = 0;
  return bool_plan(std::move(parts), context.scores);
}

bool conflict_free(const IndexContext& index) { return !index.mapping().limits().accept_conflicts; }

}  // namespace

Status check_analyzer(const IndexContext& index, std::string_view query, std::string_view what,
                      const std::string& name) {
  if (name.empty()) return {};
  const auto& registry = index.mapping().analysis();
  if (registry != nullptr && registry->analyzer(name) != nullptr) return {};
  return index.shard_error("[" + std::string(query) + "] " + std::string(what) + " [" + name +
                           "] not found");
}

Result<std::vector<AnalyzedTerm>> analyze_for(const PlanContext& context, const MappedField* field,
                                              const std::string& analyzer, std::string_view text,
                                              bool quoted, std::string_view what) {
  const index::Analyzer* chosen = nullptr;
  if (!analyzer.empty()) {
    const auto& registry = context.index.mapping().analysis();
    chosen = registry == nullptr ? nullptr : registry->analyzer(analyzer);
    if (chosen == nullptr) {
      return context.index.shard_error("[" + std::string(what) + "] analyzer [" + analyzer +
                                       "] not found");
    }
  } else if (field != nullptr) {
    if (quoted) chosen = field->search_quote_analyzer.get();
    if (chosen == nullptr) chosen = field->search_analyzer.get();
    if (chosen == nullptr) chosen = field->analyzer.get();
  }
  if (chosen == nullptr) chosen = &index::standard_analyzer();
  index::TokenBuffer buffer;
  chosen->analyze(text, buffer);
  std::vector<AnalyzedTerm> terms;
  for (const index::Token& token : buffer.tokens())
    terms.push_back({std::string(token.text), token.position});
  return terms;
}

Result<PlanPtr> field_text_plan(const PlanContext& context, std::string_view name,
                                const Literal& text, TextMode mode, const TextOptions& options,
                                std::string_view what) {
  const FieldRef ref = resolve_field(context.index, name);
  const auto lenient = [&](Result<PlanPtr> plan) -> Result<PlanPtr> {
    if (plan || !options.lenient || std::string_view(plan.error().type.name) == "too_many_clauses")
      return plan;
    return none_plan();
  };
  if (ref.field == nullptr) {
    // Unmapped here; values that came by conflict are asked by the field layer, as one term.
    if (!options.analyzer.empty()) {
      RETURN_IF_ERROR(analyze_for(context, nullptr, options.analyzer, "", false, what));
    }
    if (conflict_free(context.index)) return none_plan();
    return lenient(field_term_plan(context, name, text));
  }
  const MappedField& field = *ref.field;
  const bool text_like = field.type == FieldType::kText;
  if (is_metadata(field))
    return lenient(metadata_text_plan(context, field, text, mode, options, what));
  if (!text_like) {
    if (mode == TextMode::kPhrasePrefix) {
      return lenient(Error(error_types::kIllegalArgument,
                           "Can only use phrase prefix queries on text fields - not on [" +
                               (ref.keyed ? shown_path(ref) : std::string(name)) +
                               "] which is of type [" + field.type_name + "]"));
    }
    if (mode == TextMode::kBoolPrefix && is_string_field(field) &&
        (field.type != FieldType::kFlattened || what == "simple_query_string")) {
      return lenient(field_pattern_plan(context, name, "prefix", prefix_pattern(text.text)));
    }
    if (!options.analyzer.empty() && field.type == FieldType::kKeyword && field.indexed) {
      MappedField analyzed = field;
      return lenient(text_plan(context, analyzed, text, TextMode::kBoolean, options, what));
    }
    if (options.fuzziness && field.type == FieldType::kKeyword && field.indexed &&
        mode == TextMode::kBoolean) {
      const std::string term = field.analyzer ? field.analyzer->normalize(text.text) : text.text;
      return one_term(context, field.path, field.kind, term, options);
    }
    return lenient(field_term_plan(context, name, text));
  }
  if (!field.indexed) {
    return lenient(
        Error(error_types::kIllegalArgument,
              "Cannot search on field [" + std::string(name) + "] since it is not indexed."));
  }
  Result<PlanPtr> plan = lenient(text_plan(context, field, text, mode, options, what));
  if (!plan || conflict_free(context.index)) return plan;
  // A text field may hold numbers and keywords by conflict: ask them too, as one term.
  Result<PlanPtr> all = field_term_plan(context, name, text);
  if (!all) return plan;
  return dis_max_plan({std::move(*plan), std::move(*all)}, 0, context.scores);
}

Result<BoostedField> parse_boosted_field(std::string_view text) {
  BoostedField field;
  const size_t caret = text.find('^');
  field.pattern = text.substr(0, caret);
  if (caret == std::string_view::npos) return field;
  const std::string_view number = text.substr(caret + 1);
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), field.boost);
  if (ec != std::errc{} || end != number.data() + number.size()) {
    return Error(
        error_types::kNumberFormat,
        number.empty() ? "empty String" : "For input string: \"" + std::string(number) + "\"");
  }
  return field;
}

Result<std::vector<BoostedField>> expand_fields(const IndexContext& index,
                                                const std::vector<BoostedField>& patterns,
                                                bool& all) {
  std::vector<BoostedField> wanted = patterns;
  if (wanted.empty()) {
    const std::string setting = index.metadata->setting("query.default_field", "*");
    for (size_t at = 0; at <= setting.size();) {
      const size_t comma = std::min(setting.find(',', at), setting.size());
      ASSIGN_OR_RETURN(BoostedField field,
                       parse_boosted_field(std::string_view(setting).substr(at, comma - at)));
      wanted.push_back(std::move(field));
      at = comma + 1;
    }
  }
  all = wanted.size() == 1 && wanted[0].pattern == "*";
  std::map<std::string, float> found;
  const auto add = [&](const std::string& path, float boost) {
    const auto [it, is_new] = found.emplace(path, boost);
    if (!is_new) it->second *= boost;
  };
  for (const BoostedField& pattern : wanted) {
    if (pattern.pattern.find('*') == std::string::npos) {
      add(pattern.pattern, pattern.boost);
      continue;
    }
    for (const MappedField* field : index.mapping().match(pattern.pattern)) {
      const MappedField* target = index.mapping().resolve(field->path);
      if (target == nullptr || !target->indexed) continue;
      switch (target->type) {
        case FieldType::kBinary:
        case FieldType::kUnsearched:
        case FieldType::kFlattened:
          continue;
        default:
          add(field->path, pattern.boost);
      }
    }
  }
  for (const BoostedField& pattern : wanted) {
    if (pattern.pattern.find('*') == std::string::npos) continue;
    for (const MappedField* field : match_metadata(pattern.pattern))
      add(field->path, pattern.boost);
  }
  if (found.size() > kClausesMax) {
    return Error(error_types::kIllegalArgument,
                 "field expansion matches too many fields, limit: " + std::to_string(kClausesMax) +
                     ", got: " + std::to_string(found.size()));
  }
  std::vector<BoostedField> out;
  out.reserve(found.size());
  for (const auto& [path, boost] : found) out.push_back({path, boost});
  return out;
}

Result<bool> parse_operator_is_and(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  if (upper == "AND") return true;
  if (upper == "OR") return false;
  return Error(error_types::kIllegalArgument,
               "No enum constant org.elasticsearch.index.query.Operator." + upper);
}

}  // namespace stratalog::query
