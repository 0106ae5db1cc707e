// Random numbers for generated logs: the same seed gives the same corpus on every machine, which
// the standard library's distributions do not promise. SplitMix64 (Steele, Lea, Flood 2014).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace stratalog::bench {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // In [0, bound); 0 < bound < 2^32.
  uint64_t below(uint64_t bound) { return ((next() >> 32) * bound) >> 32; }
  int64_t between(int64_t low, int64_t high) {  // both included
    return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low + 1)));
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double p) { return unit() < p; }
  template <typename T>
  const T& of(std::span<const T> choices) {
    return choices[below(choices.size())];
  }
  template <typename T, size_t n>
  const T& of(const T (&choices)[n]) {
    return choices[below(n)];
  }
  // Small values often, large ones rarely: durations, sizes.
  int64_t skewed(int64_t high) {
    const double u = unit();
    return static_cast<int64_t>(static_cast<double>(high) * u * u * u * u);
  }
  std::string hex(size_t digits) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (size_t i = 0; i < digits; ++i) text += kDigits[below(16)];
    return text;
  }
  std::string uuid() {
    return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-a" + hex(3) + "-" + hex(12);
  }

 private:
  uint64_t state_;
};

}  // namespace stratalog::bench
