// constant_score, boosting, dis_max.
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/exec/boolean.h"
#include "query/exec/constant.h"

namespace stratalog::query {
namespace {

class ConstantScore final : public Clause {
 public:
  std::string_view kind() const override { return "constant_score"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    ASSIGN_OR_RETURN(PlanPtr inner, make_plan(*filter, context.without_scores()));
    return constant_score_plan(std::move(inner), context.boost);
  }
  ClausePtr filter;
};

class Boosting final : public Clause {
 public:
  std::string_view kind() const override { return "boosting"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    ASSIGN_OR_RETURN(PlanPtr yes, make_plan(*positive, context));
    ASSIGN_OR_RETURN(PlanPtr no, make_plan(*negative, context.without_scores()));
    if (!context.scores) return yes;
    return boosting_plan(std::move(yes), std::move(no), negative_boost);
  }
  ClausePtr positive, negative;
  float negative_boost = -1;
};

class DisMax final : public Clause {
 public:
  std::string_view kind() const override { return "dis_max"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    std::vector<PlanPtr> plans;
    for (const ClausePtr& clause : queries) {
      ASSIGN_OR_RETURN(PlanPtr plan, make_plan(*clause, context));
      plans.push_back(std::move(plan));
    }
    return dis_max_plan(std::move(plans), tie_breaker, context.scores);
  }
  std::vector<ClausePtr> queries;
  float tie_breaker = 0;
};

}  // namespace

Result<ClausePtr> parse_constant_score(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<ConstantScore>();
  for (const NodeMember& member : body.members()) {
    if (member.value.is_array())
      return fail_at(context, member.value.start(), "unexpected token [START_ARRAY]");
    if (member.value.is_object() && member.key == "filter") {
      if (clause->filter != nullptr) {
        return fail_at(context, member.value.start(),
                       "[constant_score] accepts only one 'filter' element.");
      }
      ASSIGN_OR_RETURN(clause->filter, parse_query(member.value, context));
      continue;
    }
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (!common) return unsupported_member("constant_score", member, context);
  }
  if (clause->filter == nullptr) {
    return fail_at(context, body.end(), "[constant_score] requires a 'filter' element");
  }
  return ClausePtr(std::move(clause));
}

Result<ClausePtr> parse_boosting(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<Boosting>();
  for (const NodeMember& member : body.members()) {
    if (member.value.is_object() && member.key == "positive") {
      ASSIGN_OR_RETURN(clause->positive, parse_query(member.value, context));
    } else if (member.value.is_object() && member.key == "negative") {
      ASSIGN_OR_RETURN(clause->negative, parse_query(member.value, context));
    } else if (member.value.is_scalar() && member.key == "negative_boost") {
      ASSIGN_OR_RETURN(clause->negative_boost, read_float(member.value, context));
    } else {
      ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
      if (!common) return unsupported_member("boosting", member, context);
    }
  }
  const char* missing = nullptr;
  if (clause->positive == nullptr) {
    missing = "[boosting] query requires 'positive' query to be set'";
  } else if (clause->negative == nullptr) {
    missing = "[boosting] query requires 'negative' query to be set'";
  } else if (clause->negative_boost < 0) {
    missing = "[boosting] query requires 'negative_boost' to be set to be a positive value'";
  }
  if (missing != nullptr) return fail_at(context, body.end(), missing);
  return ClausePtr(std::move(clause));
}

Result<ClausePtr> parse_dis_max(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<DisMax>();
  bool found = false;
  for (const NodeMember& member : body.members()) {
    if (member.key == "queries" && !member.value.is_scalar()) {
      found = true;
      if (member.value.is_object()) {
        ASSIGN_OR_RETURN(ClausePtr query, parse_query(member.value, context));
        clause->queries.push_back(std::move(query));
        continue;
      }
      if (member.value.elements().empty()) {
        return fail_at(context, member.value.end(),
                       "[_na] query malformed, must start with start_object");
      }
      for (const Node& element : member.value.elements()) {
        ASSIGN_OR_RETURN(ClausePtr query, parse_query(element, context));
        clause->queries.push_back(std::move(query));
      }
    } else if (member.key == "tie_breaker" && member.value.is_scalar()) {
      ASSIGN_OR_RETURN(clause->tie_breaker, read_float(member.value, context));
    } else {
      ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
      if (!common) return unsupported_member("dis_max", member, context);
    }
  }
  if (!found) {
    return fail_at(context, body.end(),
                   "[dis_max] requires 'queries' field with at least one clause");
  }
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
