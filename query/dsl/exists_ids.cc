#include <algorithm>
#include <span>

#include "base/edit_distance.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/exec/field_plans.h"

namespace stratalog::query {
namespace {

class Exists final : public Clause {
 public:
  std::string_view kind() const override { return "exists"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    return field_exists_plan(context, field);
  }
  std::string field;
};

class Ids final : public Clause {
 public:
  std::string_view kind() const override { return "ids"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    const std::string& type = context.index.mapping().shown_type();
    if (!types.empty() && std::find(types.begin(), types.end(), type) == types.end())
      return none_plan();
    return ids_plan(context.index, values, context.boost);
  }
  std::vector<std::string> values;
  std::vector<std::string> types;  // empty: any
};

// Elasticsearch reads ids by ObjectParser, whose errors come twice and say the place in words.
Error ids_error(ParseContext& context, Location said, Location at, const std::string& what,
                std::optional<Error> cause = {}) {
  const std::string reason = at_text(said) + " [ids] " + what;
  Error inner(error_types::kXContentParse, reason);
  if (cause) inner = std::move(inner).because(*std::move(cause));
  return fail_at(context, at, reason).because(std::move(inner));
}
Error failed_member(ParseContext& context, const NodeMember& member, Error cause) {
  return ids_error(context, context.at, context.at, "failed to parse field [" + member.key + "]",
                   std::move(cause));
}

// One text or a list of them.
Status read_texts(const NodeMember& member, ParseContext& context, std::vector<std::string>& out) {
  const Node& node = member.value;
  const std::span<const Node> nodes =
      node.is_array() ? std::span<const Node>(node.elements()) : std::span(&node, 1);
  for (const Node& element : nodes) {
    if (element.is_array()) {
      context.at = element.start();
      return failed_member(
          context, member,
          Error(error_types::kIllegalState, "expected value but got [START_ARRAY]"));
    }
    Result<std::string> text = read_text(element, context);
    if (!text) return failed_member(context, member, std::move(text.error()));
    out.push_back(*std::move(text));
  }
  return {};
}

}  // namespace

Result<ClausePtr> parse_exists(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<Exists>();
  bool found = false;
  for (const NodeMember& member : body.members()) {
    if (!member.value.is_scalar()) return unknown_token("exists", member, context);
    if (member.key == "field") {
      ASSIGN_OR_RETURN(clause->field, read_text(member.value, context));
      found = true;
      continue;
    }
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (!common) return unsupported_member("exists", member, context);
  }
  if (!found) return fail_at(context, body.end(), "[exists] must be provided with a [field]");
  if (clause->field.empty()) {
    return fail_with(context, body.end(),
                     Error(error_types::kIllegalArgument, "field name is null or empty"));
  }
  return ClausePtr(std::move(clause));
}

Result<ClausePtr> parse_ids(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<Ids>();
  for (const NodeMember& member : body.members()) {
    const Node& value = member.value;
    const bool lists = member.key == "values" || member.key == "type";
    if (!lists && member.key != "boost" && member.key != "_name") {
      return ids_error(context, member.at, value.start(),
                       "unknown field [" + member.key + "]" +
                           did_you_mean(member.key, {"type", "values", "boost", "_name"}));
    }
    if (value.is_null() || value.is_object() || (value.is_array() && !lists)) {
      return ids_error(context, value.start(), value.start(),
                       member.key + " doesn't support values of type: " + value.token_name());
    }
    if (lists) {
      RETURN_IF_ERROR(
          read_texts(member, context, member.key == "type" ? clause->types : clause->values));
      continue;
    }
    if (const Result<bool> read = read_common(*clause, member, context); !read)
      return failed_member(context, member, read.error());
  }
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
