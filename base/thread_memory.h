// What the calling thread has allocated and not freed, as the allocator counts it (jemalloc's
// thread.allocated and thread.deallocated): the difference between two calls is what the work
// between them holds, whatever containers it uses. What is freed by another thread stays counted
// here and makes that thread's number negative. What went into a cache is not counted.
//
// Threads any, each its own number. Where the allocator doesn't count (sanitizers) always 0.
#pragma once

#include <cstdint>

namespace stratalog {

int64_t thread_bytes();

// Takes `bytes` out of this thread's number: a cache holds them from now on. Negative: it gave them
// up.
void disown_thread_bytes(int64_t bytes);

// What is allocated in its life, and not freed, is a cache's, or stays for others.
class CacheFill {
 public:
  CacheFill() : start_(thread_bytes()) {}
  CacheFill(const CacheFill&) = delete;
  CacheFill& operator=(const CacheFill&) = delete;
  ~CacheFill() { disown_thread_bytes(thread_bytes() - start_); }

 private:
  const int64_t start_;
};

}  // namespace stratalog
