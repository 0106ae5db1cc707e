#include "query/exec/filter_cache.h"

namespace stratalog::query {

FilterCache& filter_cache() {
  static FilterCache cache(kFilterCacheBytes);
  return cache;
}

std::optional<std::string> cache_key(const SegmentContext& segment, std::string_view clause) {
  std::string key(segment.reader.identity());
  if (key.empty()) return std::nullopt;
  key += clause;
  return key;
}

}  // namespace stratalog::query
