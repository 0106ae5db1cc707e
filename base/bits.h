// Bit sets as words, as windows of rows are passed around: bit i of word i / 64 is row begin + i.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace stratalog {

inline constexpr size_t words_for(size_t bits) { return (bits + 63) / 64; }
inline bool get_bit(const uint64_t* words, size_t i) {
  return ((words[i / 64] >> (i % 64)) & 1) != 0;
}
inline void set_bit(uint64_t* words, size_t i) { words[i / 64] |= uint64_t{1} << (i % 64); }
inline void clear_bit(uint64_t* words, size_t i) { words[i / 64] &= ~(uint64_t{1} << (i % 64)); }

inline uint64_t count_bits(std::span<const uint64_t> words) {
  uint64_t count = 0;
  for (const uint64_t word : words) count += static_cast<uint64_t>(std::popcount(word));
  return count;
}

// Sets bits [begin, end).
inline void set_bit_range(uint64_t* words, size_t begin, size_t end) {
  if (begin >= end) return;
  const size_t first = begin / 64, last = (end - 1) / 64;
  const uint64_t head = ~uint64_t{0} << (begin % 64);
  const uint64_t tail = ~uint64_t{0} >> (63 - (end - 1) % 64);
  if (first == last) {
    words[first] |= head & tail;
    return;
  }
  words[first] |= head;
  for (size_t i = first + 1; i < last; ++i) words[i] = ~uint64_t{0};
  words[last] |= tail;
}

// Calls visit(i) for every set bit, ascending.
template <typename Visit>
void for_each_bit(std::span<const uint64_t> words, Visit&& visit) {
  for (size_t w = 0; w < words.size(); ++w) {
    for (uint64_t word = words[w]; word != 0; word &= word - 1) {
      visit(w * 64 + static_cast<size_t>(std::countr_zero(word)));
    }
  }
}

// An owned set of a fixed number of bits.
class Bitmap {
 public:
  explicit Bitmap(size_t bits = 0) : words_(words_for(bits)), size_(bits) {}
  size_t size() const { return size_; }
  bool get(size_t i) const { return get_bit(words_.data(), i); }
  void set(size_t i) { set_bit(words_.data(), i); }
  void clear(size_t i) { clear_bit(words_.data(), i); }
  uint64_t count() const { return count_bits(words_); }
  std::span<const uint64_t> words() const { return words_; }
  std::span<uint64_t> words() { return words_; }

 private:
  std::vector<uint64_t> words_;
  size_t size_;
};

}  // namespace stratalog
