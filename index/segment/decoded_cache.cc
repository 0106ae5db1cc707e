#include "index/segment/decoded_cache.h"

#include <atomic>

namespace stratalog::index {

namespace {
constexpr uint64_t kDefaultBytes = 16 << 20;  // some ten columns of a million rows
}

DecodedCache& decoded_cache() {
  static DecodedCache cache(kDefaultBytes);
  return cache;
}

uint64_t new_decoded_owner() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace stratalog::index
