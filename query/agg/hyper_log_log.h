// Distinct counts as Elasticsearch's cardinality makes them: linear counting over 25-bit hash
// prefixes up to a threshold (exact in practice), HyperLogLog registers beyond. S. Heule, M.
// Nunkesser, A. Hall, "HyperLogLog in Practice" (2013); registers are read by the estimator of O.
// Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), which needs no
// table of biases.
//
// Threads one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace stratalog::query {

class HyperLogLog {
 public:
  // 4 to 18, from precision_threshold as Elasticsearch does it.
  static uint8_t precision_for(uint64_t threshold);
  explicit HyperLogLog(uint8_t precision) : precision_(precision) {}

  void add(uint64_t hash);
  void merge(const HyperLogLog& other);
  uint64_t cardinality() const;

 private:
  // What linear counting keeps of a hash: 25 bits, and behind them the run of zeros where registers
  // would need it.
  uint32_t encode(uint64_t hash) const;
  void add_encoded(uint32_t encoded);
  void add_register(uint32_t encoded);
  void add_hash_register(uint64_t hash);
  void upgrade();
  void grow();
  size_t threshold() const { return (size_t{1} << precision_) / 4 * 3 / 4; }

  uint8_t precision_;
  std::vector<uint32_t> slots_;     // linear counting: open addressing, 0 is free
  size_t slot_count_ = 0;           // used ones
  std::vector<uint8_t> registers_;  // empty until upgraded
};

uint64_t cardinality_hash(std::string_view bytes);  // MurmurHash3 x64 128, first half, seed 0
uint64_t cardinality_hash(int64_t number);          // Murmur3's 64-bit finalizer, as BitMixer.mix64

}  // namespace stratalog::query
