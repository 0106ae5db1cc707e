#include "api/json_events.h"

#include <charconv>
#include <cstdint>
#include <limits>

#include "base/json_writer.h"
#include "base/unicode.h"

namespace stratalog::api {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The code unit of "XXXX" at `at`, or -1.
int32_t code_unit(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int32_t unit = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

// Appends the character of the escape whose letter stands at `at`; gives the place behind it.
size_t append_unescaped(std::string& out, std::string_view text, size_t at) {
  static constexpr std::string_view kLetters = "bfnrt";
  static constexpr std::string_view kBytes = "\b\f\n\r\t";
  const char c = text[at];
  if (c != 'u') {
    const size_t i = kLetters.find(c);
    out.push_back(i == std::string_view::npos ? c : kBytes[i]);
    return at + 1;
  }
  const int32_t high = code_unit(text, at + 1);
  if (high < 0) return text.size();
  at += 5;
  if (high < 0xD800 || high > 0xDFFF) {
    append_utf8(out, static_cast<char32_t>(high));
    return at;
  }
  const bool pair = high < 0xDC00 && text.substr(at, 2) == "\\u";
  const int32_t low = pair ? code_unit(text, at + 2) : -1;
  if (low < 0xDC00 || low > 0xDFFF) {
    append_utf8(out, kReplacementCharacter);
    return at;
  }
  append_utf8(out, static_cast<char32_t>(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
  return at + 6;
}

class Reader {
 public:
  Reader(std::string_view text, JsonSink& sink) : text_(text), sink_(sink) {}

  bool run() {
    for (;;) {
      if (!value()) return false;
      // Close what ends here, until a comma asks for more or the root is done.
      for (;;) {
        if (objects_.empty()) return skip_spaces() == '\0' && at_ == text_.size();
        const char c = skip_spaces();
        if (c == ',') {
          ++at_;
          if (objects_.back() && !read_key()) return false;
          break;
        }
        if (c != (objects_.back() ? '}' : ']')) return false;
        close();
      }
    }
  }

 private:
  char skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void close() {
    ++at_;
    sink_.end(objects_.back());
    objects_.pop_back();
  }

  // Reads a scalar, or opens containers until there is one or an empty one was closed.
  bool value() {
    for (;;) {
      const char c = skip_spaces();
      if (c != '{' && c != '[') return scalar(c);
      const bool object = c == '{';
      ++at_;
      sink_.begin(object);
      objects_.push_back(object);
      if (skip_spaces() == (object ? '}' : ']')) {
        close();
        return true;
      }
      if (object && !read_key()) return false;
    }
  }

  bool read_key() {
    if (skip_spaces() != '"') return false;
    std::string_view token;
    if (!string(token)) return false;
    sink_.key(token);
    if (skip_spaces() != ':') return false;
    ++at_;
    return true;
  }

  bool string(std::string_view& token) {
    const size_t start = at_++;
    bool escaped = false;
    while (at_ < text_.size() && text_[at_] != '"') {
      escaped |= text_[at_] == '\\' || static_cast<unsigned char>(text_[at_]) >= 0xF0;
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= text_.size()) return false;
    ++at_;
    token = text_.substr(start, at_ - start);
    if (escaped) {
      scratch_.clear();
      json::append_escaped(scratch_, string_of_token(token));
      token = scratch_;
    }
    return true;
  }

  bool scalar(char c) {
    std::string_view token;
    if (c == '"') {
      if (!string(token)) return false;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      token = number();
    } else {
      for (const std::string_view literal : {"true", "false", "null"}) {
        if (text_.substr(at_, literal.size()) == literal) token = literal;
      }
      if (token.empty()) return false;
      at_ += token.size();
    }
    sink_.scalar(token);
    return true;
  }

  std::string_view number() {
    const size_t start = at_;
    bool whole = true;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '.' || c == 'e' || c == 'E') {
        whole = false;
      } else if (c != '-' && c != '+' && !(c >= '0' && c <= '9')) {
        break;
      }
    }
    const std::string_view token = text_.substr(start, at_ - start);
    if (whole) return token;
    double v = 0;
    const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), v);
    if (code == std::errc::result_out_of_range) {
      // Java reads what is too small as 0 and what is too large as infinite.
      const bool tiny = token.find("e-") != token.npos || token.find("E-") != token.npos;
      v = tiny ? 0 : std::numeric_limits<double>::infinity();
      if (token.front() == '-') v = -v;
    }
    scratch_.clear();
    json::append_double(scratch_, v);
    return scratch_;
  }

  std::string_view text_;
  JsonSink& sink_;
  size_t at_ = 0;
  std::vector<bool> objects_;  // the open containers
  std::string scratch_;
};

}  // namespace

bool read_json(std::string_view text, JsonSink& sink) { return Reader(text, sink).run(); }

std::string string_of_token(std::string_view token) {
  std::string out;
  if (token.size() < 2) return out;
  const std::string_view text = token.substr(1, token.size() - 2);
  for (size_t at = 0; at < text.size();) {
    const size_t slash = text.find('\\', at);
    out.append(text.substr(at, slash - at));
    if (slash == std::string_view::npos || slash + 1 >= text.size()) break;
    at = append_unescaped(out, text, slash + 1);
  }
  return out;
}

void CompactPrinter::before_value() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}
void CompactPrinter::begin(bool object) {
  before_value();
  out_.push_back(object ? '{' : '[');
  comma_ = false;
}
void CompactPrinter::end(bool object) {
  out_.push_back(object ? '}' : ']');
  comma_ = true;
}
void CompactPrinter::key(std::string_view token) {
  before_value();
  out_.append(token);
  out_.push_back(':');
  comma_ = false;
}
void CompactPrinter::scalar(std::string_view token) {
  before_value();
  out_.append(token);
}

void PrettyPrinter::new_line() {
  out_.push_back('\n');
  out_.append(2 * depth_, ' ');
}
void PrettyPrinter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!empty_) out_.push_back(',');
  new_line();
}
void PrettyPrinter::begin(bool object) {
  before_value();
  out_.push_back(object ? '{' : '[');
  ++depth_;
  empty_ = true;
}
void PrettyPrinter::end(bool object) {
  --depth_;
  if (empty_) {
    out_.push_back(' ');
  } else {
    new_line();
  }
  out_.push_back(object ? '}' : ']');
  empty_ = false;
}
void PrettyPrinter::key(std::string_view token) {
  before_value();
  out_.append(token);
  out_.append(" : ");
  after_key_ = true;
  empty_ = false;
}
void PrettyPrinter::scalar(std::string_view token) {
  before_value();
  out_.append(token);
  empty_ = false;
}

}  // namespace stratalog::api
