#include "base/lru_cache.h"

#include <catch2/catch.hpp>
#include <string>

using stratalog::LruCache;

namespace {

using Cache = LruCache<int, std::string>;
std::shared_ptr<const std::string> text(const char* t) {
  return std::make_shared<const std::string>(t);
}

}  // namespace

TEST_CASE("lru cache: what was used longest ago goes first") {
  Cache cache(5000);
  for (int i = 0; i < 4; ++i) cache.put(i, text("v"), 1000);
  REQUIRE(cache.find(0) != nullptr);
  cache.put(4, text("v"), 1000);  // with what an entry costs itself: one too many
  CHECK(cache.find(0) != nullptr);
  CHECK(cache.find(1) == nullptr);
  CHECK(cache.find(4) != nullptr);
  CHECK(cache.bytes() <= 5000);
}

TEST_CASE("lru cache: the first value of a key stays, a giant is not kept") {
  Cache cache(5000);
  cache.put(1, text("first"), 10);
  cache.put(1, text("second"), 10);
  CHECK(*cache.find(1) == "first");
  const uint64_t before = cache.bytes();
  cache.put(2, text("giant"), 2000);
  CHECK(cache.find(2) == nullptr);
  CHECK(cache.bytes() == before);
}

TEST_CASE("lru cache: who holds a value keeps it when it goes") {
  Cache cache(1000);
  cache.put(1, text("held"), 100);
  const auto held = cache.find(1);
  for (int i = 2; i < 20; ++i) cache.put(i, text("v"), 100);
  REQUIRE(cache.find(1) == nullptr);
  CHECK(*held == "held");
}
