// Memory that is given out piece by piece and freed all at once. Blocks are kept and used again
// after clear().
//
// Threads one. Budget: bytes() is what it holds; whoever owns the arena checks it against its
// limit.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace stratalog {

class Arena {
 public:
  explicit Arena(size_t block_bytes = 64 << 10) : block_bytes_(block_bytes) {}

  char* allocate(size_t bytes) {
    if (bytes > left_) new_block(bytes);
    char* at = at_;
    at_ += bytes;
    left_ -= bytes;
    return at;
  }
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* at = allocate(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }
  // Gives the last `bytes` back: those of the newest allocation that were not needed.
  void give_back(size_t bytes) {
    at_ -= bytes;
    left_ += bytes;
  }
  size_t bytes() const { return bytes_; }
  // Forgets all allocations; keeps the blocks of normal size.
  void clear() {
    std::erase_if(blocks_, [&](const Block& block) { return block.bytes != block_bytes_; });
    bytes_ = blocks_.size() * block_bytes_;
    next_ = 0;
    at_ = nullptr;
    left_ = 0;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> memory;
    size_t bytes;
  };
  void new_block(size_t bytes) {
    if (bytes <= block_bytes_ && next_ < blocks_.size()) {
      at_ = blocks_[next_++].memory.get();
      left_ = block_bytes_;
      return;
    }
    const size_t size = bytes > block_bytes_ ? bytes : block_bytes_;
    // An outsize block goes behind those that are in use, so that the reusable ones stay in one
    // run.
    const auto at = blocks_.insert(
        blocks_.begin() + static_cast<std::ptrdiff_t>(next_),
        Block{std::unique_ptr<char[]>(std::make_unique_for_overwrite<char[]>(size)), size});
    ++next_;
    bytes_ += size;
    at_ = at->memory.get();
    left_ = size;
  }

  size_t block_bytes_;
  std::vector<Block> blocks_;
  size_t next_ = 0;  // blocks before it are in use
  char* at_ = nullptr;
  size_t left_ = 0;
  size_t bytes_ = 0;
};

}  // namespace stratalog
