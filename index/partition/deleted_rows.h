// Which rows of a segment are deleted: grows with a live segment, and gives immutable copies to
// views, made only after a change.
//
// Threads one (the partition's lock); copies: any.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bits.h"
#include "index/types.h"

namespace stratalog::index {

class DeletedRows {
 public:
  bool contains(RowId row) const { return row / 64 < words_.size() && get_bit(words_.data(), row); }
  // False if it was there.
  bool add(RowId row) {
    if (contains(row)) return false;
    if (row / 64 >= words_.size()) words_.resize(row / 64 + 1);
    set_bit(words_.data(), row);
    ++count_;
    copy_ = nullptr;
    return true;
  }
  uint32_t count() const { return count_; }

  // For a segment of `rows` rows; nullptr: none is deleted.
  const std::shared_ptr<const Bitmap>& snapshot(uint32_t rows) {
    if (count_ > 0 && (copy_ == nullptr || copy_->size() != rows)) {
      auto copy = std::make_shared<Bitmap>(rows);
      for_each_bit(words_, [&](size_t row) {
        if (row < rows) copy->set(row);
      });
      copy_ = std::move(copy);
    }
    return copy_;
  }

 private:
  std::vector<uint64_t> words_;
  uint32_t count_ = 0;
  std::shared_ptr<const Bitmap> copy_;
};

}  // namespace stratalog::index
