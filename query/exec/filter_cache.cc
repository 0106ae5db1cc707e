#include "query/exec/filter_cache.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "base/ensure.h"

namespace stratalog::query {

namespace {

// What was asked for last, each clause once; what was not for the longest time goes first.
class RecentClauses {
 public:
  bool note(uint64_t hash, uint64_t request) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(recent_.begin(), recent_.end(),
                                    [&](const Use& use) { return use.hash == hash; });
    const bool before = found != recent_.end() && found->request != request;
    if (found != recent_.end() && !before) return false;
    if (before) *found = {};
    recent_[next_++ % recent_.size()] = {hash, before ? 0 : request};
    return before;
  }

 private:
  struct Use {
    uint64_t hash = 0;
    uint64_t request = 0;  // the only one that asked; 0: more did
  };
  std::mutex mutex_;
  std::array<Use, 256> recent_{};
  size_t next_ = 0;
};

}  // namespace

void CachedRows::copy(index::RowId begin, index::RowId end, uint64_t* bits) const {
  ENSURE(begin % 64 == 0);
  const size_t words = words_for(end - begin);
  std::copy_n(rows.words().data() + begin / 64, words, bits);
  if (end % 64 != 0) bits[words - 1] &= ~uint64_t{0} >> (64 - end % 64);
}

bool asked_before(uint64_t clause_hash, const RequestContext& request) {
  static RecentClauses recent;
  return recent.note(clause_hash, request.number);
}

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
