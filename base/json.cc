#include "base/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/json_writer.h"

namespace stratalog::json {

Value::Value() : data_(nullptr) {}
Value::Value(std::nullptr_t) : data_(nullptr) {}
Value::Value(bool v) : data_(v) {}
Value::Value(int v) : data_(static_cast<int64_t>(v)) {}
Value::Value(int64_t v) : data_(v) {}
Value::Value(uint32_t v) : data_(static_cast<int64_t>(v)) {}
Value::Value(uint64_t v) {
  if (v <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    data_ = static_cast<int64_t>(v);
  } else {
    data_ = v;
  }
}
Value::Value(double v) : data_(v) {}
Value::Value(const char* v) : data_(std::string(v)) {}
Value::Value(std::string v) : data_(std::move(v)) {}
Value::Value(std::string_view v) : data_(std::string(v)) {}
Value::Value(Array v) : data_(std::move(v)) {}
Value::Value(Object v) : data_(std::move(v)) {}
Value Value::array() { return Value(Array{}); }
Value Value::object() { return Value(Object{}); }
Value Value::object(std::initializer_list<std::pair<std::string_view, Value>> members) {
  Object object;
  object.reserve(members.size());
  for (const auto& [key, value] : members) object.push_back({std::string(key), value});
  return Value(std::move(object));
}

bool Value::as_bool() const {
  ENSURE(is_bool());
  return std::get<bool>(data_);
}
int64_t Value::as_int() const {
  ENSURE(is_int());
  return std::get<int64_t>(data_);
}
uint64_t Value::as_uint() const {
  if (is_uint()) return std::get<uint64_t>(data_);
  ENSURE(is_int() && as_int() >= 0);
  return static_cast<uint64_t>(as_int());
}
double Value::as_double() const {
  if (is_int()) return static_cast<double>(as_int());
  if (is_uint()) return static_cast<double>(std::get<uint64_t>(data_));
  ENSURE(is_double());
  return std::get<double>(data_);
}
const std::string& Value::as_string() const {
  ENSURE(is_string());
  return std::get<std::string>(data_);
}
const Array& Value::as_array() const {
  ENSURE(is_array());
  return std::get<Array>(data_);
}
Array& Value::as_array() {
  ENSURE(is_array());
  return std::get<Array>(data_);
}
const Object& Value::as_object() const {
  ENSURE(is_object());
  return std::get<Object>(data_);
}
Object& Value::as_object() {
  ENSURE(is_object());
  return std::get<Object>(data_);
}

const Value* Value::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (const Member& member : as_object()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}
Value* Value::find(std::string_view key) {
  return const_cast<Value*>(static_cast<const Value*>(this)->find(key));
}
const Value* Value::find_path(std::string_view dotted) const {
  const Value* at = this;
  while (at != nullptr) {
    const size_t dot = dotted.find('.');
    at = at->find(dotted.substr(0, dot));
    if (dot == std::string_view::npos) return at;
    dotted.remove_prefix(dot + 1);
  }
  return nullptr;
}
Value& Value::set(std::string_view key, Value value) {
  Value& slot = (*this)[key];
  slot = std::move(value);
  return slot;
}
Value& Value::operator[](std::string_view key) {
  if (is_null()) data_ = Object{};
  if (Value* found = find(key)) return *found;
  Object& object = as_object();
  object.push_back({std::string(key), Value()});
  return object.back().value;
}
bool Value::erase(std::string_view key) {
  if (!is_object()) return false;
  Object& object = as_object();
  const auto it = std::find_if(object.begin(), object.end(),
                               [&](const Member& member) { return member.key == key; });
  if (it == object.end()) return false;
  object.erase(it);
  return true;
}
void Value::push_back(Value value) {
  if (is_null()) data_ = Array{};
  as_array().push_back(std::move(value));
}
size_t Value::size() const {
  if (is_array()) return as_array().size();
  if (is_object()) return as_object().size();
  return 0;
}

std::optional<bool> Value::to_bool() const {
  if (is_bool()) return as_bool();
  if (is_string() && as_string() == "true") return true;
  if (is_string() && as_string() == "false") return false;
  return std::nullopt;
}
std::optional<double> Value::to_double() const {
  if (is_number()) return as_double();
  if (!is_string()) return std::nullopt;
  const std::string& text = as_string();
  double v = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return v;
}
std::optional<int64_t> Value::to_int() const {
  if (is_int()) return as_int();
  if (is_string()) {
    const std::string& text = as_string();
    int64_t v = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (ec == std::errc{} && end == text.data() + text.size()) return v;
  }
  const std::optional<double> number = to_double();
  if (!number || *number != std::floor(*number) || std::fabs(*number) >= 9.2e18)
    return std::nullopt;
  return static_cast<int64_t>(*number);
}
std::string Value::to_text() const {
  if (is_string()) return as_string();
  if (is_bool() || is_number()) return to_string(*this);
  return {};
}

bool operator==(const Value& a, const Value& b) {
  if (a.data_.index() != b.data_.index()) return false;
  if (!a.is_object()) return a.data_ == b.data_;
  if (a.size() != b.size()) return false;
  return std::all_of(a.as_object().begin(), a.as_object().end(), [&](const Member& member) {
    const Value* other = b.find(member.key);
    return other != nullptr && member.value == *other;
  });
}

namespace {

// Builds the tree from RapidJSON's events. open_ holds the containers from the root down; keys_ the
// pending member names.
class TreeBuilder {
 public:
  explicit TreeBuilder(uint32_t depth_max) : depth_max_(depth_max) {}

