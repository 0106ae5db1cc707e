// A zone of one offset is plain arithmetic; in a region, a time is rounded in local time and the
// result is put back, so that buckets start where a clock on the wall shows the start. What happens
// where clocks change is Elasticsearch's Rounding.
#include "index/date/rounding.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/units.h"
#include "index/date/calendar.h"
#include "index/date/instant.h"

namespace stratalog::index {

namespace {

constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kWeek = 7 * kMillisPerDay;
constexpr int64_t kMondayShift = 3 * kMillisPerDay;  // 1970-01-01 is a Thursday

int64_t uniform_size(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::kSecond:
      return kSecond;
    case CalendarUnit::kMinute:
      return kMinute;
    case CalendarUnit::kHour:
      return kHour;
    case CalendarUnit::kDay:
      return kMillisPerDay;
    case CalendarUnit::kWeek:
      return kWeek;
    default:
      return 0;
  }
}

// Rounding of times without a zone.
int64_t round_local_calendar(CalendarUnit unit, int64_t local) {
  if (unit == CalendarUnit::kWeek)
    return floor_div(local + kMondayShift, kWeek) * kWeek - kMondayShift;
  if (const int64_t size = uniform_size(unit)) return floor_div(local, size) * size;
  const CivilDate date = civil_from_days(floor_div(local, kMillisPerDay));
  int32_t month = 1;
  if (unit == CalendarUnit::kMonth) month = date.month;
  if (unit == CalendarUnit::kQuarter) month = (date.month - 1) / 3 * 3 + 1;
  return days_from_civil(date.year, month, 1) * kMillisPerDay;
}

// The local start of the unit after the one that starts at `start`.
int64_t next_local_calendar(CalendarUnit unit, int64_t start) {
  if (const int64_t size = uniform_size(unit)) return start + size;
  const CivilDate date = civil_from_days(floor_div(start, kMillisPerDay));
  const int32_t months = unit == CalendarUnit::kMonth ? 1 : unit == CalendarUnit::kQuarter ? 3 : 12;
  const int64_t total = date.year * 12 + date.month - 1 + months;
  return days_from_civil(floor_div(total, 12), static_cast<int32_t>(floor_mod(total, 12)) + 1, 1) *
         kMillisPerDay;
}

int64_t offset_ms_at(const TimeZone& zone, int64_t utc_ms) {
  return int64_t{zone.offset_at(floor_div(utc_ms, 1000))} * 1000;
}

// The first instant at which a clock in the zone shows `local_ms` or, in a gap, the end of the gap.
int64_t first_utc_of(const TimeZone& zone, int64_t local_ms) {
  const TimeZone::Local found = zone.look_up_local(floor_div(local_ms, 1000));
  if (found.kind == TimeZone::Local::kGap) return found.transition_utc * 1000;
  return local_ms - int64_t{found.offset_before} * 1000;
}

// The last instant not after `limit_ms` at which a clock in the zone shows `local_ms`; empty in a
// gap.
std::optional<int64_t> last_utc_of(const TimeZone& zone, int64_t local_ms, int64_t limit_ms) {
  const TimeZone::Local found = zone.look_up_local(floor_div(local_ms, 1000));
  if (found.kind == TimeZone::Local::kGap) return std::nullopt;
  if (found.kind == TimeZone::Local::kOverlap) {
    const int64_t later = local_ms - int64_t{found.offset_after} * 1000;
    if (later <= limit_ms) return later;
  }
  return local_ms - int64_t{found.offset_before} * 1000;
}

struct NamedUnit {
  std::string_view name;
  CalendarUnit unit;
};
constexpr NamedUnit kCalendarIntervals[] = {
    {"year", CalendarUnit::kYear},       {"1y", CalendarUnit::kYear},
    {"quarter", CalendarUnit::kQuarter}, {"1q", CalendarUnit::kQuarter},
    {"month", CalendarUnit::kMonth},     {"1M", CalendarUnit::kMonth},
    {"week", CalendarUnit::kWeek},       {"1w", CalendarUnit::kWeek},
    {"day", CalendarUnit::kDay},         {"1d", CalendarUnit::kDay},
    {"hour", CalendarUnit::kHour},       {"1h", CalendarUnit::kHour},
    {"minute", CalendarUnit::kMinute},   {"1m", CalendarUnit::kMinute},
    {"second", CalendarUnit::kSecond},   {"1s", CalendarUnit::kSecond}};

const NamedUnit* find_calendar(std::string_view text) {
  const auto* found = std::find_if(std::begin(kCalendarIntervals), std::end(kCalendarIntervals),
                                   [&](const NamedUnit& unit) { return unit.name == text; });
  return found == std::end(kCalendarIntervals) ? nullptr : found;
}

}  // namespace

