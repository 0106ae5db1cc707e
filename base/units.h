// Time and size values of settings and parameters: "30s", "1m", "500ms", "-1"; "64mb", "1.5gb",
// "100b". https://www.elastic.co/guide/en/elasticsearch/reference/7.17/common-options.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stratalog {

// A duration in the unit in which it was written, as Elasticsearch's TimeValue, so that it prints
// as it came.
struct TimeValue {
  enum class Unit : uint8_t { kNanos, kMicros, kMillis, kSeconds, kMinutes, kHours, kDays };
  int64_t count = 0;
  Unit unit = Unit::kMillis;

  static TimeValue of_millis(int64_t ms) { return {ms, Unit::kMillis}; }
  int64_t nanos() const;   // saturates
  int64_t millis() const;  // saturates; towards zero
  double seconds() const;
  std::string text() const;    // "30s", "-1": how settings show it
  std::string pretty() const;  // "1.5m", "2.3s": how `human` shows it
};

// `setting` names the parameter or setting in errors. Units nanos, micros, ms, s, m, h, d; "-1" and
// "0" need none. Fails with illegal_argument_exception: "failed to parse setting [x] with value [y]
// as a time value: unit is missing or unrecognized", "failed to parse [y], fractional time values
// are not supported", ...
Result<TimeValue> parse_time_value(std::string_view text, std::string_view setting);

// Bytes; units b, k, kb, m, mb, g, gb, t, tb, p, pb (1024 based), fractions as Elasticsearch still
// takes them; "-1" and "0" need none. Fails with parse_exception: "failed to parse setting [x] with
// value [y] as a size in bytes: unit is missing or unrecognized", ...
Result<int64_t> parse_byte_size(std::string_view text, std::string_view setting);
// "12.4mb", "225b": how _cat and `human` show it.
std::string byte_size_text(int64_t bytes);

}  // namespace stratalog
