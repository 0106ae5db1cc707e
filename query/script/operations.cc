#include "query/script/operations.h"

#include <bit>
#include <cmath>

#include "base/json_writer.h"
#include "query/script/dates.h"
#include "query/script/fault.h"
#include "query/script/text.h"

namespace stratalog::query::script {

std::string_view primitive_name(Tag tag) {
  static constexpr std::string_view kNames[] = {"null", "boolean", "byte",  "short",  "char",
                                                "int",  "long",    "float", "double", "def"};
  return kNames[static_cast<size_t>(tag)];
}

std::string class_name(const Value& value) {
  static constexpr std::string_view kBoxes[] = {"null",    "Boolean", "Byte",  "Short", "Character",
                                                "Integer", "Long",    "Float", "Double"};
  if (value.is_null()) return "null";
  if (!value.is_object())
    return "java.lang." + std::string(kBoxes[static_cast<size_t>(value.tag())]);
  switch (value.object()->cls()) {
    case Class::kString:
      return "java.lang.String";
    case Class::kList:
      return "java.util.ArrayList";
    case Class::kArray:
      return std::string(primitive_name(value.as<List>().element)) + "[]";
    case Class::kDocValues:
      return "org.elasticsearch.index.fielddata.ScriptDocValues";
    case Class::kMap:
      return value.as<Map>().sorted ? "java.util.TreeMap" : "java.util.HashMap";
    case Class::kDoc:
      return "org.elasticsearch.search.lookup.LeafDocLookup";
    case Class::kSet:
      return "java.util.HashSet";
    case Class::kMapView:
      return value.as<MapView>().kind == MapView::Kind::kValues ? "java.util.Collection"
                                                                : "java.util.Set";
    case Class::kEntry:
      return "java.util.Map.Entry";
    case Class::kIterator:
      return "java.util.Iterator";
    case Class::kStream:
      return "java.util.stream.Stream";
    case Class::kOptional:
      return "java.util.Optional";
    case Class::kStringBuilder:
      return "java.lang.StringBuilder";
    case Class::kFunction:
      return "java.util.function.Function";
    case Class::kPattern:
      return "java.util.regex.Pattern";
    case Class::kMatcher:
      return "java.util.regex.Matcher";
    case Class::kDateTime:
      return "java.time.ZonedDateTime";
    case Class::kInstant:
      return "java.time.Instant";
    case Class::kDuration:
      return "java.time.Duration";
    case Class::kZone:
      return "java.time.ZoneId";
    case Class::kDateFormat:
      return "java.time.format.DateTimeFormatter";
    case Class::kConstant:
      return value.as<Constant>().type == EnumType::kDayOfWeek ? "java.time.DayOfWeek"
             : value.as<Constant>().type == EnumType::kMonth   ? "java.time.Month"
                                                               : "java.time.temporal.ChronoUnit";
    case Class::kException:
      return "java.lang.Exception";
    case Class::kBigInteger:
      return "java.math.BigInteger";
  }
  return "java.lang.Object";
}

std::string def_name(const Value& value) {
  return value.is_object() || value.is_null() ? class_name(value)
                                              : std::string(primitive_name(value.tag()));
}

std::string_view symbol(Binary op) {
  static constexpr std::string_view kSymbols[] = {"+",   "-",  "*",  "/",   "%",  "<<", ">>",
                                                  ">>>", "&",  "|",  "^",   "<",  "<=", ">",
                                                  ">=",  "==", "!=", "===", "!=="};
  return kSymbols[static_cast<size_t>(op)];
}

bool widens(Tag from, Tag to) {
  if (from == to) return true;
  if (from < Tag::kByte || from > Tag::kDouble || to < Tag::kByte || to > Tag::kDouble)
    return false;
  if (to == Tag::kChar) return false;
  if (from == Tag::kChar) return to >= Tag::kInt;
  return from < to;
}

namespace {

// Saturating, as Java's casts of floating point.
int64_t real_to_whole(double v, Tag to) {
  if (std::isnan(v)) return 0;
  const double low = to == Tag::kLong ? -9223372036854775808.0 : -2147483648.0;
  const double high = to == Tag::kLong ? 9223372036854775808.0 : 2147483648.0;
  if (v <= low) return to == Tag::kLong ? INT64_MIN : INT32_MIN;
  if (v >= high) return to == Tag::kLong ? INT64_MAX : INT32_MAX;
  return static_cast<int64_t>(v);
}

Tag promoted(Tag a, Tag b) {
  const Tag widest = std::max(a, b);
  return widest < Tag::kInt ? Tag::kInt : widest;
}

[[noreturn]] void refuse(Binary op, const Value& a, const Value& b) {
  const auto name = [](const Value& v) { return "[" + class_name(v) + "]"; };
  if (a.is_null() || b.is_null())
    fail("null_pointer_exception", "cannot apply [" + std::string(symbol(op)) + "] to null");
  fail_cast("Cannot apply [" + std::string(symbol(op)) + "] operation to types " + name(a) +
            " and " + name(b) + ".");
}

Value whole_arithmetic(Binary op, Tag type, int64_t a, int64_t b) {
  const auto ua = static_cast<uint64_t>(a), ub = static_cast<uint64_t>(b);
  const uint32_t bits = type == Tag::kLong ? 63 : 31;
  const auto wrap = [&](uint64_t v) {
    return type == Tag::kLong ? Value::of_long(static_cast<int64_t>(v))
                              : Value::of_int(static_cast<int32_t>(static_cast<uint32_t>(v)));
  };
  switch (op) {
    case Binary::kAdd:
      return wrap(ua + ub);
    case Binary::kSubtract:
      return wrap(ua - ub);
    case Binary::kMultiply:
      return wrap(ua * ub);
    case Binary::kDivide:
      if (b == 0) fail("arithmetic_exception", "/ by zero");
      return b == -1 ? wrap(0 - ua) : wrap(static_cast<uint64_t>(a / b));
    case Binary::kRemainder:
      if (b == 0) fail("arithmetic_exception", "/ by zero");
      return b == -1 ? wrap(0) : wrap(static_cast<uint64_t>(a % b));
    case Binary::kShiftLeft:
      return wrap(ua << (ub & bits));
    case Binary::kShiftRight:
      return wrap(static_cast<uint64_t>(a >> (ub & bits)));
    case Binary::kShiftRightUnsigned:
      return wrap(type == Tag::kLong ? ua >> (ub & bits)
                                     : static_cast<uint32_t>(ua) >> (ub & bits));
    case Binary::kAnd:
      return wrap(ua & ub);
    case Binary::kOr:
      return wrap(ua | ub);
    default:
      return wrap(ua ^ ub);
  }
}

Value real_arithmetic(Binary op, Tag type, double a, double b) {
  const auto made = [&](double v) {
    return type == Tag::kFloat ? Value::of_float(static_cast<float>(v)) : Value::of_double(v);
  };
  switch (op) {
    case Binary::kAdd:
      return made(a + b);
    case Binary::kSubtract:
      return made(a - b);
    case Binary::kMultiply:
      return made(a * b);
    case Binary::kDivide:
      return made(a / b);  // IEEE: infinities and NaN
    default:
      return made(std::fmod(a, b));
  }
}

bool ordered(Binary op, const Value& a, const Value& b) {
  if (a.is_whole() && b.is_whole()) {
    const int64_t x = a.as_whole(), y = b.as_whole();
    if (op == Binary::kLess) return x < y;
    if (op == Binary::kLessEqual) return x <= y;
    return op == Binary::kGreater ? x > y : x >= y;
  }
  const double x = a.to_double(), y = b.to_double();
  if (op == Binary::kLess) return x < y;
  if (op == Binary::kLessEqual) return x <= y;
  return op == Binary::kGreater ? x > y : x >= y;
}

bool same(const Value& a, const Value& b) {
  if (a.tag() != b.tag()) return false;
  if (a.is_object()) {
    if (a.object() == b.object()) return true;
    return is_string(a) && is_string(b) && text_of(a) == text_of(b);  // literals are one object
  }
  return a.is_real() ? a.as_real() == b.as_real() : a.as_whole() == b.as_whole();
}

}  // namespace

Value convert_number(const Value& value, Tag to) {
  if (value.tag() == to) return value;
  if (to == Tag::kDouble) return Value::of_double(value.to_double());
  if (to == Tag::kFloat) return Value::of_float(static_cast<float>(value.to_double()));
  const int64_t v = value.is_real()
                        ? real_to_whole(value.as_real(), to == Tag::kLong ? to : Tag::kInt)
                        : value.as_whole();
  switch (to) {
    case Tag::kByte:
      return Value::whole(to, static_cast<int8_t>(v));
    case Tag::kShort:
      return Value::whole(to, static_cast<int16_t>(v));
    case Tag::kChar:
      return Value::whole(to, static_cast<uint16_t>(v));
    case Tag::kInt:
      return Value::whole(to, static_cast<int32_t>(v));
    default:
      return Value::whole(Tag::kLong, v);
  }
}

bool loosely_equal(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_whole() && b.is_whole()) return a.as_whole() == b.as_whole();
    return a.to_double() == b.to_double();
  }
  return java_equals(a, b);
}

