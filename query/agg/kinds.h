// Every kind of aggregation: its parser, each in its own file. A parser reads the object after the
// type's name; names and children are set by parse_agg_specs.
#pragma once

#include <string_view>

#include "query/agg/aggregation.h"

namespace stratalog::query {

// What a parser is told besides its options.
struct AggParse {
  std::string_view name;  // of the aggregation, for messages
  std::string_view type;
  ParseContext& context;
};
using AggParser = Result<AggSpecPtr> (*)(const Node& options, const AggParse& parse);

Result<AggSpecPtr> parse_stats_agg(const Node& options,
                                   const AggParse& parse);  // min max avg sum stats extended_stats
Result<AggSpecPtr> parse_value_count(const Node& options, const AggParse& parse);
Result<AggSpecPtr> parse_cardinality(const Node& options, const AggParse& parse);
Result<AggSpecPtr> parse_percentiles(const Node& options,
                                     const AggParse& parse);  // percentiles percentile_ranks
Result<AggSpecPtr> parse_terms(const Node& options, const AggParse& parse);
Result<AggSpecPtr> parse_histogram(const Node& options,
                                   const AggParse& parse);  // histogram date_histogram
Result<AggSpecPtr> parse_range(const Node& options, const AggParse& parse);  // range date_range
Result<AggSpecPtr> parse_filters(const Node& options, const AggParse& parse);
Result<AggSpecPtr> parse_filter(const Node& options,
                                const AggParse& parse);  // the options are the query
Result<AggSpecPtr> parse_missing(const Node& options, const AggParse& parse);
Result<AggSpecPtr> parse_scripted_metric(const Node& options, const AggParse& parse);
// bucket_script bucket_selector bucket_sort cumulative_sum derivative moving_fn serial_diff
Result<AggSpecPtr> parse_parent_pipeline(const Node& options, const AggParse& parse);
// avg_bucket max_bucket min_bucket percentiles_bucket stats_bucket sum_bucket
Result<AggSpecPtr> parse_sibling_pipeline(const Node& options, const AggParse& parse);

}  // namespace stratalog::query
