// JSON trees for requests, settings, mappings and small answers: not for the bulk path
// (base/json_stream.h) and not for large answers (base/json_writer.h). Parsed by RapidJSON's
// reader, iteratively, so depth costs no stack.
//
// Shape   object members keep their order; find() is linear. Integers that fit stay integers.
// Threads values are plain data.
// Errors  json_parse_exception with line and column; duplicate keys, depth over the limit and text
//         after the value are errors.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace stratalog::json {

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;

class Value {
 public:
  // Defined where Member is complete, as the variant needs it.
  Value();
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  // NOLINTBEGIN(google-explicit-constructor): trees are written as literals.
  Value(std::nullptr_t);
  Value(bool v);
  Value(int v);
  Value(int64_t v);
  Value(uint32_t v);
  Value(uint64_t v);
  Value(double v);
  Value(const char* v);
  Value(std::string v);
  Value(std::string_view v);
  Value(Array v);
  Value(Object v);
  // NOLINTEND(google-explicit-constructor)
  static Value array();
  static Value object();
  // object({{"a", 1}, {"b", "x"}})
  static Value object(std::initializer_list<std::pair<std::string_view, Value>> members);

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<int64_t>(data_); }    // fits int64
  bool is_uint() const { return std::holds_alternative<uint64_t>(data_); }  // over int64's maximum
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_int() || is_uint() || is_double(); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }

  // Each ENSUREs the kind.
  bool as_bool() const;
  int64_t as_int() const;
  uint64_t as_uint() const;  // of a non-negative is_int() or an is_uint()
  double as_double() const;  // of any number
  const std::string& as_string() const;
  const Array& as_array() const;
  Array& as_array();
  const Object& as_object() const;
  Object& as_object();

  // The member `key` of an object, or nullptr; nullptr too when this is no object.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  // find() along "a.b.c" split at dots, each step a member of an object.
  const Value* find_path(std::string_view dotted) const;
  // Replaces or appends a member; makes this an object if it is null.
  Value& set(std::string_view key, Value value);
  // The member `key`, appended as null if absent; makes this an object if it is null.
  Value& operator[](std::string_view key);
  bool erase(std::string_view key);
  void push_back(Value value);  // makes this an array if it is null
  size_t size() const;          // elements or members, else 0
  bool empty() const { return size() == 0; }

  // Loose reading as Elasticsearch's XContent parsers do it: numbers and booleans also as strings
  // ("true", "12"). Empty when it can't be read so.
  std::optional<bool> to_bool() const;
  std::optional<int64_t> to_int() const;  // a double only when it is whole
  std::optional<double> to_double() const;
  // The text of a scalar as XContentParser.text() gives it: numbers and booleans printed, strings
  // as they are; "" for others.
  std::string to_text() const;

  friend bool operator==(const Value& a, const Value& b);  // member order does not count; 1 != 1.0

 private:
  std::variant<std::nullptr_t, bool, int64_t, uint64_t, double, std::string, Array, Object> data_;
};

struct Member {
  std::string key;
  Value value;
  friend bool operator==(const Member& a, const Member& b) = default;
};

inline Value::Value(const Value& other) = default;
inline Value::Value(Value&& other) noexcept = default;
inline Value& Value::operator=(const Value& other) = default;
inline Value& Value::operator=(Value&& other) noexcept = default;
inline Value::~Value() = default;

inline constexpr uint32_t kDepthMaxDefault = 64;

// Parses one JSON text.
Result<Value> parse(std::string_view text, uint32_t depth_max = kDepthMaxDefault);

// Compact JSON, members in their order, numbers as Java prints them (1.0, 1.0E10).
std::string to_string(const Value& value);
void append(std::string& out, const Value& value);

}  // namespace stratalog::json