Rounding Rounding::calendar(CalendarUnit unit, TimeZone zone, int64_t offset_ms) {
  Rounding rounding;
  rounding.unit_ = unit;
  rounding.uniform_ms_ = uniform_size(unit);
  rounding.zone_ = zone;
  rounding.offset_ms_ = offset_ms;
  return rounding;
}

Rounding Rounding::fixed(int64_t interval_ms, TimeZone zone, int64_t offset_ms) {
  ENSURE(interval_ms > 0);
  Rounding rounding;
  rounding.fixed_ = true;
  rounding.interval_ms_ = interval_ms;
  rounding.uniform_ms_ = interval_ms;
  rounding.zone_ = zone;
  rounding.offset_ms_ = offset_ms;
  return rounding;
}

Rounding Rounding::with_offset(int64_t offset_ms) const {
  Rounding rounding = *this;
  rounding.offset_ms_ = offset_ms;
  return rounding;
}

bool Rounding::is_calendar_interval(std::string_view text) {
  return find_calendar(text) != nullptr;
}

Result<CalendarUnit> Rounding::parse_calendar_interval(std::string_view text) {
  if (const NamedUnit* unit = find_calendar(text)) return unit->unit;
  return Error(error_types::kIllegalArgument, "The supplied interval [" + std::string(text) +
                                                  "] could not be parsed as a calendar interval.");
}

Result<int64_t> Rounding::parse_fixed_interval(std::string_view text) {
  ASSIGN_OR_RETURN(const TimeValue value, parse_time_value(text, "date_histogram.fixedInterval"));
  if (value.millis() < 1) {
    return Error(error_types::kIllegalArgument, "Zero or negative time interval not supported");
  }
  return value.millis();
}

Result<int64_t> Rounding::parse_offset(std::string_view text) {
  const bool minus = text.starts_with('-');
  const std::string_view magnitude = minus || text.starts_with('+') ? text.substr(1) : text;
  ASSIGN_OR_RETURN(const TimeValue value,
                   parse_time_value(magnitude, "DateHistogramAggregationBuilder.parseOffset"));
  return minus ? -value.millis() : value.millis();
}

int64_t Rounding::round(int64_t utc_ms) const {
  const int64_t moved = utc_ms - offset_ms_;
  if (!zone_.is_fixed()) return round_in_zone(moved) + offset_ms_;
  const int64_t zone_ms = offset_ms_at(zone_, 0);
  const int64_t local = moved + zone_ms;
  const int64_t rounded =
      fixed_ ? floor_div(local, interval_ms_) * interval_ms_ : round_local_calendar(unit_, local);
  return rounded - zone_ms + offset_ms_;
}

int64_t Rounding::next(int64_t rounded_ms) const {
  const int64_t moved = rounded_ms - offset_ms_;
  if (!zone_.is_fixed()) return next_in_zone(moved) + offset_ms_;
  if (uniform_ms_ > 0) return rounded_ms + uniform_ms_;
  const int64_t zone_ms = offset_ms_at(zone_, 0);
  return next_local_calendar(unit_, moved + zone_ms) - zone_ms + offset_ms_;
}

