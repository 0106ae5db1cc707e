// Append-only compact JSON into a string. Answers of any size; pretty printing, filter_path and
// YAML are passes over the finished text (api/render.h).
//
// Calls   (begin_object (key value)* end_object | begin_array value* end_array | scalar): commas
//         are put by the writer.
//         The chained forms read well: w.key("took").number(3).
// Shape   strings are UTF-8 and are escaped as JSON demands, as Jackson does it (no escape of
//         non-ASCII or of /, but \uD83D\uDE00 for what lies beyond the basic plane). Numbers as
//         Java's Double.toString and Float.toString print them; NaN and infinities as strings
//         "NaN", "Infinity".
// Threads one writer, one thread. `out` must outlive it.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace stratalog::json {

class Value;

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& string(std::string_view text);
  template <std::integral T>
  Writer& number(T v) {
    if constexpr (std::is_signed_v<T>) {
      return signed_number(static_cast<int64_t>(v));
    } else {
      return unsigned_number(static_cast<uint64_t>(v));
    }
  }
  Writer& number(double v);       // Double.toString
  Writer& float_number(float v);  // Float.toString: scores
  Writer& boolean(bool v);
  Writer& null();
  Writer& raw(std::string_view json);  // one finished JSON value, not looked at
  // Finished members with the commas between them.
  Writer& members(std::string_view json) { return raw(json); }
  Writer& value(const Value& tree);

  // key() and value in one: the usual member.
  Writer& field(std::string_view name, std::string_view v) { return key(name).string(v); }
  Writer& field(std::string_view name, const char* v) { return key(name).string(v); }
  Writer& field(std::string_view name, const std::string& v) { return key(name).string(v); }
  Writer& field(std::string_view name, bool v) { return key(name).boolean(v); }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Writer& field(std::string_view name, T v) {
    return key(name).number(v);
  }
  Writer& field(std::string_view name, double v) { return key(name).number(v); }
  Writer& field(std::string_view name, const Value& v) { return key(name).value(v); }

  std::string& out() { return out_; }

 private:
  Writer& signed_number(int64_t v);
  Writer& unsigned_number(uint64_t v);
  void before_value();

  std::string& out_;
  bool comma_ = false;  // a value or member was just finished at this level
};

void append_escaped(std::string& out, std::string_view text);  // with the quotes
void append_double(std::string& out, double v);                // Java's Double.toString
void append_float(std::string& out, float v);                  // Java's Float.toString

}  // namespace stratalog::json
