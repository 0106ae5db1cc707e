#include "query/agg/hyper_log_log.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace stratalog::query {

namespace {
constexpr unsigned kPrefixBits = 25;
constexpr unsigned kRunBits = 6;

// Where an entry is looked for first; the product is taken modulo 2^32.
uint32_t place_of(uint32_t encoded) { return encoded * 0x9e3779b1u; }
}  // namespace

uint8_t HyperLogLog::precision_for(uint64_t threshold) {
  const uint64_t entries = static_cast<uint64_t>(
      std::ceil(static_cast<double>(std::min<uint64_t>(threshold, 40000)) / 0.75));
  const int precision = static_cast<int>(std::bit_width(entries * sizeof(uint32_t)));
  return static_cast<uint8_t>(std::clamp(precision, 4, 18));
}

// Low bit 1: prefix (25 bits) | run of zeros (6 bits) | 1, where the bits between the register's
// number and the prefix's end are all zero and so say nothing of the run; else prefix | 0. 0 itself
// never comes up: such a prefix has a run.
uint32_t HyperLogLog::encode(uint64_t hash) const {
  const uint32_t prefix = static_cast<uint32_t>(hash >> (64 - kPrefixBits));
  const uint32_t behind = prefix & ((1u << (kPrefixBits - precision_)) - 1);
  if (behind != 0) return prefix << 1;
  const uint64_t rest = hash << kPrefixBits;
  const uint32_t run =
      1 + std::min<uint32_t>(static_cast<uint32_t>(std::countl_zero(rest)), 64 - kPrefixBits);
  return (prefix << (kRunBits + 1)) | (run << 1) | 1;
}

void HyperLogLog::add(uint64_t hash) {
  if (!registers_.empty()) {
    add_hash_register(hash);
    return;
  }
  add_encoded(encode(hash));
}

void HyperLogLog::add_encoded(uint32_t encoded) {
  if ((slot_count_ + 1) * 2 > slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t at = place_of(encoded) & mask;; at = (at + 1) & mask) {
    if (slots_[at] == encoded) return;
    if (slots_[at] != 0) continue;
    slots_[at] = encoded;
    if (++slot_count_ > threshold()) upgrade();
    return;
  }
}

void HyperLogLog::grow() {
  std::vector<uint32_t> old = std::move(slots_);
  slots_.assign(old.empty() ? 16 : old.size() * 2, 0);
  const size_t mask = slots_.size() - 1;
  for (const uint32_t encoded : old) {
    if (encoded == 0) continue;
    size_t at = place_of(encoded) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = encoded;
  }
}

void HyperLogLog::upgrade() {
  registers_.assign(size_t{1} << precision_, 0);
  for (const uint32_t encoded : slots_) {
    if (encoded != 0) add_register(encoded);
  }
  slots_ = {};
  slot_count_ = 0;
}

void HyperLogLog::add_register(uint32_t encoded) {
  const unsigned behind_bits = kPrefixBits - precision_;
  uint32_t prefix;
  uint32_t run;
  if ((encoded & 1) != 0) {
    prefix = encoded >> (kRunBits + 1);
    run = behind_bits + ((encoded >> 1) & ((1u << kRunBits) - 1));
  } else {
    prefix = encoded >> 1;
    const uint32_t behind = prefix & ((1u << behind_bits) - 1);
    run = 1 + behind_bits - static_cast<uint32_t>(std::bit_width(behind));
  }
  uint8_t& slot = registers_[prefix >> behind_bits];
  slot = std::max(slot, static_cast<uint8_t>(run));
}

void HyperLogLog::add_hash_register(uint64_t hash) {
  const uint64_t rest = hash << precision_;
  const int run = 1 + std::min(std::countl_zero(rest), 64 - precision_);
  uint8_t& slot = registers_[hash >> (64 - precision_)];
  slot = std::max(slot, static_cast<uint8_t>(run));
}

