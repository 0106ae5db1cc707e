#include "index/document/base64.h"

#include <cstdint>

namespace stratalog::index {

namespace {

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}  // namespace

bool decode_base64(std::string_view text, std::string& out) {
  out.clear();
  uint32_t group = 0;
  int digits = 0;
  size_t at = 0;
  for (; at < text.size() && text[at] != '='; ++at) {
    const bool between = digits == 0 && (text[at] == '\n' || text[at] == '\r' || text[at] == ' ' ||
                                         text[at] == '\t');
    if (between) continue;
    const int value = value_of(text[at]);
    if (value < 0) return false;
    group = group << 6 | static_cast<uint32_t>(value);
    if (++digits < 4) continue;
    out += static_cast<char>(group >> 16);
    out += static_cast<char>(group >> 8);
    out += static_cast<char>(group);
    digits = 0;
    group = 0;
  }
  if (digits == 0) return at == text.size();
  const size_t padding = text.size() - at;
  if (digits == 1 || padding != static_cast<size_t>(4 - digits) ||
      text.find_first_not_of('=', at) != std::string_view::npos) {
    return false;
  }
  if (digits == 2) {
    out += static_cast<char>(group >> 4);
  } else {
    out += static_cast<char>(group >> 10);
    out += static_cast<char>(group >> 2);
  }
  return true;
}

}  // namespace stratalog::index