int64_t Rounding::round_in_zone(int64_t utc_ms) const {
  if (!fixed_ && (uniform_ms_ == 0 || uniform_ms_ > kHour)) {
    const int64_t local = utc_ms + offset_ms_at(zone_, utc_ms);
    return first_utc_of(zone_, round_local_calendar(unit_, local));
  }
  // Short units: if clocks changed since the start that the present offset gives, the bucket is the
  // one of the time just before the change.
  for (int64_t time = utc_ms;;) {
    const int64_t local = time + offset_ms_at(zone_, time);
    const int64_t start = floor_div(local, uniform_ms_) * uniform_ms_;
    const std::optional<int64_t> rounded = last_utc_of(zone_, start, time);
    if (fixed_ && !rounded) return first_utc_of(zone_, start);
    const std::optional<int64_t> change =
        zone_.previous_transition(-floor_div(-time - (fixed_ ? 1 : 0), 1000));
    if (!change) return rounded.value_or(time);
    if (rounded && *change * 1000 <= *rounded) return *rounded;
    time = *change * 1000 - 1;
  }
}

int64_t Rounding::next_in_zone(int64_t rounded_ms) const {
  const int64_t local = rounded_ms + offset_ms_at(zone_, rounded_ms);
  if (!fixed_ && (uniform_ms_ == 0 || uniform_ms_ > kHour)) {
    return first_utc_of(zone_, next_local_calendar(unit_, round_local_calendar(unit_, local)));
  }
  int64_t next = rounded_ms;
  for (int64_t probe = rounded_ms + uniform_ms_; next <= rounded_ms; probe += uniform_ms_)
    next = round_in_zone(probe);
  // A change of clocks may start a bucket early.
  const std::optional<int64_t> change = zone_.next_transition(floor_div(rounded_ms, 1000));
  if (change && *change * 1000 < next) {
    const int64_t early = round_in_zone(*change * 1000);
    if (early > rounded_ms) next = early;
  }
  return next;
}

void Rounding::round_span(std::span<const int64_t> times, std::span<int64_t> out) const {
  ENSURE(times.size() == out.size());
  if (zone_.is_fixed() && uniform_ms_ > 0) return round_uniform_span(times, out);
  // The bucket of the value before: values of one bucket cost a comparison each.
  int64_t bucket = 0;
  uint64_t size = 0;
  for (size_t i = 0; i < times.size(); ++i) {
    if (static_cast<uint64_t>(times[i]) - static_cast<uint64_t>(bucket) >= size) {
      bucket = round(times[i]);
      size = bucket_ms(bucket, times[i]);
    }
    out[i] = bucket;
  }
}

// All buckets of one size: a multiplication by the inverse instead of a division, and a step of one
// where it fell short.
void Rounding::round_uniform_span(std::span<const int64_t> times, std::span<int64_t> out) const {
  constexpr int64_t kExactMax = int64_t{1} << 52;  // doubles know all whole numbers up to here
  const int64_t size = uniform_ms_;
  const int64_t origin = round(0);  // start of a bucket
  const double inverse = 1.0 / static_cast<double>(size);
  for (size_t i = 0; i < times.size(); ++i) {
    const int64_t time = times[i];
    if (time > kExactMax || time < -kExactMax) [[unlikely]] {
      out[i] = round(time);
      continue;
    }
    const int64_t distance = time - origin;
    int64_t start = static_cast<int64_t>(static_cast<double>(distance) * inverse) * size;
    start -= start > distance ? size : 0;
    start += distance - start >= size ? size : 0;
    out[i] = origin + start;
  }
}

// How many milliseconds from the start of a bucket belong to it for certain; `time` is in it.
// Rounding never falls, so what lies between two times of a bucket is in it; in a region, next() is
// not always where the next bucket starts.
uint64_t Rounding::bucket_ms(int64_t bucket, int64_t time) const {
  const int64_t end = next(bucket);
  const bool certain = zone_.is_fixed() || (end > time && round(end - 1) == bucket);
  return certain ? static_cast<uint64_t>(end - bucket) : static_cast<uint64_t>(time - bucket) + 1;
}

}  // namespace stratalog::index
