#include "index/date/rounding.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <sstream>

using namespace stratalog;
using namespace stratalog::index;

namespace {

Rounding rounding(const std::string& interval, const TimeZone& zone, int64_t offset_ms) {
  if (interval[0] == 'f')
    return Rounding::fixed(*Rounding::parse_fixed_interval(interval.substr(1)), zone, offset_ms);
  return Rounding::calendar(*Rounding::parse_calendar_interval(interval), zone, offset_ms);
}

std::string reason(const Result<int64_t>& result) {
  return result ? std::to_string(*result) : result.error().reason;
}

}  // namespace

TEST_CASE("rounding: the buckets that Elasticsearch 7.17.3 makes") {
  std::ifstream file(TEST_DATA "/date/rounding.tsv");
  size_t lines = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream in(line);
    std::string interval, zone;
    int64_t offset = 0, time = 0, rounded = 0, next = 0;
    REQUIRE(in >> interval >> zone >> offset >> time >> rounded >> next);
    INFO(line);
    const Rounding each = rounding(interval, *TimeZone::make(zone), offset);
    CHECK(each.round(time) == rounded);
    CHECK(each.next(rounded) == next);
    ++lines;
  }
  CHECK(lines > 500);
}

TEST_CASE("rounding: a span is rounded as its values are") {
  std::mt19937_64 random(11);
  constexpr int64_t kStart = 1'700'000'000'000;
  for (const std::string interval :
       {"f1ms", "f30s", "f17m", "f1h", "1h", "1d", "1w", "1M", "1q", "1y"}) {
    for (const std::string_view zone : {"UTC", "-03:30", "Europe/Berlin", "Australia/Lord_Howe"}) {
      const Rounding each = rounding(interval, *TimeZone::make(zone), 1000);
      std::vector<int64_t> times;
      for (int i = 0; i < 500; ++i)
        times.push_back(kStart + static_cast<int64_t>(random() % 40'000'000'000));
      for (int i = 0; i < 20; ++i)
        times.push_back(-static_cast<int64_t>(random() % 40'000'000'000'000));
      if (interval == "f1ms") times.push_back(INT64_MAX / 4);
      std::sort(times.begin() + 100, times.end());  // part of them in disorder
      std::vector<int64_t> rounded(times.size());
      each.round_span(times, rounded);
      for (size_t i = 0; i < times.size(); ++i) {
        INFO(interval << " " << zone << " " << times[i]);
        REQUIRE(rounded[i] == each.round(times[i]));
      }
    }
  }
}

TEST_CASE("rounding: intervals and offsets in Elasticsearch's words") {
  CHECK(Rounding::is_calendar_interval("1M"));
  CHECK(Rounding::is_calendar_interval("month"));
  CHECK_FALSE(Rounding::is_calendar_interval("2M"));
  CHECK(Rounding::parse_calendar_interval("2d").error().reason ==
        "The supplied interval [2d] could not be parsed as a calendar interval.");
  CHECK(reason(Rounding::parse_fixed_interval("90m")) == "5400000");
  CHECK(reason(Rounding::parse_fixed_interval("1M")) ==
        "failed to parse setting [date_histogram.fixedInterval] with value [1M] as a time value: "
        "unit is missing or unrecognized");
  CHECK(reason(Rounding::parse_fixed_interval("0s")) ==
        "Zero or negative time interval not supported");
  CHECK(reason(Rounding::parse_offset("+6h")) == "21600000");
  CHECK(reason(Rounding::parse_offset("-1d")) == "-86400000");
  CHECK(reason(Rounding::parse_offset("x")) ==
        "failed to parse setting [DateHistogramAggregationBuilder.parseOffset] with value [x] as a "
        "time value: unit is missing "
        "or unrecognized");
}

TEST_CASE("rounding: only buckets of one size have a size") {
  CHECK(Rounding::fixed(5000).uniform_ms() == 5000);
  CHECK(Rounding::calendar(CalendarUnit::kDay, *TimeZone::make("+03:00")).uniform_ms() ==
        86'400'000);
  CHECK(Rounding::calendar(CalendarUnit::kDay, *TimeZone::make("Europe/Berlin")).uniform_ms() == 0);
  CHECK(Rounding::calendar(CalendarUnit::kMonth).uniform_ms() == 0);
}
