#include "query/script/types.h"

#include <algorithm>
#include <array>
#include <utility>

namespace stratalog::query::script {
namespace {

struct Known {
  std::string_view name;
  std::string_view package;
};
constexpr auto kTypes = std::to_array<Known>({
    {"Arrays", "java.util"},
    {"ArrayList", "java.util"},
    {"Boolean", "java.lang"},
    {"Byte", "java.lang"},
    {"CharSequence", "java.lang"},
    {"Character", "java.lang"},
    {"ChronoUnit", "java.time.temporal"},
    {"Collection", "java.util"},
    {"Collections", "java.util"},
    {"Collectors", "java.util.stream"},
    {"Comparable", "java.lang"},
    {"Comparator", "java.util"},
    {"DateTimeFormatter", "java.time.format"},
    {"DayOfWeek", "java.time"},
    {"Double", "java.lang"},
    {"DoubleStream", "java.util.stream"},
    {"Duration", "java.time"},
    {"Float", "java.lang"},
    {"HashMap", "java.util"},
    {"HashSet", "java.util"},
    {"Instant", "java.time"},
    {"IntStream", "java.util.stream"},
    {"Integer", "java.lang"},
    {"Iterable", "java.lang"},
    {"Iterator", "java.util"},
    {"JodaCompatibleZonedDateTime", "org.elasticsearch.script"},
    {"LinkedHashMap", "java.util"},
    {"LinkedHashSet", "java.util"},
    {"LinkedList", "java.util"},
    {"List", "java.util"},
    {"Long", "java.lang"},
    {"LongStream", "java.util.stream"},
    {"Map", "java.util"},
    {"Map.Entry", "java.util"},
    {"Matcher", "java.util.regex"},
    {"Math", "java.lang"},
    {"Month", "java.time"},
    {"MovingFunctions", "org.elasticsearch.search.aggregations.pipeline"},
    {"Number", "java.lang"},
    {"Object", "java.lang"},
    {"Objects", "java.util"},
    {"Optional", "java.util"},
    {"Pattern", "java.util.regex"},
    {"Set", "java.util"},
    {"Short", "java.lang"},
    {"SortedMap", "java.util"},
    {"Stream", "java.util.stream"},
    {"String", "java.lang"},
    {"StringBuilder", "java.lang"},
    {"TreeMap", "java.util"},
    {"TreeSet", "java.util"},
    {"ZoneId", "java.time"},
    {"ZoneOffset", "java.time"},
    {"ZonedDateTime", "java.time"},
});

struct Thrown {
  std::string_view name;
  std::string_view type;
  std::string_view parent;  // its type
  std::string_view package;
};
constexpr auto kExceptions = std::to_array<Thrown>({
    {"Exception", "exception", "", "java.lang"},
    {"RuntimeException", "runtime_exception", "exception", "java.lang"},
    {"ArithmeticException", "arithmetic_exception", "runtime_exception", "java.lang"},
    {"ClassCastException", "class_cast_exception", "runtime_exception", "java.lang"},
    {"IllegalArgumentException", "illegal_argument_exception", "runtime_exception", "java.lang"},
    {"NumberFormatException", "number_format_exception", "illegal_argument_exception", "java.lang"},
    {"IllegalStateException", "illegal_state_exception", "runtime_exception", "java.lang"},
    {"IndexOutOfBoundsException", "index_out_of_bounds_exception", "runtime_exception",
     "java.lang"},
    {"ArrayIndexOutOfBoundsException", "array_index_out_of_bounds_exception",
     "index_out_of_bounds_exception", "java.lang"},
    {"StringIndexOutOfBoundsException", "string_index_out_of_bounds_exception",
     "index_out_of_bounds_exception", "java.lang"},
    {"NullPointerException", "null_pointer_exception", "runtime_exception", "java.lang"},
    {"UnsupportedOperationException", "unsupported_operation_exception", "runtime_exception",
     "java.lang"},
    {"ConcurrentModificationException", "concurrent_modification_exception", "runtime_exception",
     "java.util"},
    {"NoSuchElementException", "no_such_element_exception", "runtime_exception", "java.util"},
    {"DateTimeException", "date_time_exception", "runtime_exception", "java.time"},
    {"DateTimeParseException", "date_time_parse_exception", "date_time_exception",
     "java.time.format"},
});

const Thrown* thrown(std::string_view name) {
  const auto it = std::find_if(kExceptions.begin(), kExceptions.end(),
                               [&](const Thrown& one) { return one.name == name; });
  return it == kExceptions.end() ? nullptr : &*it;
}

}  // namespace

std::string_view simple_name(std::string_view name) {
  const auto is = [&](std::string_view simple, std::string_view package) {
    return name == simple || (name.size() == simple.size() + package.size() + 1 &&
                              name.starts_with(package) && name.ends_with(simple));
  };
  for (const Known& known : kTypes) {
    if (is(known.name, known.package)) return known.name;
  }
  for (const Thrown& known : kExceptions) {
    if (is(known.name, known.package)) return known.name;
  }
  return {};
}

std::string_view java_name(std::string_view name) {
  // Made once: names with their packages.
  static const auto names = [] {
    std::vector<std::pair<std::string, std::string>> out;
    for (const Known& known : kTypes)
      out.emplace_back(known.name, std::string(known.package) + "." + std::string(known.name));
    for (const Thrown& known : kExceptions)
      out.emplace_back(known.name, std::string(known.package) + "." + std::string(known.name));
    return out;
  }();
  const std::string_view simple = simple_name(name);
  for (const auto& [known, full] : names) {
    if (known == simple) return full;
  }
  return {};
}

bool find_type(std::string_view name, TypeRef& out) {
  static constexpr auto kPrimitives =
      std::to_array<std::pair<std::string_view, Tag>>({{"boolean", Tag::kBool},
                                                       {"byte", Tag::kByte},
                                                       {"short", Tag::kShort},
                                                       {"char", Tag::kChar},
                                                       {"int", Tag::kInt},
                                                       {"long", Tag::kLong},
                                                       {"float", Tag::kFloat},
                                                       {"double", Tag::kDouble}});
  out = {};
  if (name == "def") return true;
  if (name == "void") {
    out.is_def = false;
    out.is_void = true;
    out.name = name;
    return true;
  }
  for (const auto& [primitive, tag] : kPrimitives) {
    if (primitive != name) continue;
    out.primitive = tag;
    out.is_def = false;
    out.name = name;
    return true;
  }
  const std::string_view simple = simple_name(name);
  if (simple.empty()) return false;
  out.is_def = false;
  out.name = simple;
  return true;
}

std::string_view exception_type(std::string_view class_name) {
  const Thrown* found = thrown(class_name);
  return found == nullptr ? std::string_view() : found->type;
}

bool catches(std::string_view class_name, std::string_view type) {
  const std::string_view wanted = exception_type(class_name);
  if (wanted == "exception") return true;
  while (!type.empty()) {
    if (type == wanted) return true;
    const auto it = std::find_if(kExceptions.begin(), kExceptions.end(),
                                 [&](const Thrown& one) { return one.type == type; });
    if (it == kExceptions.end()) return wanted == "runtime_exception";
    type = it->parent;
  }
  return false;
}

bool instance_of(const Value& value, std::string_view name) {
  if (value.is_null()) return false;
  if (name == "Object" || name == "def") return true;
  static constexpr std::string_view kBoxes[] = {"",        "Boolean", "Byte",  "Short", "Character",
                                                "Integer", "Long",    "Float", "Double"};
  if (!value.is_object()) {
    if (name == kBoxes[static_cast<size_t>(value.tag())] || name == "Comparable") return true;
    return name == "Number" && value.is_number() && value.tag() != Tag::kChar;
  }
  const auto any = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  switch (value.object()->cls()) {
    case Class::kString:
      return any({"String", "CharSequence", "Comparable"});
    case Class::kList:
      return any({"List", "ArrayList", "Collection", "Iterable", "LinkedList"});
    case Class::kDocValues:
      return any({"List", "Collection", "Iterable"});
    case Class::kMap:
      return any({"Map", "HashMap", "LinkedHashMap"}) ||
             (value.as<Map>().sorted && any({"TreeMap", "SortedMap"}));
    case Class::kDoc:
      return name == "Map";
    case Class::kSet:
      return any({"Set", "HashSet", "LinkedHashSet", "Collection", "Iterable"}) ||
             (value.as<Map>().sorted && name == "TreeSet");
    case Class::kMapView:
      return any({"Set", "Collection", "Iterable"});
    case Class::kEntry:
      return name == "Map.Entry";
    case Class::kIterator:
      return name == "Iterator";
    case Class::kStringBuilder:
      return any({"StringBuilder", "CharSequence"});
    case Class::kDateTime:
      return any({"ZonedDateTime", "JodaCompatibleZonedDateTime", "Comparable"});
    case Class::kStream:
      return any({"Stream", "IntStream", "LongStream", "DoubleStream"});
    case Class::kZone:
      return any({"ZoneId", "ZoneOffset"});
    default: {
      const std::string full = class_name(value);
      return full.substr(full.rfind('.') + 1) == name;
    }
  }
}

}  // namespace stratalog::query::script
