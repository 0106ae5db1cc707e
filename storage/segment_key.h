// The key of a segment's block: format byte | uid, 16 bytes | block, u32 big endian. So the blocks
// of a segment are neighbours, in their order.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/store.h"

namespace stratalog::storage {

class SegmentKey {
 public:
  static constexpr size_t kBytes = 1 + 16 + 4;

  SegmentKey(const SegmentUid& uid, uint32_t block) {
    bytes_[0] = kFormat;
    std::copy(uid.bytes.begin(), uid.bytes.end(), bytes_.begin() + 1);
    for (size_t i = 0; i < 4; ++i) bytes_[17 + i] = static_cast<char>(block >> (24 - 8 * i));
  }
  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

  // None if `key` is no such key.
  static std::optional<SegmentUid> uid_of(std::string_view key) {
    if (key.size() != kBytes || key[0] != kFormat) return std::nullopt;
    SegmentUid uid;
    std::copy_n(key.begin() + 1, uid.bytes.size(), uid.bytes.begin());
    return uid;
  }
  // `key` has a uid.
  static uint32_t block_of(std::string_view key) {
    uint32_t block = 0;
    for (const char byte : key.substr(17)) block = block << 8 | static_cast<unsigned char>(byte);
    return block;
  }

 private:
  static constexpr char kFormat = 1;

  std::array<char, kBytes> bytes_;
};

}  // namespace stratalog::storage
