#include "query/exec/boolean.h"

#include "base/edit_distance.h"
#include "query/dsl/min_should_match.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/exec/constant.h"
#include "query/exec/field_plans.h"

namespace stratalog::query {
namespace {

class Bool final : public Clause {
 public:
  std::string_view kind() const override { return "bool"; }

  Result<PlanPtr> plan(const PlanContext& context) const override {
    const size_t count = must.size() + filter.size() + should.size() + must_not.size();
    if (count == 0) return all_plan(context.boost);
    if (count > kClausesMax) {
      return Error({"too_many_clauses", 400},
                   "maxClauseCount is set to " + std::to_string(kClausesMax));
    }
    BoolParts parts;
    RETURN_IF_ERROR(plan_all(must, context, parts.must));
    RETURN_IF_ERROR(plan_all(filter, context.without_scores(), parts.filter));
    RETURN_IF_ERROR(plan_all(should, context, parts.should));
    PlanContext excluded = context.without_scores();
    excluded.named = nullptr;
    RETURN_IF_ERROR(plan_all(must_not, excluded, parts.must_not));
    parts.min_should = must.empty() && filter.empty() && !should.empty() ? 1 : 0;
    if (!minimum_should_match.empty() && !should.empty()) {
      ASSIGN_OR_RETURN(
          const uint32_t wanted,
          min_should_match(minimum_should_match, static_cast<uint32_t>(should.size())));
      parts.min_should = std::max(parts.min_should, wanted);
    }
    const bool only_negative = must.empty() && filter.empty() && should.empty();
    if (only_negative && !adjust_pure_negative) return none_plan();
    return bool_plan(std::move(parts), context.scores);
  }

  std::vector<ClausePtr> must, filter, should, must_not;
  std::string minimum_should_match;
  bool adjust_pure_negative = true;

 private:
  static Status plan_all(const std::vector<ClausePtr>& clauses, const PlanContext& context,
                         std::vector<PlanPtr>& out) {
    for (const ClausePtr& clause : clauses) {
      ASSIGN_OR_RETURN(PlanPtr plan, make_plan(*clause, context));
      out.push_back(std::move(plan));
    }
    return {};
  }
};

// Elasticsearch parses bool with ObjectParser: an error inside a member is wrapped by one that
// names it.
Error in_member(const std::string& key, Error error, const ParseContext& context) {
  Error outer(error_types::kXContentParse,
              at_text(context.at) + " [bool] failed to parse field [" + key + "]");
  if (!error.root_causes.empty()) {
    outer.root_causes = error.root_causes;
  } else if (is_elasticsearch_exception(error) || error.type == error_types::kXContentParse) {
    Error root = error;
    root.caused_by = nullptr;
    outer.root_causes.push_back(std::move(root));
  }
  return std::move(outer).because(std::move(error));
}

Status read_clauses(const NodeMember& member, std::vector<ClausePtr>& out, ParseContext& context) {
  const auto add = [&](const Node& node) -> Status {
    Result<ClausePtr> clause = parse_query(node, context);
    if (!clause) return in_member(member.key, std::move(clause.error()), context);
    out.push_back(std::move(*clause));
    return {};
  };
  if (member.value.is_array()) {
    for (const Node& element : member.value.elements()) RETURN_IF_ERROR(add(element));
    return {};
  }
  if (member.value.is_object()) return add(member.value);
  return fail_with(context, member.value.start(),
                   Error(error_types::kXContentParse,
                         at_text(member.value.start()) + " [bool] " + member.key +
                             " doesn't support values of type: " + member.value.token_name()));
}

}  // namespace

Result<ClausePtr> parse_bool(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<Bool>();
  for (const NodeMember& member : body.members()) {
    if (member.key == "must") {
      RETURN_IF_ERROR(read_clauses(member, clause->must, context));
    } else if (member.key == "filter") {
      RETURN_IF_ERROR(read_clauses(member, clause->filter, context));
    } else if (member.key == "should") {
      RETURN_IF_ERROR(read_clauses(member, clause->should, context));
    } else if (member.key == "must_not" || member.key == "mustNot") {
      RETURN_IF_ERROR(read_clauses(member, clause->must_not, context));
    } else if (member.key == "minimum_should_match") {
      if (!member.value.is_scalar()) {
        return fail_with(context, member.value.start(),
                         Error(error_types::kXContentParse,
                               at_text(member.value.start()) +
                                   " [bool] minimum_should_match doesn't support values of " +
                                   "type: " + member.value.token_name()));
      }
      ASSIGN_OR_RETURN(clause->minimum_should_match, read_text_or_null(member.value, context));
    } else if (member.key == "adjust_pure_negative") {
      ASSIGN_OR_RETURN(clause->adjust_pure_negative, read_bool(member.value, context));
    } else {
      ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
      if (common) continue;
      std::string reason = at_text(member.at) + " [bool] unknown field [" + member.key + "]";
      reason +=
          did_you_mean(member.key, {"must", "filter", "should", "must_not", "minimum_should_match",
                                    "adjust_pure_negative", "boost", "_name"});
      return fail_with(context, member.value.start(),
                       Error(error_types::kXContentParse, std::move(reason)));
    }
  }
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
