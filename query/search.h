// Searches: plan, run per index, reduce, fetch. One "shard" an index; number_of_shards is only
// reported.
//
// Threads any; a call runs on its caller's thread.
// Errors  search_phase_execution_exception ("all shards failed") around what the shards said; parts
//         fail alone where others answer (_shards.failures), unless partial results are not
//         allowed. A search that would take more memory than is left for searches fails whole, with
//         circuit_breaking_exception (429).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/byte_budget.h"
#include "base/result.h"
#include "index/engine.h"
#include "index/resolve.h"
#include "query/contexts.h"
#include "query/search_request.h"

namespace stratalog::query {

struct SearchOptions {
  int64_t now_ms = 0;                // wall_clock_ms() of the request
  int64_t deadline_ns = INT64_MAX;   // steady clock; the request's own timeout may be sooner
  std::string node_id;               // named in failures
  ContextStore* contexts = nullptr;  // needed for scroll and point in time
  std::string owner;                 // of contexts
  ByteBudget* memory = nullptr;      // what all running searches may hold; nullptr: no bound
};

// A shard's failure, rendered: {"shard":0,"index":"x","node":"n","reason":{...}}.
struct ShardFailure {
  std::string index;
  Error error;
};

struct SearchResponse {
  int64_t took_ms = 0;
  bool timed_out = false;
  std::optional<bool> terminated_early;
  uint32_t shards_total = 0;
  uint32_t shards_successful = 0;
  uint32_t shards_skipped = 0;
  uint32_t shards_failed = 0;
  std::vector<ShardFailure> failures;
  std::string node_id;

  std::optional<uint64_t> total;  // none: track_total_hits is false
  bool total_exact = true;        // relation eq, else gte
  std::optional<float> max_score;
  uint32_t hit_count = 0;
  std::string hits;          // the hits, JSON objects with commas between
  std::string aggregations;  // the object under "aggregations"; empty: none were asked for
  std::string scroll_id;     // empty: none
  std::string pit_id;        // empty: none

  bool total_hits_as_int = false;

  // For tests and counters.
  uint64_t segments_searched = 0;
  uint64_t segments_skipped = 0;
};

// `targets`: the open indices, resolved; those reached by filtered aliases only see what the
// filters let through.
Result<SearchResponse> search(index::Engine& engine, std::span<const index::ResolvedIndex> targets,
                              const SearchRequest& request, const SearchOptions& options);

// The next page of a scroll. `keep_alive_ms` none: as before.
Result<SearchResponse> scroll(index::Engine& engine, std::string_view scroll_id,
                              std::optional<int64_t> keep_alive_ms, bool total_hits_as_int,
                              const SearchOptions& options);

// Opens a point in time on the targets and gives its id.
Result<std::string> open_point_in_time(index::Engine& engine,
                                       std::span<const index::ResolvedIndex> targets,
                                       int64_t keep_alive_ms, ContextStore& contexts,
                                       const std::string& owner = {});

struct CountResponse {
  uint64_t count = 0;
  bool terminated_early = false;
  uint32_t shards_total = 0;
  uint32_t shards_failed = 0;
  std::vector<ShardFailure> failures;
  std::string node_id;
};
Result<CountResponse> count(index::Engine& engine, std::span<const index::ResolvedIndex> targets,
                            const SearchRequest& request, const SearchOptions& options);

// {"took":…,"timed_out":…,"_shards":{…},"hits":{…},"aggregations":{…}}: members in Elasticsearch's
// order, compact.
void append_response(std::string& out, const SearchResponse& response);
void append_response(std::string& out, const CountResponse& response);

}  // namespace stratalog::query
