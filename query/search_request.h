// A search as a client asked it: body and URL parameters. Elasticsearch doc page "Search API".
//
// Errors  parsing_exception, illegal_argument_exception, action_request_validation_exception in
// Elasticsearch's words.
//         Nothing is silently ignored: what is not supported is refused by name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "query/dsl/clause.h"
#include "query/exec/aggregation.h"
#include "query/fetch/fetch_request.h"
#include "query/highlight/highlight_request.h"
#include "query/json_tree.h"
#include "query/limits.h"
#include "query/script/script.h"

namespace stratalog::query {

// A URL parameter by name, decoded; nullptr if absent.
using ParamLookup = std::function<const std::string*(std::string_view name)>;

struct SortKey {
  enum class Mode : uint8_t { kDefault, kMin, kMax, kAvg, kSum, kMedian };
  std::string field;  // also "_score", "_doc", "_shard_doc"
  bool descending = false;
  Mode mode = Mode::kDefault;
  bool missing_first = false;
  std::optional<json::Value> missing_value;  // instead of first or last
  std::string unmapped_type;
  std::string numeric_type;
  std::string format;
  std::optional<script::ScriptSpec> script;  // _script
};

struct SearchRequest {
  std::vector<std::string> types;                          // of typed paths; empty: any
  ClausePtr query;                                         // nullptr: everything
  ClausePtr post_filter;                                   // nullptr: none
  std::shared_ptr<const AggregationRequest> aggregations;  // nullptr: none

  uint32_t from = 0;
  uint32_t size = 10;
  std::vector<SortKey> sort;  // empty: by score
  bool track_scores = false;
  std::optional<std::vector<json::Value>> search_after;
  // Exact up to here; UINT64_MAX: always exact; 0: no total is given.
  uint64_t track_total_hits = kTrackTotalHitsDefault;
  uint32_t terminate_after = 0;  // 0: never
  std::optional<float> min_score;
  std::optional<int64_t> timeout_ms;
  bool profile = false;

  FetchRequest fetch;
  std::optional<HighlightRequest> highlight;

  std::optional<int64_t> scroll_ms;   // `scroll`: keep a context
  std::optional<std::string> pit_id;  // `pit.id`: search there instead of in the URL's indices
  std::optional<int64_t> pit_keep_alive_ms;

  bool allow_partial_results = true;
  bool total_hits_as_int = false;  // rest_total_hits_as_int
  bool typed_keys = false;
  bool global_statistics = false;  // search_type: dfs_query_then_fetch
  bool request_cache = false;      // asked for; nothing is kept of whole answers
};

// The URL parameters that parse_search reads (an endpoint allows these beside its own).
const std::vector<std::string_view>& search_params();

// `body` may be empty. `params` win over it. Of size, from and the like negative ones are refused.
Result<SearchRequest> parse_search(std::string_view body, const ParamLookup& params);

// A body that may hold `query` alone, or the URL's q (_count, _delete_by_query, _validate/query).
// min_score and terminate_after come from the URL.
Result<SearchRequest> parse_count(std::string_view body, const ParamLookup& params);
const std::vector<std::string_view>& count_params();

}  // namespace stratalog::query
