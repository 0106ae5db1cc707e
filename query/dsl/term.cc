#include "index/mapping/mapping.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/exec/field_plans.h"
#include "query/exec/metadata_fields.h"

namespace stratalog::query {
namespace {

Error no_field_name() {
  return Error(error_types::kIllegalArgument, "field name is null or empty");
}

// A pattern that takes a term in any case (ASCII, as Lucene's case-insensitive automata do).
bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

class Term final : public Clause {
 public:
  std::string_view kind() const override { return "term"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    if (!case_insensitive) return field_term_plan(context, field, value);
    const FieldRef ref = resolve_field(context.index, field);
    if (ref.field == nullptr || ref.field->path == "_id" || ref.field->path == "_field_names")
      return field_term_plan(context, field, value);
    if (!is_string_field(*ref.field) && !is_constant(*ref.field)) {
      return context.index.shard_error("[" + field + "] field which is of type [" +
                                       ref.field->type_name +
                                       "], does not support case insensitive term queries");
    }
    TermPattern pattern;
    pattern.matches = [text = value.text](std::string_view term) {
      return equal_ignoring_case(term, text);
    };
    if (is_constant(*ref.field)) return metadata_pattern_plan(context, *ref.field, pattern);
    return field_pattern_plan(context, field, "term", std::move(pattern));
  }

  std::string field;
  Literal value;
  bool case_insensitive = false;
};

class Terms final : public Clause {
 public:
  std::string_view kind() const override { return "terms"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    const int64_t most = context.index.setting("max_terms_count", kTermsMax);
    if (static_cast<int64_t>(values.size()) > most) {
      return Error(error_types::kIllegalArgument,
                   "The number of terms [" + std::to_string(values.size()) +
                       "] used in the Terms Query request has exceeded the allowed maximum of [" +
                       std::to_string(most) +
                       "]. This maximum can be set by changing the [index.max_terms_count] " +
                       "index level setting.");
    }
    return field_terms_plan(context, field, values);
  }

  std::string field;
  std::vector<Literal> values;
};

}  // namespace

Result<ClausePtr> parse_term(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<Term>();
  bool found = false;
  auto field = read_field_form(
      body, "term", context, *clause,
      [&](const Node& node) -> Status {
        if (node.is_array()) {
          return fail_at(context, node.start(), "[term] query does not support array of values");
        }
        clause->value = Literal::of(node);
        found = true;
        return {};
      },
      [&](const NodeMember& member) -> Status {
        if (member.key == "value" || member.key == "term") {
          if (!member.value.is_scalar()) return unknown_token("term", member, context);
          clause->value = Literal::of(member.value);
          found = !member.value.is_null();
          return {};
        }
        if (member.key == "case_insensitive") {
          ASSIGN_OR_RETURN(clause->case_insensitive, read_bool(member.value, context));
          return {};
        }
        return unsupported_member("term", member, context);
      });
  if (!field) return field.error();
  if (field->empty()) return fail_with(context, body.end(), no_field_name());
  if (!found)
    return fail_with(context, body.end(),
                     Error(error_types::kIllegalArgument, "value cannot be null"));
  clause->field = std::move(*field);
  return ClausePtr(std::move(clause));
}

Result<ClausePtr> parse_terms(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<Terms>();
  for (const NodeMember& member : body.members()) {
    if (member.value.is_array()) {
      if (!clause->field.empty()) {
        return fail_at(context, member.value.start(),
                       "[terms] query does not support multiple fields");
      }
      clause->field = member.key;
      for (const Node& element : member.value.elements()) {
        if (element.is_null())
          return fail_at(context, element.start(), "No value specified for terms query");
        if (!element.is_scalar()) {
          return fail_at(context, member.value.end(),
                         "[terms] unknown token [END_ARRAY] after [" + member.key + "]");
        }
        clause->values.push_back(Literal::of(element));
      }
      continue;
    }
    if (member.value.is_object()) {
      return fail_at(context, member.value.start(),
                     "[terms] query does not support a terms lookup in [" + member.key + "]");
    }
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (!common) return unsupported_member("terms", member, context);
  }
  if (clause->field.empty()) {
    return fail_at(context, body.end(),
                   "[terms] query requires a field name, followed by array of terms or a document "
                   "lookup specification");
  }
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
