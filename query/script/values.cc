// Equality, order, printing and JSON of values, and maps.
#include <algorithm>
#include <bit>
#include <cmath>

#include "base/hash.h"
#include "base/json_writer.h"
#include "query/script/dates.h"
#include "query/script/fault.h"
#include "query/script/operations.h"
#include "query/script/text.h"

namespace stratalog::query::script {

namespace {

void check_depth(uint32_t depth) {
  if (depth > kValueDepthMax)
    fail("stack_overflow_error", "lists and maps are nested too deeply, or hold themselves");
}

bool is_list(Class cls) {
  return cls == Class::kList || cls == Class::kDocValues || cls == Class::kArray ||
         cls == Class::kStream;
}

bool keys_equal(const Map& a, const Map& b, bool values, uint32_t depth) {
  if (a.size() != b.size()) return false;
  bool equal = true;
  a.each([&](const Map::Entry& entry) {
    if (!equal) return;
    const Value* other = b.find(entry.key);
    equal = other != nullptr && (!values || java_equals(entry.value, *other, depth + 1));
  });
  return equal;
}

// Not java_hash: texts that collide there are easy to find.
uint64_t slot_hash(const Value& key) {
  if (is_string(key)) key.object()->heap().spend(text_of(key).size() / 64);
  if (is_string(key)) return hash64(text_of(key));
  return static_cast<uint32_t>(java_hash(key)) * 0x9E3779B97F4A7C15u;
}

constexpr size_t kListedEntries = 8;  // a map of no more is searched from end to end

}  // namespace

bool java_equals(const Value& a, const Value& b, uint32_t depth) {
  check_depth(depth);
  if (a.tag() != b.tag()) return false;
  if (!a.is_object()) {
    if (a.is_null()) return true;
    if (!a.is_real()) return a.as_whole() == b.as_whole();
    return std::bit_cast<int64_t>(a.as_real()) == std::bit_cast<int64_t>(b.as_real()) ||
           (std::isnan(a.as_real()) && std::isnan(b.as_real()));
  }
  if (a.object() == b.object()) return true;
  a.object()->heap().spend(1);
  const Class x = a.object()->cls(), y = b.object()->cls();
  if (is_list(x) && is_list(y)) {
    if (x == Class::kArray || y == Class::kArray) return false;
    const auto &u = a.as<List>().items, &v = b.as<List>().items;
    if (u.size() != v.size()) return false;
    for (size_t i = 0; i < u.size() && i < v.size(); ++i) {
      if (!java_equals(u[i], v[i], depth + 1)) return false;
    }
    return true;
  }
  if (x != y) return false;
  switch (x) {
    case Class::kString:
      a.object()->heap().spend(text_of(a).size() / 64);
      return text_of(a) == text_of(b);
    case Class::kMap:
    case Class::kSet:
      return keys_equal(a.as<Map>(), b.as<Map>(), x == Class::kMap, depth);
    case Class::kMapView: {
      std::vector<Value> u, v;
      items_of(a, u);
      items_of(b, v);
      return std::equal(
          u.begin(), u.end(), v.begin(), v.end(),
          [&](const Value& l, const Value& r) { return java_equals(l, r, depth + 1); });
    }
    case Class::kEntry:
      return java_equals(a.as<MapEntry>().key, b.as<MapEntry>().key, depth + 1) &&
             java_equals(a.as<MapEntry>().value, b.as<MapEntry>().value, depth + 1);
    case Class::kDateTime:
      return a.as<DateTime>().instant == b.as<DateTime>().instant &&
             a.as<DateTime>().zone == b.as<DateTime>().zone;
    case Class::kInstant:
      return a.as<InstantObject>().instant == b.as<InstantObject>().instant;
    case Class::kDuration:
      return a.as<Duration>().length == b.as<Duration>().length;
    case Class::kZone:
      return a.as<Zone>().zone == b.as<Zone>().zone;
    case Class::kConstant:
      return a.as<Constant>().type == b.as<Constant>().type &&
             a.as<Constant>().ordinal == b.as<Constant>().ordinal;
    case Class::kBigInteger:
      return a.as<BigInteger>().value == b.as<BigInteger>().value;
    case Class::kOptional: {
      const auto &u = a.as<Optional>().value, &v = b.as<Optional>().value;
      return u.has_value() == v.has_value() && (!u || java_equals(*u, *v, depth + 1));
    }
    default:
      return false;
  }
}

int32_t java_hash(const Value& value, uint32_t depth) {
  check_depth(depth);
  const auto fold = [](uint64_t v) { return static_cast<int32_t>(v ^ (v >> 32)); };
  switch (value.tag()) {
    case Tag::kNull:
      return 0;
    case Tag::kBool:
      return value.as_bool() ? 1231 : 1237;
    case Tag::kLong:
      return fold(static_cast<uint64_t>(value.as_whole()));
    case Tag::kFloat:
      return std::bit_cast<int32_t>(static_cast<float>(value.as_real()));
    case Tag::kDouble:
      return fold(std::bit_cast<uint64_t>(value.as_real()));
    case Tag::kObject:
      break;
    default:
      return static_cast<int32_t>(value.as_whole());
  }
  const Class cls = value.object()->cls();
  value.object()->heap().spend(1);
  uint32_t hash = 1;
  if (cls == Class::kString) {
    hash = 0;
    value.object()->heap().spend(text_of(value).size() / 8);
    for (const char16_t unit : to_utf16(text_of(value))) hash = 31 * hash + unit;
  } else if (is_list(cls)) {
    for (const Value& item : value.as<List>().items)
      hash = 31 * hash + static_cast<uint32_t>(java_hash(item, depth + 1));
  } else if (cls == Class::kMap || cls == Class::kSet) {
    hash = 0;
    value.as<Map>().each([&](const Map::Entry& entry) {
      hash += static_cast<uint32_t>(java_hash(entry.key, depth + 1)) ^
              static_cast<uint32_t>(java_hash(entry.value, depth + 1));
    });
  } else {
    hash = static_cast<uint32_t>(hash64(to_text(value)));
  }
  return static_cast<int32_t>(hash);
}

int compare_values(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) fail("null_pointer_exception", "can't compare null");
  if (a.is_whole() && b.is_whole())
    return a.as_whole() < b.as_whole() ? -1 : a.as_whole() > b.as_whole() ? 1 : 0;
  if (a.is_number() && b.is_number()) {
    const double x = a.to_double(), y = b.to_double();
    if (x < y) return -1;
    if (x > y) return 1;
    if (x == y && x != 0) return 0;
    // NaN is the greatest and equal to itself, -0.0 is before 0.0.
    const auto key = [](double v) { return std::isnan(v) ? 2 : std::signbit(v) ? 0 : 1; };
    return key(x) - key(y);
  }
  if (a.is_bool() && b.is_bool())
    return static_cast<int>(a.as_bool()) - static_cast<int>(b.as_bool());
  if (a.is_object() && b.is_object() && a.object()->cls() == b.object()->cls()) {
    const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
    switch (a.object()->cls()) {
      case Class::kString:
        return compare_text(text_of(a), text_of(b));
      case Class::kDateTime:
        return order(a.as<DateTime>().instant, b.as<DateTime>().instant);
      case Class::kInstant:
        return order(a.as<InstantObject>().instant, b.as<InstantObject>().instant);
      case Class::kDuration:
        return order(a.as<Duration>().length, b.as<Duration>().length);
      case Class::kConstant:
        return a.as<Constant>().ordinal - b.as<Constant>().ordinal;
      default:
        break;
    }
  }
  fail_cast("class " + class_name(a) + " cannot be cast to class " +
            (b.is_object() ? "java.lang.Comparable" : class_name(b)));
}