Value binary(Heap& heap, Binary op, const Value& a, const Value& b) {
  switch (op) {
    case Binary::kEqual:
      return Value::boolean(loosely_equal(a, b));
    case Binary::kNotEqual:
      return Value::boolean(!loosely_equal(a, b));
    case Binary::kSame:
      return Value::boolean(same(a, b));
    case Binary::kNotSame:
      return Value::boolean(!same(a, b));
    default:
      break;
  }
  if (a.is_number() && b.is_number()) {
    if (op >= Binary::kLess) return Value::boolean(ordered(op, a, b));
    if (op >= Binary::kShiftLeft) {
      const bool shift = op <= Binary::kShiftRightUnsigned;
      if (!a.is_whole() || !b.is_whole()) refuse(op, a, b);
      const Tag type = shift ? promoted(a.tag(), Tag::kInt) : promoted(a.tag(), b.tag());
      return whole_arithmetic(op, type, a.as_whole(), b.as_whole());
    }
    const Tag type = promoted(a.tag(), b.tag());
    if (type >= Tag::kFloat) return real_arithmetic(op, type, a.to_double(), b.to_double());
    return whole_arithmetic(op, type, a.as_whole(), b.as_whole());
  }
  if (op == Binary::kAdd && (is_string(a) || is_string(b))) {
    std::string out;
    append_text(out, a);
    append_text(out, b);
    return heap.string(std::move(out));
  }
  if (a.is_bool() && b.is_bool()) {
    const bool x = a.as_bool(), y = b.as_bool();
    if (op == Binary::kAnd) return Value::boolean(x && y);
    if (op == Binary::kOr) return Value::boolean(x || y);
    if (op == Binary::kXor) return Value::boolean(x != y);
  }
  refuse(op, a, b);
}

