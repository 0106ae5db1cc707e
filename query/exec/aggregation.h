// How a search runs aggregations: parsed once a request, started once an index, fed as a Collector,
// reduced at the end. The aggregations themselves are in query/agg/.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "query/dsl/clause.h"
#include "query/exec/collector.h"
#include "query/json_tree.h"

namespace stratalog::query {

// One index's part of a request's aggregations, while rows come in and until reduced.
class IndexAggregation : public Collector {};

// The "aggs" of a request. Immutable; shared by the pages of a scroll.
class AggregationRequest {
 public:
  virtual ~AggregationRequest() = default;
  // Fails as a shard does (the field is of a wrong type ...). `index` outlives what is returned.
  // Rows come from the request's query without post_filter; queries inside aggregations are planned
  // here (make_plan).
  virtual Result<std::unique_ptr<IndexAggregation>> start(const IndexContext& index) const = 0;
  // Reduces the parts (one for each index that did not fail, in order; possibly none) and appends
  // the object that stands under "aggregations". `typed_keys`: names carry their type:
  // "sterms#name". Fails with too_many_buckets_exception.
  virtual Status finish(std::span<const std::unique_ptr<IndexAggregation>> parts,
                        RequestContext& request, bool typed_keys, std::string& out) const = 0;
};

// Parses the object under "aggs". Queries inside go through parse_query (query/dsl/clause.h). Fails
// with parsing_exception and the like in Elasticsearch's words. Defined in query/agg/.
Result<std::shared_ptr<const AggregationRequest>> parse_aggregations(const Node& aggs,
                                                                     ParseContext& context);

}  // namespace stratalog::query
