// An append-only array whose elements never move: chunks of doubling size. One writer appends while
// readers read elements that were there when they were made; nothing is locked, since neither an
// element nor a chunk pointer is written again.
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
    const Place place = place_of(size_);
    if (place.offset == 0) {
      const size_t count = kFirst << place.chunk;
      chunks_[place.chunk] = std::make_unique_for_overwrite<T[]>(count);
      bytes_ += count * sizeof(T);
    }
    chunks_[place.chunk][place.offset] = value;
    ++size_;
  }

  // Calls visit(span, index of its first element) for the runs that make up [begin, end).
  template <typename Visit>
  void spans(size_t begin, size_t end, Visit&& visit) const {
    while (begin < end) {
      const Place place = place_of(begin);
      const size_t in_chunk = (kFirst << place.chunk) - place.offset;
      const size_t count = in_chunk < end - begin ? in_chunk : end - begin;
      visit(std::span<const T>(&chunks_[place.chunk][place.offset], count), begin);
      begin += count;
    }
  }

 private:
  static constexpr size_t kFirst = 64;
  struct Place {
    size_t chunk;
    size_t offset;
  };
  static Place place_of(size_t i) {
    const size_t chunk = static_cast<size_t>(std::bit_width(i / kFirst + 1)) - 1;
    return {chunk, i - kFirst * ((size_t{1} << chunk) - 1)};
  }

  std::array<std::unique_ptr<T[]>, 32> chunks_;
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace stratalog::index
