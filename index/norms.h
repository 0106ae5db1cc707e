// Field lengths as one byte, as Lucene's norms hold them (SmallFloat.intToByte4, byte4ToInt): exact
// up to 39, then with four significant bits.
#pragma once

#include <bit>
#include <cstdint>

namespace stratalog::index {

inline constexpr uint32_t kNormFreeValues = 255 - 231;  // 231 is longToInt4(INT32_MAX)

inline constexpr uint32_t norm_long_to_int4(uint32_t v) {
  const uint32_t bits = 32 - static_cast<uint32_t>(std::countl_zero(v));
  if (bits < 4) return v;
  const uint32_t shift = bits - 4;
  return ((v >> shift) & 0x07) | ((shift + 1) << 3);
}
inline constexpr uint32_t norm_int4_to_long(uint32_t v) {
  const uint32_t bits = v & 0x07;
  const uint32_t exponent = v >> 3;
  return exponent == 0 ? bits : (bits | 0x08) << (exponent - 1);
}
inline constexpr uint8_t encode_norm(uint32_t length) {
  if (length < kNormFreeValues) return static_cast<uint8_t>(length);
  return static_cast<uint8_t>(kNormFreeValues + norm_long_to_int4(length - kNormFreeValues));
}
inline constexpr uint32_t decode_norm(uint8_t norm) {
  if (norm < kNormFreeValues) return norm;
  return kNormFreeValues + norm_int4_to_long(norm - kNormFreeValues);
}

// Of a text without a token, whose length no query asks for: that it is there shows by a norm above
// 0. No other text has it, as none is as long as INT32_MAX.
inline constexpr uint8_t kNormOfEmpty = 255;

}  // namespace stratalog::index
