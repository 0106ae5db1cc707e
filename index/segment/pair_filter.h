// Which pairs of neighbouring bytes the terms of a dictionary block hold: a search for a substring
// passes over blocks that lack one of its pairs, mostly those full of ids.
//
// Pairs of two hexadecimal digits (0-9, a-f) are not kept: ids hold all of them, and would fill the
// filter. The others are hashed into 128 bits.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace stratalog::index {

class PairFilter {
 public:
  static constexpr size_t kBytes = 16;

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
  friend class PairCollector;

  std::array<uint64_t, 2> words_{};
};

// The filter of the texts that were added. Once it would tell next to nothing it is full, and what
// else is added is not looked at.
class PairCollector {
 public:
  void add(std::string_view text) {
    if (text.empty() || full_) return;
    unchecked_ += text.size();
    if (unchecked_ >= kCheckBytes) {
      unchecked_ = 0;
      const PairFilter now = filter();
      full_ = std::popcount(now.words_[0]) + std::popcount(now.words_[1]) >= kFullBits;
    }
    // Most bytes are those of ids, whose pairs are not kept.
    size_t i = 0;
    while (i + 8 <= text.size() && all_hex(get_fixed<uint64_t>(text.data() + i))) i += 8;
    i = std::max<size_t>(i, 1);
    auto a = static_cast<uint8_t>(text[i - 1]);
    for (; i < text.size(); ++i) {
      const auto b = static_cast<uint8_t>(text[i]);
      // Without a branch, as ids and words alternate too often for them to be foreseen, and without
      // reading what was stored just now.
      seen_[bit_of(a, b) | (kHex[a] & kHex[b])] = true;
      a = b;
    }
  }
  PairFilter filter() const {
    PairFilter filter;
    if (full_) {
      filter.words_.fill(~uint64_t{0});
      return filter;
    }
    for (size_t bit = 0; bit < kUnkept; ++bit)
      filter.words_[bit / 64] |= uint64_t{seen_[bit]} << (bit % 64);
    return filter;
  }

 private:
  static constexpr unsigned kUnkept = 8 * PairFilter::kBytes;  // from here on in seen_
  static constexpr std::array<uint8_t, 256> kHex = [] {
    std::array<uint8_t, 256> hex{};
    for (int c = '0'; c <= '9'; ++c) hex[static_cast<size_t>(c)] = kUnkept;
    for (int c = 'a'; c <= 'f'; ++c) hex[static_cast<size_t>(c)] = kUnkept;
    return hex;
  }();
  // Whether each of eight bytes is a lower-case hexadecimal digit.
  static bool all_hex(uint64_t bytes) {
    constexpr uint64_t kEach = 0x0101010101010101;
    constexpr uint64_t kHigh = 0x80 * kEach;
    const uint64_t high = bytes | kHigh;  // no difference borrows from the next byte
    const uint64_t digit = (high - '0' * kEach) & ~(high - ('9' + 1) * kEach);
    const uint64_t letter = (high - 'a' * kEach) & ~(high - ('f' + 1) * kEach);
    return ((digit | letter) & ~bytes & kHigh) == kHigh;
  }
  static unsigned bit_of(uint8_t a, uint8_t b) {
    return ((uint32_t{a} << 8 | b) * 0x9e3779b1u) >> 25;
  }

  static constexpr size_t kCheckBytes = 1024;
  static constexpr int kFullBits = 118;  // of 128: a word of five letters passes seven times of ten

  std::array<bool, size_t{2} * kUnkept> seen_{};
  size_t unchecked_ = 0;  // bytes added since it was seen not to be full
  bool full_ = false;
};

}  // namespace stratalog::index
