#include "query/exec/search_memory.h"

#include <catch2/catch.hpp>
#include <string>

#include "index/fault.h"

using stratalog::ByteBudget;
using stratalog::query::check_memory;
using stratalog::query::SearchMemory;

namespace {
constexpr uint64_t kMegabyte = 1 << 20;
}

TEST_CASE("search memory: searches share a budget, what does not fit breaks the one that asks") {
  ByteBudget budget(16 * kMegabyte);
  {
    SearchMemory memory(&budget);
    check_memory(6 * kMegabyte);
    CHECK(budget.used() >= 6 * kMegabyte);
    {
      SearchMemory inner(&budget);  // of the same search
      check_memory(8 * kMegabyte);
      CHECK(budget.used() < 14 * kMegabyte);
    }
    const uint64_t used = budget.used();
    check_memory(1 * kMegabyte);  // less than is charged
    CHECK(budget.used() == used);
    try {
      check_memory(16 * kMegabyte);
      FAIL("more than there is");
    } catch (const stratalog::index::SegmentFault& fault) {
      CHECK(std::string(fault.error().type.name) == "circuit_breaking_exception");
      CHECK(fault.error().type.status == 429);
      CHECK(fault.error().reason.find("larger than the limit of [16777216/16mb]") !=
            std::string::npos);
    }
    CHECK(budget.used() == used);
  }
  CHECK(budget.used() == 0);
  CHECK_NOTHROW(check_memory(64 * kMegabyte));  // no search runs here
}
