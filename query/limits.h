// All limits of queries, with the reason for each value: Elasticsearch's defaults, by the setting
// that they stand for.
#pragma once

#include <cstdint>

namespace stratalog::query {

// indices.query.bool.max_clause_count: clauses of one bool, terms that one prefix or wildcard may
// score.
inline constexpr uint32_t kClausesMax = 1024;
// indices.query.bool.max_nested_depth.
inline constexpr uint32_t kDepthMax = 20;
// Brackets of one Lucene-syntax query: bounds the parser's stack.
inline constexpr uint32_t kQueryStringDepthMax = 200;
// index.max_terms_count.
inline constexpr uint32_t kTermsMax = 65536;
// index.max_regex_length.
inline constexpr uint32_t kRegexBytesMax = 1000;
// index.max_result_window: from + size.
inline constexpr uint32_t kResultWindow = 10000;
// index.max_docvalue_fields_search.
inline constexpr uint32_t kDocvalueFieldsMax = 100;
// index.max_script_fields.
inline constexpr uint32_t kScriptFieldsMax = 32;
// index.highlight.max_analyzed_offset.
inline constexpr uint32_t kHighlightOffsetMax = 1'000'000;
// search.max_buckets.
inline constexpr uint32_t kBucketsMax = 65536;
// search.max_open_scroll_context; search.max_keep_alive; search.default_keep_alive.
inline constexpr uint32_t kOpenContextsMax = 500;
inline constexpr int64_t kKeepAliveMaxMs = 24LL * 3600 * 1000;
inline constexpr int64_t kKeepAliveDefaultMs = 5LL * 60 * 1000;
// Counting stops being exact here unless track_total_hits says otherwise.
inline constexpr uint32_t kTrackTotalHitsDefault = 10000;
// Terms that a fuzzy query (or fuzziness of match) expands to: Lucene's
// FuzzyQuery.defaultMaxExpansions.
inline constexpr uint32_t kFuzzyExpansionsDefault = 50;

// Rows of filters kept between requests (query/exec/filter_cache.h): 16 MB, some hundred filters of
// a million rows, until the server says its share of memory.limit.
inline constexpr uint64_t kFilterCacheBytes = 16 << 20;
inline constexpr uint64_t kFilterCacheShare = 16;

// What all running searches may hold together: a quarter of memory.limit; in Elasticsearch
// indices.breaker.request.limit, 60% of its heap. Writes and caches have shares of their own.
inline constexpr uint64_t kSearchMemoryShare = 4;

// Rows that are evaluated at once: bits of a window (8 KiB) and its scratch stay in the L1 and L2
// caches.
inline constexpr uint32_t kWindowRows = 64 << 10;
// Rows that are scored at once: sums and scores of a window stay in the L1 and L2 caches.
inline constexpr uint32_t kScoreRows = 8 << 10;
// Rows handed to a collector at once.
inline constexpr uint32_t kBatchRows = 1024;

}  // namespace stratalog::query