Value negate(const Value& value) {
  if (!value.is_number()) {
    if (value.is_null()) fail("null_pointer_exception", "cannot apply [-] to null");
    fail_cast("Cannot apply [-] operation to type [" + class_name(value) + "]");
  }
  if (value.is_real()) {
    return value.tag() == Tag::kFloat ? Value::of_float(-static_cast<float>(value.as_real()))
                                      : Value::of_double(-value.as_real());
  }
  const Tag type = promoted(value.tag(), Tag::kInt);
  return whole_arithmetic(Binary::kSubtract, type, 0, value.as_whole());
}

Value complement(const Value& value) {
  if (!value.is_whole())
    fail_cast("Cannot apply [~] operation to type [" + class_name(value) + "]");
  const Tag type = promoted(value.tag(), Tag::kInt);
  return whole_arithmetic(Binary::kXor, type, value.as_whole(), -1);
}

bool items_of(const Value& value, std::vector<Value>& out) {
  if (!value.is_object()) return false;
  Heap& heap = value.object()->heap();
  const auto reserve = [&](size_t count) {
    heap.check(count * sizeof(Value));
    heap.spend(count);
  };
  switch (value.object()->cls()) {
    case Class::kList:
    case Class::kArray:
    case Class::kStream:
    case Class::kDocValues: {
      const auto& items = value.as<List>().items;
      reserve(items.size());
      out.insert(out.end(), items.begin(), items.end());
      return true;
    }
    case Class::kSet:
      reserve(value.as<Map>().size());
      value.as<Map>().each([&](const Map::Entry& entry) { out.push_back(entry.key); });
      return true;
    case Class::kMapView: {
      const auto& view = value.as<MapView>();
      const Value map = view.map;
      reserve(map.as<Map>().size());
      map.as<Map>().each([&](const Map::Entry& entry) {
        if (view.kind == MapView::Kind::kKeys) {
          out.push_back(entry.key);
        } else if (view.kind == MapView::Kind::kValues) {
          out.push_back(entry.value);
        } else {
          out.push_back(Value(&heap.make<MapEntry>(map, entry.key, entry.value)));
        }
      });
      return true;
    }
    default:
      return false;
  }
}

}  // namespace stratalog::query::script
