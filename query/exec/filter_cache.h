// Rows that filters match in sealed segments, kept between requests (D19): a segment never changes,
// so an entry is right as long as it is kept. Least recently used ones go first. Patterns are kept
// at once and whole; of frequent terms the windows of kWindowRows that a second request looks at
// (UsageTrackingQueryCachingPolicy of Lucene tells what is costly from what is not alike): a
// dashboard's questions have the same filter all the time.
//
// Threads any.
// Cost    bits of a segment's rows an entry; kFilterCacheBytes in all, or what
//         set_bytes_max() said.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bits.h"
#include "base/lru_cache.h"
#include "query/exec/context.h"

namespace stratalog::query {

struct CachedRows {
  Bitmap rows;
  uint64_t count = 0;  // of a pattern's

  uint64_t bytes() const { return rows.words().size() * sizeof(uint64_t); }
  // Rows of [begin, end), begin being a multiple of 64, as SegmentQuery::evaluate gives them.
  void copy(index::RowId begin, index::RowId end, uint64_t* bits) const;
};

using FilterCache = LruCache<std::string, CachedRows>;
FilterCache& filter_cache();

// What names a clause in a segment; nothing for live segments.
std::optional<std::string> cache_key(const SegmentContext& segment, std::string_view clause);

// Whether another request than this one asked for a clause of that hash lately, that is, before 256
// others; notes that this one does.
bool asked_before(uint64_t clause_hash, const RequestContext& request);

}  // namespace stratalog::query
