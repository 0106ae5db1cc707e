#include "query/dsl/parse_helpers.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stratalog::query {

Error fail_at(ParseContext& context, Location at, std::string reason) {
  context.at = at;
  return parsing_error(at, std::move(reason));
}
Error fail_with(ParseContext& context, Location at, Error error) {
  context.at = at;
  return error;
}

Status expect_object(const Node& node, std::string_view query, ParseContext& context) {
  if (node.is_object()) return {};
  return fail_at(context, node.start(),
                 "[" + std::string(query) + "] query malformed, no start_object after query name");
}

Error unsupported_member(std::string_view query, const NodeMember& member, ParseContext& context) {
  return fail_at(context, member.value.start(),
                 "[" + std::string(query) + "] query does not support [" + member.key + "]");
}
Error unknown_token(std::string_view query, const NodeMember& member, ParseContext& context) {
  return fail_at(context, member.value.start(),
                 "[" + std::string(query) + "] unknown token [" + member.value.token_name() +
                     "] after [" + member.key + "]");
}

namespace {
Error number_error(const Node& node, ParseContext& context) {
  return fail_with(
      context, node.start(),
      Error(error_types::kNumberFormat,
            node.text().empty() ? "empty String" : "For input string: \"" + node.text() + "\""));
}
}  // namespace

Result<float> read_float(const Node& node, ParseContext& context) {
  const std::optional<double> v = node.to_double();
  if (!v) return number_error(node, context);
  return static_cast<float>(*v);
}
Result<int64_t> read_int(const Node& node, ParseContext& context) {
  const std::optional<int64_t> v = node.to_int();
  if (!v) return number_error(node, context);
  return *v;
}
Result<bool> read_bool(const Node& node, ParseContext& context) {
  const std::optional<bool> v = node.to_bool();
  if (v) return *v;
  return fail_with(
      context, node.start(),
      Error(error_types::kIllegalArgument,
            "Failed to parse value [" + node.text() + "] as only [true] or [false] are allowed."));
}
Result<std::string> read_text(const Node& node, ParseContext& context) {
  if (node.is_scalar() && !node.is_null()) return node.text();
  return fail_with(
      context, node.start(),
      Error(error_types::kIllegalState, std::string("Can't get text on a ") + node.token_name() +
                                            " at " + std::to_string(node.start().line) + ":" +
                                            std::to_string(node.start().column)));
}
Result<std::string> read_text_or_null(const Node& node, ParseContext& context) {
  if (node.is_null()) return std::string();
  return read_text(node, context);
}

Result<bool> read_common(Clause& clause, const NodeMember& member, ParseContext& context) {
  if (member.key == "boost") {
    if (!member.value.is_scalar()) return false;
    ASSIGN_OR_RETURN(clause.boost, read_float(member.value, context));
    if (clause.boost < 0 || std::signbit(clause.boost)) {
      return fail_with(context, member.value.start(),
                       Error(error_types::kIllegalArgument,
                             "negative [boost] are not allowed in [" + std::string(clause.kind()) +
                                 "], use a value between 0 and 1 to deboost"));
    }
    return true;
  }
  if (member.key == "_name") {
    if (!member.value.is_scalar()) return false;
    ASSIGN_OR_RETURN(clause.name, read_text_or_null(member.value, context));
    return true;
  }
  return false;
}

Result<std::string> read_field_form(const Node& node, std::string_view query, ParseContext& context,
                                    Clause& clause,
                                    const std::function<Status(const Node&)>& on_scalar,
                                    const std::function<Status(const NodeMember&)>& on_member,
                                    bool common_outside) {
  RETURN_IF_ERROR(expect_object(node, query, context));
  std::string field;
  for (const NodeMember& member : node.members()) {
    if (common_outside && member.value.is_scalar()) {
      ASSIGN_OR_RETURN(const bool common, read_common(clause, member, context));
      if (common) continue;
    }
    if (!field.empty()) {
      return fail_at(context, member.value.start(),
                     "[" + std::string(query) + "] query doesn't support multiple fields, found [" +
                         field + "] and [" + member.key + "]");
    }
    if (member.value.is_null()) continue;
    field = member.key;
    if (!member.value.is_object()) {
      RETURN_IF_ERROR(on_scalar(member.value));
      continue;
    }
    for (const NodeMember& inner : member.value.members()) {
      ASSIGN_OR_RETURN(const bool common, read_common(clause, inner, context));
      if (!common) RETURN_IF_ERROR(on_member(inner));
    }
  }
  return field;
}

}  // namespace stratalog::query
