// The buckets of a date_histogram: calendar and fixed intervals in a time zone, moved by an offset.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/search-aggregations-bucket-datehistogram-aggregation.html
//
// Shape   times are milliseconds since 1970 UTC. round() gives the start of the bucket, next() the
// key of the bucket after
//         the one that starts at `rounded`, as empty buckets are filled in. Where clocks change in
//         a region, Elasticsearch's two do not always agree, nor do these: ask next() for keys,
//         round() for the bucket of a time.
// Cost    fixed intervals and fixed offsets: a division a value; round_span() a multiplication, and
// nothing but a
//         comparison while values stay in one bucket. Regions: a table look-up at transitions only.
// Threads immutable, any. A cheap value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "index/date/time_zone.h"

namespace stratalog::index {

enum class CalendarUnit : uint8_t { kSecond, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };

class Rounding {
 public:
  static Rounding calendar(CalendarUnit unit, TimeZone zone = {}, int64_t offset_ms = 0);
  static Rounding fixed(int64_t interval_ms, TimeZone zone = {},
                        int64_t offset_ms = 0);  // interval_ms > 0

  // "month", "1M": illegal_argument_exception "The supplied interval [2d] could not be parsed as a
  // calendar interval."
  static Result<CalendarUnit> parse_calendar_interval(std::string_view text);
  static bool is_calendar_interval(std::string_view text);
  // "30m": milliseconds; Elasticsearch's errors of TimeValue.
  static Result<int64_t> parse_fixed_interval(std::string_view text);
  // "+6h", "-1d", "3600000".
  static Result<int64_t> parse_offset(std::string_view text);

  int64_t round(int64_t utc_ms) const;
  int64_t next(int64_t rounded_ms) const;
  // out[i] = round(times[i]); cheapest when neighbours fall into one bucket.
  void round_span(std::span<const int64_t> times, std::span<int64_t> out) const;
  // The rounding with another offset of its buckets.
  Rounding with_offset(int64_t offset_ms) const;
  int64_t offset_ms() const { return offset_ms_; }
  // The size if all buckets are of one size, else 0 (months, or days where clocks change).
  int64_t uniform_ms() const { return zone_.is_fixed() ? uniform_ms_ : 0; }
  const TimeZone& zone() const { return zone_; }

 private:
  int64_t round_in_zone(int64_t utc_ms) const;
  int64_t next_in_zone(int64_t rounded_ms) const;
  void round_uniform_span(std::span<const int64_t> times, std::span<int64_t> out) const;
  uint64_t bucket_ms(int64_t bucket, int64_t time) const;

  bool fixed_ = false;
  CalendarUnit unit_ = CalendarUnit::kDay;
  int64_t interval_ms_ = 0;
  int64_t uniform_ms_ = 0;
  TimeZone zone_;
  int64_t offset_ms_ = 0;
};

}  // namespace stratalog::index