void append_text(std::string& out, const Value& value, uint32_t depth) {
  check_depth(depth);
  // Parts may be shared many times over: what is printed is bounded as what is held.
  if (out.size() > kHeapBytesMax)
    fail_limit("circuit_breaking_exception", "a script's text is too long");
  const auto list = [&](const std::vector<Value>& items) {
    out += '[';
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ", ";
      append_text(out, items[i], depth + 1);
    }
    out += ']';
  };
  switch (value.tag()) {
    case Tag::kNull:
      out += "null";
      return;
    case Tag::kBool:
      out += value.as_bool() ? "true" : "false";
      return;
    case Tag::kChar:
      out += from_utf16(std::u16string(1, static_cast<char16_t>(value.as_whole())));
      return;
    case Tag::kFloat:
    case Tag::kDouble:
      if (std::isnan(value.as_real())) {
        out += "NaN";
      } else if (std::isinf(value.as_real())) {
        out += value.as_real() < 0 ? "-Infinity" : "Infinity";
      } else if (value.tag() == Tag::kFloat) {
        json::append_float(out, static_cast<float>(value.as_real()));
      } else {
        json::append_double(out, value.as_real());
      }
      return;
    case Tag::kObject:
      break;
    default:
      out += std::to_string(value.as_whole());
      return;
  }
  value.object()->heap().spend(1);
  switch (value.object()->cls()) {
    case Class::kString:
      value.object()->heap().spend(text_of(value).size() / 16);
      out += text_of(value);
      return;
    case Class::kStringBuilder:
      out += value.as<StringBuilder>().text;
      return;
    case Class::kList:
    case Class::kDocValues:
      return list(value.as<List>().items);
    case Class::kSet:
    case Class::kMapView: {
      std::vector<Value> items;
      items_of(value, items);
      return list(items);
    }
    case Class::kMap: {
      out += '{';
      bool first = true;
      value.as<Map>().each([&](const Map::Entry& entry) {
        if (!first) out += ", ";
        first = false;
        append_text(out, entry.key, depth + 1);
        out += '=';
        append_text(out, entry.value, depth + 1);
      });
      out += '}';
      return;
    }
    case Class::kEntry:
      append_text(out, value.as<MapEntry>().key, depth + 1);
      out += '=';
      return append_text(out, value.as<MapEntry>().value, depth + 1);
    case Class::kOptional:
      if (!value.as<Optional>().value) {
        out += "Optional.empty";
        return;
      }
      out += "Optional[";
      append_text(out, *value.as<Optional>().value, depth + 1);
      out += ']';
      return;
    case Class::kPattern:
      out += value.as<Pattern>().text;
      return;
    case Class::kException:
      out += value.as<Exception>().type + ": " + value.as<Exception>().message;
      return;
    case Class::kBigInteger:
      out += std::to_string(value.as<BigInteger>().value);
      return;
    case Class::kDateTime:
    case Class::kInstant:
    case Class::kDuration:
    case Class::kZone:
      out += date_text(value);
      return;
    case Class::kConstant:
      out += value.as<Constant>().name();
      return;
    default:
      out += class_name(value);
      return;
  }
}

