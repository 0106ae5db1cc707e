#include "api/percent.h"

#include "base/unicode.h"

namespace stratalog::api {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::string> decode_percent(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
      continue;
    }
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 1 == text.size()) {
      return Error(error_types::kIllegalArgument,
                   "unterminated escape sequence at end of string: " + std::string(text));
    }
    if (text[i + 1] == '%') {  // Elasticsearch reads %% as a percent sign
      out.push_back('%');
      ++i;
      continue;
    }
    if (i + 2 == text.size()) {
      return Error(error_types::kIllegalArgument,
                   "partial escape sequence at end of string: " + std::string(text));
    }
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) {
      return Error(error_types::kIllegalArgument,
                   "invalid escape sequence `%" + std::string(text.substr(i + 1, 2)) +
                       "' at index " + std::to_string(i) + " of: " + std::string(text));
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return repair_utf8(std::move(out));
}

std::string encode_form(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '*' || c == '_';
    if (kept) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  return out;
}

}  // namespace stratalog::api
