// Buckets by runs of rows are those that reading each value makes: `missing` needs the values.
#include <catch2/catch.hpp>

#include "base/json_writer.h"
#include "tests/query/search_fixture.h"

using namespace stratalog;
using namespace stratalog::query;

namespace {

constexpr int64_t kBegin = 1'700'000'000'000;
constexpr int kRows = 3000;
constexpr int64_t kStep = 10'000;  // ms between rows

void fill(MemoryIndices& indices) {
  for (int i = 0; i < kRows; ++i) {
    std::string source;
    json::Writer out(source);
    out.begin_object().field("@timestamp", kBegin + i * kStep);
    out.field("app", i % 7 == 0 ? "order" : i % 3 == 0 ? "delivery" : "cart");
    out.field("word", i % 5 == 0 ? "failed" : "done").end_object();
    indices.add("logs", std::to_string(i), source);
    if (i == kRows / 2) indices.cut("logs");
  }
  indices.cut("logs");
}

std::string buckets_of(MemoryIndices& indices, const std::string& query, const std::string& more) {
  const std::string body = R"({"size":0,"query":)" + query +
                           R"(,"aggs":{"t":{"date_histogram":{"field":"@timestamp",)" + more +
                           R"(},"aggs":{"a":{"terms":{"field":"app"}}}}}})";
  return aggregations_of(indices, "logs", body);
}

}  // namespace

TEST_CASE("date_histogram: sub-aggregations get the rows of each interval") {
  MemoryIndices indices;
  indices.create("logs", *json::parse(R"({"mappings":{"properties":{"@timestamp":{"type":"date"},
      "app":{"type":"keyword"},"word":{"type":"keyword"}}}})"));
  fill(indices);
  const std::string all = R"({"match_all":{}})";
  const std::string some = R"({"term":{"word":"failed"}})";
  const std::string interval = R"("fixed_interval":"30m")";
  const std::string bounds =
      interval + R"(,"hard_bounds":{"min":1700005000000,"max":1700020000000})";
  const std::string calendar = R"("calendar_interval":"hour","time_zone":"Asia/Kolkata")";
  for (const std::string& query : {all, some}) {
    for (const std::string& options : {interval, bounds, calendar}) {
      const std::string found = buckets_of(indices, query, options);
      CHECK(found == buckets_of(indices, query, options + R"(,"missing":0)"));
      CHECK(found.find(R"("key":"delivery")") != std::string::npos);
    }
  }
  const std::string one = buckets_of(indices, all, R"("fixed_interval":"1000d")");
  CHECK(one.find(R"("doc_count":3000,)") != std::string::npos);
  CHECK(one.find(R"({"key":"order","doc_count":429})") != std::string::npos);
}
