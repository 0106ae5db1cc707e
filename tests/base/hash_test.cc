#include "base/hash.h"

#include <catch2/catch.hpp>

using namespace stratalog;

TEST_CASE("crc32c: RFC 3720's check value") { CHECK(crc32c("123456789") == 0xE3069283u); }

TEST_CASE("crc32c: in two parts as in one") {
  CHECK(crc32c("6789", crc32c("12345")) == crc32c("123456789"));
}

TEST_CASE("routing hash: the values of Elasticsearch's own test") {
  CHECK(routing_hash("hell") == 0x5a0cb7c3);
  CHECK(routing_hash("hello") == static_cast<int32_t>(0xd7c31989));
  CHECK(routing_hash("hello w") == 0x22ab2984);
  CHECK(routing_hash("hello wo") == static_cast<int32_t>(0xdf0ca123));
}
