// Fixed-width bit packing: value i is the `width` bits from bit i * width on, low bits first, so
// that one value can be read without the others.
//
// Reading loads words: 8 bytes behind the packed ones must be readable (index/segment/block_io.h).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace stratalog::index {

inline constexpr unsigned bits_for(uint64_t max) {
  return static_cast<unsigned>(std::bit_width(max));
}
inline constexpr uint64_t packed_bytes(uint64_t count, unsigned width) {
  return (count * width + 7) / 8;
}
inline constexpr uint64_t low_bits(unsigned width) {
  return width == 0 ? 0 : ~uint64_t{0} >> (64 - width);
}

// Appends packed_bytes(values.size(), width) bytes. Values must fit in `width` bits; width <= 64.
void pack_bits(std::string& out, std::span<const uint64_t> values, unsigned width);
void pack_bits(std::string& out, std::span<const uint32_t> values, unsigned width);

inline uint64_t unpack_bits_at(const char* packed, uint64_t i, unsigned width) {
  const uint64_t bit = i * width;
  uint64_t word;
  std::memcpy(&word, packed + bit / 8, 8);
  word >>= bit % 8;
  if (width > 56 && bit % 8 + width > 64) {
    word |= uint64_t{static_cast<unsigned char>(packed[bit / 8 + 8])} << (64 - bit % 8);
  }
  return word & low_bits(width);
}

// Reads values [begin, begin + count).
void unpack_bits(const char* packed, uint64_t begin, size_t count, unsigned width, uint64_t* out);
void unpack_bits(const char* packed, uint64_t begin, size_t count, unsigned width,
                 uint32_t* out);  // width <= 32

}  // namespace stratalog::index
