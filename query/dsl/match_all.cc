#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/exec/constant.h"

namespace stratalog::query {
namespace {

class MatchAll final : public Clause {
 public:
  std::string_view kind() const override { return "match_all"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    return all_plan(context.boost);
  }
};

class MatchNone final : public Clause {
 public:
  std::string_view kind() const override { return "match_none"; }
  Result<PlanPtr> plan(const PlanContext&) const override { return none_plan(); }
};

// Elasticsearch parses these with ObjectParser, whose errors carry the place in their text.
template <typename T>
Result<ClausePtr> parse_plain(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<T>();
  for (const NodeMember& member : body.members()) {
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (common) continue;
    const std::string reason = at_text(member.at) + " [" + std::string(clause->kind()) +
                               "] unknown field [" + member.key + "]";
    return fail_at(context, member.value.start(), reason)
        .because(Error(error_types::kXContentParse, reason));
  }
  return ClausePtr(std::move(clause));
}

}  // namespace

Result<ClausePtr> parse_match_all(const Node& body, ParseContext& context) {
  return parse_plain<MatchAll>(body, context);
}
Result<ClausePtr> parse_match_none(const Node& body, ParseContext& context) {
  return parse_plain<MatchNone>(body, context);
}

}  // namespace stratalog::query
