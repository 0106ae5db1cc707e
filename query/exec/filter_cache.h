// Rows that expensive filters match in sealed segments, kept between requests (D19): a segment
// never changes, so an entry is right as long as it is kept. Least recently used ones go first.
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
  uint64_t count = 0;
};

using FilterCache = LruCache<std::string, CachedRows>;
FilterCache& filter_cache();

// What names a clause in a segment; nothing for live segments.
std::optional<std::string> cache_key(const SegmentContext& segment, std::string_view clause);

}  // namespace stratalog::query