std::string to_text(const Value& value) {
  std::string out;
  append_text(out, value);
  return out;
}

Value from_json(Heap& heap, const json::Value& tree, uint32_t depth) {
  check_depth(depth);
  if (tree.is_null()) return {};
  if (tree.is_bool()) return Value::boolean(tree.as_bool());
  if (tree.is_int()) {
    const int64_t v = tree.as_int();
    return v >= INT32_MIN && v <= INT32_MAX ? Value::of_int(v) : Value::of_long(v);
  }
  if (tree.is_uint()) return Value(&heap.make<BigInteger>(tree.as_uint()));
  if (tree.is_double()) return Value::of_double(tree.as_double());
  if (tree.is_string()) return heap.string(tree.as_string());
  if (tree.is_array()) {
    List& list = heap.make<List>();
    Value out(&list);
    for (const json::Value& item : tree.as_array()) list.add(from_json(heap, item, depth + 1));
    return out;
  }
  Map& map = heap.make<Map>();
  Value out(&map);
  for (const json::Member& member : tree.as_object())
    map.put(heap.string(member.key), from_json(heap, member.value, depth + 1));
  return out;
}

json::Value to_json(const Value& value, uint32_t depth) {
  if (depth > kValueDepthMax)
    fail_argument("Iterable object is self-referencing itself or nested too deeply");
  switch (value.tag()) {
    case Tag::kNull:
      return nullptr;
    case Tag::kBool:
      return value.as_bool();
    case Tag::kChar:
      return to_text(value);
    case Tag::kFloat: {
      // The shortest text of the float, not the digits of its double.
      if (!std::isfinite(value.as_real())) return to_text(value);
      return std::strtod(to_text(value).c_str(), nullptr);
    }
    case Tag::kDouble:
      return value.as_real();
    case Tag::kObject:
      break;
    default:
      return value.as_whole();
  }
  value.object()->heap().spend(1);
  if (value.is(Class::kBigInteger)) return value.as<BigInteger>().value;
  if (value.is(Class::kMap)) {
    json::Value out = json::Value::object();
    value.as<Map>().each([&](const Map::Entry& entry) {
      if (entry.key.is_null())
        fail_argument(
            "Null key for a Map not allowed in JSON (use a converting NullKeySerializer?)");
      out.as_object().push_back({to_text(entry.key), to_json(entry.value, depth + 1)});
    });
    return out;
  }
  std::vector<Value> items;
  if (items_of(value, items)) {
    json::Value out = json::Value::array();
    for (const Value& item : items) out.push_back(to_json(item, depth + 1));
    return out;
  }
  switch (value.object()->cls()) {
    case Class::kString:
    case Class::kConstant:
    case Class::kInstant:
    case Class::kDuration:
    case Class::kZone:
      return to_text(value);
    case Class::kDateTime:
      return date_json(value);
    default:
      fail_argument("cannot write xcontent for unknown value of type class " + class_name(value));
  }
}

