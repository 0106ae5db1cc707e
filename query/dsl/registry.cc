#include "query/dsl/registry.h"

#include <array>

#include "base/edit_distance.h"
#include "query/dsl/parse_helpers.h"
#include "query/exec/field_plans.h"

namespace stratalog::query {
namespace {

struct Entry {
  std::string_view name;
  ClauseParser parse;
};
constexpr std::array kQueries = {
    Entry{"bool", parse_bool},
    Entry{"boosting", parse_boosting},
    Entry{"constant_score", parse_constant_score},
    Entry{"dis_max", parse_dis_max},
    Entry{"exists", parse_exists},
    Entry{"fuzzy", parse_fuzzy},
    Entry{"ids", parse_ids},
    Entry{"match", parse_match},
    Entry{"match_all", parse_match_all},
    Entry{"match_bool_prefix", parse_match_bool_prefix},
    Entry{"match_none", parse_match_none},
    Entry{"match_phrase", parse_match_phrase},
    Entry{"match_phrase_prefix", parse_match_phrase_prefix},
    Entry{"multi_match", parse_multi_match},
    Entry{"prefix", parse_prefix},
    Entry{"query_string", parse_query_string},
    Entry{"range", parse_range},
    Entry{"regexp", parse_regexp},
    Entry{"script", parse_script_query},
    Entry{"simple_query_string", parse_simple_query_string},
    Entry{"term", parse_term},
    Entry{"terms", parse_terms},
    Entry{"wildcard", parse_wildcard},
};

Error unknown_query(const NodeMember& member, ParseContext& context) {
  std::vector<std::string_view> names;
  names.reserve(kQueries.size());
  for (const Entry& entry : kQueries) names.push_back(entry.name);
  const Location at = member.value.start();
  return fail_at(context, at,
                 "unknown query [" + member.key + "]" + did_you_mean(member.key, names))
      .because(Error({"named_object_not_found_exception", 400},
                     at_text(at) + " unknown field [" + member.key + "]"));
}

}  // namespace

Result<ClausePtr> parse_query(const Node& query, ParseContext& context) {
  if (!query.is_object()) {
    // Elasticsearch has gone on to the next token by then: of a scalar the one right behind it.
    Location at = query.start();
    if (query.is_scalar()) {
      at.column += static_cast<uint32_t>(query.text().size()) + (query.is_string() ? 2 : 0);
    } else {
      at = query.elements().empty() ? query.end() : query.elements()[0].start();
    }
    return fail_at(context, at, "[_na] query malformed, must start with start_object");
  }
  if (query.members().empty()) {
    return fail_with(
        context, query.end(),
        Error(error_types::kIllegalArgument, "query malformed, empty clause found at [" +
                                                 std::to_string(query.end().line) + ":" +
                                                 std::to_string(query.end().column) + "]"));
  }
  const NodeMember& member = query.members()[0];
  if (!member.value.is_object()) {
    return fail_at(context, member.value.start(),
                   "[" + member.key + "] query malformed, no start_object after query name");
  }
  if (context.depth >= kDepthMax) {
    return fail_with(
        context, member.value.start(),
        Error(error_types::kIllegalArgument,
              "The nested depth of the query exceeds the maximum nested depth for queries set in "
              "[indices.query.bool.max_nested_depth]"));
  }
  for (const Entry& entry : kQueries) {
    if (entry.name != member.key) continue;
    ++context.depth;
    Result<ClausePtr> clause = entry.parse(member.value, context);
    --context.depth;
    if (clause && query.members().size() > 1) {
      return fail_at(
          context, query.members()[1].at,
          "[" + member.key + "] malformed query, expected [END_OBJECT] but found [FIELD_NAME]");
    }
    return clause;
  }
  return unknown_query(member, context);
}

Result<PlanPtr> make_plan(const Clause& clause, const PlanContext& context) {
  ASSIGN_OR_RETURN(PlanPtr plan, clause.plan(context.boosted(clause.boost)));
  if (!clause.name.empty() && context.named != nullptr)
    context.named->push_back({clause.name, plan});
  return plan;
}

Result<PlanPtr> make_filter_plan(const Clause& clause, const IndexContext& index) {
  Result<PlanPtr> plan = make_plan(clause, PlanContext{index, 1, false, nullptr});
  if (!plan) return wrap_query_error(index, std::move(plan.error()));
  return plan;
}

}  // namespace stratalog::query
