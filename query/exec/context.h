// What a running search knows: of the request, of one index, of one segment.
//
// Threads a request runs on one thread at a time.
// Life    the search owns them for the length of the request; everything below borrows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bits.h"
#include "base/clock.h"
#include "base/result.h"
#include "index/catalog.h"
#include "index/mapping/mapping.h"
#include "index/view.h"
#include "query/limits.h"

namespace stratalog::query {

// One request.
struct RequestContext {
  uint64_t number = next_number();
  int64_t now_ms = 0;  // `now` of date math: the same for all of the request
  int64_t deadline_ns =
      INT64_MAX;           // steady_clock_ns(); what was found by then is answered, with timed_out
  bool timed_out = false;  // the deadline passed
  uint32_t buckets_max = kBucketsMax;   // search.max_buckets
  bool allow_expensive_queries = true;  // search.allow_expensive_queries
  std::string node_id;
  // dfs_query_then_fetch: what all indices of the request hold; scores are made of it. Empty: each
  // index scores by its own.
  std::vector<const index::View*> statistics;

  // Counters, for tests and for _stats.
  uint64_t segments_skipped = 0;  // dropped by their time's bounds, or by terms that they lack
  uint64_t segments_searched = 0;

  static uint64_t next_number();  // of this process
  bool expired() {
    if (!timed_out && deadline_ns != INT64_MAX && steady_clock_ns() >= deadline_ns)
      timed_out = true;
    return timed_out;
  }
};

// One index (Elasticsearch's shard) of a request.
struct IndexContext {
  RequestContext& request;
  std::shared_ptr<const index::IndexMetadata> metadata;
  index::View view;
  uint32_t ordinal = 0;  // among the request's indices: ties are broken by it

  const index::Mapping& mapping() const { return *metadata->mapping; }
  const std::string& name() const { return metadata->name; }
  // A whole-number setting of the index such as "max_result_window".
  int64_t setting(std::string_view name, int64_t fallback) const;

  // query_shard_exception with index and index_uuid, as a shard fails.
  Error shard_error(std::string reason) const;
};

// One segment of an index.
struct SegmentContext {
  const IndexContext& index;
  const index::SegmentReader& reader;
  const Bitmap* deleted = nullptr;  // nullptr: no row is
  uint32_t ordinal = 0;             // in index.view.segments

  uint32_t row_count() const { return reader.row_count(); }
};

}  // namespace stratalog::query
