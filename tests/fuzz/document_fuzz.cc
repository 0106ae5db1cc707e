// Documents: refused or parsed, and the second time as the first.
#include <catch2/catch.hpp>

#include "tests/index/document/document_fixture.h"

using namespace stratalog::index;

namespace {

constexpr std::string_view kMapping = R"({"properties": {
    "n": {"type": "long"}, "f": {"type": "scaled_float", "scaling_factor": 100},
    "d": {"type": "date"}, "flag": {"type": "boolean"}, "ip": {"type": "ip"},
    "a": {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 5}}},
    "b": {"type": "flattened"}, "c": {"type": "nested", "include_in_root": true},
    "g": {"type": "geo_point"}, "r": {"type": "integer_range"}}})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  MappingLimits limits;
  limits.accept_conflicts = data[0] % 2 != 0;
  limits.total_fields = 40;
  DocumentFixture fixture(kMapping, limits);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string first = fixture.parse(text);
  if (limits.accept_conflicts) REQUIRE(fixture.parse(text) == first);
  return 0;
}
