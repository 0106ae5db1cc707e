#include <algorithm>

#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/dsl/text_members.h"
#include "query/exec/boolean.h"

namespace stratalog::query {
namespace {

enum class MultiType : uint8_t {
  kBestFields,
  kMostFields,
  kCrossFields,
  kPhrase,
  kPhrasePrefix,
  kBoolPrefix
};

class MultiMatch final : public Clause {
 public:
  std::string_view kind() const override { return "multi_match"; }

  Result<PlanPtr> plan(const PlanContext& context) const override {
    TextOptions now = options;
    if (fuzziness) {
      ASSIGN_OR_RETURN(now.fuzziness, Fuzziness::parse(*fuzziness));
    }
    RETURN_IF_ERROR(check_analyzer(context.index, kind(), "analyzer", now.analyzer));
    bool all = false;
    ASSIGN_OR_RETURN(const std::vector<BoostedField> found,
                     expand_fields(context.index, fields, all));
    if (all && !lenient) now.lenient = true;
    if (lenient) now.lenient = *lenient;
    if (type == MultiType::kCrossFields) return cross_fields(context, found, now);
    std::vector<PlanPtr> plans;
    for (const BoostedField& field : found) {
      ASSIGN_OR_RETURN(PlanPtr plan, field_text_plan(context.boosted(field.boost), field.pattern,
                                                     text, mode(), now, kind()));
      plans.push_back(std::move(plan));
    }
    const float tie = tie_breaker.value_or(
        type == MultiType::kMostFields || type == MultiType::kBoolPrefix ? 1.0F : 0);
    return dis_max_plan(std::move(plans), tie, context.scores);
  }

  Literal text;
  std::vector<BoostedField> fields;
  MultiType type = MultiType::kBestFields;
  TextOptions options;
  std::optional<std::string> fuzziness;
  std::optional<float> tie_breaker;
  std::optional<bool> lenient;

  TextMode mode() const {
    switch (type) {
      case MultiType::kPhrase:
        return TextMode::kPhrase;
      case MultiType::kPhrasePrefix:
        return TextMode::kPhrasePrefix;
      case MultiType::kBoolPrefix:
        return TextMode::kBoolPrefix;
      default:
        return TextMode::kBoolean;
    }
  }

 private:
  // Each term in any of the fields, with the frequency of the field where it is most frequent.
  Result<PlanPtr> cross_fields(const PlanContext& context, const std::vector<BoostedField>& found,
                               const TextOptions& now) const {
    std::vector<BoostedField> texts;
    std::vector<PlanPtr> others;
    const index::MappedField* first = nullptr;
    for (const BoostedField& field : found) {
      const FieldRef ref = resolve_field(context.index, field.pattern);
      if (ref.field != nullptr && ref.field->type == index::FieldType::kText &&
          ref.field->indexed) {
        if (first == nullptr) first = ref.field;
        texts.push_back({ref.path, field.boost});
        continue;
      }
      ASSIGN_OR_RETURN(PlanPtr plan, field_text_plan(context.boosted(field.boost), field.pattern,
                                                     text, TextMode::kBoolean, now, kind()));
      others.push_back(std::move(plan));
    }
    BoolParts parts;
    std::vector<PlanPtr> plans;
    if (first != nullptr) {
      ASSIGN_OR_RETURN(const std::vector<AnalyzedTerm> terms,
                       analyze_for(context, first, now.analyzer, text.text, false, kind()));
      for (const AnalyzedTerm& term : terms) plans.push_back(blended(context, texts, term.text));
    }
    if (now.all_terms) {
      parts.must = std::move(plans);
    } else {
      parts.should = std::move(plans);
      parts.min_should = 1;
    }
    if (first != nullptr) others.push_back(bool_plan(std::move(parts), context.scores));
    return dis_max_plan(std::move(others), tie_breaker.value_or(0), context.scores);
  }

  PlanPtr blended(const PlanContext& context, const std::vector<BoostedField>& texts,
                  const std::string& term) const {
    uint64_t doc_freq = 0;
    for (const BoostedField& field : texts) {
      uint64_t own = 0;
      for (const index::SegmentView& segment : context.index.view.segments) {
        const index::TermsIndex* terms = segment.segment->terms(field.pattern, index::Kind::kTerms);
        if (terms == nullptr) continue;
        if (const auto info = terms->find(term)) own += info->doc_freq;
      }
      doc_freq = std::max(doc_freq, own);
    }
    std::vector<PlanPtr> plans;
    plans.reserve(texts.size());
    for (const BoostedField& field : texts) {
      plans.push_back(term_plan(context.index, {field.pattern, index::Kind::kTerms, term, doc_freq},
                                field.boost * context.boost, context.scores));
    }
    return dis_max_plan(std::move(plans), tie_breaker.value_or(0), context.scores);
  }
};

Result<MultiType> parse_type(std::string_view text) {
  static constexpr std::pair<std::string_view, MultiType> kTypes[] = {
      {"best_fields", MultiType::kBestFields},     {"most_fields", MultiType::kMostFields},
      {"cross_fields", MultiType::kCrossFields},   {"phrase", MultiType::kPhrase},
      {"phrase_prefix", MultiType::kPhrasePrefix}, {"bool_prefix", MultiType::kBoolPrefix},
  };
  for (const auto& [name, type] : kTypes) {
    if (name == text) return type;
  }
  return Error(error_types::kElasticsearchParse, "failed to parse [multi_match] query type [" +
                                                     std::string(text) + "]. unknown type.");
}

}  // namespace

Result<ClausePtr> parse_multi_match(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<MultiMatch>();
  bool found = false;
  const auto add_field = [&](const Node& node) -> Status {
    ASSIGN_OR_RETURN(const std::string text, read_text(node, context));
    ASSIGN_OR_RETURN(BoostedField field, parse_boosted_field(text));
    clause->fields.push_back(std::move(field));
    return {};
  };
  for (const NodeMember& member : body.members()) {
    if (member.key == "fields") {
      if (member.value.is_array()) {
        for (const Node& element : member.value.elements()) RETURN_IF_ERROR(add_field(element));
      } else if (member.value.is_scalar() && !member.value.is_null()) {
        RETURN_IF_ERROR(add_field(member.value));
      } else {
        return fail_at(context, member.value.start(),
                       "[multi_match] query does not support [fields]");
      }
      continue;
    }
    if (!member.value.is_scalar()) return unknown_token("multi_match", member, context);
    if (member.key == "query") {
      clause->text = Literal::of(member.value);
      found = !member.value.is_null();
      continue;
    }
    if (member.key == "type") {
      auto type = parse_type(member.value.text());
      if (!type) return fail_with(context, member.value.start(), std::move(type.error()));
      clause->type = *type;
      continue;
    }
    if (member.key == "tie_breaker") {
      if (member.value.is_null()) continue;
      ASSIGN_OR_RETURN(clause->tie_breaker, read_float(member.value, context));
      continue;
    }
    if (member.key == "lenient") {
      ASSIGN_OR_RETURN(clause->lenient, read_bool(member.value, context));
      continue;
    }
    if (member.key == "slop") {
      ASSIGN_OR_RETURN(
          const bool known,
          read_text_member(member, TextMode::kPhrase, clause->options, clause->fuzziness, context));
      if (known) continue;
    }
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (common) continue;
    ASSIGN_OR_RETURN(const bool known, read_text_member(member, TextMode::kBoolean, clause->options,
                                                        clause->fuzziness, context));
    if (!known) return unsupported_member("multi_match", member, context);
  }
  if (!found) return fail_at(context, body.end(), "No text specified for multi_match query");
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
