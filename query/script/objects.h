// What a script's references point to: collections, functions, dates and the rest. Methods are in
// methods_*.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/analysis/split_tokenizers.h"
#include "index/date/date_format.h"
#include "index/date/instant.h"
#include "index/date/time_zone.h"
#include "query/script/value.h"

namespace stratalog::query::script {

struct Program;
struct TreeNode;

// java.util.List, arrays (of a fixed size), streams (made at once), and a field's values.
class List : public Object {
 public:
  explicit List(Class cls = Class::kList) : Object(cls) {}
  void clear() override { items.clear(); }
  void add(Value value) {
    heap().grow(*this, sizeof(Value));
    items.push_back(std::move(value));
  }
  std::vector<Value> items;
  bool fixed = false;        // can't be changed: Collections.unmodifiableList, values of fields
  Tag element = Tag::kNull;  // arrays of primitives
};

// A field's values of one row. `missing` says what `value` answers where there is none.
class DocValues final : public List {
 public:
  DocValues() : List(Class::kDocValues) { fixed = true; }
};

// LinkedHashMap; with `sorted` TreeMap. As a set the values are not used.
class Map final : public Object {
 public:
  explicit Map(Class cls = Class::kMap) : Object(cls) {}
  void clear() override;

  struct Entry {
    Value key;
    Value value;
  };
  const Value* find(const Value& key) const;
  // True if the key was not there.
  bool put(const Value& key, Value value);
  bool erase(const Value& key);
  size_t size() const { return entries_.size() - dead_; }
  uint64_t changes() const { return changes_; }  // of the keys
  template <typename Visit>
  void each(Visit&& visit) const {
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (!dead_keys_.empty() && dead_keys_[i]) continue;
      const Entry entry = entries_[i];
      visit(entry);
    }
  }
  std::vector<Entry> entries() const;

  bool sorted = false;
  bool fixed = false;

 private:
  size_t position(const Value& key) const;  // SIZE_MAX: none
  void compact();

  std::vector<Entry> entries_;
  std::vector<bool> dead_keys_;  // empty, or one an entry
  size_t dead_ = 0;
  uint64_t changes_ = 0;
  std::unordered_multimap<uint64_t, uint32_t> by_hash_;  // of all, once there are many
};

// Keys, values or entries of a map, as they are at the time of asking.
class MapView final : public Object {
 public:
  enum class Kind : uint8_t { kKeys, kValues, kEntries };
  MapView(Value of, Kind k) : Object(Class::kMapView), map(std::move(of)), kind(k) {}
  void clear() override { map = Value(); }
  Value map;
  const Kind kind;
};

class MapEntry final : public Object {
 public:
  MapEntry(Value of, Value k, Value v)
      : Object(Class::kEntry), map(std::move(of)), key(std::move(k)), value(std::move(v)) {}
  void clear() override { map = key = value = Value(); }
  Value map;  // null: none
  Value key;
  Value value;
};

class Iterator final : public Object {
 public:
  explicit Iterator(std::vector<Value> of) : Object(Class::kIterator), items(std::move(of)) {}
  void clear() override {
    items.clear();
    source = Value();
  }
  std::vector<Value> items;
  size_t next = 0;
  Value source;     // what remove() takes from
  size_t gone = 0;  // removed from a list so far
};

class Optional final : public Object {
 public:
  explicit Optional(std::optional<Value> v) : Object(Class::kOptional), value(std::move(v)) {}
  void clear() override { value.reset(); }
  std::optional<Value> value;
};

class StringBuilder final : public Object {
 public:
  StringBuilder() : Object(Class::kStringBuilder) {}
  std::string text;
};

// A lambda with what it captured, or a reference to a method.
class Function final : public Object {
 public:
  Function() : Object(Class::kFunction) {}
  void clear() override { captured.clear(); }
  const TreeNode* lambda = nullptr;
  // Whose lambda or function it is: it is called by runs of no other.
  std::shared_ptr<const Program> program;
  std::vector<Value> captured;
  std::string type;    // of Type::method
  std::string method;  // "": a comparator or collector made here, see `builtin`
  enum class Builtin : uint8_t {
    kNone,
    kNatural,
    kReversed,   // captured[0]: of this comparator
    kComparing,  // captured[0]: by this key
    kThen,       // captured[0], captured[1]
    kToList,
    kToSet,
    kJoining,   // captured: separator, prefix, suffix
    kGrouping,  // captured: key, collector
    kToMap,     // captured: key, value
    kCounting,
    kIdentity
  } builtin = Builtin::kNone;
};

class Pattern final : public Object {
 public:
  Pattern(index::Regex find, index::Regex whole, std::string t)
      : Object(Class::kPattern),
        finds(std::move(find)),
        matches(std::move(whole)),
        text(std::move(t)) {}
  index::Regex finds;
  index::Regex matches;
  std::string text;
};

class Matcher final : public Object {
 public:
  Matcher(Value of, Value in)
      : Object(Class::kMatcher), pattern(std::move(of)), input(std::move(in)) {}
  void clear() override { pattern = input = Value(); }
  Value pattern;
  Value input;
  size_t at = 0;          // where the next find() begins
  size_t found_from = 0;  // where the last one that found began
  bool found = false;
  bool whole = false;  // by matches()
};

// ZonedDateTime; what `value` of a date field gives (JodaCompatibleZonedDateTime) too.
class DateTime final : public Object {
 public:
  DateTime(index::Instant i, index::TimeZone z)
      : Object(Class::kDateTime), instant(i), zone(std::move(z)) {}
  const index::Instant instant;
  const index::TimeZone zone;
};
class InstantObject final : public Object {
 public:
  explicit InstantObject(index::Instant i) : Object(Class::kInstant), instant(i) {}
  const index::Instant instant;
};
class Duration final : public Object {
 public:
  explicit Duration(index::Instant l) : Object(Class::kDuration), length(l) {}
  const index::Instant length;  // seconds and nanoseconds
};
class Zone final : public Object {
 public:
  explicit Zone(index::TimeZone z) : Object(Class::kZone), zone(std::move(z)) {}
  const index::TimeZone zone;
};
class DateFormatter final : public Object {
 public:
  explicit DateFormatter(std::shared_ptr<const index::DateFormat> f)
      : Object(Class::kDateFormat), format(std::move(f)) {}
  const std::shared_ptr<const index::DateFormat> format;
  index::TimeZone zone;
};

// A constant of one of the enums that are known.
enum class EnumType : uint8_t { kDayOfWeek, kMonth, kChronoUnit };
inline constexpr int32_t kChronoUnits = 13;
class Constant final : public Object {
 public:
  Constant(EnumType t, int32_t o) : Object(Class::kConstant), type(t), ordinal(o) {}
  std::string_view name() const;
  const EnumType type;
  const int32_t ordinal;
};

class Exception final : public Object {
 public:
  Exception(std::string t, std::string m)
      : Object(Class::kException), type(std::move(t)), message(std::move(m)) {}
  const std::string type;  // "illegal_argument_exception"
  const std::string message;
};

// A whole number beyond long, as documents may hold: only printed.
class BigInteger final : public Object {
 public:
  explicit BigInteger(uint64_t v) : Object(Class::kBigInteger), value(v) {}
  const uint64_t value;
};

// `doc`: fields of the row that is looked at.
class Doc : public Object {
 public:
  Doc() : Object(Class::kDoc) {}
  // Throws ScriptFault "No field found for [x] in mapping" and the like.
  virtual Value get(const std::string& field) = 0;
  virtual bool contains(const std::string& field) = 0;
};

}  // namespace stratalog::query::script
