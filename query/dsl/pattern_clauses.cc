// prefix, wildcard, regexp, fuzzy.
#include "index/analysis/analyzer.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/pattern.h"
#include "query/dsl/registry.h"
#include "query/exec/field_plans.h"
#include "query/exec/metadata_fields.h"

namespace stratalog::query {
namespace {

// The value as a keyword's normalizer makes it. A text's is taken as it is, also in upper case.
std::string normalized(const PlanContext& context, const std::string& field,
                       const std::string& value) {
  const FieldRef ref = resolve_field(context.index, field);
  if (ref.field == nullptr) return value;
  if (ref.field->type == index::FieldType::kKeyword && ref.field->analyzer != nullptr) {
    return ref.field->analyzer->normalize(value);
  }
  return value;
}

class PatternClause : public Clause {
 public:
  std::string field;
  std::string value;
  bool case_insensitive = false;
};

class Prefix final : public PatternClause {
 public:
  std::string_view kind() const override { return "prefix"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    return field_pattern_plan(context, field, kind(),
                              prefix_pattern(normalized(context, field, value), case_insensitive));
  }
};

class Wildcard final : public PatternClause {
 public:
  std::string_view kind() const override { return "wildcard"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    // Names of indices know no "?".
    const index::MappedField* metadata = metadata_field(field);
    if (metadata != nullptr && is_constant(*metadata) && value.find('?') != std::string::npos)
      return none_plan();
    return field_pattern_plan(
        context, field, kind(),
        wildcard_pattern(normalized(context, field, value), case_insensitive));
  }
};

class Regexp final : public PatternClause {
 public:
  std::string_view kind() const override { return "regexp"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    const int64_t most = context.index.setting("max_regex_length", kRegexBytesMax);
    if (static_cast<int64_t>(value.size()) > most) {
      return Error(error_types::kIllegalArgument,
                   "The length of regex [" + std::to_string(value.size()) +
                       "] used in the Regexp Query request has exceeded the allowed maximum of [" +
                       std::to_string(most) +
                       "]. This maximum can be set by changing the [index.max_regex_length] " +
                       "index level setting.");
    }
    ASSIGN_OR_RETURN(TermPattern pattern, regexp_pattern(value, case_insensitive));
    return field_pattern_plan(context, field, kind(), std::move(pattern));
  }
};

class Fuzzy final : public PatternClause {
 public:
  std::string_view kind() const override { return "fuzzy"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    ASSIGN_OR_RETURN(FuzzyOptions now, parse_options());
    const FieldRef ref = resolve_field(context.index, field);
    if (ref.field == nullptr) return none_plan();
    if (!is_string_field(*ref.field) || ref.field->type == index::FieldType::kFlattened)
      return field_pattern_plan(context, field, kind(), {});
    return fuzzy_plan(context, ref.path, ref.field->kind, normalized(context, field, value), now);
  }

  std::string fuzziness = "AUTO";
  FuzzyOptions options;

 private:
  Result<FuzzyOptions> parse_options() const {
    FuzzyOptions out = options;
    ASSIGN_OR_RETURN(out.fuzziness, Fuzziness::parse(fuzziness));
    return out;
  }
};

Error no_field_name() {
  return Error(error_types::kIllegalArgument, "field name is null or empty");
}

// {"field": "text"} or {"field": {"value": "text", ...}}.
template <typename T>
Result<ClausePtr> parse_pattern(const Node& body, std::string_view kind, ParseContext& context,
                                const std::function<Result<bool>(T&, const NodeMember&)>& extra) {
  auto clause = std::make_shared<T>();
  bool found = false;
  auto field = read_field_form(
      body, kind, context, *clause,
      [&](const Node& node) -> Status {
        ASSIGN_OR_RETURN(clause->value, read_text_or_null(node, context));
        found = !node.is_null();
        return {};
      },
      [&](const NodeMember& member) -> Status {
        if (member.key == "value" || (member.key == "wildcard" && kind == "wildcard") ||
            (member.key == "term" && kind == "fuzzy")) {
          ASSIGN_OR_RETURN(clause->value, read_text_or_null(member.value, context));
          found = !member.value.is_null();
          return {};
        }
        if (member.key == "case_insensitive" && kind != "fuzzy") {
          ASSIGN_OR_RETURN(clause->case_insensitive, read_bool(member.value, context));
          return {};
        }
        // How a multi-term query is rewritten changes scores only; constant ones are what we give.
        if (member.key == "rewrite") return {};
        ASSIGN_OR_RETURN(const bool known, extra(*clause, member));
        if (known) return {};
        return unsupported_member(kind, member, context);
      });
  if (!field) return field.error();
  if (field->empty()) return fail_with(context, body.end(), no_field_name());
  if (!found)
    return fail_with(context, body.end(),
                     Error(error_types::kIllegalArgument, "value cannot be null"));
  clause->field = std::move(*field);
  return ClausePtr(std::move(clause));
}

}  // namespace

Result<ClausePtr> parse_prefix(const Node& body, ParseContext& context) {
  return parse_pattern<Prefix>(body, "prefix", context,
                               [](Prefix&, const NodeMember&) -> Result<bool> { return false; });
}

Result<ClausePtr> parse_wildcard(const Node& body, ParseContext& context) {
  return parse_pattern<Wildcard>(
      body, "wildcard", context,
      [](Wildcard&, const NodeMember&) -> Result<bool> { return false; });
}

Result<ClausePtr> parse_regexp(const Node& body, ParseContext& context) {
  return parse_pattern<Regexp>(
      body, "regexp", context, [&](Regexp&, const NodeMember& member) -> Result<bool> {
        if (member.key == "max_determinized_states" || member.key == "flags_value")
          return true;  // no automata here
        if (member.key != "flags") return false;
        ASSIGN_OR_RETURN(const std::string flags, read_text(member.value, context));
        if (flags == "ALL" || flags == "NONE" || flags.empty()) return true;
        return fail_at(context, member.value.start(),
                       "[regexp] flags [" + flags + "] are not supported");
      });
}

Result<ClausePtr> parse_fuzzy(const Node& body, ParseContext& context) {
  return parse_pattern<Fuzzy>(
      body, "fuzzy", context, [&](Fuzzy& fuzzy, const NodeMember& member) -> Result<bool> {
        if (member.key == "fuzziness") {
          ASSIGN_OR_RETURN(fuzzy.fuzziness, read_text(member.value, context));
        } else if (member.key == "prefix_length") {
          ASSIGN_OR_RETURN(const int64_t v, read_int(member.value, context));
          fuzzy.options.prefix_length = static_cast<uint32_t>(std::max<int64_t>(0, v));
        } else if (member.key == "max_expansions") {
          ASSIGN_OR_RETURN(const int64_t v, read_int(member.value, context));
          fuzzy.options.max_expansions =
              static_cast<uint32_t>(std::clamp<int64_t>(v, 1, kClausesMax));
        } else if (member.key == "transpositions") {
          ASSIGN_OR_RETURN(fuzzy.options.transpositions, read_bool(member.value, context));
        } else {
          return false;
        }
        return true;
      });
}

}  // namespace stratalog::query
