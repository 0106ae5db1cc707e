#include "index/analysis/chars.h"

#include <cstring>

#include "base/unicode.h"

namespace stratalog::index {

namespace {

constexpr uint64_t kEveryByte = 0x0101010101010101;
constexpr uint64_t kHighBits = 0x80 * kEveryByte;

// 0x80 in each byte that is an ASCII capital. Sums can't carry into the next byte: both are below
// 0x80.
uint64_t capitals(uint64_t word) {
  const uint64_t low = word & ~kHighBits;
  const uint64_t from_a = low + (0x80 - 'A') * kEveryByte;
  const uint64_t after_z = low + (0x80 - 'Z' - 1) * kEveryByte;
  return (from_a ^ after_z) & ~word & kHighBits;
}

template <char32_t (*map)(char32_t)>
size_t write_mapped(std::string_view text, char* out) {
  char* to = out;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char32_t c = map(decode_char(at, end));
    if (c >= 0x80 && c < 0x800) {
      *to++ = static_cast<char>(0xC0 | (c >> 6));
      *to++ = static_cast<char>(0x80 | (c & 0x3F));
    } else {
      to += write_utf8(c, to);
    }
  }
  return static_cast<size_t>(to - out);
}

}  // namespace

size_t write_utf8(char32_t c, char* out) {
  const auto byte = [](char32_t v) { return static_cast<char>(v); };
  if (c < 0x80) {
    out[0] = byte(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = byte(0xC0 | (c >> 6));
    out[1] = byte(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = byte(0xE0 | (c >> 12));
    out[1] = byte(0x80 | ((c >> 6) & 0x3F));
    out[2] = byte(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = byte(0xF0 | (c >> 18));
  out[1] = byte(0x80 | ((c >> 12) & 0x3F));
  out[2] = byte(0x80 | ((c >> 6) & 0x3F));
  out[3] = byte(0x80 | (c & 0x3F));
  return 4;
}

size_t write_lower(std::string_view text, char* out) { return write_mapped<to_lower>(text, out); }
size_t write_upper(std::string_view text, char* out) { return write_mapped<to_upper>(text, out); }

std::string to_lower(std::string_view text) {
  std::string out(case_mapped_bytes_max(text.size()), '\0');
  out.resize(write_lower(text, out.data()));
  return out;
}

void write_ascii_lower(const char* from, size_t bytes, char* to) {
  size_t i = 0;
  for (; i + 8 <= bytes; i += 8) {
    uint64_t word;
    std::memcpy(&word, from + i, 8);
    word |= capitals(word) >> 2;
    std::memcpy(to + i, &word, 8);
  }
  for (; i < bytes; ++i) {
    const char c = from[i];
    to[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
}

bool is_ascii(std::string_view text) {
  size_t i = 0;
  uint64_t seen = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    seen |= word;
  }
  for (; i < text.size(); ++i) seen |= static_cast<unsigned char>(text[i]);
  return (seen & kHighBits) == 0;
}

}  // namespace stratalog::index
