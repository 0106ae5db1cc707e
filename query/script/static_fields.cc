// Constants of classes: Integer.MAX_VALUE, ChronoUnit.DAYS, ZoneOffset.UTC.
#include "query/script/run.h"

namespace stratalog::query::script {

bool static_field(Run& run, std::string_view type, const std::string& name, Value& out) {
  struct Enum {
    std::string_view type;
    EnumType of;
    int32_t count;
  };
  static constexpr Enum kEnums[] = {{"ChronoUnit", EnumType::kChronoUnit, kChronoUnits},
                                    {"DayOfWeek", EnumType::kDayOfWeek, 7},
                                    {"Month", EnumType::kMonth, 12}};
  for (const Enum& one : kEnums) {
    for (int32_t i = 0; one.type == type && i < one.count; ++i) {
      if (Constant(one.of, i).name() != name) continue;
      out = Value(&run.heap().make<Constant>(one.of, i));
      return true;
    }
  }
  if (type == "ZoneOffset" && name == "UTC") {
    out = Value(&run.heap().make<Zone>(index::TimeZone::fixed(0)));
    return true;
  }
  if (type == "DateTimeFormatter") {
    static constexpr std::pair<std::string_view, std::string_view> kFormats[] = {
        {"ISO_INSTANT", "strict_date_optional_time_nanos"},
        {"ISO_DATE_TIME", "strict_date_optional_time_nanos"},
        {"ISO_ZONED_DATE_TIME", "strict_date_optional_time_nanos"},
        {"ISO_OFFSET_DATE_TIME", "strict_date_optional_time_nanos"},
        {"ISO_LOCAL_DATE", "strict_date"}};
    for (const auto& [constant_name, format] : kFormats) {
      if (constant_name != name) continue;
      const auto made = index::DateFormat::compile(format);
      if (!made) return false;
      out = Value(&run.heap().make<DateFormatter>(*made));
      return true;
    }
    return false;
  }
  struct Number {
    std::string_view type, name;
    Value value;
  };
  const Number kNumbers[] = {
      {"Integer", "MAX_VALUE", Value::of_int(INT32_MAX)},
      {"Integer", "MIN_VALUE", Value::of_int(INT32_MIN)},
      {"Long", "MAX_VALUE", Value::of_long(INT64_MAX)},
      {"Long", "MIN_VALUE", Value::of_long(INT64_MIN)},
      {"Short", "MAX_VALUE", Value::whole(Tag::kShort, INT16_MAX)},
      {"Short", "MIN_VALUE", Value::whole(Tag::kShort, INT16_MIN)},
      {"Byte", "MAX_VALUE", Value::whole(Tag::kByte, INT8_MAX)},
      {"Byte", "MIN_VALUE", Value::whole(Tag::kByte, INT8_MIN)},
      {"Double", "MAX_VALUE", Value::of_double(1.7976931348623157e308)},
      {"Double", "MIN_VALUE", Value::of_double(4.9e-324)},
      {"Double", "NaN", Value::of_double(__builtin_nan(""))},
      {"Double", "POSITIVE_INFINITY", Value::of_double(__builtin_inf())},
      {"Double", "NEGATIVE_INFINITY", Value::of_double(-__builtin_inf())},
      {"Float", "MAX_VALUE", Value::of_float(3.4028235e38F)},
      {"Math", "PI", Value::of_double(3.141592653589793)},
      {"Math", "E", Value::of_double(2.718281828459045)},
      {"Boolean", "TRUE", Value::boolean(true)},
      {"Boolean", "FALSE", Value::boolean(false)},
      {"Collections", "EMPTY_LIST", run.list({})},
      {"Collections", "EMPTY_MAP", Value(&run.heap().make<Map>())},
  };
  for (const Number& number : kNumbers) {
    if (number.type != type || number.name != name) continue;
    out = number.value;
    return true;
  }
  return false;
}

}  // namespace stratalog::query::script
