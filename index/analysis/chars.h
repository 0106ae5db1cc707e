// Questions to code points as Java's Character answers them, and case mapping of UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unicode.h"
#include "index/analysis/char_data.h"

namespace stratalog::index {

// decode_utf8 with the two-byte case, most of what is neither ASCII nor ideographs, in line. at <
// end.
inline char32_t decode_char(const char*& at, const char* end) {
  const auto first = static_cast<unsigned char>(*at);
  if (first >= 0xC2 && first <= 0xDF && end - at > 1) {
    const auto second = static_cast<unsigned char>(at[1]);
    if ((second & 0xC0) == 0x80) {
      at += 2;
      return (char32_t{first} & 0x1F) << 6 | (second & 0x3F);
    }
  }
  size_t length = 0;
  const char32_t c = decode_utf8({at, static_cast<size_t>(end - at)}, length);
  at += length;
  return c;
}

enum class Category : uint8_t {  // in the order of scripts/char_tables.py
  kUnassigned,
  kLu,
  kLl,
  kLt,
  kLm,
  kLo,
  kMn,
  kMc,
  kMe,
  kNd,
  kNl,
  kNo,
  kPc,
  kPd,
  kPs,
  kPe,
  kPi,
  kPf,
  kPo,
  kSm,
  kSc,
  kSk,
  kSo,
  kZs,
  kZl,
  kZp,
  kCc,
  kCf,
  kCs,
  kCo
};

inline Category category_of(char32_t c) {
  using namespace char_data;
  if ((c >> 7) >= kCategoryIndexCount) return Category::kUnassigned;
  return static_cast<Category>(kCategoryBlock[kCategoryIndex[c >> 7] * 128u + (c & 127)]);
}
inline bool is_letter(char32_t c) {
  const Category k = category_of(c);
  return k >= Category::kLu && k <= Category::kLo;
}
inline bool is_digit(char32_t c) { return category_of(c) == Category::kNd; }
inline bool is_punctuation(char32_t c) {
  const Category k = category_of(c);
  return k >= Category::kPc && k <= Category::kPo;
}
inline bool is_symbol(char32_t c) {
  const Category k = category_of(c);
  return k >= Category::kSm && k <= Category::kSo;
}
// Character.isWhitespace: separators that may break a line, and tab to carriage return, FS to US.
inline bool is_whitespace(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
  const Category k = category_of(c);
  return k >= Category::kZs && k <= Category::kZp && c != 0xA0 && c != 0x2007 && c != 0x202F;
}

inline char32_t to_lower(char32_t c) {
  using namespace char_data;
  if ((c >> 7) >= kCaseIndexCount) return c;
  return static_cast<char32_t>(
      static_cast<int32_t>(c) +
      kCaseShift[kCaseBlock[kCaseIndex[c >> 7] * 128u + (c & 127)]].to_lower);
}
inline char32_t to_upper(char32_t c) {
  using namespace char_data;
  if ((c >> 7) >= kCaseIndexCount) return c;
  return static_cast<char32_t>(
      static_cast<int32_t>(c) +
      kCaseShift[kCaseBlock[kCaseIndex[c >> 7] * 128u + (c & 127)]].to_upper);
}

// Room that a case mapping of `bytes` bytes of UTF-8 can need: U+023A, two bytes, maps to three; a
// malformed byte becomes U+FFFD, three bytes.
inline constexpr size_t case_mapped_bytes_max(size_t bytes) { return bytes * 3; }

// Writes text lower-cased (upper-cased), code point by code point, to `out`, which has
// case_mapped_bytes_max() of room. Returns the bytes written.
size_t write_lower(std::string_view text, char* out);
size_t write_upper(std::string_view text, char* out);
std::string to_lower(std::string_view text);

// Copies `bytes` bytes and lower-cases the ASCII letters among them; others stay. `from` and `to`
// may be the same.
void write_ascii_lower(const char* from, size_t bytes, char* to);
bool is_ascii(std::string_view text);

// Writes one code point; at most 4 bytes. Returns the bytes written.
size_t write_utf8(char32_t c, char* out);

}  // namespace stratalog::index
