#include "index/segment/bit_packing.h"

#include <algorithm>

namespace stratalog::index {
namespace {

template <typename T>
void pack(std::string& out, std::span<const T> values, unsigned width) {
  if (width == 0) return;
  const size_t start = out.size();
  out.resize(start + packed_bytes(values.size(), width) + 8);
  char* at = out.data() + start;
  uint64_t word = 0;
  unsigned used = 0;
  for (const T value : values) {
    word |= uint64_t{value} << used;
    if (used + width >= 64) {
      std::memcpy(at, &word, 8);
      at += 8;
      const unsigned taken = 64 - used;
      word = taken == 64 ? 0 : uint64_t{value} >> taken;
      used = used + width - 64;
    } else {
      used += width;
    }
  }
  std::memcpy(at, &word, 8);
  out.resize(start + packed_bytes(values.size(), width));
}

template <typename T>
void unpack(const char* packed, uint64_t begin, size_t count, unsigned width, T* out) {
  if (width == 0) {
    std::fill_n(out, count, T{0});
    return;
  }
  if (width > 56) {
    for (size_t i = 0; i < count; ++i)
      out[i] = static_cast<T>(unpack_bits_at(packed, begin + i, width));
    return;
  }
  const uint64_t mask = low_bits(width);
  uint64_t bit = begin * width;
  for (size_t i = 0; i < count; ++i, bit += width) {
    uint64_t word;
    std::memcpy(&word, packed + bit / 8, 8);
    out[i] = static_cast<T>((word >> (bit % 8)) & mask);
  }
}

}  // namespace

void pack_bits(std::string& out, std::span<const uint64_t> values, unsigned width) {
  pack(out, values, width);
}
void pack_bits(std::string& out, std::span<const uint32_t> values, unsigned width) {
  pack(out, values, width);
}

void unpack_bits(const char* packed, uint64_t begin, size_t count, unsigned width, uint64_t* out) {
  unpack(packed, begin, count, width, out);
}
void unpack_bits(const char* packed, uint64_t begin, size_t count, unsigned width, uint32_t* out) {
  unpack(packed, begin, count, width, out);
}

}  // namespace stratalog::index
