// Positions as they lie in a segment: for each row the first one, then the gaps to the next, each a
// varint. So rows' positions can be handed on, left out and put in another order as bytes.
//
// Threads none of its own.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace stratalog::index {

// Varints end at bytes below 0x80: those are counted.
inline constexpr uint64_t kVarintEnds = 0x8080808080808080;

inline uint64_t count_varints(std::string_view bytes) {
  uint64_t count = 0;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8)
    count +=
        static_cast<unsigned>(std::popcount(~get_fixed<uint64_t>(bytes.data() + at) & kVarintEnds));
  for (; at < bytes.size(); ++at) count += static_cast<unsigned char>(bytes[at]) < 0x80 ? 1 : 0;
  return count;
}

// Takes `count` varints off the front of `bytes`, or all there are; returns how many are missing.
inline uint64_t skip_varints(std::string_view& bytes, uint64_t count) {
  size_t at = 0;
  while (count >= 8 && bytes.size() - at >= 8) {
    count -=
        static_cast<unsigned>(std::popcount(~get_fixed<uint64_t>(bytes.data() + at) & kVarintEnds));
    at += 8;
  }
  for (; count > 0 && at < bytes.size(); ++at)
    count -= static_cast<unsigned char>(bytes[at]) < 0x80 ? 1 : 0;
  bytes.remove_prefix(at);
  return count;
}

}  // namespace stratalog::index
