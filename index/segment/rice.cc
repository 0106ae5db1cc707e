#include "index/segment/rice.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "index/segment/bit_packing.h"

namespace stratalog::index {
namespace {

constexpr unsigned kParameterBits = 5;

uint64_t rice_bits(std::span<const uint32_t> values, unsigned k) {
  uint64_t bits = values.size() * (k + uint64_t{1});
  for (const uint32_t value : values) bits += value >> k;
  return bits;
}

// The best k lies near the mean's logarithm, where the cost falls to one minimum.
unsigned best_parameter(std::span<const uint32_t> values) {
  uint64_t sum = 0;
  for (const uint32_t value : values) sum += value;
  const uint64_t mean = values.empty() ? 0 : sum / values.size();
  unsigned k = mean == 0 ? 0 : bits_for(mean) - 1;
  uint64_t bits = rice_bits(values, k);
  while (k > 0) {
    const uint64_t fewer = rice_bits(values, k - 1);
    if (fewer >= bits) break;
    bits = fewer;
    --k;
  }
  return k;
}

}  // namespace

void BitWriter::put(uint64_t value, unsigned width) {
  word_ |= value << used_;
  used_ += width;
  while (used_ >= 8) {
    bytes_.push_back(static_cast<char>(word_));
    word_ >>= 8;
    used_ -= 8;
  }
}

void BitWriter::put_rice(std::span<const uint32_t> values) {
  const unsigned k = best_parameter(values);
  put(k, kParameterBits);
  for (const uint32_t value : values) {
    uint32_t zeros = value >> k;
    for (; zeros >= 32; zeros -= 32) put(0, 32);
    put(uint64_t{1} << zeros, zeros + 1);
    put(value & low_bits(k), k);
  }
}

void BitWriter::finish(std::string& out) {
  if (used_ > 0) bytes_.push_back(static_cast<char>(word_));
  out.append(bytes_);
  bytes_.clear();
  word_ = 0;
  used_ = 0;
}

uint64_t BitReader::get(unsigned width) {
  const uint64_t byte = std::min(at_, bit_count_) / 8;
  uint64_t word;
  std::memcpy(&word, bytes_ + byte, 8);
  word = (word >> (at_ % 8)) & low_bits(width);
  at_ += width;
  return word;
}

bool BitReader::get_rice(size_t count, uint32_t* out) {
  const auto k = static_cast<unsigned>(get(kParameterBits));
  for (size_t i = 0; i < count; ++i) {
    uint64_t zeros = 0;
    for (;;) {
      if (at_ >= bit_count_) return false;
      uint64_t word;
      std::memcpy(&word, bytes_ + at_ / 8, 8);
      word >>= at_ % 8;
      const unsigned seen = 64 - at_ % 8;
      if (word != 0) {
        const auto run = static_cast<unsigned>(std::countr_zero(word));
        zeros += run;
        at_ += run + 1;
        break;
      }
      zeros += seen;
      at_ += seen;
    }
    if (at_ + k > bit_count_) return false;
    const uint64_t value = zeros << k | get(k);
    if (value > UINT32_MAX) return false;
    out[i] = static_cast<uint32_t>(value);
  }
  return true;
}

}  // namespace stratalog::index
