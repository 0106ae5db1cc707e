#include "index/date/date_format.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "index/date/date_math.h"

using namespace stratalog;
using namespace stratalog::index;

namespace {

constexpr int64_t kNow = 1700000000123;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == '\t') {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

std::string shown(const Instant& instant) {
  return std::to_string(instant.seconds) + "." + std::to_string(instant.nanos);
}

// The answer of one line of the fixture.
std::string answer(const std::string& mode, const std::string& format_text,
                   const std::string& zone_id, const std::string& text) {
  const auto format = DateFormat::compile(format_text);
  const auto zone = zone_id.empty() ? Result<TimeZone>(TimeZone()) : TimeZone::make(zone_id);
  if (!format || !zone) return "ERR";
  if (mode == "F") return (*format)->print(Instant::of_millis(std::stoll(text)), *zone);
  const auto instant =
      mode == "P" ? (*format)->parse(text)
                  : parse_date_math(text, **format,
                                    {.now_ms = kNow, .round_up = mode == "U", .zone = *zone});
  return instant ? shown(*instant) : "ERR";
}

std::string iso(std::string_view text) {
  Instant instant;
  return parse_iso_utc(text, instant) ? shown(instant) : "no";
}

}  // namespace

TEST_CASE("date format: parses, prints and does date math as Elasticsearch 7.17.3") {
  std::ifstream file(TEST_DATA "/date/formats.tsv");
  size_t lines = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::vector<std::string> parts = split(line);
    REQUIRE(parts.size() == 5);
    INFO(line);
    CHECK(answer(parts[0], parts[1], parts[2], parts[3]) == parts[4]);
    ++lines;
  }
  CHECK(lines > 1000);
}

TEST_CASE("date format: the usual form of logs") {
  CHECK(iso("2026-11-22T19:31:49.929Z") == "1795375909.929000000");
  CHECK(iso("2026-11-22T19:31:49Z") == "1795375909.0");
  CHECK(iso("1970-01-01T00:00:00.000000001Z") == "0.1");
  CHECK(iso("0000-03-01T00:00:00Z") == "-62162035200.0");
  CHECK(iso("2024-02-29T23:59:59.9Z") == "1709251199.900000000");
  for (const std::string_view text :
       {"", "2026-11-22", "2023-02-29T00:00:00Z", "2026-13-22T19:31:49Z", "2026-11-22T24:00:00Z",
        "2026-11-22T19:60:00Z", "2026-11-22T19:31:60Z", "2026-11-22T19:31:49.Z",
        "2026-11-22T19:31:49.1234567890Z", "2026-11-22T19:31:49.929", "2026-11-22 19:31:49.929Z",
        "2O26-11-22T19:31:49Z", "2026-11-22T19:31:4:Z", "2026/11/22T19:31:49Z"}) {
    INFO(text);
    CHECK(iso(text) == "no");
  }
}

TEST_CASE("date format: the fast path and the patterns agree") {
  const auto fast = *DateFormat::compile("strict_date_optional_time");
  const auto slow =
      *DateFormat::compile("epoch_second||strict_date_optional_time");  // has no fast path
  const TimeZone moscow = *TimeZone::make("Europe/Moscow");
  for (const std::string_view date :
       {"2026-11-22", "1969-12-31", "2100-02-29", "0001-01-01", "2000-02-29"}) {
    for (const std::string_view time :
         {"T19:31:49", "T00:00:00.1", "T23:59:59.123456789", "T24:00:00", "T12:30"}) {
      for (const std::string_view zone :
           {"", "Z", "+03:00", "-0530", "+18:01", "+1:00", "Europe/Paris", "+03"}) {
        const std::string text = std::string(date) + std::string(time) + std::string(zone);
        for (const bool round_up : {false, true}) {
          INFO(text << " " << round_up);
          CHECK(fast->try_parse(text, {moscow, round_up}) ==
                slow->try_parse(text, {moscow, round_up}));
        }
      }
    }
  }
}

TEST_CASE("date format: errors in Elasticsearch's words") {
  const auto reason = [](std::string_view format) {
    const auto compiled = DateFormat::compile(format);
    return compiled ? std::string() : compiled.error().reason;
  };
  CHECK(reason("yyyy-bb") == "Invalid format: [yyyy-bb]: Unknown pattern letter: b");
  CHECK(reason("") == "No date pattern provided");
  CHECK(reason("yyyy||") == "Cannot have empty element in multi date format pattern: yyyy||");
  CHECK(reason("yyyy'") ==
        "Invalid format: [yyyy']: Pattern ends with an incomplete string literal: yyyy'");
  const auto parsed = DateFormat::default_format()->parse("yesterday");
  REQUIRE(!parsed);
  CHECK(parsed.error().reason ==
        "failed to parse date field [yesterday] with format "
        "[strict_date_optional_time||epoch_millis]");
  REQUIRE(parsed.error().caused_by);
  CHECK(parsed.error().caused_by->reason == "Failed to parse with all enclosed parsers");
}

TEST_CASE("date format: nanoseconds of date_nanos fields") {
  CHECK(*to_nanos({1, 5}) == 1'000'000'005);
  const auto early = to_nanos({-1, 0});
  REQUIRE(!early);
  CHECK(early.error().reason ==
        "date[1969-12-31T23:59:59.000Z] is before the epoch in 1970 and cannot be stored in "
        "nanosecond resolution");
  const auto late = to_nanos({9'300'000'000, 0});
  REQUIRE(!late);
  CHECK(late.error().reason ==
        "date[2264-09-14T21:20:00.000Z] is after 2262-04-11T23:47:16.854775807 and cannot be "
        "stored in nanosecond resolution");
}
