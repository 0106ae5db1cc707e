#include "index/auto_id.h"

#include <array>

namespace stratalog::index {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kIdChars = 20;
constexpr size_t kIdBytes = 15;
constexpr size_t kSeqNoBytes = 7;

int digit_of(char c) {
  const size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string encode_auto_id(const AutoId& id) {
  std::array<uint8_t, kIdBytes> bytes;
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(id.prefix >> (56 - 8 * i));
  for (size_t i = 0; i < kSeqNoBytes; ++i) {
    bytes[8 + i] = static_cast<uint8_t>(static_cast<uint64_t>(id.seq_no) >> (48 - 8 * i));
  }
  std::string text(kIdChars, '\0');
  char* out = text.data();
  for (size_t i = 0; i < kIdBytes; i += 3) {
    const uint32_t group =
        (uint32_t{bytes[i]} << 16) | (uint32_t{bytes[i + 1]} << 8) | bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) *out++ = kAlphabet[(group >> shift) & 63];
  }
  return text;
}

std::optional<AutoId> decode_auto_id(std::string_view text) {
  if (text.size() != kIdChars) return std::nullopt;
  std::array<uint8_t, kIdBytes> bytes;
  for (size_t i = 0; i < kIdChars; i += 4) {
    uint32_t group = 0;
    for (size_t j = 0; j < 4; ++j) {
      const int digit = digit_of(text[i + j]);
      if (digit < 0) return std::nullopt;
      group = (group << 6) | static_cast<uint32_t>(digit);
    }
    for (size_t j = 0; j < 3; ++j)
      bytes[i / 4 * 3 + j] = static_cast<uint8_t>(group >> (16 - 8 * j));
  }
  AutoId id;
  for (size_t i = 0; i < 8; ++i) id.prefix = (id.prefix << 8) | bytes[i];
  for (size_t i = 8; i < kIdBytes; ++i) id.seq_no = (id.seq_no << 8) | bytes[i];
  return id;
}

}  // namespace stratalog::index
