// A count of bytes in use with an upper bound: bodies in flight, what searches hold.
//
// Threads any.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace stratalog {

class ByteBudget {
 public:
  explicit ByteBudget(uint64_t bytes_max) : bytes_max_(bytes_max) {}
  bool acquire(uint64_t bytes) {
    uint64_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > bytes_max_ || used > bytes_max_ - bytes) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  void release(uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  uint64_t bytes_max() const { return bytes_max_; }

 private:
  const uint64_t bytes_max_;
  std::atomic<uint64_t> used_{0};
};

// A share of a budget, given back at the end. The budget must outlive it.
class Reservation {
 public:
  explicit Reservation(ByteBudget& budget) : budget_(&budget) {}
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { clear(); }
  // Grows the share to at least `bytes`; unchanged when that does not fit.
  bool grow_to(uint64_t bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_->acquire(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }
  void clear() { budget_->release(std::exchange(bytes_, 0)); }

 private:
  ByteBudget* budget_;
  uint64_t bytes_ = 0;
};

}  // namespace stratalog
