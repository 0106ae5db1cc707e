#include "query/script/dates.h"

#include <array>
#include <cctype>

#include "index/date/calendar.h"
#include "query/script/fault.h"
#include "query/script/run.h"

namespace stratalog::query::script {

using index::Instant;
using index::TimeZone;

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr auto kDays = std::to_array<std::string_view>(
    {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"});
constexpr auto kMonths =
    std::to_array<std::string_view>({"JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY",
                                     "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"});
struct Unit {
  std::string_view name;
  int64_t seconds;  // 0: less than one; -1: months
  int64_t nanos;    // or months
};
constexpr auto kUnits = std::to_array<Unit>({{"NANOS", 0, 1},
                                             {"MICROS", 0, 1000},
                                             {"MILLIS", 0, 1'000'000},
                                             {"SECONDS", 1, 0},
                                             {"MINUTES", 60, 0},
                                             {"HOURS", 3600, 0},
                                             {"HALF_DAYS", 43200, 0},
                                             {"DAYS", 86400, 0},
                                             {"WEEKS", 604800, 0},
                                             {"MONTHS", -1, 1},
                                             {"YEARS", -1, 12},
                                             {"DECADES", -1, 120},
                                             {"CENTURIES", -1, 1200}});

static_assert(kUnits.size() == kChronoUnits);

// A date's local parts.
struct Local {
  int64_t days;
  int64_t second;  // of the day
  index::CivilDate date;
  int32_t offset;
};
Local local_of(const DateTime& date) {
  const int32_t offset = date.zone.offset_at(date.instant.seconds);
  const int64_t local = date.instant.seconds + offset;
  const int64_t days = index::floor_div(local, 86400);
  return {days, index::floor_mod(local, 86400), index::civil_from_days(days), offset};
}

[[noreturn]] void out_of_range() { fail("date_time_exception", "the date is out of range"); }

Instant checked(Wide seconds, Wide nanos) {
  Wide carry = nanos / kNanosPerSecond;
  Wide rest = nanos % kNanosPerSecond;
  if (rest < 0) {
    rest += kNanosPerSecond;
    --carry;
  }
  seconds += carry;
  constexpr int64_t kMost = 31'556'889'864'403'199;  // Java's Instant.MAX
  if (seconds > kMost || seconds < -kMost) out_of_range();
  return {static_cast<int64_t>(seconds), static_cast<uint32_t>(rest)};
}

Value from_local(Heap& heap, const DateTime& like, int64_t days, int64_t second, uint32_t nanos) {
  const Instant local = checked(static_cast<Wide>(days) * 86400 + second, nanos);
  return date_time(heap, {like.zone.to_utc(local.seconds), local.nanos}, like.zone);
}

Value plus_months(Heap& heap, const DateTime& date, int64_t months) {
  constexpr int64_t kMost = 12'000'000'000;
  if (months > kMost || months < -kMost) out_of_range();
  const Local local = local_of(date);
  const int64_t total = local.date.year * 12 + local.date.month - 1 + months;
  const int64_t year = index::floor_div(total, 12);
  const auto month = static_cast<int32_t>(index::floor_mod(total, 12) + 1);
  const int32_t day = std::min(local.date.day, index::days_in_month(year, month));
  return from_local(heap, date, index::days_from_civil(year, month, day), local.second,
                    date.instant.nanos);
}

// "Days" of plusDays: the unit's index.
const Unit* unit_of(std::string_view word) {
  for (const Unit& unit : kUnits) {
    if (unit.name.size() != word.size()) continue;
    bool same = true;
    for (size_t i = 0; i < word.size(); ++i)
      same &= std::toupper(static_cast<unsigned char>(word[i])) == unit.name[i];
    if (same) return &unit;
  }
  return nullptr;
}

// Moves by `count` units: whole days and more in local time, less in absolute.
Value moved(Heap& heap, const DateTime& date, const Unit& unit, int64_t count) {
  if (unit.seconds < 0) {
    constexpr int64_t kMost = 1'000'000'000;
    if (count > kMost || count < -kMost) out_of_range();
    return plus_months(heap, date, count * unit.nanos);
  }
  if (unit.seconds >= 86400) {
    const Local local = local_of(date);
    const Wide days = local.days + static_cast<Wide>(count) * (unit.seconds / 86400);
    if (days > 400'000'000'000 || days < -400'000'000'000) out_of_range();
    return from_local(heap, date, static_cast<int64_t>(days), local.second, date.instant.nanos);
  }
  return date_time(heap,
                   checked(date.instant.seconds + static_cast<Wide>(count) * unit.seconds,
                           date.instant.nanos + static_cast<Wide>(count) * unit.nanos),
                   date.zone);
}

Wide total_nanos(Instant instant) {
  return static_cast<Wide>(instant.seconds) * kNanosPerSecond + instant.nanos;
}

Instant instant_argument(const Value& value) {
  if (value.is(Class::kDateTime)) return value.as<DateTime>().instant;
  if (value.is(Class::kInstant)) return value.as<InstantObject>().instant;
  if (value.is_null()) fail("null_pointer_exception", "null where a date is wanted");
  fail_cast("class " + class_name(value) + " cannot be cast to class java.time.Instant");
}

TimeZone zone_argument(const Value& value) {
  if (value.is(Class::kZone)) return value.as<Zone>().zone;
  fail_cast("class " + class_name(value) + " cannot be cast to class java.time.ZoneId");
}

const Unit& unit_argument(const Value& value) {
  if (value.is(Class::kConstant) && value.as<Constant>().type == EnumType::kChronoUnit)
    return kUnits[static_cast<size_t>(value.as<Constant>().ordinal)];
  fail_cast("class " + class_name(value) +
            " cannot be cast to class java.time.temporal.ChronoUnit");
}

int64_t between(const Unit& unit, Instant a, Instant b, const TimeZone& zone) {
  if (unit.seconds < 0) {
    Heap heap;
    const DateTime from(a, zone), to(b, zone);
    const Local x = local_of(from), y = local_of(to);
    int64_t months = (y.date.year - x.date.year) * 12 + y.date.month - x.date.month;
    const auto key = [](const Local& l, uint32_t nanos) {
      return std::tuple(l.date.day, l.second, nanos);
    };
    if (months > 0 && key(y, b.nanos) < key(x, a.nanos)) --months;
    if (months < 0 && key(y, b.nanos) > key(x, a.nanos)) ++months;
    return months / unit.nanos;
  }
  const Wide size = static_cast<Wide>(unit.seconds) * kNanosPerSecond + unit.nanos;
  const Wide count = (total_nanos(b) - total_nanos(a)) / size;
  if (count > INT64_MAX || count < INT64_MIN) fail("arithmetic_exception", "long overflow");
  return static_cast<int64_t>(count);
}

std::string fraction(uint32_t nanos) {
  if (nanos == 0) return "";
  std::string digits = std::to_string(1'000'000'000 + static_cast<int64_t>(nanos)).substr(1);
  const size_t keep = nanos % 1'000'000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9;
  return "." + digits.substr(0, keep);
}

std::string two(int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

// "2020-01-01T00:00" and seconds where there are any, or always.
std::string local_text(const Local& local, uint32_t nanos, bool seconds) {
  std::string year = std::to_string(local.date.year < 0 ? -local.date.year : local.date.year);
  while (year.size() < 4) year.insert(0, "0");
  if (local.date.year < 0) year.insert(0, "-");
  if (local.date.year > 9999) year.insert(0, "+");
  std::string out = year + "-" + two(local.date.month) + "-" + two(local.date.day) + "T" +
                    two(local.second / 3600) + ":" + two(local.second / 60 % 60);
  if (seconds || local.second % 60 != 0 || nanos != 0)
    out += ":" + two(local.second % 60) + fraction(nanos);
  return out;
}

bool date_part(const std::string& name, const DateTime& date, Value& out) {
  const Local l = local_of(date);
  const auto whole = [&](int64_t v) {
    out = Value::of_int(v);
    return true;
  };
  const int64_t millis = date.instant.nanos / 1'000'000;
  if (name == "getYear") return whole(l.date.year);
  if (name == "getMonthValue" || name == "getMonthOfYear") return whole(l.date.month);
  if (name == "getDayOfMonth") return whole(l.date.day);
  if (name == "getDayOfYear") return whole(index::day_of_year(l.days));
  if (name == "getHour" || name == "getHourOfDay") return whole(l.second / 3600);
  if (name == "getMinute" || name == "getMinuteOfHour") return whole(l.second / 60 % 60);
  if (name == "getSecond" || name == "getSecondOfMinute") return whole(l.second % 60);
  if (name == "getNano") return whole(date.instant.nanos);
  if (name == "getMinuteOfDay") return whole(l.second / 60);
  if (name == "getSecondOfDay") return whole(l.second);
  if (name == "getMillisOfDay") return whole(l.second * 1000 + millis);
  if (name == "getMillisOfSecond") return whole(millis);
  if (name == "getCenturyOfEra") return whole(l.date.year / 100);
  if (name == "getYearOfCentury") return whole(l.date.year % 100);
  if (name == "getYearOfEra") return whole(l.date.year > 0 ? l.date.year : 1 - l.date.year);
  if (name == "getEra") return whole(l.date.year > 0 ? 1 : 0);
  if (name == "getWeekOfWeekyear") return whole(index::iso_week(l.days).week);
  if (name == "getWeekyear") return whole(index::iso_week(l.days).year);
  if (name == "toEpochSecond") {
    out = Value::of_long(date.instant.seconds);
    return true;
  }
  if (name == "getMillis") {
    out = Value::of_long(date.instant.millis());
    return true;
  }
  return false;
}

bool compare_dates(const MethodCall& call, Value& out) {
  if (call.args.size() != 1) return false;
  const auto truth = [&](bool v) {
    out = Value::boolean(v);
    return true;
  };
  const Instant self = instant_argument(call.self);
  if (call.name == "isBefore") return truth(self < instant_argument(call.args[0]));
  if (call.name == "isAfter") return truth(self > instant_argument(call.args[0]));
  if (call.name == "isEqual") return truth(self == instant_argument(call.args[0]));
  if (call.name != "compareTo") return false;
  const Instant other = instant_argument(call.args[0]);
  out = Value::of_int(self < other ? -1 : self > other ? 1 : 0);
  return true;
}

Value formatted(Run& run, const DateTime& date, const Value& format) {
  if (format.is(Class::kDateFormat))
    return run.text(format.as<DateFormatter>().format->print(date.instant, date.zone));
  const auto made = index::DateFormat::compile(text_argument(format));
  if (!made) fail_argument(made.error().reason);
  return run.text((*made)->print(date.instant, date.zone));
}

bool date_time_method(const MethodCall& call, Value& out) {
  Run& run = call.run;
  auto& args = call.args;
  const Value kept = call.self;
  const auto& self = kept.as<DateTime>();
  const std::string& name = call.name;
  if (args.empty() && date_part(name, self, out)) return true;
  if (compare_dates(call, out)) return true;
  if (call.is("toInstant", 0)) {
    out = Value(&run.heap().make<InstantObject>(self.instant));
    return true;
  }
  if (call.is("getDayOfWeek", 0) || call.is("getDayOfWeekEnum", 0)) {
    out = Value(&run.heap().make<Constant>(EnumType::kDayOfWeek,
                                           index::day_of_week(local_of(self).days) - 1));
    return true;
  }
  if (call.is("getMonth", 0)) {
    out = Value(&run.heap().make<Constant>(EnumType::kMonth, local_of(self).date.month - 1));
    return true;
  }
  if (call.is("getZone", 0) || call.is("getOffset", 0)) {
    out = Value(&run.heap().make<Zone>(name == "getZone" ? self.zone
                                                         : TimeZone::fixed(local_of(self).offset)));
    return true;
  }
  if (call.is("format", 1) || call.is("toString", 1)) {
    out = formatted(run, self, args[0]);
    return true;
  }
  if (call.is("withZoneSameInstant", 1)) {
    out = date_time(run.heap(), self.instant, zone_argument(args[0]));
    return true;
  }
  if (call.is("truncatedTo", 1)) {
    const Unit& unit = unit_argument(args[0]);
    if (unit.seconds < 0 || unit.seconds > 86400)
      fail("unsupported_temporal_type_exception", "Unit is too large to be used for truncation");
    const Local local = local_of(self);
    const int64_t second =
        unit.seconds == 0 ? local.second : local.second - local.second % unit.seconds;
    const auto nanos = static_cast<uint32_t>(
        unit.seconds > 0 ? 0 : self.instant.nanos - self.instant.nanos % unit.nanos);
    out = from_local(run.heap(), self, local.days, second, nanos);
    return true;
  }
  const bool plus = name.starts_with("plus"), minus = name.starts_with("minus");
  if (plus || minus) {
    const std::string_view word = std::string_view(name).substr(plus ? 4 : 5);
    if (word.empty() && args.size() == 1 && args[0].is(Class::kDuration)) {
      const Instant by = args[0].as<Duration>().length;
      const int sign = plus ? 1 : -1;
      out = date_time(
          run.heap(),
          checked(static_cast<Wide>(self.instant.seconds) + sign * by.seconds,
                  static_cast<Wide>(self.instant.nanos) + sign * static_cast<int64_t>(by.nanos)),
          self.zone);
      return true;
    }
    const bool by_unit = word.empty() && args.size() == 2;
    const Unit* unit = by_unit ? &unit_argument(args[1]) : unit_of(word);
    if (unit == nullptr || (!by_unit && args.size() != 1)) return false;
    const int64_t count = whole_argument(args[0]);
    if (count == INT64_MIN) out_of_range();
    out = moved(run.heap(), self, *unit, plus ? count : -count);
    return true;
  }
  if (name.starts_with("with") && args.size() == 1 && args[0].is_whole()) {
    Local l = local_of(self);
    const int64_t v = whole_argument(args[0]);
    uint32_t nanos = self.instant.nanos;
    const auto within = [&](int64_t low, int64_t high) {
      if (v < low || v > high)
        fail("date_time_exception", "Invalid value for " + name.substr(4) + " (valid values " +
                                        std::to_string(low) + " - " + std::to_string(high) +
                                        "): " + std::to_string(v));
    };
    if (name == "withYear") {
      within(-999'999'999, 999'999'999);
      l.date.year = v;
    } else if (name == "withMonth") {
      within(1, 12);
      l.date.month = static_cast<int32_t>(v);
    } else if (name == "withDayOfMonth") {
      within(1, index::days_in_month(l.date.year, l.date.month));
      l.date.day = static_cast<int32_t>(v);
    } else if (name == "withHour") {
      within(0, 23);
      l.second = v * 3600 + l.second % 3600;
    } else if (name == "withMinute") {
      within(0, 59);
      l.second = l.second / 3600 * 3600 + v * 60 + l.second % 60;
    } else if (name == "withSecond") {
      within(0, 59);
      l.second = l.second / 60 * 60 + v;
    } else if (name == "withNano") {
      within(0, 999'999'999);
      nanos = static_cast<uint32_t>(v);
    } else {
      return false;
    }
    const int32_t day = std::min(l.date.day, index::days_in_month(l.date.year, l.date.month));
    out = from_local(run.heap(), self, index::days_from_civil(l.date.year, l.date.month, day),
                     l.second, nanos);
    return true;
  }
  return false;
}

bool instant_method(const MethodCall& call, Value& out) {
  auto& args = call.args;
  const Instant self = call.self.as<InstantObject>().instant;
  if (compare_dates(call, out)) return true;
  if (call.is("toEpochMilli", 0)) out = Value::of_long(self.millis());
  if (call.is("getEpochSecond", 0)) out = Value::of_long(self.seconds);
  if (call.is("getNano", 0)) out = Value::of_int(self.nanos);
  if (!out.is_null()) return true;
  if (call.is("atZone", 1)) {
    out = date_time(call.run.heap(), self, zone_argument(args[0]));
    return true;
  }
  const bool plus = call.name.starts_with("plus"), minus = call.name.starts_with("minus");
  if ((plus || minus) && (args.size() == 1 || args.size() == 2)) {
    const std::string_view word = std::string_view(call.name).substr(plus ? 4 : 5);
    const Unit* unit = word.empty() && args.size() == 2 ? &unit_argument(args[1]) : unit_of(word);
    if (unit == nullptr || unit->seconds < 0) return false;
    const int64_t count = whole_argument(args[0]);
    if (count == INT64_MIN) out_of_range();
    const Value moved_date =
        moved(call.run.heap(), DateTime(self, {}), *unit, plus ? count : -count);
    out = Value(&call.run.heap().make<InstantObject>(moved_date.as<DateTime>().instant));
    return true;
  }
  return false;
}

bool duration_method(const MethodCall& call, Value& out) {
  const Instant self = call.self.as<Duration>().length;
  if (!call.args.empty()) return false;
  const std::pair<std::string_view, int64_t> kSeconds[] = {
      {"toDays", 86400}, {"toHours", 3600}, {"toMinutes", 60}, {"getSeconds", 1}};
  for (const auto& [name, seconds] : kSeconds) {
    if (call.name == name) out = Value::of_long(self.seconds / seconds);
  }
  if (call.name == "toMillis")
    out = Value::of_long(static_cast<int64_t>(total_nanos(self) / 1'000'000));
  if (call.name == "toNanos") out = Value::of_long(static_cast<int64_t>(total_nanos(self)));
  if (call.name == "getNano") out = Value::of_int(self.nanos);
  if (call.name == "isZero") out = Value::boolean(self == Instant{});
  if (call.name == "isNegative") out = Value::boolean(self.seconds < 0);
  return !out.is_null();
}

Value parse_date(Run& run, const Value& text, const char* what) {
  const auto format = index::DateFormat::compile("iso8601");
  const std::string& given = text_argument(text);
  const auto instant = format ? (*format)->try_parse(given) : std::nullopt;
  const size_t time = given.find('T');
  const size_t zone = time == std::string::npos ? time : given.find_first_of("Z+-", time);
  if (!instant || zone == std::string::npos) {
    fail("date_time_parse_exception",
         "Text '" + given + "' could not be parsed at index 0 as " + what);
  }
  // The zone as it was written: "+01:00", "Z", "[Europe/Paris]" is not read.
  const auto read = TimeZone::make(std::string_view(given).substr(zone));
  return date_time(run.heap(), *instant, read ? *read : TimeZone());
}

}  // namespace

std::string_view Constant::name() const {
  const auto at = static_cast<size_t>(ordinal);
  return type == EnumType::kDayOfWeek ? kDays[at]
         : type == EnumType::kMonth   ? kMonths[at]
                                      : kUnits[at].name;
}

Value date_time(Heap& heap, Instant instant, const TimeZone& zone) {
  return Value(&heap.make<DateTime>(instant, zone));
}

std::string date_text(const Value& value) {
  if (value.is(Class::kZone)) return value.as<Zone>().zone.id();
  if (value.is(Class::kInstant)) {
    const DateTime utc(value.as<InstantObject>().instant, {});
    return local_text(local_of(utc), utc.instant.nanos, true) + "Z";
  }
  if (value.is(Class::kDuration)) {
    const Instant length = value.as<Duration>().length;
    if (length == Instant{}) return "PT0S";
    std::string out = "PT";
    const int64_t hours = length.seconds / 3600, minutes = length.seconds / 60 % 60;
    if (hours != 0) out += std::to_string(hours) + "H";
    if (minutes != 0) out += std::to_string(minutes) + "M";
    if (length.seconds % 60 != 0 || length.nanos != 0)
      out += std::to_string(length.seconds % 60) + fraction(length.nanos) + "S";
    return out;
  }
  const auto& date = value.as<DateTime>();
  const Local local = local_of(date);
  std::string out =
      local_text(local, date.instant.nanos, false) + date.zone.offset_text_at(date.instant.seconds);
  if (!date.zone.is_fixed()) out += "[" + date.zone.id() + "]";
  return out;
}

json::Value date_json(const Value& value) {
  static const auto format = index::DateFormat::compile("strict_date_optional_time_nanos");
  const auto& date = value.as<DateTime>();
  return (*format)->print(date.instant, date.zone);
}

bool date_method(const MethodCall& call, Value& out) {
  switch (call.self.object()->cls()) {
    case Class::kDateTime:
      return date_time_method(call, out);
    case Class::kInstant:
      return instant_method(call, out);
    case Class::kDuration:
      return duration_method(call, out);
    case Class::kDateFormat:
      if (!call.is("format", 1) || !call.args[0].is(Class::kDateTime)) return false;
      out = formatted(call.run, call.args[0].as<DateTime>(), call.self);
      return true;
    case Class::kConstant: {
      const auto& self = call.self.as<Constant>();
      if (call.is("getValue", 0)) out = Value::of_int(self.ordinal + 1);
      if (call.is("ordinal", 0)) out = Value::of_int(self.ordinal);
      if (call.is("name", 0)) out = call.run.text(std::string(self.name()));
      if (call.is("compareTo", 1)) out = Value::of_int(compare_values(call.self, call.args[0]));
      if (self.type == EnumType::kChronoUnit && call.is("between", 2)) {
        const TimeZone zone =
            call.args[0].is(Class::kDateTime) ? call.args[0].as<DateTime>().zone : TimeZone();
        out = Value::of_long(between(unit_argument(call.self), instant_argument(call.args[0]),
                                     instant_argument(call.args[1]), zone));
      }
      return !out.is_null();
    }
    default:
      if (!call.is("getId", 0)) return false;
      out = call.run.text(date_text(call.self));
      return true;
  }
}

bool date_static(Run& run, std::string_view type, const std::string& name, std::vector<Value>& args,
                 Value& out) {
  const auto is = [&](std::string_view t, std::string_view n, size_t count) {
    return type == t && name == n && args.size() == count;
  };
  const auto instant = [&](Instant i) {
    out = Value(&run.heap().make<InstantObject>(i));
    return true;
  };
  if (is("ZonedDateTime", "parse", 1)) {
    out = parse_date(run, args[0], "a ZonedDateTime");
    return true;
  }
  if (is("ZonedDateTime", "parse", 2)) {
    if (!args[1].is(Class::kDateFormat)) fail_cast("not a DateTimeFormatter");
    const auto parsed = args[1].as<DateFormatter>().format->parse(text_argument(args[0]));
    if (!parsed) fail("date_time_parse_exception", parsed.error().reason);
    out = date_time(run.heap(), *parsed);
    return true;
  }
  if (is("ZonedDateTime", "ofInstant", 2)) {
    out = date_time(run.heap(), instant_argument(args[0]), zone_argument(args[1]));
    return true;
  }
  if (is("ZonedDateTime", "of", 8)) {
    int64_t parts[7];
    for (size_t i = 0; i < 7; ++i) parts[i] = whole_argument(args[i]);
    if (parts[0] < -999'999'999 || parts[0] > 999'999'999 || parts[1] < 1 || parts[1] > 12 ||
        parts[2] < 1 || parts[2] > index::days_in_month(parts[0], static_cast<int32_t>(parts[1])) ||
        parts[3] < 0 || parts[3] > 23 || parts[4] < 0 || parts[4] > 59 || parts[5] < 0 ||
        parts[5] > 59 || parts[6] < 0 || parts[6] > 999'999'999)
      fail("date_time_exception", "Invalid date");
    const DateTime like({}, zone_argument(args[7]));
    out = from_local(run.heap(), like,
                     index::days_from_civil(parts[0], static_cast<int32_t>(parts[1]),
                                            static_cast<int32_t>(parts[2])),
                     parts[3] * 3600 + parts[4] * 60 + parts[5], static_cast<uint32_t>(parts[6]));
    return true;
  }
  if (is("Instant", "ofEpochMilli", 1)) return instant(Instant::of_millis(whole_argument(args[0])));
  if (is("Instant", "ofEpochSecond", 1)) return instant(checked(whole_argument(args[0]), 0));
  if (is("Instant", "ofEpochSecond", 2))
    return instant(checked(whole_argument(args[0]), whole_argument(args[1])));
  if (is("Instant", "parse", 1))
    return instant(parse_date(run, args[0], "an Instant").as<DateTime>().instant);
  if ((type == "ZoneId" || type == "ZoneOffset") && name == "of" && args.size() == 1) {
    const auto zone = TimeZone::make(text_argument(args[0]));
    if (!zone) fail("zone_rules_exception", "Unknown time-zone ID: " + text_argument(args[0]));
    out = Value(&run.heap().make<Zone>(*zone));
    return true;
  }
  if (is("DateTimeFormatter", "ofPattern", 1) || is("DateTimeFormatter", "ofPattern", 2)) {
    const auto format = index::DateFormat::compile(text_argument(args[0]));
    if (!format) fail_argument(format.error().reason);
    out = Value(&run.heap().make<DateFormatter>(*format));
    return true;
  }
  if (type == "Duration") {
    if (name == "between" && args.size() == 2) {
      const Wide nanos =
          total_nanos(instant_argument(args[1])) - total_nanos(instant_argument(args[0]));
      out = Value(&run.heap().make<Duration>(checked(0, nanos)));
      return true;
    }
    const Unit* unit = name.starts_with("of") ? unit_of(std::string_view(name).substr(2)) : nullptr;
    if (unit == nullptr || unit->seconds < 0 || unit->seconds > 86400 || args.size() != 1)
      return false;
    const Wide count = whole_argument(args[0]);
    out = Value(&run.heap().make<Duration>(checked(count * unit->seconds, count * unit->nanos)));
    return true;
  }
  return false;
}

}  // namespace stratalog::query::script
