#include "query/script/text.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/unicode.h"
#include "index/analysis/chars.h"
#include "query/script/fault.h"

namespace stratalog::query::script {

std::u16string to_utf16(std::string_view text) {
  std::u16string out;
  for (size_t at = 0; at < text.size();) {
    char32_t c = decode_utf8(text, at);
    if (c > 0xFFFF) {
      c -= 0x10000;
      out += static_cast<char16_t>(0xD800 + (c >> 10));
      out += static_cast<char16_t>(0xDC00 + (c & 0x3FF));
    } else {
      out += static_cast<char16_t>(c);
    }
  }
  return out;
}

std::string from_utf16(std::u16string_view units) {
  std::string out;
  for (size_t i = 0; i < units.size(); ++i) {
    char32_t c = units[i];
    if (c >= 0xD800 && c < 0xDC00 && i + 1 < units.size() && units[i + 1] >= 0xDC00 &&
        units[i + 1] < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (units[++i] - 0xDC00);
    } else if (c >= 0xD800 && c < 0xE000) {
      c = kReplacementCharacter;
    }
    append_utf8(out, c);
  }
  return out;
}

int64_t units(const String& text) {
  return static_cast<int64_t>(text.ascii() ? text.text.size() : utf16_length(text.text));
}

uint16_t unit_at(const String& text, int64_t at) {
  if (at < 0 || at >= units(text)) {
    fail(
        "string_index_out_of_bounds_exception",
        "Index " + std::to_string(at) + " out of bounds for length " + std::to_string(units(text)));
  }
  if (text.ascii()) return static_cast<uint8_t>(text.text[static_cast<size_t>(at)]);
  return to_utf16(text.text)[static_cast<size_t>(at)];
}

std::string unit_range(const String& text, int64_t begin, int64_t end) {
  const int64_t length = units(text);
  if (begin < 0 || end > length || begin > end) {
    fail("string_index_out_of_bounds_exception", "begin " + std::to_string(begin) + ", end " +
                                                     std::to_string(end) + ", length " +
                                                     std::to_string(length));
  }
  const auto first = static_cast<size_t>(begin), count = static_cast<size_t>(end - begin);
  if (text.ascii()) return text.text.substr(first, count);
  return from_utf16(to_utf16(text.text).substr(first, count));
}

size_t byte_of_unit(std::string_view text, int64_t unit) {
  size_t at = 0;
  while (unit > 0 && at < text.size()) unit -= decode_utf8(text, at) > 0xFFFF ? 2 : 1;
  return at;
}

int64_t unit_of_byte(std::string_view text, size_t byte) {
  return static_cast<int64_t>(utf16_length(text.substr(0, std::min(byte, text.size()))));
}

int64_t index_of(const String& text, std::string_view part, int64_t from) {
  const size_t start = byte_of_unit(text.text, std::max<int64_t>(from, 0));
  const size_t found = text.text.find(part, start);
  if (found == std::string::npos) return -1;
  return text.ascii() ? static_cast<int64_t>(found) : unit_of_byte(text.text, found);
}

int64_t last_index_of(const String& text, std::string_view part) {
  const size_t found = text.text.rfind(part);
  return found == std::string::npos ? -1 : unit_of_byte(text.text, found);
}

int compare_text(std::string_view a, std::string_view b) {
  // By units: only pairs above the basic plane sort otherwise than by bytes.
  const auto [x, y] = std::mismatch(
      a.begin(), a.begin() + static_cast<ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  if (x == a.end() || y == b.end()) {
    return static_cast<int>(unit_of_byte(a, a.size()) - unit_of_byte(b, b.size()));
  }
  const std::u16string u = to_utf16(a), v = to_utf16(b);
  const size_t shorter = std::min(u.size(), v.size());
  for (size_t i = 0; i < shorter; ++i) {
    if (u[i] != v[i]) return static_cast<int>(u[i]) - static_cast<int>(v[i]);
  }
  return static_cast<int>(u.size()) - static_cast<int>(v.size());
}

std::string lower(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) append_utf8(out, index::to_lower(decode_utf8(text, at)));
  return out;
}

std::string upper(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) append_utf8(out, index::to_upper(decode_utf8(text, at)));
  return out;
}

std::string trim(std::string_view text) {
  const auto blank = [](char c) { return static_cast<uint8_t>(c) <= ' '; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

std::string encode_base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t b = 0; b < 3; ++b)
      group = group << 8 | (b < count ? static_cast<uint8_t>(bytes[i + b]) : 0);
    for (size_t d = 0; d < 4; ++d) out += d > count ? '=' : kDigits[group >> (18 - 6 * d) & 63];
  }
  return out;
}

int64_t parse_whole(const std::string& text, int64_t radix, bool is_long) {
  std::string_view digits = text;
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value,
                                            static_cast<int>(std::clamp<int64_t>(radix, 2, 36)));
  const bool fits = is_long || (value >= INT32_MIN && value <= INT32_MAX);
  if (error != std::errc() || end != digits.data() + digits.size() || !fits) {
    fail("number_format_exception",
         "For input string: \"" + text + "\"" +
             (radix == 10 || text.empty() ? "" : " under radix " + std::to_string(radix)));
  }
  return value;
}

double parse_real(const std::string& text) {
  const std::string trimmed = trim(text);
  if (trimmed.empty()) fail("number_format_exception", "empty String");
  std::string_view digits = trimmed;
  const char last = digits.back();
  const bool special = digits.ends_with("NaN") || digits.ends_with("Infinity");
  if (!special && digits.size() > 1 && (last == 'd' || last == 'D' || last == 'f' || last == 'F'))
    digits.remove_suffix(1);
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  std::string_view unsigned_digits = digits;
  if (unsigned_digits.starts_with('-')) unsigned_digits.remove_prefix(1);
  const bool sane = !unsigned_digits.empty() &&
                    (special ? unsigned_digits == "NaN" || unsigned_digits == "Infinity"
                             : (unsigned_digits[0] >= '0' && unsigned_digits[0] <= '9') ||
                                   unsigned_digits[0] == '.');
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (sane && error == std::errc::result_out_of_range) return std::strtod(trimmed.c_str(), nullptr);
  if (!sane || error != std::errc() || end != digits.data() + digits.size())
    fail("number_format_exception", "For input string: \"" + text + "\"");
  return value;
}

}  // namespace stratalog::query::script
