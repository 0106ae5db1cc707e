// Walks the tokens of one JSON text and checks the grammar (RFC 8259) on the way. Stage 1
// (json_tokens.h) has found where tokens begin; between two tokens there is nothing but the first
// one and blanks.
//
// Calls   the caller looks at peek() and takes what stands there. A false result means: not JSON;
// the text's problem is
//         then described by describe_json_problem().
// Life    borrows text and tokens; strings are views of the text, or of the arena where they had
// escapes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/arena.h"

namespace stratalog::index {

struct Scalar {
  enum Kind : uint8_t { kNull, kFalse, kTrue, kWhole, kFraction, kString };
  Kind kind = kNull;
  bool small = false;  // kWhole that fits 18 digits: `number` is its value
  int64_t number = 0;
  std::string_view text;  // of a string unescaped; of the others as written
  uint32_t begin = 0;     // offsets of the token, quotes included
  uint32_t end = 0;

  bool is_number() const { return kind == kWhole || kind == kFraction; }
};

class JsonCursor {
 public:
  void reset(std::string_view text, const uint32_t* tokens, const uint32_t* tokens_end,
             Arena& arena) {
    text_ = text.data();
    length_ = static_cast<uint32_t>(text.size());
    at_ = tokens;
    end_ = tokens_end;
    arena_ = &arena;
    backslash_ = find_backslash(0);
  }

  bool done() const { return at_ == end_; }
  char peek() const { return at_ < end_ ? text_[*at_] : '\0'; }
  void skip() { ++at_; }  // the token that peek() showed
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  uint32_t offset() const { return at_ < end_ ? *at_ : length_; }  // of the token at hand
  const uint32_t* token() const { return at_; }
  void seek(const uint32_t* token) { at_ = token; }
  const char* text() const { return text_; }

  // A string token.
  bool read_string(std::string_view& out) {
    if (peek() != '"') return false;
    const uint32_t begin = *at_ + 1;
    ++at_;
    uint32_t end = (at_ < end_ ? *at_ : length_) - 1;
    for (; text_[end] != '"'; --end) {
      if (!is_blank(text_[end])) return false;
    }
    if (end < begin) return false;
    string_end_ = end + 1;
    out = {text_ + begin, end - begin};
    if (backslash_ >= end) [[likely]]
      return true;
    if (backslash_ < begin) backslash_ = find_backslash(begin);
    return backslash_ >= end || unescape(out);
  }

  uint32_t string_end() const { return string_end_; }  // behind the last string's closing quote

  // Any value that is no object and no array.
  bool read_scalar(Scalar& out) {
    const char c = peek();
    out.begin = offset();
    if (c == '"') {
      out.kind = Scalar::kString;
      if (!read_string(out.text)) return false;
      out.end = string_end_;
      return true;
    }
    if (c == '-' || (c >= '0' && c <= '9')) return read_number(out);
    return read_word(out);
  }

 private:
  uint32_t find_backslash(uint32_t from) const {
    const void* found = std::memchr(text_ + from, '\\', length_ - from);
    return found == nullptr ? UINT32_MAX
                            : static_cast<uint32_t>(static_cast<const char*>(found) - text_);
  }
  static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  bool ends_token(uint32_t offset) const {
    if (offset >= length_) return true;
    switch (text_[offset]) {
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case ',':
      case ':':
      case '[':
      case ']':
      case '{':
      case '}':
        return true;
      default:
        return false;
    }
  }
  bool read_number(Scalar& out);
  bool read_word(Scalar& out);
  bool unescape(std::string_view& text);

  const char* text_ = nullptr;
  uint32_t length_ = 0;
  const uint32_t* at_ = nullptr;
  const uint32_t* end_ = nullptr;
  Arena* arena_ = nullptr;
  uint32_t string_end_ = 0;
  uint32_t backslash_ = UINT32_MAX;  // the first one not before the last string that was asked for
};

}  // namespace stratalog::index
