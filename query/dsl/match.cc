// match, match_phrase, match_phrase_prefix, match_bool_prefix.
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/dsl/text_members.h"

namespace stratalog::query {
namespace {

class Match final : public Clause {
 public:
  Match(std::string_view kind, TextMode mode) : kind_(kind), mode_(mode) {}
  std::string_view kind() const override { return kind_; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    TextOptions now = options;
    if (fuzziness) {
      ASSIGN_OR_RETURN(now.fuzziness, Fuzziness::parse(*fuzziness));
    }
    return field_text_plan(context, field, text, mode_, now, kind_);
  }

  std::string field;
  Literal text;
  TextOptions options;
  std::optional<std::string> fuzziness;

 private:
  std::string_view kind_;
  TextMode mode_;
};

Result<ClausePtr> parse_text_query(const Node& body, ParseContext& context, std::string_view kind,
                                   TextMode mode) {
  auto clause = std::make_shared<Match>(kind, mode);
  bool found = false;
  auto field = read_field_form(
      body, kind, context, *clause,
      [&](const Node& node) -> Status {
        RETURN_IF_ERROR(read_text(node, context));
        clause->text = Literal::of(node);
        found = true;
        return {};
      },
      [&](const NodeMember& member) -> Status {
        if (!member.value.is_scalar()) return unknown_token(kind, member, context);
        if (member.key == "query") {
          clause->text = Literal::of(member.value);
          found = !member.value.is_null();
          return {};
        }
        ASSIGN_OR_RETURN(const bool known, read_text_member(member, mode, clause->options,
                                                            clause->fuzziness, context));
        if (known) return {};
        return unsupported_member(kind, member, context);
      });
  if (!field) return field.error();
  if (!found) return fail_at(context, body.end(), "No text specified for text query");
  if (field->empty()) {
    return fail_with(
        context, body.end(),
        Error(error_types::kIllegalArgument, "[" + std::string(kind) + "] requires fieldName"));
  }
  clause->field = std::move(*field);
  return ClausePtr(std::move(clause));
}

}  // namespace

Result<bool> read_text_member(const NodeMember& member, TextMode mode, TextOptions& options,
                              std::optional<std::string>& fuzziness, ParseContext& context) {
  const Node& value = member.value;
  const std::string& key = member.key;
  const auto count = [&]() -> Result<uint32_t> {
    ASSIGN_OR_RETURN(const int64_t v, read_int(value, context));
    return static_cast<uint32_t>(std::clamp<int64_t>(v, 0, INT32_MAX));
  };
  const bool boolean = mode == TextMode::kBoolean || mode == TextMode::kBoolPrefix;
  const bool phrase = !boolean;
  if (key == "analyzer") {
    ASSIGN_OR_RETURN(options.analyzer, read_text(value, context));
  } else if (key == "slop" && phrase) {
    ASSIGN_OR_RETURN(const int64_t slop, read_int(value, context));
    if (slop < 0) {
      return fail_with(context, value.start(),
                       Error(error_types::kIllegalArgument, "No negative slop allowed."));
    }
    options.slop = static_cast<uint32_t>(std::min<int64_t>(slop, INT32_MAX));
  } else if (key == "zero_terms_query" && mode != TextMode::kBoolPrefix) {
    ASSIGN_OR_RETURN(std::string text, read_text(value, context));
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (text != "none" && text != "all" && !(phrase && text == "null")) {
      return fail_at(context, value.start(),
                     "Unsupported zero_terms_query value [" + value.text() + "]");
    }
    options.zero_terms_all = text == "all";
  } else if (key == "max_expansions" && mode != TextMode::kPhrase) {
    ASSIGN_OR_RETURN(options.max_expansions, count());
  } else if (key == "operator" && boolean) {
    ASSIGN_OR_RETURN(const std::string text, read_text(value, context));
    auto is_and = parse_operator_is_and(text);
    if (!is_and) return fail_with(context, value.start(), std::move(is_and.error()));
    options.all_terms = *is_and;
  } else if (key == "minimum_should_match" && boolean) {
    ASSIGN_OR_RETURN(options.minimum_should_match, read_text_or_null(value, context));
  } else if (key == "fuzziness" && boolean) {
    ASSIGN_OR_RETURN(fuzziness, read_text(value, context));
  } else if (key == "prefix_length" && boolean) {
    ASSIGN_OR_RETURN(options.prefix_length, count());
  } else if (key == "fuzzy_transpositions" && boolean) {
    ASSIGN_OR_RETURN(options.transpositions, read_bool(value, context));
  } else if (key == "lenient" && mode == TextMode::kBoolean) {
    ASSIGN_OR_RETURN(options.lenient, read_bool(value, context));
  } else if (key == "fuzzy_rewrite" && boolean) {
    RETURN_IF_ERROR(read_text_or_null(value, context));  // changes scores only
  } else if (key == "auto_generate_synonyms_phrase_query" && mode == TextMode::kBoolean) {
    RETURN_IF_ERROR(read_bool(value, context));  // multi-word synonyms are no graphs here
  } else {
    return false;
  }
  return true;
}

Result<ClausePtr> parse_match(const Node& body, ParseContext& context) {
  return parse_text_query(body, context, "match", TextMode::kBoolean);
}
Result<ClausePtr> parse_match_phrase(const Node& body, ParseContext& context) {
  return parse_text_query(body, context, "match_phrase", TextMode::kPhrase);
}
Result<ClausePtr> parse_match_phrase_prefix(const Node& body, ParseContext& context) {
  return parse_text_query(body, context, "match_phrase_prefix", TextMode::kPhrasePrefix);
}
Result<ClausePtr> parse_match_bool_prefix(const Node& body, ParseContext& context) {
  return parse_text_query(body, context, "match_bool_prefix", TextMode::kBoolPrefix);
}

}  // namespace stratalog::query
