#include "index/date/time_zone.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::index;

namespace {

// The id as it prints and the offset in winter 2026, or the error.
std::string zone(std::string_view id) {
  const auto made = TimeZone::make(id);
  return made ? made->id() + " " + std::to_string(made->offset_at(1767225600))
              : made.error().reason;
}

}  // namespace

TEST_CASE("time zone: ids as Java takes them") {
  struct Case {
    std::string_view id, shown;
  };
  for (const Case& each : {Case{"Z", "Z 0"},
                           {"UTC", "UTC 0"},
                           {"+03:00", "+03:00 10800"},
                           {"-0330", "-03:30 -12600"},
                           {"+3", "+03:00 10800"},
                           {"+05:30:15", "+05:30:15 19815"},
                           {"UTC+2", "UTC+02:00 7200"},
                           {"GMT-01:30", "GMT-01:30 -5400"},
                           {"GMT0", "GMT0 0"},
                           {"Europe/Moscow", "Europe/Moscow 10800"},
                           {"America/New_York", "America/New_York -18000"},
                           {"EST5EDT", "EST5EDT -18000"},
                           {"EST", "-05:00 -18000"},
                           {"CET", "CET 3600"}}) {
    INFO(each.id);
    CHECK(zone(each.id) == each.shown);
  }
}

TEST_CASE("time zone: what is no zone is refused in Java's words") {
  CHECK(zone("Nowhere/X") == "Unknown time-zone ID: Nowhere/X");
  CHECK(zone("utc") == "Unknown time-zone ID: utc");
  CHECK(zone("") == "Invalid ID for ZoneOffset, invalid format: ");
  CHECK(zone("+3:7") == "Invalid ID for ZoneOffset, invalid format: +3:7");
  CHECK(zone("+19:00") ==
        "Zone offset hours not in valid range: value 19 is not in the range -18 to 18");
  CHECK(zone("+03:99") ==
        "Zone offset minutes not in valid range: value 99 is not in the range -59 to 59");
  CHECK(zone("+0x") == "Invalid ID for ZoneOffset, non numeric characters found: +0x");
  CHECK(zone("UTC+25") == "Invalid ID for offset-based ZoneId: UTC+25");
  CHECK(zone("../../etc/passwd") ==
        "Invalid ID for region-based ZoneId, invalid format: ../../etc/passwd");
}

TEST_CASE("time zone: local times in gaps and overlaps") {
  const TimeZone berlin = *TimeZone::make("Europe/Berlin");
  constexpr int64_t kGap = 1774751400;      // 2026-03-29T02:30 as if it were UTC
  constexpr int64_t kOverlap = 1792895400;  // 2026-10-25T02:30
  CHECK(berlin.look_up_local(kGap).kind == TimeZone::Local::kGap);
  CHECK(berlin.to_utc(kGap) == 1774747800);  // 03:30 of summer
  CHECK(berlin.look_up_local(kOverlap).kind == TimeZone::Local::kOverlap);
  CHECK(berlin.to_utc(kOverlap) == kOverlap - 7200);  // the first of the two
  CHECK(berlin.next_transition(1774747000) == 1792890000);
  CHECK(berlin.previous_transition(1774747000) == 1774746000);
  CHECK_FALSE(TimeZone::fixed(3600).next_transition(0));
}
