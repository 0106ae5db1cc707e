#include "index/date/date_math.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::index;

namespace {

constexpr int64_t kNow = 1795375909929;  // 2026-11-22T19:31:49.929Z, a Sunday

std::string math(std::string_view text, bool round_up = false, std::string_view zone = "UTC") {
  const auto instant =
      parse_date_math(text, *DateFormat::default_format(),
                      {.now_ms = kNow, .round_up = round_up, .zone = *TimeZone::make(zone)});
  return instant ? DateFormat::default_format()->print(*instant) : instant.error().reason;
}

}  // namespace

TEST_CASE("date math: moves and rounds from now") {
  CHECK(math("now") == "2026-11-22T19:31:49.929Z");
  CHECK(math("now-15m") == "2026-11-22T19:16:49.929Z");
  CHECK(math("now-1d/d") == "2026-11-21T00:00:00.000Z");
  CHECK(math("now/d", true) == "2026-11-22T23:59:59.999Z");
  CHECK(math("now/w") == "2026-11-16T00:00:00.000Z");
  CHECK(math("now/w", true) == "2026-11-22T23:59:59.999Z");
  CHECK(math("now/M") == "2026-11-01T00:00:00.000Z");
  CHECK(math("now/y", true) == "2026-12-31T23:59:59.999Z");
  CHECK(math("now+2H-3s") == "2026-11-22T21:31:46.929Z");
  CHECK(math("now/h") == "2026-11-22T19:00:00.000Z");
}

TEST_CASE("date math: from a date, the last day of a month kept") {
  CHECK(math("2024-01-31||+1M") == "2024-02-29T00:00:00.000Z");
  CHECK(math("2024-02-29||+1y/d", true) == "2025-02-28T23:59:59.999Z");
  CHECK(math("2024-01-01", true) == "2024-01-01T23:59:59.999Z");
  CHECK(math("2024", true) == "2024-01-01T23:59:59.999Z");
}

TEST_CASE("date math: days in a zone, also where clocks change") {
  CHECK(math("now/d", false, "Europe/Moscow") == "2026-11-21T21:00:00.000Z");
  CHECK(math("now/d", true, "+05:30") == "2026-11-23T18:29:59.999Z");
  CHECK(math("2026-03-29||+1d", false, "Europe/Berlin") == "2026-03-29T22:00:00.000Z");
  CHECK(math("2026-03-29T02:30:00", false, "Europe/Berlin") == "2026-03-29T01:30:00.000Z");
}

TEST_CASE("date math: errors in Elasticsearch's words") {
  CHECK(math("now+1x") == "unit [x] not supported for date math [+1x]");
  CHECK(math("now+") == "truncated date math [+]");
  CHECK(math("now+12") == "truncated date math [+12]");
  CHECK(math("now*2d") == "operator not supported for date math [*2d]");
  CHECK(math("now/2d") == "rounding `/` can only be used on single unit types [/2d]");
  CHECK(math("foo") ==
        "failed to parse date field [foo] with format [strict_date_optional_time||epoch_millis]: "
        "[failed to parse date field "
        "[foo] with format [strict_date_optional_time||epoch_millis]]");
  CHECK(math("||+1d") == "cannot parse empty date");
  CHECK(math("now+99999999999d") == "For input string: \"99999999999\"");
}

TEST_CASE("date math: only texts from now on depend on the clock") {
  CHECK(uses_now("now-1d"));
  CHECK_FALSE(uses_now("2024-01-01||/d"));
}
