#include <catch2/catch.hpp>
#include <numeric>

#include "base/ensure.h"
#include "index/fault.h"
#include "index/segment/decoded_cache.h"
#include "tests/index/segment/memory_store.h"
#include "tests/index/segment/segment_model.h"
#include "tests/run_settings.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::test;

TEST_CASE("sealed segment: everything written is read back") {
  MemoryStore store;
  uint64_t seed = test_seed(1);
  for (const uint32_t rows :
       {1u, 2u, 3u, 63u, 64u, 65u, 127u, 128u, 129u, 300u, 1000u, 5000u, 16383u, 16384u, 40000u}) {
    ++seed;
    INFO("STRATALOG_TEST_SEED=" << test_seed(1) << ", rows " << rows);
    const Model model = random_model(seed, rows);
    const auto segment = write_model(store, model);
    REQUIRE(segment->name() == "_7");
    std::mt19937_64 random(seed);
    check_model(*segment, model, random);
    auto handle = store.open_segment(segment->uid());
    const auto again = SealedSegment::open(*handle);
    REQUIRE(again.ok());
    check_model(**again, model, random);
  }
}

// The frequencies of the last runs need no bits: they lie behind the last byte of the last piece.
TEST_CASE("sealed segment: a long list ends in frequencies of one") {
  MemoryStore store;
  Model model;
  model.rows.resize(80'000);
  for (size_t i = 0; i < model.rows.size(); ++i) {
    ModelRow& row = model.rows[i];
    row.seq_no = static_cast<int64_t>(i);
    row.prefix = 77;
    row.source = "{}";
    row.texts["t_long"] = {.tokens = {"word"}, .norm = 1};
    if (i < 70'000 && i % 2 == 0) row.texts["t_long"] = {.tokens = {"word", "word"}, .norm = 2};
  }
  const auto segment = write_model(store, model);
  std::mt19937_64 random(1);
  check_model(*segment, model, random);
}

TEST_CASE("sealed segment: damaged bytes give faults or answers, never a crash") {
  MemoryStore store;
  std::mt19937_64 random(test_seed(1));
  const auto segment = write_model(store, random_model(test_seed(1) + 99, 700));
  const MemoryStore::Blocks good = store.blocks(segment->uid());
  size_t refused = 0;
  size_t faults = 0;
  for (int round = 0; round < 600; ++round) {
    MemoryStore::Blocks& blocks = store.blocks(segment->uid());
    blocks = good;
    // The directory is checksummed: what lies behind it is hit more often.
    std::string& block = blocks[random() % blocks.size()];
    switch (random() % 4) {
      case 0:
        block.resize(random() % (block.size() + 1));
        break;
      case 1:
        block[random() % block.size()] = static_cast<char>(random());
        break;
      case 2:
        block = blocks[random() % blocks.size()];
        break;
      default:
        for (int i = 0; i < 8; ++i)
          block[random() % block.size()] ^= static_cast<char>(1 << (random() % 8));
    }
    auto handle = store.open_segment(segment->uid());
    const auto opened = SealedSegment::open(*handle);
    if (!opened) {
      REQUIRE(opened.error().type == error_types::kCorruption);
      ++refused;
      continue;
    }
    try {
      read_everything(**opened, random);
    } catch (const SegmentFault& fault) {
      REQUIRE(fault.error().type == error_types::kCorruption);
      ++faults;
    }
  }
  REQUIRE(refused > 0);
  REQUIRE(faults > 100);
}

TEST_CASE("sealed segment: of few rows that are likely asked for again the blocks are kept") {
  MemoryStore store;
  auto segment = write_model(store, random_model(5, 5000));
  const uint64_t most = decoded_cache().bytes_max();
  const auto grows = [&](uint32_t row_count, SegmentReader::Reuse reuse) {
    std::vector<RowId> rows(row_count);
    std::iota(rows.begin(), rows.end(), 0);
    const uint64_t before = decoded_cache().bytes();
    segment->read_sources(rows, reuse, [](size_t, std::string_view) {});
    return decoded_cache().bytes() > before;
  };
  decoded_cache().set_bytes_max(0);
  decoded_cache().set_bytes_max(4 << 20);
  CHECK(SegmentReader::reused_rows_max() > 100);
  CHECK(SegmentReader::reused_rows_max() < 500);
  grows(5000, SegmentReader::Reuse::kUnlikely);  // dictionaries and objects, of any reader
  CHECK_FALSE(grows(5000, SegmentReader::Reuse::kUnlikely));
  CHECK_FALSE(grows(100, SegmentReader::Reuse::kUnlikely));
  CHECK(grows(100, SegmentReader::Reuse::kLikely));
  CHECK_FALSE(grows(100, SegmentReader::Reuse::kLikely));
  Model long_rows = random_model(6, 20);
  std::mt19937_64 random(6);
  for (ModelRow& row : long_rows.rows) {
    row.source.resize(100'000);
    for (char& c : row.source) c = static_cast<char>(' ' + random() % 90);
  }
  segment = write_model(store, long_rows);
  grows(20, SegmentReader::Reuse::kUnlikely);
  CHECK_FALSE(grows(20, SegmentReader::Reuse::kLikely));
  decoded_cache().set_bytes_max(most);
}

TEST_CASE("sealed segment: the store's error is the writer's") {
  for (const uint32_t adds : {0u, 1u, 5u}) {
    MemoryStore store;
    store.fail_adds_after(adds);
    const auto segment = try_write_model(store, random_model(5, 3000));
    REQUIRE_FALSE(segment.ok());
    REQUIRE(segment.error().type == error_types::kIo);
    REQUIRE(store.list_segments()->empty());
  }
}
