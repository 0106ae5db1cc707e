#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/plain_text.h"
#include "base/unicode.h"

namespace stratalog::json {

namespace {
constexpr char kHex[] = "0123456789ABCDEF";

bool is_plain(std::string_view text) {
  const size_t words = plain_words(text, 0);
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(words), text.end(), [](char c) {
    return c >= 0x20 && c != '"' && c != '\\';  // char is signed: none beyond ASCII
  });
}

void append_unit(std::string& out, uint32_t unit) {
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHex[(unit >> shift) & 15]);
}
}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  out.push_back('"');
  size_t start = 0;
  for (size_t i = plain_words(text, 0); i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0xF0 && c != '"' && c != '\\') continue;
    if (c >= 0xF0) {
      // Jackson writes what lies beyond the basic plane as two escapes.
      size_t next = i;
      const char32_t point = decode_utf8(text, next);
      if (point <= 0xFFFF) continue;
      out.append(text, start, i - start);
      append_unit(out, 0xD800 + ((point - 0x10000) >> 10));
      append_unit(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
      start = next;
      i = next - 1;
      continue;
    }
    out.append(text, start, i - start);
    start = i + 1;
    out.push_back('\\');
    switch (c) {
      case '"':
      case '\\':
        out.push_back(static_cast<char>(c));
        break;
      case '\b':
        out.push_back('b');
        break;
      case '\f':
        out.push_back('f');
        break;
      case '\n':
        out.push_back('n');
        break;
      case '\r':
        out.push_back('r');
        break;
      case '\t':
        out.push_back('t');
        break;
      default:
        out.append("u00");
        out.push_back(kHex[c >> 4]);
        out.push_back(kHex[c & 15]);
    }
    i += plain_words(text, start);
  }
  out.append(text, start, text.size() - start);
  out.push_back('"');
}

namespace {

// Java's Double.toString and Float.toString: the shortest digits that read back, plain between 1e-3
// and 1e7, else d.dE±n.
template <typename T>
void append_java(std::string& out, T v) {
  if (std::isnan(v)) {
    out.append("\"NaN\"");
    return;
  }
  if (std::isinf(v)) {
    out.append(v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    return;
  }
  if (std::signbit(v)) out.push_back('-');
  v = std::fabs(v);
  if (v == 0) {
    out.append("0.0");
    return;
  }
  std::array<char, 64> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), v, std::chars_format::scientific)
          .ptr;
  const std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
  const size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) digits.append(text.substr(2, e - 2));
  int exponent = 0;
  const char* exponent_text = text.data() + e + 1;
  if (*exponent_text == '+') ++exponent_text;
  std::from_chars(exponent_text, end, exponent);
  if (exponent >= -3 && exponent < 7) {
    if (exponent < 0) {
      out.append("0.");
      out.append(static_cast<size_t>(-exponent - 1), '0');
      out.append(digits);
      return;
    }
    const size_t whole = static_cast<size_t>(exponent) + 1;
    if (digits.size() < whole + 1) digits.append(whole + 1 - digits.size(), '0');
    out.append(digits, 0, whole);
    out.push_back('.');
    out.append(digits, whole);
    return;
  }
  out.push_back(digits[0]);
  out.push_back('.');
  out.append(digits.size() > 1 ? digits.substr(1) : "0");
  out.push_back('E');
  out.append(std::to_string(exponent));
}

}  // namespace

void append_double(std::string& out, double v) { append_java(out, v); }
void append_float(std::string& out, float v) { append_java(out, v); }

void Writer::before_value() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}
Writer& Writer::begin_object() {
  before_value();
  out_.push_back('{');
  comma_ = false;
  return *this;
}
Writer& Writer::end_object() {
  out_.push_back('}');
  comma_ = true;
  return *this;
}
Writer& Writer::begin_array() {
  before_value();
  out_.push_back('[');
  comma_ = false;
  return *this;
}
Writer& Writer::end_array() {
  out_.push_back(']');
  comma_ = true;
  return *this;
}
Writer& Writer::key(std::string_view name) {
  std::array<char, 64> buffer;  // one append for most
  if (name.size() + 4 <= buffer.size() && is_plain(name)) {
    char* at = buffer.data();
    if (comma_) *at++ = ',';
    *at++ = '"';
    at = std::copy_n(name.data(), name.size(), at);
    *at++ = '"';
    *at++ = ':';
    out_.append(buffer.data(), at);
  } else {
    before_value();
    append_escaped(out_, name);
    out_.push_back(':');
  }
  comma_ = false;
  return *this;
}
Writer& Writer::string(std::string_view text) {
  before_value();
  append_escaped(out_, text);
  return *this;
}
Writer& Writer::signed_number(int64_t v) {
  before_value();
  std::array<char, 24> buffer;
  out_.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), v).ptr);
  return *this;
}
Writer& Writer::unsigned_number(uint64_t v) {
  before_value();
  std::array<char, 24> buffer;
  out_.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), v).ptr);
  return *this;
}
Writer& Writer::number(double v) {
  before_value();
  append_double(out_, v);
  return *this;
}
Writer& Writer::float_number(float v) {
  before_value();
  append_float(out_, v);
  return *this;
}
Writer& Writer::boolean(bool v) {
  before_value();
  out_.append(v ? "true" : "false");
  return *this;
}
Writer& Writer::null() {
  before_value();
  out_.append("null");
  return *this;
}
Writer& Writer::raw(std::string_view json) {
  before_value();
  out_.append(json);
  return *this;
}
Writer& Writer::value(const Value& tree) {
  if (tree.is_object()) {
    begin_object();
    for (const Member& member : tree.as_object()) key(member.key).value(member.value);
    return end_object();
  }
  if (tree.is_array()) {
    begin_array();
    for (const Value& element : tree.as_array()) value(element);
    return end_array();
  }
  if (tree.is_string()) return string(tree.as_string());
  if (tree.is_int()) return number(tree.as_int());
  if (tree.is_uint()) return number(tree.as_uint());
  if (tree.is_double()) return number(tree.as_double());
  if (tree.is_bool()) return boolean(tree.as_bool());
  return null();
}

}  // namespace stratalog::json
