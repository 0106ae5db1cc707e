#include "base/process_memory.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>

using namespace stratalog;

TEST_CASE("process memory: grows with what is written to") {
  const uint64_t before = process_resident_bytes();
  CHECK(before > 1 << 20);
  constexpr size_t kBytes = 64 << 20;
  const auto block = std::make_unique_for_overwrite<char[]>(kBytes);
  std::memset(block.get(), 1, kBytes);
  CHECK(process_resident_bytes() >= before + kBytes / 2);
  release_free_memory();
  CHECK(block[kBytes - 1] == 1);
}
