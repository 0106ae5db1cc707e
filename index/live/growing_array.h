// An append-only array whose elements never move: chunks, each two of the size of all before them,
// so that a fifth of the memory is spare on average. One writer appends while readers read elements
// that were there when they were made; nothing is locked, since neither an element nor a chunk
// pointer is written again.
//
// Threads one writer; readers of indexes below a size that they got through a lock of the owner's.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/ensure.h"

namespace stratalog::index {

template <typename T>
class GrowingArray {
 public:
  size_t size() const { return size_; }
  size_t bytes() const { return bytes_; }

  T& operator[](size_t i) {
    const Place place = place_of(i);
    return chunks_[place.chunk][place.offset];
  }
  const T& operator[](size_t i) const {
    const Place place = place_of(i);
    return chunks_[place.chunk][place.offset];
  }

  void push_back(const T& value) {
    if (at_ == end_) [[unlikely]]
      open_chunk();
    *at_++ = value;
    ++size_;
  }

  // Calls visit(span, index of its first element) for the runs that make up [begin, end).
  template <typename Visit>
  void spans(size_t begin, size_t end, Visit&& visit) const {
    while (begin < end) {
      const Place place = place_of(begin);
      const size_t in_chunk = chunk_size(place.chunk) - place.offset;
      const size_t count = in_chunk < end - begin ? in_chunk : end - begin;
      visit(std::span<const T>(&chunks_[place.chunk][place.offset], count), begin);
      begin += count;
    }
  }

 private:
  static constexpr size_t kFirst = 32;  // elements of the first two chunks
  struct Place {
    size_t chunk;
    size_t offset;
  };
  // Two chunks of 32 elements, two of 64, two of 128, ...
  static size_t chunk_size(size_t chunk) { return kFirst << (chunk / 2); }
  static Place place_of(size_t i) {
    const size_t pair = static_cast<size_t>(std::bit_width(i / (2 * kFirst) + 1)) - 1;
    const size_t size = kFirst << pair;
    const size_t offset = i - 2 * kFirst * ((size_t{1} << pair) - 1);
    return {2 * pair + (offset >= size ? 1 : 0), offset >= size ? offset - size : offset};
  }
  void open_chunk() {
    const Place place = place_of(size_);
    const size_t count = chunk_size(place.chunk);
    chunks_[place.chunk] = std::make_unique_for_overwrite<T[]>(count);
    bytes_ += count * sizeof(T);
    at_ = chunks_[place.chunk].get();
    end_ = at_ + count;
  }

  std::array<std::unique_ptr<T[]>, 54> chunks_;  // 2^32 elements
  T* at_ = nullptr;                              // where the next one goes
  T* end_ = nullptr;
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace stratalog::index
