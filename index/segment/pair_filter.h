// Which pairs of neighbouring bytes the terms of a dictionary block hold: a search for a substring
// passes over blocks that lack one of its pairs, mostly those full of ids.
//
// Pairs of two hexadecimal digits (0-9, a-f) are not kept: ids hold all of them, and would fill the
// filter. The others are hashed into 128 bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace stratalog::index {

class PairFilter {
 public:
  static constexpr size_t kBytes = 16;

  void add(std::string_view text) {
    if (text.empty()) return;
    uint64_t low = 0;
    uint64_t high = 0;
    auto a = static_cast<uint8_t>(text[0]);
    for (size_t i = 1; i < text.size(); ++i) {
      const auto b = static_cast<uint8_t>(text[i]);
      // Without a branch: ids and words alternate too often for them to be foreseen.
      const unsigned bit = bit_of(a, b);
      const uint64_t one = uint64_t{!(kHex[a] & kHex[b])} << (bit % 64);
      const uint64_t to_high = uint64_t{0} - (bit / 64);
      low |= one & ~to_high;
      high |= one & to_high;
      a = b;
    }
    words_[0] |= low;
    words_[1] |= high;
  }
  // Whether every pair of `other` may be in here.
  bool covers(const PairFilter& other) const {
    return (other.words_[0] & ~words_[0]) == 0 && (other.words_[1] & ~words_[1]) == 0;
  }
  bool empty() const { return (words_[0] | words_[1]) == 0; }

  void put(std::string& out) const {
    put_fixed<uint64_t>(out, words_[0]);
    put_fixed<uint64_t>(out, words_[1]);
  }
  static PairFilter get(ByteReader& reader) {
    PairFilter filter;
    filter.words_[0] = reader.fixed<uint64_t>();
    filter.words_[1] = reader.fixed<uint64_t>();
    return filter;
  }

 private:
  static constexpr std::array<bool, 256> kHex = [] {
    std::array<bool, 256> hex{};
    for (int c = '0'; c <= '9'; ++c) hex[static_cast<size_t>(c)] = true;
    for (int c = 'a'; c <= 'f'; ++c) hex[static_cast<size_t>(c)] = true;
    return hex;
  }();
  static unsigned bit_of(uint8_t a, uint8_t b) {
    return ((uint32_t{a} << 8 | b) * 0x9e3779b1u) >> 25;
  }

  std::array<uint64_t, 2> words_{};
};

}  // namespace stratalog::index
