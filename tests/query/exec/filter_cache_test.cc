#include "query/exec/filter_cache.h"

#include <catch2/catch.hpp>
#include <random>

using namespace stratalog;
using namespace stratalog::query;

TEST_CASE("filter cache: a clause is known to later requests, as long as not many others came") {
  const RequestContext first, second, third;
  CHECK_FALSE(asked_before(71, first));
  CHECK_FALSE(asked_before(71, first));  // of another index, or twice in one request
  CHECK(asked_before(71, second));
  CHECK(asked_before(71, third));
  CHECK_FALSE(asked_before(72, third));
  for (uint64_t other = 1000; other < 2000; ++other) {
    CHECK_FALSE(asked_before(other, third));
    if (other % 100 == 0) CHECK(asked_before(71, third));  // which makes it young again
  }
  for (uint64_t other = 2000; other < 3000; ++other) CHECK_FALSE(asked_before(other, third));
  CHECK_FALSE(asked_before(71, third));
}

TEST_CASE("filter cache: a window of the rows, to the bit") {
  constexpr uint32_t kRows = 1000;
  CachedRows cached{Bitmap(kRows), 0};
  std::mt19937 random(3);
  for (uint32_t row = 0; row < kRows; ++row) {
    if (random() % 3 == 0) cached.rows.set(row);
  }
  for (uint32_t begin = 0; begin < kRows; begin += 64) {
    for (uint32_t end = begin + 1; end <= kRows; ++end) {
      std::vector<uint64_t> bits(words_for(end - begin) + 1, ~uint64_t{0});
      cached.copy(begin, end, bits.data());
      for (uint32_t row = begin; row < end; ++row)
        if (get_bit(bits.data(), row - begin) != cached.rows.get(row)) FAIL(begin << " " << row);
      // Nothing behind the last row, and no word more than there are.
      if ((end - begin) % 64 != 0) REQUIRE(bits[bits.size() - 2] >> ((end - begin) % 64) == 0);
      REQUIRE(bits.back() == ~uint64_t{0});
    }
  }
}
