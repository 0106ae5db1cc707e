#include "query/row_rules.h"

#include "base/clock.h"
#include "query/exec/boolean.h"
#include "query/json_tree.h"
#include "query/search.h"

namespace stratalog::query {

namespace {

Result<ClausePtr> parse_rule(const json::Value& query) {
  ASSIGN_OR_RETURN(const Node tree, parse_tree(query));
  ParseContext context;
  return parse_query(tree, context);
}

json::Value any_of(const std::vector<json::Value>& queries) {
  json::Value should = json::Value::array();
  for (const json::Value& query : queries) should.push_back(query);
  json::Value clause = json::Value::object();
  clause.set("should", std::move(should));
  clause.set("minimum_should_match", 1);
  return json::Value::object({{"bool", std::move(clause)}});
}

}  // namespace

Status check_row_query(const json::Value& query) {
  Result<ClausePtr> clause = parse_rule(query);
  if (!clause) return clause.error();
  return {};
}

Result<std::vector<ClausePtr>> row_clauses(const index::IndexMetadata& index) {
  std::vector<ClausePtr> out;
  if (index.access == nullptr) return out;
  for (const std::vector<json::Value>& queries : index.access->row_queries) {
    const json::Value rule = queries.empty()
                                 ? json::Value::object({{"match_none", json::Value::object()}})
                                 : any_of(queries);
    ASSIGN_OR_RETURN(ClausePtr clause, parse_rule(rule));
    out.push_back(std::move(clause));
  }
  return out;
}

Result<bool> shows_row(index::Engine& engine, const index::IndexMetadata& index,
                       std::string_view id, index::SeqNo seq_no) {
  json::Value ids = json::Value::array();
  ids.push_back(json::Value(id));
  const json::Value body = json::Value::object(
      {{"size", 1},
       {"_source", false},
       {"seq_no_primary_term", true},
       {"query", json::Value::object({{"ids", json::Value::object({{"values", ids}})}})}});
  ASSIGN_OR_RETURN(const SearchRequest request,
                   parse_search(json::to_string(body),
                                [](std::string_view) -> const std::string* { return nullptr; }));
  const index::ResolvedIndex target{std::make_shared<index::IndexMetadata>(index), {}};
  SearchOptions options;
  options.now_ms = wall_clock_ms();
  ASSIGN_OR_RETURN(const SearchResponse found,
                   search(engine, std::span(&target, 1), request, options));
  if (found.hit_count == 0) return false;
  // Another version may have come in between: nothing is known of the one in hand.
  const auto hit = json::parse(found.hits);
  const json::Value* shown = hit ? hit->find("_seq_no") : nullptr;
  return shown != nullptr && shown->to_int() == seq_no;
}

}  // namespace stratalog::query
