#include "index/date/date_math.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "index/date/calendar.h"

namespace stratalog::index {

namespace {

constexpr int64_t kSecondsPerDay = 86'400;

Error math_error(std::string reason) {
  return {error_types::kElasticsearchParse, std::move(reason)};
}

// A zoned time that is moved by units as java.time's ZonedDateTime moves.
class ZonedTime {
 public:
  ZonedTime(Instant instant, const TimeZone& zone) : instant_(instant), zone_(zone) {}

  Instant instant() const { return instant_; }

  void add_seconds(int64_t seconds) { instant_.seconds += seconds; }
  void add_days(int64_t days) { set_local(local() + days * kSecondsPerDay); }
  void add_months(int64_t months) {
    const int64_t now = local();
    const CivilDate date = civil_from_days(floor_div(now, kSecondsPerDay));
    const int64_t total = date.year * 12 + date.month - 1 + months;
    const int64_t year = floor_div(total, 12);
    const auto month = static_cast<int32_t>(floor_mod(total, 12)) + 1;
    const int32_t day = std::min(date.day, days_in_month(year, month));
    set_local(days_from_civil(year, month, day) * kSecondsPerDay + floor_mod(now, kSecondsPerDay));
  }
  void to_start_of_seconds(int64_t seconds) {
    instant_.nanos = 0;
    if (seconds > 1) set_local_near(floor_div(local(), seconds) * seconds);
  }
  void to_start_of_day(int64_t days) {
    instant_.nanos = 0;
    set_local(days * kSecondsPerDay);
  }
  int64_t day() const { return floor_div(local(), kSecondsPerDay); }
  void take_milli() {
    const int64_t nanos = static_cast<int64_t>(instant_.nanos) - 1'000'000;
    instant_.seconds -= nanos < 0 ? 1 : 0;
    instant_.nanos = static_cast<uint32_t>(nanos < 0 ? nanos + 1'000'000'000 : nanos);
  }

 private:
  int64_t local() const { return instant_.seconds + zone_.offset_at(instant_.seconds); }
  void set_local(int64_t local) { set_local_near(local); }
  // Keeps the offset that was in force if the local time occurs twice and it is one of the two.
  void set_local_near(int64_t local) {
    const int32_t offset = zone_.offset_at(instant_.seconds);
    const TimeZone::Local found = zone_.look_up_local(local);
    const bool later = found.kind == TimeZone::Local::kOverlap && offset == found.offset_after;
    instant_.seconds = later ? local - found.offset_after : zone_.to_utc(local);
  }

  Instant instant_;
  const TimeZone& zone_;
};

void add_unit(ZonedTime& time, char unit, int64_t count) {
  switch (unit) {
    case 'y':
      return time.add_months(count * 12);
    case 'M':
      return time.add_months(count);
    case 'w':
      return time.add_days(count * 7);
    case 'd':
      return time.add_days(count);
    case 'h':
    case 'H':
      return time.add_seconds(count * 3600);
    case 'm':
      return time.add_seconds(count * 60);
    default:
      return time.add_seconds(count);
  }
}

void round_down(ZonedTime& time, char unit) {
  const int64_t day = time.day();
  const CivilDate date = civil_from_days(day);
  switch (unit) {
    case 'y':
      return time.to_start_of_day(days_from_civil(date.year, 1, 1));
    case 'M':
      return time.to_start_of_day(day - date.day + 1);
    case 'w':
      return time.to_start_of_day(day - day_of_week(day) + 1);
    case 'd':
      return time.to_start_of_day(day);
    case 'h':
    case 'H':
      return time.to_start_of_seconds(3600);
    case 'm':
      return time.to_start_of_seconds(60);
    default:
      return time.to_start_of_seconds(1);
  }
}

struct Operation {
  char sign;  // '+', '-', '/'
  int64_t count;
  char unit;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The operation at `at`, which moves past it.
Result<Operation> read_operation(std::string_view math, size_t& at) {
  Operation operation{math[at++], 1, 0};
  if (operation.sign != '/' && operation.sign != '+' && operation.sign != '-') {
    return math_error("operator not supported for date math [" + std::string(math) + "]");
  }
  if (at == math.size()) return math_error("truncated date math [" + std::string(math) + "]");
  if (is_digit(math[at])) {
    const size_t start = at;
    while (at < math.size() && is_digit(math[at])) ++at;
    if (at == math.size()) return math_error("truncated date math [" + std::string(math) + "]");
    int32_t count = 0;
    const auto parsed = std::from_chars(math.data() + start, math.data() + at, count);
    if (parsed.ec != std::errc()) {
      return Error(error_types::kNumberFormat,
                   "For input string: \"" + std::string(math.substr(start, at - start)) + "\"");
    }
    operation.count = count;
  }
  if (operation.sign == '/' && operation.count != 1) {
    return math_error("rounding `/` can only be used on single unit types [" + std::string(math) +
                      "]");
  }
  // A unit of several bytes is one character to the reader of the error.
  const size_t start = at++;
  while (at < math.size() && (static_cast<unsigned char>(math[at]) & 0xC0) == 0x80) ++at;
  operation.unit = math[start];
  if (std::string_view("yMwdhHms").find(operation.unit) == std::string_view::npos) {
    return math_error("unit [" + std::string(math.substr(start, at - start)) +
                      "] not supported for date math [" + std::string(math) + "]");
  }
  return operation;
}

Result<Instant> apply(std::string_view math, Instant anchor, bool round_up, const TimeZone& zone) {
  ZonedTime time(anchor, zone);
  for (size_t at = 0; at < math.size();) {
    ASSIGN_OR_RETURN(const Operation operation, read_operation(math, at));
    if (operation.sign == '/') {
      round_down(time, operation.unit);
      if (round_up) {
        add_unit(time, operation.unit, 1);
        time.take_milli();
      }
    } else {
      add_unit(time, operation.unit, operation.sign == '-' ? -operation.count : operation.count);
    }
  }
  return time.instant();
}

Result<Instant> parse_date(std::string_view text, const DateFormat& format, bool round_up,
                           const TimeZone& zone) {
  if (text.empty()) return math_error("cannot parse empty date");
  auto instant = format.parse(text, {.zone = zone, .round_up = round_up});
  if (instant) return *instant;
  Error cause = std::move(instant.error());
  Error error = math_error("failed to parse date field [" + std::string(text) + "] with format [" +
                           format.text() + "]: [" + cause.reason + "]");
  return std::move(error).because(std::move(cause));
}

}  // namespace

Result<Instant> parse_date_math(std::string_view text, const DateFormat& format,
                                const DateMathOptions& options) {
  if (uses_now(text)) {
    return apply(text.substr(3), Instant::of_millis(options.now_ms), options.round_up,
                 options.zone);
  }
  const size_t split = text.find("||");
  if (split == text.npos) return parse_date(text, format, options.round_up, options.zone);
  ASSIGN_OR_RETURN(const Instant anchor,
                   parse_date(text.substr(0, split), format, false, options.zone));
  return apply(text.substr(split + 2), anchor, options.round_up, options.zone);
}

Result<int64_t> apply_date_math(std::string_view math, int64_t anchor_ms, bool round_up,
                                const TimeZone& zone) {
  ASSIGN_OR_RETURN(const Instant instant,
                   apply(math, Instant::of_millis(anchor_ms), round_up, zone));
  return instant.millis();
}

}  // namespace stratalog::index
