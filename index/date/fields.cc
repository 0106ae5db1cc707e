#include "index/date/fields.h"

#include "index/date/calendar.h"

namespace stratalog::index {

namespace {

using F = DateField;
constexpr int64_t kYearMax = 999'999'999;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kSecondsPerDay = 86'400;

bool in_range(int64_t value, int64_t least, int64_t greatest) {
  return value >= least && value <= greatest;
}

// A field in its range or absent.
bool valid(const DateFields& fields, F field, int64_t least, int64_t greatest) {
  return !fields.has(field) || in_range(fields.get(field), least, greatest);
}

struct Time {
  int64_t nanos = 0;  // of the day
  int64_t days = 0;   // carried over
};

// The hour from whatever says it; false on contradiction.
bool resolve_hour(DateFields& f, Resolving resolving) {
  const bool lenient = resolving == Resolving::kLenient;
  if (f.has(F::kClockHour)) {
    const int64_t hour = f.get(F::kClockHour);
    const bool smart_zero = resolving == Resolving::kSmart && hour == 0;
    if (!lenient && !smart_zero && !in_range(hour, 1, 24)) return false;
    if (!f.set(F::kHour, hour == 24 ? 0 : hour)) return false;
  }
  if (f.has(F::kClockHourOfAmPm)) {
    const int64_t hour = f.get(F::kClockHourOfAmPm);
    const bool smart_zero = resolving == Resolving::kSmart && hour == 0;
    if (!lenient && !smart_zero && !in_range(hour, 1, 12)) return false;
    if (!f.set(F::kHourOfAmPm, hour == 12 ? 0 : hour)) return false;
  }
  if (f.has(F::kAmPm) && f.has(F::kHourOfAmPm)) {
    if (!lenient && !in_range(f.get(F::kHourOfAmPm), 0, 11)) return false;
    return f.set(F::kHour, f.get(F::kAmPm) * 12 + f.get(F::kHourOfAmPm));
  }
  return true;
}

bool resolve_parts_of_day(DateFields& f, Resolving resolving) {
  if (f.has(F::kNanoOfDay)) {
    const int64_t nanos = f.get(F::kNanoOfDay);
    if (resolving != Resolving::kLenient &&
        !in_range(nanos, 0, kSecondsPerDay * kNanosPerSecond - 1))
      return false;
    const int64_t seconds = nanos / kNanosPerSecond;
    return f.set(F::kHour, seconds / 3600) && f.set(F::kMinute, seconds / 60 % 60) &&
           f.set(F::kSecond, seconds % 60) && f.set(F::kNano, nanos % kNanosPerSecond);
  }
  if (f.has(F::kMilliOfDay)) {
    const int64_t millis = f.get(F::kMilliOfDay);
    if (resolving != Resolving::kLenient && !in_range(millis, 0, kMillisPerDay - 1)) return false;
    const int64_t seconds = millis / 1000;
    return f.set(F::kHour, seconds / 3600) && f.set(F::kMinute, seconds / 60 % 60) &&
           f.set(F::kSecond, seconds % 60) && f.set(F::kNano, millis % 1000 * 1'000'000);
  }
  return true;
}

// The time of day; `known` says whether there is one: an hour without holes below it.
bool resolve_time(DateFields& f, Resolving resolving, Time& time, bool& known) {
  known = false;
  if (!resolve_hour(f, resolving) || !resolve_parts_of_day(f, resolving)) return false;
  if (resolving != Resolving::kLenient) {
    const bool midnight_24 = resolving == Resolving::kSmart && f.get_or(F::kHour, 0) == 24 &&
                             f.get_or(F::kMinute, 0) == 0 && f.get_or(F::kSecond, 0) == 0 &&
                             f.get_or(F::kNano, 0) == 0;
    if (!midnight_24 && !valid(f, F::kHour, 0, 23)) return false;
    if (!valid(f, F::kMinute, 0, 59) || !valid(f, F::kSecond, 0, 59) ||
        !valid(f, F::kNano, 0, kNanosPerSecond - 1)) {
      return false;
    }
  }
  if (!f.has(F::kHour)) return true;
  if (!f.has(F::kMinute) && (f.has(F::kSecond) || f.has(F::kNano))) return true;
  if (!f.has(F::kSecond) && f.has(F::kNano)) return true;
  const int64_t seconds =
      f.get(F::kHour) * 3600 + f.get_or(F::kMinute, 0) * 60 + f.get_or(F::kSecond, 0);
  time.days = floor_div(seconds, kSecondsPerDay);
  time.nanos = floor_mod(seconds, kSecondsPerDay) * kNanosPerSecond + f.get_or(F::kNano, 0);
  known = true;
  return true;
}

// The year from year of era.
bool resolve_year(DateFields& f, Resolving resolving) {
  if (f.has(F::kYearOfEra)) {
    const int64_t year = f.get(F::kYearOfEra);
    if (resolving != Resolving::kLenient && !in_range(year, 1, kYearMax + 1)) return false;
    const bool before_christ = f.has(F::kEra) && f.get(F::kEra) == 0;
    if (!f.set(F::kYear, before_christ ? 1 - year : year)) return false;
  }
  return valid(f, F::kYear, -kYearMax, kYearMax);
}

bool date_of_month(const DateFields& f, Resolving resolving, int64_t& days) {
  const int64_t year = f.get(F::kYear);
  const int64_t month = f.get(F::kMonth);
  const int64_t day = f.get(F::kDay);
  if (resolving == Resolving::kLenient) {
    const int64_t months = year * 12 + month - 1;
    days =
        days_from_civil(floor_div(months, 12), static_cast<int32_t>(floor_mod(months, 12)) + 1, 1) +
        day - 1;
    return true;
  }
  if (!in_range(month, 1, 12) || !in_range(day, 1, 31)) return false;
  const int32_t last = days_in_month(year, static_cast<int32_t>(month));
  if (day > last && resolving == Resolving::kStrict) return false;
  days = days_from_civil(year, static_cast<int32_t>(month),
                         static_cast<int32_t>(day > last ? last : day));
  return true;
}

bool date_of_year(const DateFields& f, Resolving resolving, int64_t& days) {
  const int64_t year = f.get(F::kYear);
  const int64_t day = f.get(F::kDayOfYear);
  if (resolving != Resolving::kLenient && !in_range(day, 1, is_leap_year(year) ? 366 : 365))
    return false;
  days = days_from_civil(year, 1, 1) + day - 1;
  return true;
}

bool date_of_week(const DateFields& f, Resolving resolving, int64_t& days) {
  const int64_t year = f.get(F::kWeekYear);
  const int64_t week = f.get(F::kWeek);
  if (!in_range(year, -kYearMax, kYearMax)) return false;
  if (resolving != Resolving::kLenient) {
    const bool whole = resolving == Resolving::kStrict && f.has(F::kDayOfWeek);
    if (!in_range(week, 1, whole ? iso_weeks_in_year(year) : 53)) return false;
  }
  days = iso_week_start(year, week) + f.get_or(F::kDayOfWeek, 1) - 1;
  return true;
}

// A date that the fields say in full must agree with all that they say besides. Not so behind a
// year of an era that is not named: java.time's strict reading makes no date of it, and what
// Elasticsearch then makes looks at nothing else.
bool agrees(const DateFields& f, Resolving resolving, int64_t days) {
  if (resolving == Resolving::kStrict && f.has(F::kYearOfEra) && !f.has(F::kEra)) return true;
  const CivilDate date = civil_from_days(days);
  return (!f.has(F::kDayOfWeek) || f.get(F::kDayOfWeek) == day_of_week(days)) &&
         (!f.has(F::kDayOfYear) || f.get(F::kDayOfYear) == day_of_year(days)) &&
         (!f.has(F::kQuarter) || f.get(F::kQuarter) == (date.month - 1) / 3 + 1);
}

// The date, its open parts at their least: Elasticsearch's DateFormatters.from.
bool resolve_date(DateFields& f, Resolving resolving, bool time_known, int64_t& days) {
  if (!resolve_year(f, resolving)) return false;
  if (resolving != Resolving::kLenient &&
      (!valid(f, F::kMonth, 1, 12) || !valid(f, F::kDay, 1, 31) || !valid(f, F::kWeek, 1, 53) ||
       !valid(f, F::kDayOfWeek, 1, 7))) {
    return false;
  }
  if (f.has(F::kYear) && f.has(F::kMonth) && f.has(F::kDay)) {
    return date_of_month(f, resolving, days) && agrees(f, resolving, days);
  }
  if (f.has(F::kYear) && f.has(F::kDayOfYear))
    return date_of_year(f, resolving, days) && agrees(f, resolving, days);
  if (f.has(F::kWeekYear)) {
    if (f.has(F::kWeek)) return date_of_week(f, resolving, days);
    const int64_t year = f.get(F::kWeekYear);
    if (!in_range(year, -kYearMax, kYearMax)) return false;
    days = iso_week_start(year, 1);
    return true;
  }
  const bool has_year = f.has(F::kYear);
  const bool has_month = f.has(F::kMonth);
  if (!has_month &&
      (!has_year ||
       time_known)) {  // a time alone, or with no more than a year, is one of the first day
    days = 0;
    return time_known;
  }
  DateFields filled;
  filled.set(F::kYear, f.get_or(F::kYear, 1970));
  filled.set(F::kMonth, f.get_or(F::kMonth, 1));
  filled.set(F::kDay, has_year ? 1 : f.get_or(F::kDay, 1));
  return date_of_month(filled, resolving, days);
}

}  // namespace

std::optional<Instant> resolve(DateFields fields, Resolving resolving,
                               const TimeZone& default_zone) {
  Time time;
  bool time_known = false;
  int64_t days = 0;
  if (!resolve_time(fields, resolving, time, time_known)) return std::nullopt;
  if (!resolve_date(fields, resolving, time_known, days)) return std::nullopt;
  const int64_t local = (days + time.days) * kSecondsPerDay + time.nanos / kNanosPerSecond;
  Instant instant;
  instant.nanos = static_cast<uint32_t>(time.nanos % kNanosPerSecond);
  if (fields.has(F::kOffset) && !fields.zone) {
    instant.seconds = local - fields.get(F::kOffset);
  } else {
    instant.seconds = (fields.zone ? *fields.zone : default_zone).to_utc(local);
  }
  if (!in_range(instant.seconds, -kInstantSecondsMax, kInstantSecondsMax)) return std::nullopt;
  return instant;
}

}  // namespace stratalog::index
