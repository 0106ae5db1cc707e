#include "index/document/json_cursor.h"

#include "base/unicode.h"

namespace stratalog::index {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four digits of \uXXXX; -1 if they are not that.
int32_t read_hex4(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int32_t out = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(at[i]);
    if (digit < 0) return -1;
    out = out * 16 + digit;
  }
  return out;
}

char* put_utf8(char* out, uint32_t c) {
  if (c < 0x80) {
    *out++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *out++ = static_cast<char>(0xC0 | c >> 6);
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out++ = static_cast<char>(0xE0 | c >> 12);
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | c >> 18);
    *out++ = static_cast<char>(0x80 | (c >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

constexpr int32_t kSurrogate = 0xD800;
constexpr int32_t kLowSurrogate = 0xDC00;
constexpr int32_t kSurrogateEnd = 0xE000;

}  // namespace

bool JsonCursor::read_number(Scalar& out) {
  const uint32_t begin = *at_;
  uint32_t i = begin;
  const auto digit_at = [&](uint32_t at) { return at < length_ && is_digit(text_[at]); };
  const bool negative = text_[i] == '-';
  if (negative) ++i;
  if (!digit_at(i)) return false;
  const uint32_t first = i;
  uint64_t value = 0;
  if (text_[i] == '0') {
    ++i;
  } else {
    for (; digit_at(i); ++i) value = value * 10 + static_cast<uint64_t>(text_[i] - '0');
  }
  constexpr uint32_t kSmallDigits = 18;
  out.kind = Scalar::kWhole;
  out.small = i - first <= kSmallDigits;
  out.number = static_cast<int64_t>(negative ? 0 - value : value);
  if (i < length_ && text_[i] == '.') {
    out.kind = Scalar::kFraction;
    if (!digit_at(++i)) return false;
    while (digit_at(i)) ++i;
  }
  if (i < length_ && (text_[i] == 'e' || text_[i] == 'E')) {
    out.kind = Scalar::kFraction;
    ++i;
    if (i < length_ && (text_[i] == '+' || text_[i] == '-')) ++i;
    if (!digit_at(i)) return false;
    while (digit_at(i)) ++i;
  }
  if (!ends_token(i)) return false;
  out.text = {text_ + begin, i - begin};
  out.end = i;
  ++at_;
  return true;
}

bool JsonCursor::read_word(Scalar& out) {
  if (at_ >= end_) return false;
  const uint32_t begin = *at_;
  const std::string_view rest(text_ + begin, length_ - begin);
  if (rest.starts_with("true")) {
    out.kind = Scalar::kTrue;
  } else if (rest.starts_with("false")) {
    out.kind = Scalar::kFalse;
  } else if (rest.starts_with("null")) {
    out.kind = Scalar::kNull;
  } else {
    return false;
  }
  out.text = rest.substr(0, out.kind == Scalar::kFalse ? 5 : 4);
  out.end = begin + static_cast<uint32_t>(out.text.size());
  if (!ends_token(out.end)) return false;
  ++at_;
  return true;
}

// Into the arena: no escape is shorter than what it stands for. A surrogate without its half
// becomes U+FFFD, as it does on the way into an index of Lucene.
bool JsonCursor::unescape(std::string_view& text) {
  char* const memory = arena_->allocate(text.size());
  char* to = memory;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const auto* slash =
        static_cast<const char*>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
    const char* const stop = slash == nullptr ? end : slash;
    std::memcpy(to, at, static_cast<size_t>(stop - at));
    to += stop - at;
    if (slash == nullptr) break;
    if (stop + 1 >= end) return false;
    at = stop + 2;
    switch (stop[1]) {
      case '"':
      case '\\':
      case '/':
        *to++ = stop[1];
        break;
      case 'b':
        *to++ = '\b';
        break;
      case 'f':
        *to++ = '\f';
        break;
      case 'n':
        *to++ = '\n';
        break;
      case 'r':
        *to++ = '\r';
        break;
      case 't':
        *to++ = '\t';
        break;
      case 'u': {
        int32_t c = read_hex4(at, end);
        if (c < 0) return false;
        at += 4;
        if (c >= kSurrogate && c < kSurrogateEnd) {
          int32_t low = -1;
          if (c < kLowSurrogate && end - at >= 6 && at[0] == '\\' && at[1] == 'u')
            low = read_hex4(at + 2, end);
          if (low >= kLowSurrogate && low < kSurrogateEnd) {
            c = 0x10000 + ((c - kSurrogate) << 10) + (low - kLowSurrogate);
            at += 6;
          } else {
            c = static_cast<int32_t>(kReplacementCharacter);
          }
        }
        to = put_utf8(to, static_cast<uint32_t>(c));
        break;
      }
      default:
        return false;
    }
  }
  const auto used = static_cast<size_t>(to - memory);
  arena_->give_back(text.size() - used);
  text = {memory, used};
  return true;
}

}  // namespace stratalog::index
