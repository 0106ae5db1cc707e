// Numbers, static methods, constructors.
#include <cmath>

#include "base/json_writer.h"
#include "index/analysis/chars.h"
#include "query/script/fault.h"
#include "query/script/run.h"
#include "query/script/text.h"
#include "query/script/types.h"

namespace stratalog::query::script {

namespace {

Value builtin(Run& run, Function::Builtin kind, std::vector<Value> captured = {}) {
  Function& made = run.heap().make<Function>();
  Value out(&made);
  made.builtin = kind;
  made.captured = std::move(captured);
  return out;
}

Value boxed(Run& run, Tag tag, const Value& from) {
  if (!is_string(from)) return convert_number(from, tag);
  const std::string& text = text_of(from);
  if (tag == Tag::kDouble) return Value::of_double(parse_real(text));
  if (tag == Tag::kFloat) return Value::of_float(static_cast<float>(parse_real(text)));
  const Value whole = Value::of_long(parse_whole(text, 10, tag == Tag::kLong));
  static_cast<void>(run);
  return convert_number(whole, tag);
}

std::string radix_text(uint64_t value, int radix) {
  std::string out;
  do {
    out.insert(out.begin(),
               "0123456789abcdefghijklmnopqrstuvwxyz"[value % static_cast<uint64_t>(radix)]);
    value /= static_cast<uint64_t>(radix);
  } while (value != 0);
  return out;
}

struct Box {
  std::string_view name;
  Tag tag;
  std::string_view parse;
};
constexpr Box kBoxes[] = {
    {"Byte", Tag::kByte, "parseByte"},    {"Short", Tag::kShort, "parseShort"},
    {"Integer", Tag::kInt, "parseInt"},   {"Long", Tag::kLong, "parseLong"},
    {"Float", Tag::kFloat, "parseFloat"}, {"Double", Tag::kDouble, "parseDouble"}};

bool box_method(Run& run, std::string_view type, const std::string& name, std::vector<Value>& args,
                Value& out) {
  for (const Box& box : kBoxes) {
    if (box.name != type) continue;
    const bool whole = box.tag < Tag::kFloat;
    if ((name == box.parse || name == "valueOf" || name == "decode") && args.size() == 1) {
      if (!args[0].is_number()) text_argument(args[0]);
      out = boxed(run, box.tag, args[0]);
      return true;
    }
    if ((name == box.parse || name == "valueOf") && args.size() == 2 && whole) {
      out =
          convert_number(Value::of_long(parse_whole(text_argument(args[0]), whole_argument(args[1]),
                                                    box.tag == Tag::kLong)),
                         box.tag);
      return true;
    }
    if (name == "toString" && args.size() == 1) {
      out = run.text(to_text(convert_number(args[0], box.tag)));
      return true;
    }
    if (name == "compare" && args.size() == 2) {
      out = Value::of_int(compare_values(args[0], args[1]));
      return true;
    }
    if ((name == "max" || name == "min" || name == "sum") && args.size() == 2)
      return math_method(run, "Math", name == "sum" ? "addExact" : name, args, out);
    if (whole && args.size() == 1 &&
        (name == "toHexString" || name == "toBinaryString" || name == "toOctalString")) {
      auto bits = static_cast<uint64_t>(whole_argument(args[0]));
      if (box.tag != Tag::kLong) bits = static_cast<uint32_t>(bits);
      out = run.text(radix_text(bits, name == "toHexString"     ? 16
                                      : name == "toOctalString" ? 8
                                                                : 2));
      return true;
    }
    if (whole && name == "toString" && args.size() == 2) {
      const int64_t v = whole_argument(args[0]);
      const auto radix = static_cast<int>(std::clamp<int64_t>(whole_argument(args[1]), 2, 36));
      out = run.text(
          (v < 0 ? "-" : "") +
          radix_text(v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v), radix));
      return true;
    }
    if (whole && name == "signum" && args.size() == 1) {
      const int64_t v = whole_argument(args[0]);
      out = Value::of_int(v < 0 ? -1 : v > 0 ? 1 : 0);
      return true;
    }
    if (whole && name == "bitCount" && args.size() == 1) {
      const auto bits = static_cast<uint64_t>(whole_argument(args[0]));
      out = Value::of_int(
          __builtin_popcountll(box.tag == Tag::kLong ? bits : static_cast<uint32_t>(bits)));
      return true;
    }
    if (!whole && args.size() == 1 &&
        (name == "isNaN" || name == "isInfinite" || name == "isFinite")) {
      const double v = real_argument(args[0]);
      out = Value::boolean(name == "isNaN"        ? std::isnan(v)
                           : name == "isInfinite" ? std::isinf(v)
                                                  : std::isfinite(v));
      return true;
    }
    return false;
  }
  return false;
}

bool character_method(Run& run, const std::string& name, std::vector<Value>& args, Value& out) {
  if (args.size() != 1) return false;
  if (is_string(args[0])) return false;
  const auto c = static_cast<char32_t>(whole_argument(args[0]));
  const auto truth = [&](bool v) {
    out = Value::boolean(v);
    return true;
  };
  const index::Category category = index::category_of(c);
  if (name == "isDigit") return truth(index::is_digit(c));
  if (name == "isLetter" || name == "isAlphabetic") return truth(index::is_letter(c));
  if (name == "isLetterOrDigit") return truth(index::is_letter(c) || index::is_digit(c));
  if (name == "isWhitespace") return truth(index::is_whitespace(c));
  if (name == "isUpperCase") return truth(category == index::Category::kLu);
  if (name == "isLowerCase") return truth(category == index::Category::kLl);
  if (name == "toUpperCase" || name == "toLowerCase") {
    const char32_t made = name == "toUpperCase" ? index::to_upper(c) : index::to_lower(c);
    out = convert_number(Value::of_int(static_cast<int64_t>(made)), args[0].tag());
    return true;
  }
  if (name == "getNumericValue") {
    const int64_t v = c >= '0' && c <= '9'   ? static_cast<int64_t>(c) - '0'
                      : c >= 'a' && c <= 'z' ? static_cast<int64_t>(c) - 'a' + 10
                      : c >= 'A' && c <= 'Z' ? static_cast<int64_t>(c) - 'A' + 10
                                             : -1;
    out = Value::of_int(v);
    return true;
  }
  if (name == "toString" || name == "valueOf") {
    out = name == "valueOf" ? convert_number(args[0], Tag::kChar)
                            : run.text(to_text(convert_number(args[0], Tag::kChar)));
    return true;
  }
  return false;
}

bool stream_static(Run& run, std::string_view type, const std::string& name,
                   std::vector<Value>& args, Value& out) {
  const Tag element = type == "IntStream"      ? Tag::kInt
                      : type == "LongStream"   ? Tag::kLong
                      : type == "DoubleStream" ? Tag::kDouble
                                               : Tag::kNull;
  if ((name == "range" || name == "rangeClosed") && args.size() == 2 && element != Tag::kNull) {
    const int64_t begin = whole_argument(args[0]);
    const int64_t end = whole_argument(args[1]);
    std::vector<Value> items;
    for (int64_t i = begin; i < end || (i == end && name == "rangeClosed"); ++i) {
      run.spend(1);
      run.heap().check(items.size() * sizeof(Value));
      items.push_back(Value::whole(element, i));
      if (i == INT64_MAX) break;
    }
    out = run.list(std::move(items), Class::kStream);
  } else if (name == "of") {
    std::vector<Value> items = args;
    if (items.size() == 1 && items[0].is(Class::kArray)) items = args[0].as<List>().items;
    out = run.list(std::move(items), Class::kStream);
  } else if (name == "empty" && args.empty()) {
    out = run.list({}, Class::kStream);
  } else {
    return false;
  }
  out.as<List>().element = element;
  return true;
}

bool collections_static(Run& run, std::string_view type, const std::string& name,
                        std::vector<Value>& args, Value& out) {
  using Builtin = Function::Builtin;
  const auto is = [&](std::string_view t, std::string_view n, size_t count) {
    return type == t && name == n && args.size() == count;
  };
  const auto items = [&](const Value& value) {
    std::vector<Value> all;
    if (!items_of(value, all)) fail_cast("not a collection: " + class_name(value));
    return all;
  };
  if (type == "Collectors") {
    const Builtin kind = name == "toList"       ? Builtin::kToList
                         : name == "toSet"      ? Builtin::kToSet
                         : name == "joining"    ? Builtin::kJoining
                         : name == "groupingBy" ? Builtin::kGrouping
                         : name == "toMap"      ? Builtin::kToMap
                         : name == "counting"   ? Builtin::kCounting
                                                : Builtin::kNone;
    const size_t least = kind == Builtin::kGrouping ? 1 : kind == Builtin::kToMap ? 2 : 0;
    const size_t most = kind == Builtin::kJoining    ? 3
                        : kind == Builtin::kGrouping ? 2
                        : kind == Builtin::kToMap    ? 2
                                                     : 0;
    if (kind == Builtin::kNone || args.size() < least || args.size() > most) return false;
    out = builtin(run, kind, args);
    return true;
  }
  if (type == "Comparator" || is("Collections", "reverseOrder", 0) ||
      is("Collections", "reverseOrder", 1)) {
    if (name == "naturalOrder" && args.empty()) {
      out = builtin(run, Builtin::kNatural);
    } else if (name == "reverseOrder" && args.size() <= 1) {
      out = builtin(run, Builtin::kReversed, args);
    } else if (name.starts_with("comparing") && (args.size() == 1 || args.size() == 2)) {
      out = builtin(run, Builtin::kComparing, args);
    } else {
      return false;
    }
    return true;
  }
  if (type == "Arrays") {
    if (name == "asList") {
      out = run.list(args.size() == 1 && args[0].is(Class::kArray) ? items(args[0]) : args);
    } else if (name == "stream" && args.size() == 1) {
      out = run.list(items(args[0]), Class::kStream);
      out.as<List>().element = args[0].as<List>().element;
    } else if (name == "sort" && (args.size() == 1 || args.size() == 2)) {
      std::vector<Value> sorted = items(args[0]);
      sort_values(run, sorted, args.size() == 2 ? &args[1] : nullptr);
      args[0].as<List>().items = std::move(sorted);
    } else if (name == "toString" && args.size() == 1) {
      out = run.text(to_text(run.list(items(args[0]))));
    } else {
      return false;
    }
    return true;
  }
  if (type == "Collections") {
    if (is(type, "sort", 1) || is(type, "sort", 2) || is(type, "reverse", 1)) {
      if (!args[0].is(Class::kList)) fail_cast("not a List: " + class_name(args[0]));
      std::vector<Value> all = items(args[0]);
      if (name == "reverse") {
        std::reverse(all.begin(), all.end());
      } else {
        sort_values(run, all, args.size() == 2 ? &args[1] : nullptr);
      }
      args[0].as<List>().items = std::move(all);
      return true;
    }
    if ((name == "max" || name == "min") && (args.size() == 1 || args.size() == 2)) {
      const std::vector<Value> all = items(args[0]);
      if (all.empty()) fail("no_such_element_exception", "the collection is empty");
      out = all[0];
      const int sign = name == "max" ? 1 : -1;
      for (const Value& item : all) {
        if (compare_with(run, args.size() == 2 ? &args[1] : nullptr, item, out) * sign > 0)
          out = item;
      }
      return true;
    }
    if (is(type, "emptyList", 0)) out = run.list({});
    if (is(type, "emptySet", 0)) out = run.list({}, Class::kSet);
    if (is(type, "emptyMap", 0)) out = Value(&run.heap().make<Map>());
    if (is(type, "singletonList", 1)) out = run.list({args[0]});
    if (is(type, "singleton", 1)) out = run.list({args[0]}, Class::kSet);
    if (is(type, "unmodifiableList", 1)) {
      out = run.list(items(args[0]));
      out.as<List>().fixed = true;
    }
    if (is(type, "unmodifiableMap", 1) && args[0].is(Class::kMap)) {
      Map& copy = run.heap().make<Map>();
      out = Value(&copy);
      args[0].as<Map>().each([&](const Map::Entry& entry) { copy.put(entry.key, entry.value); });
      copy.fixed = true;
    }
    return !out.is_null();
  }
  if (type == "Objects") {
    if (is(type, "equals", 2)) out = Value::boolean(java_equals(args[0], args[1]));
    if (is(type, "isNull", 1)) out = Value::boolean(args[0].is_null());
    if (is(type, "nonNull", 1)) out = Value::boolean(!args[0].is_null());
    if (is(type, "hash", 1) || is(type, "hashCode", 1)) out = Value::of_int(java_hash(args[0]));
    if (is(type, "toString", 1)) out = run.text(to_text(args[0]));
    if (is(type, "requireNonNull", 1)) {
      if (args[0].is_null()) fail("null_pointer_exception", "null");
      out = args[0];
    }
    return !out.is_null();
  }
  if (type == "Optional") {
    if (is(type, "empty", 0)) out = Value(&run.heap().make<Optional>(std::nullopt));
    if (is(type, "of", 1) || is(type, "ofNullable", 1)) {
      if (args[0].is_null() && name == "of") fail("null_pointer_exception", "null");
      out = Value(&run.heap().make<Optional>(args[0].is_null() ? std::optional<Value>() : args[0]));
    }
    return !out.is_null();
  }
  if ((type == "List" || type == "Set") && name == "of") {
    out = run.list(args, type == "Set" ? Class::kSet : Class::kList);
    if (type == "List") out.as<List>().fixed = true;
    return true;
  }
  return false;
}

bool string_static(Run& run, const std::string& name, std::vector<Value>& args, Value& out) {
  if ((name == "valueOf" || name == "copyValueOf") && args.size() == 1) {
    if (args[0].is(Class::kArray)) {
      std::string text;
      for (const Value& item : args[0].as<List>().items) append_text(text, item);
      out = run.text(std::move(text));
    } else {
      out = run.text(to_text(args[0]));
    }
    return true;
  }
  if (name == "join" && args.size() >= 2) {
    std::vector<Value> parts;
    if (args.size() > 2 || !items_of(args[1], parts)) parts.assign(args.begin() + 1, args.end());
    std::string text;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) text += text_argument(args[0]);
      append_text(text, parts[i]);
    }
    out = run.text(std::move(text));
    return true;
  }
  return false;
}

}  // namespace