void Map::clear() {
  entries_.clear();
  dead_keys_.clear();
  by_hash_.clear();
  dead_ = 0;
  ++changes_;
}

size_t Map::position(const Value& key) const {
  if (by_hash_.empty()) {
    heap().spend(entries_.size() / 8);
    for (size_t i = 0; i < entries_.size(); ++i) {
      if ((dead_keys_.empty() || !dead_keys_[i]) && java_equals(entries_[i].key, key)) return i;
    }
    return SIZE_MAX;
  }
  const auto [begin, end] = by_hash_.equal_range(slot_hash(key));
  for (auto it = begin; it != end; ++it) {
    if (java_equals(entries_[it->second].key, key)) return it->second;
  }
  return SIZE_MAX;
}

const Value* Map::find(const Value& key) const {
  const size_t at = position(key);
  return at == SIZE_MAX ? nullptr : &entries_[at].value;
}

bool Map::put(const Value& key, Value value) {
  if (const size_t at = position(key); at != SIZE_MAX) {
    entries_[at].value = std::move(value);
    return false;
  }
  heap().grow(*this, sizeof(Entry) + 4 * sizeof(void*));
  ++changes_;
  if (sorted) {
    heap().spend(entries_.size() / 8);
    const auto at = std::upper_bound(
        entries_.begin(), entries_.end(), key,
        [](const Value& k, const Entry& entry) { return compare_values(k, entry.key) < 0; });
    entries_.insert(at, {key, std::move(value)});
    return true;  // sorted ones are never dead, and are searched from end to end
  }
  entries_.push_back({key, std::move(value)});
  if (!dead_keys_.empty()) dead_keys_.push_back(false);
  if (entries_.size() > kListedEntries) {
    if (by_hash_.empty()) {
      compact();
      for (uint32_t i = 0; i < entries_.size(); ++i)
        by_hash_.emplace(slot_hash(entries_[i].key), i);
    } else {
      by_hash_.emplace(slot_hash(key), entries_.size() - 1);
    }
  }
  return true;
}

bool Map::erase(const Value& key) {
  const size_t at = position(key);
  if (at == SIZE_MAX) return false;
  ++changes_;
  if (by_hash_.empty()) {
    compact();
    const size_t now = position(key);
    entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(now));
    return true;
  }
  const auto [begin, end] = by_hash_.equal_range(slot_hash(key));
  for (auto it = begin; it != end; ++it) {
    if (it->second != at) continue;
    by_hash_.erase(it);
    break;
  }
  entries_[at] = {};
  dead_keys_.resize(entries_.size(), false);
  dead_keys_[at] = true;
  if (++dead_ > entries_.size() / 2) {
    by_hash_.clear();
    compact();
    if (entries_.size() > kListedEntries) {
      for (uint32_t i = 0; i < entries_.size(); ++i)
        by_hash_.emplace(slot_hash(entries_[i].key), i);
    }
  }
  return true;
}

void Map::compact() {
  if (dead_ > 0) {
    std::vector<Entry> kept;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (!dead_keys_[i]) kept.push_back(std::move(entries_[i]));
    }
    entries_ = std::move(kept);
  }
  dead_ = 0;
  dead_keys_.clear();
}

std::vector<Map::Entry> Map::entries() const {
  std::vector<Entry> out;
  each([&](const Entry& entry) { out.push_back(entry); });
  return out;
}

}  // namespace stratalog::query::script
