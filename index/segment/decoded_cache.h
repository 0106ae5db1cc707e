// What requests decode of segments again and again, kept between them in one bounded cache: parsed
// chunks of columns; of sources dictionaries, objects and the blocks of small tables. Merges pass
// it by, scrolls with their blocks.
//
// Threads any.
#pragma once

#include <cstdint>

#include "base/lru_cache.h"

namespace stratalog::index {

struct DecodedKey {
  uint64_t owner;   // of new_decoded_owner()
  uint64_t number;  // of its own choice
  friend bool operator==(const DecodedKey&, const DecodedKey&) = default;
};
struct HashDecodedKey {
  size_t operator()(const DecodedKey& key) const {
    return (key.owner << 20 ^ key.number) * 0x9e3779b97f4a7c15;
  }
};
// The type of a value follows from its owner.
using DecodedCache = LruCache<DecodedKey, void, HashDecodedKey>;

DecodedCache& decoded_cache();
// A number that no other reader of this process has, for its keys.
uint64_t new_decoded_owner();

// The value of `key`, made by `make` if it is not there; `make` returns a shared_ptr<const T> and
// `bytes_of` says what a value holds.
template <typename T, typename Make, typename BytesOf>
std::shared_ptr<const T> decoded(const DecodedKey& key, Make&& make, BytesOf&& bytes_of) {
  if (auto found = decoded_cache().find(key)) return std::static_pointer_cast<const T>(found);
  std::shared_ptr<const T> made = make();
  decoded_cache().put(key, made, bytes_of(*made));
  return made;
}

}  // namespace stratalog::index