bool number_method(const MethodCall& call, Value& out) {
  const Value& self = call.self;
  if (call.is("compareTo", 1) || call.is("compare", 1)) {
    out = Value::of_int(compare_values(self, call.args[0]));
    return true;
  }
  if (self.is_bool()) {
    if (!call.is("booleanValue", 0)) return false;
    out = self;
    return true;
  }
  static constexpr std::pair<std::string_view, Tag> kValues[] = {
      {"byteValue", Tag::kByte}, {"shortValue", Tag::kShort}, {"intValue", Tag::kInt},
      {"longValue", Tag::kLong}, {"floatValue", Tag::kFloat}, {"doubleValue", Tag::kDouble},
      {"charValue", Tag::kChar}};
  for (const auto& [name, tag] : kValues) {
    if (!call.is(name, 0)) continue;
    out = convert_number(self, tag);
    return true;
  }
  if (call.is("isNaN", 0)) {
    out = Value::boolean(self.is_real() && std::isnan(self.as_real()));
    return true;
  }
  if (call.is("isInfinite", 0)) {
    out = Value::boolean(self.is_real() && std::isinf(self.as_real()));
    return true;
  }
  return false;
}

bool static_method(Run& run, std::string_view type, const std::string& name,
                   std::vector<Value>& args, Value& out) {
  run.spend(1);
  if (type == "Math" || type == "MovingFunctions") return math_method(run, type, name, args, out);
  if (type == "String") return string_static(run, name, args, out);
  if (type == "Character") return character_method(run, name, args, out);
  if (type == "Boolean") {
    if ((name != "parseBoolean" && name != "valueOf") || args.size() != 1) return false;
    out = args[0].is_bool() ? args[0] : Value::boolean(lower(text_argument(args[0])) == "true");
    return true;
  }
  if (type == "Pattern") {
    if (name != "compile" || args.size() != 1) return false;
    fail("unsupported_operation_exception", "Pattern.compile: use a literal, /pattern/");
  }
  if (type.ends_with("Stream") && stream_static(run, type, name, args, out)) return true;
  return box_method(run, type, name, args, out) || collections_static(run, type, name, args, out) ||
         date_static(run, type, name, args, out);
}

