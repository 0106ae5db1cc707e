// The automaton of the standard tokenizer: classes of code points, steps between states, and what a
// state accepts. Made by scripts/word_break_tables.py.
#pragma once

#include <cstdint>

#include "index/analysis/token.h"

namespace stratalog::index::word_break {

inline constexpr uint32_t kStride = 32;  // classes, up to a power of two
inline constexpr uint32_t kStateCount = 57;
inline constexpr uint32_t kBlockIndexCount = 7172;  // code points from 128 * this on are of class 0
inline constexpr uint32_t kBlockCount = 201;
inline constexpr uint8_t kDead = 0;
inline constexpr uint8_t kStart = 1;
inline constexpr TokenType kNoToken = static_cast<TokenType>(255);

extern const uint8_t kBlockIndex[kBlockIndexCount];
extern const uint8_t kClass[kBlockCount * 128];
extern const uint8_t kNext[kStateCount * kStride];
extern const TokenType kAccept[kStateCount];

inline uint8_t class_of(char32_t c) {
  return (c >> 7) < kBlockIndexCount ? kClass[kBlockIndex[c >> 7] * 128u + (c & 127)] : uint8_t{0};
}

}  // namespace stratalog::index::word_break
