// Pipelines: aggregations computed from what others found. Parents (bucket_script, derivative ...)
// stand in a bucket aggregation and look at all of its buckets; siblings (avg_bucket ...) stand
// beside one. Elasticsearch doc pages "Pipeline aggregations".
//
// Shape   a pipeline has a place among its parent's children in every bucket, empty until it ran.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/agg/aggregation.h"

namespace stratalog::query {

// Runs the parent pipelines among the children of `spec` over its finished buckets, which may be
// left out and ordered anew.
Status run_parent_pipelines(const AggSpec& spec, std::vector<BucketView>& buckets,
                            RequestContext& request);
// Runs the sibling pipelines among `specs`, all others of which are finished.
Status run_sibling_pipelines(const std::vector<AggSpecPtr>& specs, ChildResults& results);
// What is wrong with the paths of pipelines among `specs`.
std::optional<Error> check_pipelines(const std::vector<AggSpecPtr>& specs);
// Where parent pipelines may stand.
bool has_parent_pipelines(const std::vector<AggSpecPtr>& specs);

}  // namespace stratalog::query