Value construct(Run& run, std::string_view type, std::vector<Value>& args) {
  const auto is_any = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), type) != names.end();
  };
  const bool capacity = args.size() == 1 && args[0].is_whole();
  const bool plain = args.empty() || capacity;
  if (is_any({"ArrayList", "LinkedList"})) {
    std::vector<Value> items;
    if (!plain && (args.size() != 1 || !items_of(args[0], items)))
      fail_cast("Cannot cast from [" + class_name(args[0]) + "] to [java.util.Collection].");
    return run.list(std::move(items));
  }
  if (is_any({"HashMap", "LinkedHashMap", "TreeMap"})) {
    Map& map = run.heap().make<Map>();
    Value out(&map);
    map.sorted = type == "TreeMap";
    if (!plain) {
      if (args.size() != 1 || !args[0].is(Class::kMap))
        fail_cast("Cannot cast from [" + class_name(args[0]) + "] to [java.util.Map].");
      for (const Map::Entry& entry : args[0].as<Map>().entries()) map.put(entry.key, entry.value);
    }
    return out;
  }
  if (is_any({"HashSet", "LinkedHashSet", "TreeSet"})) {
    Map& set = run.heap().make<Map>(Class::kSet);
    Value out(&set);
    set.sorted = type == "TreeSet";
    std::vector<Value> items;
    if (!plain && (args.size() != 1 || !items_of(args[0], items)))
      fail_cast("Cannot cast from [" + class_name(args[0]) + "] to [java.util.Collection].");
    for (const Value& item : items) set.put(item, Value());
    return out;
  }
  if (type == "StringBuilder" && args.size() <= 1) {
    StringBuilder& builder = run.heap().make<StringBuilder>();
    Value out(&builder);
    if (!plain) builder.text = to_text(args[0]);
    run.heap().grow(builder, builder.text.size());
    return out;
  }
  if (type == "String" && args.size() <= 1)
    return run.text(args.empty() ? std::string() : to_text(args[0]));
  if (type == "Object" && args.empty()) return Value(&run.heap().make<Optional>(std::nullopt));
  if (const std::string_view thrown = exception_type(type); !thrown.empty() && args.size() <= 2) {
    const std::string message = args.empty() || args[0].is_null() ? "" : to_text(args[0]);
    return Value(&run.heap().make<Exception>(std::string(thrown), message));
  }
  fail_argument("constructor [" + std::string(java_name(type)) + ", <init>/" +
                std::to_string(args.size()) + "] not found");
}

}  // namespace stratalog::query::script
