#include "server/body_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "api/http.h"

namespace stratalog::server {
namespace {

// What the pool keeps at most: 8 buffers of 8 MB. Larger ones go back to the system.
constexpr size_t kKeptMax = 8;
constexpr size_t kKeptBytesMax = 8 << 20;
constexpr size_t kKeptBytesMin = 16 << 10;

}  // namespace

void BodyBuffer::append(std::string_view bytes) {
  if (bytes.empty()) return;  // and the bytes of either may be nowhere
  if (bytes.size() > room()) reserve(std::max(size_ + bytes.size(), 2 * capacity_));
  std::memcpy(end(), bytes.data(), bytes.size());
  size_ += bytes.size();
}

void BodyBuffer::reserve(size_t bytes) {
  if (bytes <= capacity_) return;
  void* grown = std::realloc(bytes_.get(), bytes + api::kBodyPadding);
  if (grown == nullptr) throw std::bad_alloc();
  (void)bytes_.release();
  bytes_.reset(static_cast<char*>(grown));
  capacity_ = bytes;
}

BodyBuffer BodyBufferPool::take(size_t bytes) {
  BodyBuffer buffer;
  {
    const std::lock_guard lock(mutex_);
    // The smallest that is large enough, else the largest.
    const auto best =
        std::min_element(kept_.begin(), kept_.end(), [bytes](const auto& a, const auto& b) {
          const bool a_fits = a.capacity() >= bytes;
          const bool b_fits = b.capacity() >= bytes;
          if (a_fits != b_fits) return a_fits;
          return a_fits ? a.capacity() < b.capacity() : a.capacity() > b.capacity();
        });
    if (best != kept_.end() && bytes >= kKeptBytesMin) {
      buffer = std::move(*best);
      kept_.erase(best);
    }
  }
  buffer.clear();
  buffer.reserve(bytes);
  return buffer;
}

void BodyBufferPool::give_back(BodyBuffer buffer) {
  if (buffer.capacity() < kKeptBytesMin || buffer.capacity() > kKeptBytesMax) return;
  const std::lock_guard lock(mutex_);
  if (kept_.size() < kKeptMax) kept_.push_back(std::move(buffer));
}

}  // namespace stratalog::server
