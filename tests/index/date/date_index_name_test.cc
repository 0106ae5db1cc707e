#include "index/date/date_index_name.h"

#include <catch2/catch.hpp>

using namespace stratalog::index;

namespace {

constexpr int64_t kNow = 1795381909929;  // 2026-11-22T21:11:49.929Z

std::string resolved(std::string_view expression) {
  const auto name = resolve_date_index_name(expression, kNow);
  return name ? *name : name.error().reason;
}

}  // namespace

TEST_CASE("date index names: dates in their formats and zones") {
  CHECK(resolved("plain") == "plain");
  CHECK(resolved("<a") == "<a");
  CHECK(resolved("<logstash-{now/d}>") == "logstash-2026.11.22");
  CHECK(resolved("<logstash-{now/d{yyyy.MM.dd|+03:00}}>") == "logstash-2026.11.23");
  CHECK(resolved("<a-{now/M{yyyy.MM}}-b-{now-1d{yyyy.MM.dd|UTC}}>") == "a-2026.11-b-2026.11.21");
  CHECK(resolved("<a\\{x\\}-{now/d}>") == "a{x}-2026.11.22");
  CHECK(resolved("<{now/d}>") == "2026.11.22");
}

TEST_CASE("date index names: errors in Elasticsearch's words") {
  CHECK(resolved("<a-{now/d>") ==
        "invalid dynamic name expression [a-{now/d>]. date math placeholder is open ended");
  CHECK(resolved("<a-{now/d}}>") ==
        "invalid dynamic name expression [a-{now/d}}>]. invalid character at position [10]. `{` "
        "and `}` are reserved characters "
        "and should be escaped when used as part of the index name using `\\` (e.g. `\\{text\\}`)");
  CHECK(resolved("<a-{now/d{yyyy{a}}}>") ==
        "invalid dynamic name expression [a-{now/d{yyyy{a}}}>]. invalid character in placeholder "
        "at position [14]");
  CHECK(resolved("<a-{now/d{}}>") ==
        "invalid dynamic name expression [now/d{}]. missing date format");
  CHECK(resolved("<a-{now/d{yyyy}x}>") ==
        "invalid dynamic name expression [now/d{yyyy}x]. missing closing `}` for date math format");
  CHECK(resolved("<>") == "nothing captured");
  CHECK(resolved("<a-{}>") == "cannot parse empty date");
  CHECK(resolved("<a-{now/x}>") == "unit [x] not supported for date math [/x]");
  CHECK(resolved("<a-{now/d{bbb}}>") == "Invalid format: [bbb]: Unknown pattern letter: b");
  CHECK(resolved("<a-{now/d{yyyy|Nowhere/X}}>") == "Unknown time-zone ID: Nowhere/X");
}