void HyperLogLog::merge(const HyperLogLog& other) {
  if (other.registers_.empty()) {
    for (const uint32_t encoded : other.slots_) {
      if (encoded == 0) continue;
      registers_.empty() ? add_encoded(encoded) : add_register(encoded);
    }
    return;
  }
  if (registers_.empty()) upgrade();
  for (size_t i = 0; i < registers_.size(); ++i)
    registers_[i] = std::max(registers_[i], other.registers_[i]);
}

uint64_t HyperLogLog::cardinality() const {
  if (registers_.empty()) {
    const double m = static_cast<double>(1u << kPrefixBits);
    return static_cast<uint64_t>(
        std::llround(m * std::log(m / (m - static_cast<double>(slot_count_)))));
  }
  // Ertl 2017, algorithm 6.
  const double m = static_cast<double>(registers_.size());
  const unsigned q = 64u - precision_;
  std::vector<uint64_t> histogram(q + 2);
  for (const uint8_t value : registers_) ++histogram[value];
  const auto tau = [](double x) {
    if (x == 0 || x == 1) return 0.0;
    double y = 1, z = 1 - x, before;
    do {
      x = std::sqrt(x);
      before = z;
      y *= 0.5;
      z -= (1 - x) * (1 - x) * y;
    } while (before != z);
    return z / 3;
  };
  const auto sigma = [](double x) {
    if (x == 1) return std::numeric_limits<double>::infinity();
    double y = 1, z = x, before;
    do {
      x *= x;
      before = z;
      z += x * y;
      y += y;
    } while (before != z);
    return z;
  };
  double z = m * tau(1 - static_cast<double>(histogram[q + 1]) / m);
  for (unsigned k = q; k >= 1; --k) z = 0.5 * (z + static_cast<double>(histogram[k]));
  z += m * sigma(static_cast<double>(histogram[0]) / m);
  return static_cast<uint64_t>(std::llround(m * m / (2 * std::log(2.0)) / z));
}

uint64_t cardinality_hash(int64_t number) {
  uint64_t z = static_cast<uint64_t>(number);
  z = (z ^ (z >> 32)) * 0x4cd6944c5cc20b6dull;
  z = (z ^ (z >> 29)) * 0xfc12c5b19d3259e9ull;
  return z ^ (z >> 32);
}

namespace {

uint64_t finalize(uint64_t k) {
  k = (k ^ (k >> 33)) * 0xff51afd7ed558ccdull;
  k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53ull;
  return k ^ (k >> 33);
}

}  // namespace

uint64_t cardinality_hash(std::string_view bytes) {
  constexpr uint64_t kC1 = 0x87c37b91114253d5ull, kC2 = 0x4cf5ad432745937full;
  const auto mix1 = [](uint64_t k) { return std::rotl(k * kC1, 31) * kC2; };
  const auto mix2 = [](uint64_t k) { return std::rotl(k * kC2, 33) * kC1; };
  uint64_t h1 = 0, h2 = 0;
  size_t at = 0;
  for (; at + 16 <= bytes.size(); at += 16) {
    uint64_t k1, k2;
    std::memcpy(&k1, bytes.data() + at, 8);
    std::memcpy(&k2, bytes.data() + at + 8, 8);
    h1 = (std::rotl(h1 ^ mix1(k1), 27) + h2) * 5 + 0x52dce729;
    h2 = (std::rotl(h2 ^ mix2(k2), 31) + h1) * 5 + 0x38495ab5;
  }
  uint64_t k1 = 0, k2 = 0;
  const size_t left = bytes.size() - at;
  for (size_t i = 0; i < left; ++i) {
    const uint64_t byte = static_cast<unsigned char>(bytes[at + i]);
    (i < 8 ? k1 : k2) |= byte << (8 * (i % 8));
  }
  if (left > 8) h2 ^= mix2(k2);
  if (left > 0) h1 ^= mix1(k1);
  h1 ^= bytes.size();
  h2 ^= bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = finalize(h1);
  h2 = finalize(h2);
  return h1 + h2;
}

}  // namespace stratalog::query
