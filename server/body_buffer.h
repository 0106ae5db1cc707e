// The bytes of a body: grown without being zeroed, with kBodyPadding bytes behind them, and given
// from request to request, so that a stream of bulks faults no pages in (that was a quarter of its
// cost).
//
// Threads a buffer by one thread at a time; the pool by any.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace stratalog::server {

class BodyBuffer {
 public:
  char* end() { return bytes_.get() + size_; }
  size_t size() const { return size_; }
  size_t room() const { return capacity_ - size_; }
  size_t capacity() const { return capacity_; }
  std::string_view view() const { return {bytes_.get(), size_}; }
  void advance(size_t bytes) { size_ += bytes; }
  void clear() { size_ = 0; }
  void append(std::string_view bytes);
  // Room for `bytes` in all; what is there stays.
  void reserve(size_t bytes);

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<char, Free> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

class BodyBufferPool {
 public:
  BodyBuffer take(size_t bytes);
  void give_back(BodyBuffer buffer);

 private:
  std::mutex mutex_;
  std::vector<BodyBuffer> kept_;
};

}  // namespace stratalog::server
