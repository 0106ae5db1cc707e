#include "base/units.h"

#include <catch2/catch.hpp>

using namespace stratalog;

namespace {

std::string millis(std::string_view text) {
  const auto value = parse_time_value(text, "s");
  return value ? std::to_string(value->millis()) : value.error().reason;
}

std::string bytes(std::string_view text) {
  const auto value = parse_byte_size(text, "s");
  return value ? std::to_string(*value) : value.error().reason;
}

}  // namespace

TEST_CASE("units: time values") {
  CHECK(millis("30s") == "30000");
  CHECK(millis("1m") == "60000");
  CHECK(millis("500ms") == "500");
  CHECK(millis(" 2 H ") == "7200000");
  CHECK(millis("1d") == "86400000");
  CHECK(millis("1500micros") == "1");
  CHECK(millis("-1") == "-1");
  CHECK(millis("0") == "0");
  CHECK(millis("9223372036854775807d") == "9223372036854775807");
}

TEST_CASE("units: what is no time value, in Elasticsearch's words") {
  const auto unit = [](std::string_view text) {
    return "failed to parse setting [s] with value [" + std::string(text) +
           "] as a time value: unit is missing or unrecognized";
  };
  for (const std::string_view text : {"5", "x", "1w", "1M", ""}) CHECK(millis(text) == unit(text));
  CHECK(millis("1.5m") == "failed to parse [1.5m], fractional time values are not supported");
  CHECK(millis("xs") == "failed to parse [xs]");
  CHECK(millis("-5s") ==
        "failed to parse setting [s] with value [-5s] as a time value: negative durations are not "
        "supported");
}

TEST_CASE("units: time values print as they came, and short for people") {
  CHECK(parse_time_value("90s", "s")->text() == "90s");
  CHECK(parse_time_value("-1", "s")->text() == "-1");
  CHECK(parse_time_value("90s", "s")->pretty() == "1.5m");
  CHECK(TimeValue::of_millis(12).pretty() == "12ms");
  CHECK(TimeValue::of_millis(0).pretty() == "0s");
}

TEST_CASE("units: sizes in bytes") {
  CHECK(bytes("64mb") == "67108864");
  CHECK(bytes("1k") == "1024");
  CHECK(bytes("1.5gb") == "1610612736");
  CHECK(bytes("12b") == "12");
  CHECK(bytes("0") == "0");
  CHECK(bytes("-1") == "-1");
  CHECK(bytes("10PB") == "11258999068426240");
  CHECK(bytes("99999999999999999999kb") == "9223372036854775807");
}

TEST_CASE("units: what is no size, in Elasticsearch's words") {
  CHECK(bytes("5") ==
        "failed to parse setting [s] with value [5] as a size in bytes: unit is missing or "
        "unrecognized");
  CHECK(bytes("-2kb") == "failed to parse setting [s] with value [-2kb] as a size in bytes");
  CHECK(bytes("xkb") == "failed to parse setting [s] with value [xkb]");
  CHECK(bytes("1.5b") == "failed to parse setting [s] with value [1.5b]");
}

TEST_CASE("units: sizes for people") {
  CHECK(byte_size_text(0) == "0b");
  CHECK(byte_size_text(225) == "225b");
  CHECK(byte_size_text(12'700) == "12.4kb");
  CHECK(byte_size_text(2'147'483'648) == "2gb");
}
