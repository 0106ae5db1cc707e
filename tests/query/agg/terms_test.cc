// Buckets of an index in one segment, which are counted by ordinals, are those of the same rows in
// two segments, which are counted by terms.
#include <catch2/catch.hpp>

#include "base/json_writer.h"
#include "tests/query/search_fixture.h"

using namespace stratalog;
using namespace stratalog::query;

namespace {

constexpr int kRows = 6000;
constexpr int kTerms = 5000;  // more than an index gives

void fill(MemoryIndices& indices, const std::string& name, bool cut) {
  indices.create(name, *json::parse(R"({"mappings":{"properties":{"k":{"type":"keyword"},
      "ip":{"type":"ip"},"all":{"type":"keyword"}}}})"));
  for (int i = 0; i < kRows; ++i) {
    std::string source;
    json::Writer out(source);
    const int term = (i * 37) % kTerms;
    out.begin_object().field("k", "k" + std::to_string(term));
    out.field("ip", "10.0." + std::to_string(term / 250) + "." + std::to_string(term % 250));
    out.field("all", "same").end_object();
    indices.add(name, std::to_string(i), source);
    if (cut && i == kRows / 3) indices.cut(name);
  }
  indices.cut(name);
}

std::string buckets_of(MemoryIndices& indices, const std::string& name, const std::string& options,
                       const std::string& query) {
  return aggregations_of(
      indices, name,
      R"({"size":0,"query":)" + query + R"(,"aggs":{"t":{"terms":{)" + options + "}}}}");
}

}  // namespace

TEST_CASE("terms: one segment's buckets are those of several") {
  MemoryIndices indices;
  fill(indices, "one", false);
  fill(indices, "two", true);
  const std::string all = R"({"match_all":{}})";
  const std::string some = R"({"prefix":{"k":"k1"}})";
  for (const std::string& query : {all, some}) {
    for (const char* options :
         {R"("field":"k")", R"("field":"k","size":1500)", R"("field":"ip","size":1001)",
          R"("field":"k","order":{"_key":"desc"})", R"("field":"k","order":{"_count":"asc"})",
          R"("field":"k","include":"k12.*")", R"("field":"k","min_doc_count":2)",
          R"("field":"all")"}) {
      INFO(options << " " << query);
      CHECK(buckets_of(indices, "one", options, query) ==
            buckets_of(indices, "two", options, query));
    }
  }
  const std::string found = buckets_of(indices, "one", R"("field":"k","size":2)", all);
  CHECK(found.find(R"("sum_other_doc_count":5996,"buckets":[{"key":"k0","doc_count":2},)"
                   R"({"key":"k1001","doc_count":2}])") != std::string::npos);
}
