// Golomb-Rice coding of short lists of small numbers: the cheapest form for gaps of rare terms,
// read value by value. (R. F. Rice, "Some practical universal noiseless coding techniques", JPL
// 1979.)
//
//   list = 5 bits k, then each value: value >> k zero bits, a one bit, the k low bits of the value
//
// Bits fill bytes from the low end. Reading loads words: 8 bytes behind the list must be readable.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace stratalog::index {

class BitWriter {
 public:
  void put(uint64_t value, unsigned width);  // width <= 56, value fits
  void put_rice(std::span<const uint32_t> values);
  // Pads to a whole byte and appends all to `out`; starts anew.
  void finish(std::string& out);

 private:
  std::string bytes_;
  uint64_t word_ = 0;
  unsigned used_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes.data()), bit_count_(bytes.size() * 8) {}
  uint64_t get(unsigned width);  // width <= 56
  // False when the list does not end inside the bytes.
  bool get_rice(size_t count, uint32_t* out);

 private:
  const char* bytes_;
  uint64_t bit_count_;
  uint64_t at_ = 0;
};

}  // namespace stratalog::index
