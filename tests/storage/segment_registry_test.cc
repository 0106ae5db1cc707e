#include "storage/segment_registry.h"

#include <catch2/catch.hpp>

#include "storage/segment_key.h"

using namespace stratalog::storage;

namespace {

SegmentUid uid(uint8_t n) {
  SegmentUid uid;
  uid.bytes[0] = n;
  return uid;
}
SegmentFacts facts(uint8_t n) { return {uid(n), 100u * n, n}; }

}  // namespace

TEST_CASE("segment registry: a dropped segment goes with its last handle") {
  SegmentRegistry registry;
  registry.add(facts(1));
  REQUIRE(registry.acquire(uid(1))->file_bytes == 100);
  REQUIRE(registry.acquire(uid(1))->block_count == 1);
  CHECK(!registry.drop(uid(1)));
  CHECK(!registry.acquire(uid(1)));
  CHECK(registry.list().empty());
  CHECK(registry.totals().files == 1);
  CHECK(!registry.give_back(uid(1)));
  CHECK(registry.to_remove().empty());
  CHECK(registry.give_back(uid(1)));
  CHECK(registry.to_remove() == std::vector{uid(1)});
  registry.erase(uid(1));
  CHECK(registry.totals().files == 0);
}

TEST_CASE("segment registry: without handles it goes at once, and an unknown one is no matter") {
  SegmentRegistry registry;
  registry.add(facts(2));
  CHECK(registry.drop(uid(2)));
  CHECK(!registry.drop(uid(3)));
  CHECK(!registry.acquire(uid(3)));
}

TEST_CASE("segment registry: handles and drops are kept when the database is opened again") {
  SegmentRegistry registry;
  for (uint8_t n = 1; n <= 4; ++n) registry.add(facts(n));
  REQUIRE(registry.acquire(uid(1)));
  REQUIRE(registry.acquire(uid(2)));
  REQUIRE(registry.acquire(uid(3)));
  CHECK(!registry.drop(uid(2)));
  CHECK(registry.drop(uid(4)));
  registry.replace({facts(1), facts(2), facts(4), facts(5)});
  CHECK(registry.list() == std::vector{uid(1), uid(5)});
  CHECK(registry.to_remove() == std::vector{uid(4)});
  CHECK(registry.totals().bytes == 1500);
  CHECK(!registry.acquire(uid(3)));
  CHECK(!registry.give_back(uid(1)));
  CHECK(registry.give_back(uid(2)));
  CHECK(registry.give_back(uid(3)));
}

TEST_CASE("segment key: order is that of uid and block, and both are read back") {
  const SegmentKey key(uid(7), 0x01020304);
  CHECK(SegmentKey::uid_of(key.bytes()) == uid(7));
  CHECK(SegmentKey::block_of(key.bytes()) == 0x01020304);
  CHECK(SegmentKey(uid(7), 255).bytes() < SegmentKey(uid(7), 256).bytes());
  CHECK(SegmentKey(uid(7), UINT32_MAX).bytes() < SegmentKey(uid(8), 0).bytes());
  CHECK(!SegmentKey::uid_of(""));
  CHECK(!SegmentKey::uid_of(key.bytes().substr(1)));
  CHECK(!SegmentKey::uid_of("\2" + std::string(20, 'x')));
}