  bool Null() { return add(Value()); }
  bool Bool(bool v) { return add(Value(v)); }
  // Numbers come as their text (kParseNumbersAsStringsFlag).
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    return number({text, length});
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return add(Value(std::string(text, length)));
  }
  bool StartObject() { return open(Value::object()); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    keys_.emplace_back(text, length);
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    if (has_duplicate(open_.back().as_object())) return false;
    return close();
  }
  bool StartArray() { return open(Value::array()); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  Value take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }

 private:
  bool open(Value container) {
    if (open_.size() >= depth_max_) {
      problem_ = "Depth of the JSON is over the limit of " + std::to_string(depth_max_);
      return false;
    }
    open_.push_back(std::move(container));
    return true;
  }
  bool number(std::string_view text) {
    const char* end = text.data() + text.size();
    if (text.find_first_of(".eE") == std::string_view::npos) {
      int64_t small = 0;
      if (std::from_chars(text.data(), end, small).ec == std::errc()) return add(Value(small));
      uint64_t big = 0;
      if (std::from_chars(text.data(), end, big).ec == std::errc()) return add(Value(big));
    }
    double value = 0;
    if (std::from_chars(text.data(), end, value).ec != std::errc()) {
      value = std::strtod(std::string(text).c_str(), nullptr);  // tells the tiny from the huge
      if (std::isinf(value)) {
        problem_ = rapidjson::GetParseError_En(rapidjson::kParseErrorNumberTooBig);
        return false;
      }
    }
    return add(Value(value));
  }
  bool close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    return add(std::move(done));
  }
  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_array()) {
      open_.back().as_array().push_back(std::move(value));
    } else {
      open_.back().as_object().push_back({std::move(keys_.back()), std::move(value)});
      keys_.pop_back();
    }
    return true;
  }
  bool has_duplicate(const Object& object) {
    std::vector<std::string_view> names;
    names.reserve(object.size());
    for (const Member& member : object) names.push_back(member.key);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice == names.end()) return false;
    problem_ = "Duplicate field '" + std::string(*twice) + "'";
    return true;
  }

  uint32_t depth_max_;
  std::vector<Value> open_;
  std::vector<std::string> keys_;
  Value root_;
  std::string problem_;
};

}  // namespace

Result<Value> parse(std::string_view text, uint32_t depth_max) {
  TreeBuilder builder(depth_max);
  rapidjson::Reader reader;
  rapidjson::MemoryStream input(text.data(), text.size());
  // Its own full precision reads some long zeros ("0e-23") as anything.
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(input, builder);
  // RapidJSON takes a NUL for the end of the text: what follows one must not pass unseen.
  const bool whole = result.IsError() || input.Tell() >= text.size();
  if (!result.IsError() && whole) return builder.take();
  const size_t offset = std::min(whole ? result.Offset() : input.Tell(), text.size());
  const std::string_view before = text.substr(0, offset);
  const long long line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t line_start = before.rfind('\n');
  const long long column = static_cast<long long>(
      line_start == std::string_view::npos ? offset + 1 : offset - line_start);
  std::string reason = builder.problem();
  if (reason.empty() && !whole) reason = "Illegal character ((CTRL-CHAR, code 0))";
  if (reason.empty()) reason = rapidjson::GetParseError_En(result.Code());
  reason += "\n at [Source: (byte array); line: " + std::to_string(line) +
            ", column: " + std::to_string(column) + "]";
  return Error(error_types::kJsonParse, std::move(reason));
}

void append(std::string& out, const Value& value) { Writer(out).value(value); }

std::string to_string(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace stratalog::json
