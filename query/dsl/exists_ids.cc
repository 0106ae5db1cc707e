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

// One text or a list of them.
Status read_texts(const Node& node, ParseContext& context, std::vector<std::string>& out) {
  const std::span<const Node> nodes =
      node.is_array() ? std::span<const Node>(node.elements()) : std::span(&node, 1);
  for (const Node& element : nodes) {
    ASSIGN_OR_RETURN(std::string text, read_text(element, context));
    out.push_back(std::move(text));
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
    if (member.key == "values") {
      RETURN_IF_ERROR(read_texts(member.value, context, clause->values));
      continue;
    }
    if (member.key == "type") {
      RETURN_IF_ERROR(read_texts(member.value, context, clause->types));
      continue;
    }
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (common) continue;
    const std::string reason = "[" + std::to_string(member.at.line) + ":" +
                               std::to_string(member.at.column) + "] [ids] unknown field [" +
                               member.key + "]" +
                               did_you_mean(member.key, {"type", "values", "boost", "_name"});
    return fail_at(context, member.value.start(), reason)
        .because(Error(error_types::kXContentParse, reason));
  }
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
