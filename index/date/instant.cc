#include "index/date/instant.h"

#include <string>

#include "index/date/date_format.h"

namespace stratalog::index {

namespace {
constexpr Instant kLatestNanos = Instant::of_nanos(INT64_MAX);
}

Result<int64_t> to_nanos(Instant instant) {
  const auto refuse = [&](std::string why) -> Error {
    static const std::shared_ptr<const DateFormat> format =
        *DateFormat::compile("strict_date_optional_time_nanos");
    return {error_types::kIllegalArgument,
            "date[" + format->print(instant) + "] is " + std::move(why)};
  };
  if (instant < Instant{})
    return refuse("before the epoch in 1970 and cannot be stored in nanosecond resolution");
  if (instant > kLatestNanos) {
    return refuse(
        "after 2262-04-11T23:47:16.854775807 and cannot be stored in nanosecond resolution");
  }
  return instant.seconds * 1'000'000'000 + instant.nanos;
}

}  // namespace stratalog::index
