// The query DSL as parsed: one Clause subclass a kind of query, each in its own file of this
// folder, which holds both its parsing and its meaning on an index (plan()). Elasticsearch doc
// pages "Query DSL".
//
// Shape   a clause tree is immutable, depends on no index, and can be planned any number of times.
// Errors  parse: parsing_exception with line and column, in Elasticsearch's words. plan: what a
// shard answers
//         (query_shard_exception and the like).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/exec/context.h"
#include "query/exec/segment_query.h"
#include "query/json_tree.h"

namespace stratalog::query {

// State of one parse.
struct ParseContext {
  uint32_t depth = 0;
  Location at;  // of the token at which parsing failed
};

// Where in a query a clause is planned.
struct PlanContext {
  const IndexContext& index;
  float boost = 1;     // product of the boosts of all clauses above
  bool scores = true;  // false below filters: then any score will do
  // Named queries (_name) of this plan, collected while planning: for matched_queries.
  struct Named {
    std::string name;
    PlanPtr plan;
  };
  std::vector<Named>* named = nullptr;

  PlanContext without_scores() const { return {index, 1, false, named}; }
  PlanContext boosted(float by) const { return {index, boost * by, scores, named}; }
};

class Clause {
 public:
  virtual ~Clause() = default;
  // "match", "bool", ...
  virtual std::string_view kind() const = 0;
  // What the clause means on an index; called through make_plan. `context.boost` holds this
  // clause's own boost too.
  virtual Result<PlanPtr> plan(const PlanContext& context) const = 0;

  float boost = 1;
  std::string name;  // _name
};
using ClausePtr = std::shared_ptr<const Clause>;

// A query object: {"match": {...}}. Fails with parsing_exception.
Result<ClausePtr> parse_query(const Node& query, ParseContext& context);

// A clause's plan on an index, with its own boost and its name. `scores`: whether scores will be
// asked for.
Result<PlanPtr> make_plan(const Clause& clause, const PlanContext& context);
// The same for filters of aggregations and the like.
Result<PlanPtr> make_filter_plan(const Clause& clause, const IndexContext& index);

}  // namespace stratalog::query
