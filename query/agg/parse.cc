#include "query/exec/aggregation.h"

namespace stratalog::query {

Result<std::shared_ptr<const AggregationRequest>> parse_aggregations(const Node& aggs, ParseContext&) {
  return parsing_error(aggs.start(), "Unknown key for a START_OBJECT in [aggs].");
}

}  // namespace stratalog::query
