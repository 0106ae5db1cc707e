// A point in time finer than the milliseconds that a date field keeps.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace stratalog::index {

inline constexpr int64_t kMillisPerSecond = 1000;
inline constexpr int64_t kMillisPerDay = 86'400'000;

// The greatest seconds, either way, whose milliseconds fit int64; texts beyond are not read as
// dates.
inline constexpr int64_t kInstantSecondsMax = INT64_MAX / kMillisPerSecond - 1;

// Seconds since 1970-01-01 UTC and nanoseconds within the second, 0 <= nanos < 10^9.
struct Instant {
  int64_t seconds = 0;
  uint32_t nanos = 0;

  static constexpr Instant of_millis(int64_t millis) {
    const int64_t rest = millis % kMillisPerSecond;
    const int64_t down = rest < 0 ? rest + kMillisPerSecond : rest;
    return {(millis - down) / kMillisPerSecond, static_cast<uint32_t>(down * 1'000'000)};
  }
  static constexpr Instant of_nanos(int64_t total) {
    const int64_t rest = total % 1'000'000'000;
    const int64_t down = rest < 0 ? rest + 1'000'000'000 : rest;
    return {(total - down) / 1'000'000'000, static_cast<uint32_t>(down)};
  }
  constexpr int64_t millis() const {
    return seconds * kMillisPerSecond + nanos / 1'000'000;
  }  // towards the past
  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
};

// Nanoseconds since 1970 for date_nanos fields. illegal_argument_exception in Elasticsearch's words
// before 1970 and after 2262-04-11T23:47:16.854775807Z.
Result<int64_t> to_nanos(Instant instant);

}  // namespace stratalog::index
