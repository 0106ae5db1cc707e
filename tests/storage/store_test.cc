#include "storage/store.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "tests/storage/temp_folder.h"

using namespace stratalog;
using namespace stratalog::storage;

namespace {

struct Fixture {
  test::TempFolder folder;
  StoreOptions options;
  std::unique_ptr<Store> store;

  Fixture() { open(); }

  void open() {
    store.reset();
    auto opened = Store::open(real_file_system(), folder.path(), options);
    if (!opened) FAIL(opened.error().reason);
    store = std::move(*opened);
  }

  static std::string block(uint32_t number, size_t bytes = 20000) {
    std::string out = "block " + std::to_string(number) + ":";
    uint64_t state = number * 7919 + 1;
    while (out.size() < bytes) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      out.push_back(static_cast<char>(state >> 56));
    }
    return out;
  }

  std::shared_ptr<SegmentHandle> write_segment(uint32_t blocks) {
    auto writer = store->create_segment();
    REQUIRE(writer.ok());
    for (uint32_t i = 0; i < blocks; ++i) {
      const Result<uint32_t> number = (*writer)->add(block(i));
      REQUIRE(number.ok());
      REQUIRE(*number == i);
    }
    REQUIRE((*writer)->block_count() == blocks);
    auto handle = (*writer)->finish();
    if (!handle) FAIL(handle.error().reason);
    REQUIRE((*handle)->uid() == (*writer)->uid());
    return *handle;
  }

  static bool reads_back(const SegmentHandle& handle, uint32_t blocks) {
    for (uint32_t i = 0; i < blocks; ++i) {
      const auto got = handle.get(i);
      if (!got || got->bytes() != block(i)) return false;
    }
    return true;
  }

  void put(const std::string& key, const std::string& value) {
    CatalogBatch batch;
    batch.put(key, value);
    REQUIRE(store->write(batch).ok());
  }

  std::map<std::string, std::string> scan(const std::string& prefix) const {
    std::map<std::string, std::string> out;
    REQUIRE(store
                ->scan(prefix,
                       [&](std::string_view key, std::string_view value) -> Status {
                         out.emplace(key, value);
                         return {};
                       })
                .ok());
    return out;
  }

  std::vector<std::string> files(const std::string& sub_folder, const std::string& suffix) const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder / sub_folder)) {
      if (entry.path().string().ends_with(suffix)) out.push_back(entry.path().string());
    }
    return out;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "store: catalog batches are read back, also after a restart") {
  CatalogBatch batch;
  batch.put("a", "1");
  batch.put("b", "2");
  batch.remove("c");
  REQUIRE(store->write(batch).ok());
  CatalogBatch second;
  second.remove("b");
  second.put("c", std::string(100000, 'x'));
  REQUIRE(store->write(second).ok());
  for (int round = 0; round < 2; ++round) {
    CHECK(store->get("a")->value() == "1");
    CHECK(!store->get("b")->has_value());
    CHECK(store->get("c")->value() == std::string(100000, 'x'));
    open();
  }
}

TEST_CASE_METHOD(Fixture,
                 "store: a scan gives the keys of the prefix, ascending, until it is stopped") {
  for (const auto* key : {"a/2", "a/1", "b/1", "a/\xff", "a0", "\xff\xff/1", "\xff\xff/2"})
    put(key, key);
  std::vector<std::string> seen;
  REQUIRE(store
              ->scan("a/",
                     [&](std::string_view key, std::string_view value) -> Status {
                       CHECK(key == value);
                       seen.emplace_back(key);
                       return {};
                     })
              .ok());
  CHECK(seen == std::vector<std::string>{"a/1", "a/2", "a/\xff"});
  CHECK(scan("\xff\xff").size() == 2);
  CHECK(scan("").size() == 7);
  CHECK(scan("nothing").empty());

  int visited = 0;
  const Status stopped = store->scan("a", [&](std::string_view, std::string_view) -> Status {
    ++visited;
    return Error(error_types::kIllegalState, "enough");
  });
  CHECK(visited == 1);
  REQUIRE(!stopped.ok());
  CHECK(stopped.error().reason == "enough");
}

TEST_CASE_METHOD(Fixture,
                 "store: a scan longer than its pages gives every key once and may use the store") {
  CatalogBatch batch;
  for (int i = 0; i < 300; ++i) batch.put("k" + std::to_string(1000 + i), std::string(10000, 'v'));
  REQUIRE(store->write(batch).ok());
  int count = 0;
  REQUIRE(store
              ->scan("k",
                     [&](std::string_view key, std::string_view) -> Status {
                       CHECK(key == "k" + std::to_string(1000 + count));
                       ++count;
                       CatalogBatch removal;
                       removal.remove(key);
                       return store->write(removal);
                     })
              .ok());
  CHECK(count == 300);
  CHECK(scan("k").empty());
}

TEST_CASE_METHOD(Fixture, "store: a segment's blocks are read back, also after a restart") {
  const auto handle = write_segment(50);
  CHECK(reads_back(*handle, 50));
  CHECK(handle->file_bytes() > 50 * 20000);
  CHECK(handle->block_count() == 50);
  const SegmentUid uid = handle->uid();
  CHECK(store->list_segments().value() == std::vector{uid});
  CHECK(store->stats().segment_files == 1);
  CHECK(store->stats().segment_bytes == handle->file_bytes());
  CHECK(files("incoming", "").empty());

  open();
  CHECK(store->list_segments().value() == std::vector{uid});
  const auto again = store->open_segment(uid);
  REQUIRE(again.ok());
  CHECK((*again)->file_bytes() == handle->file_bytes());
  CHECK((*again)->block_count() == 50);
  CHECK(reads_back(**again, 50));
}

TEST_CASE_METHOD(Fixture, "store: blocks of any size") {
  auto writer = store->create_segment();
  REQUIRE(writer.ok());
  const std::vector<size_t> sizes{20, 10, 0, 4096, 100, 3 << 20, 17};
  for (const size_t bytes : sizes) REQUIRE((*writer)->add(std::string(bytes, 'b')).ok());
  const auto handle = (*writer)->finish();
  REQUIRE(handle.ok());
  for (uint32_t i = 0; i < sizes.size(); ++i)
    CHECK((*handle)->get(i)->bytes() == std::string(sizes[i], 'b'));
}

TEST_CASE_METHOD(Fixture, "store: a block that was never written is a corruption") {
  const auto handle = write_segment(3);
  const auto missing = handle->get(3);
  REQUIRE(!missing.ok());
  CHECK(missing.error().type == error_types::kCorruption);
  CHECK(missing.error().reason.find(handle->uid().hex()) != std::string::npos);
}

TEST_CASE_METHOD(Fixture,
                 "store: a segment that is not there cannot be opened, and dropping it is fine") {
  const SegmentUid uid = SegmentUid::random();
  const auto opened = store->open_segment(uid);
  REQUIRE(!opened.ok());
  CHECK(opened.error().type == error_types::kCorruption);
  CHECK(store->drop_segment(uid).ok());
}

TEST_CASE_METHOD(Fixture, "store: a dropped segment's file goes at once, and only its") {
  std::vector<SegmentUid> uids;
  for (int i = 0; i < 5; ++i) uids.push_back(write_segment(3)->uid());
  REQUIRE(files("db", ".sst").size() == 5);
  REQUIRE(store->drop_segment(uids[2]).ok());
  CHECK(files("db", ".sst").size() == 4);
  CHECK(!store->open_segment(uids[2]).ok());
  open();
  CHECK(store->list_segments()->size() == 4);
  for (const int i : {0, 1, 3, 4}) CHECK(reads_back(**store->open_segment(uids[i]), 3));
}

TEST_CASE_METHOD(Fixture, "store: a dropped segment is readable until its last handle dies") {
  auto first = write_segment(3);
  const SegmentUid uid = first->uid();
  auto second = *store->open_segment(uid);
  REQUIRE(store->drop_segment(uid).ok());
  CHECK(!store->open_segment(uid).ok());
  CHECK(store->list_segments()->empty());
  first.reset();
  CHECK(reads_back(*second, 3));
  CHECK(files("db", ".sst").size() == 1);
  second.reset();
  CHECK(files("db", ".sst").empty());
  CHECK(store->stats().segment_files == 0);
}

TEST_CASE_METHOD(Fixture, "store: segments that nobody claims are listed after a restart") {
  // A crash between the end of a segment and the catalog's batch leaves it so.
  const SegmentUid uid = write_segment(2)->uid();
  open();
  REQUIRE(store->list_segments().value() == std::vector{uid});
  REQUIRE(store->drop_segment(uid).ok());
  open();
  CHECK(store->list_segments()->empty());
  CHECK(files("db", ".sst").empty());
}

TEST_CASE_METHOD(Fixture, "store: a segment that is not finished leaves no file") {
  {
    auto writer = store->create_segment();
    REQUIRE((*writer)->add(block(0)).ok());
    CHECK(files("incoming", ".sst").size() == 1);
  }
  CHECK(files("incoming", "").empty());
  auto empty = store->create_segment();
  CHECK(!(*empty)->finish().ok());
}

TEST_CASE_METHOD(Fixture, "store: files of segments that a crash left unfinished go at open") {
  test::write_bytes(folder / "incoming/left.sst", "half");
  open();
  CHECK(files("incoming", "").empty());
}

TEST_CASE_METHOD(Fixture, "store: reads that bypass the cache leave it as it is, others fill it") {
  const auto handle = write_segment(20);
  REQUIRE(handle->get(0).ok());
  const uint64_t before = store->stats().cache_used_bytes;
  for (uint32_t i = 1; i < 20; ++i) REQUIRE(handle->get(i, CacheUse::kBypass)->bytes() == block(i));
  CHECK(store->stats().cache_used_bytes < before + 20000);
  for (uint32_t i = 1; i < 20; ++i) REQUIRE(handle->get(i)->bytes() == block(i));
  CHECK(store->stats().cache_used_bytes >= before + 19 * 20000);
  const uint64_t misses = store->stats().cache_misses;
  const uint64_t hits = store->stats().cache_hits;
  REQUIRE(handle->get(7).ok());
  CHECK(store->stats().cache_misses == misses);
  CHECK(store->stats().cache_hits > hits);
}

TEST_CASE_METHOD(Fixture, "store: the cache stays within its capacity") {
  options.cache_bytes = 1 << 20;
  open();
  const auto handle = write_segment(200);
  CHECK(reads_back(*handle, 200));
  CHECK(store->stats().cache_capacity_bytes == 1 << 20);
  CHECK(store->stats().cache_used_bytes <= 1 << 20);
}

TEST_CASE_METHOD(Fixture, "store: a pinned block outlives its move, its handle and the store") {
  PinnedBlock kept;
  {
    const auto handle = write_segment(2);
    auto got = handle->get(1);
    REQUIRE(got.ok());
    PinnedBlock moved = std::move(*got);
    CHECK(moved.bytes() == block(1));
    kept = std::move(moved);
    CHECK(moved.bytes().empty());
  }
  store.reset();
  CHECK(kept.bytes() == block(1));
}

TEST_CASE_METHOD(Fixture, "store: handles stay valid over reopen and end with the store") {
  const auto handle = write_segment(5);
  const auto pinned = handle->get(1);
  put("k", "v");
  REQUIRE(store->reopen().ok());
  CHECK(pinned->bytes() == block(1));
  CHECK(reads_back(*handle, 5));
  CHECK(store->get("k")->value() == "v");
  const SegmentUid uid = handle->uid();
  REQUIRE(store->drop_segment(uid).ok());
  CHECK(reads_back(*handle, 5));
  store.reset();
  const auto late = handle->get(0);
  REQUIRE(!late.ok());
  CHECK(late.error().reason == "the store is closed");
}

TEST_CASE_METHOD(Fixture,
                 "store: a segment may be finished after a reopen that happened meanwhile") {
  auto writer = store->create_segment();
  REQUIRE((*writer)->add(block(0)).ok());
  REQUIRE(store->reopen().ok());
  const auto handle = (*writer)->finish();
  REQUIRE(handle.ok());
  CHECK(reads_back(**handle, 1));
}

TEST_CASE_METHOD(Fixture, "store: reads go on in other threads while it is reopened") {
  const auto handle = write_segment(10);
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      while (!stop) {
        if (!reads_back(*handle, 10)) ++failures;
        std::this_thread::yield();
      }
    });
  }
  for (int i = 0; i < 3; ++i) CHECK(store->reopen().ok());
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(failures == 0);
}

TEST_CASE_METHOD(Fixture, "store: verify finds a flipped byte and names the segment") {
  std::vector<SegmentUid> uids;
  for (int i = 0; i < 3; ++i) uids.push_back(write_segment(10)->uid());
  put("k", "v");
  REQUIRE(store->verify().ok());
  const std::string damaged = files("db", ".sst")[1];
  test::flip_bit(damaged, std::filesystem::file_size(damaged) / 2);
  open();
  const Status verified = store->verify();
  REQUIRE(!verified.ok());
  CHECK(verified.error().type == error_types::kCorruption);
  CHECK(verified.error().reason.find(std::filesystem::path(damaged).filename().string()) !=
        std::string::npos);
  const auto named = std::count_if(uids.begin(), uids.end(), [&](const SegmentUid& uid) {
    return verified.error().reason.find(uid.hex()) != std::string::npos;
  });
  CHECK(named == 1);

  int failed_reads = 0;
  for (const SegmentUid& uid : uids) {
    const auto handle = *store->open_segment(uid);
    for (uint32_t i = 0; i < 10; ++i) {
      const auto got = handle->get(i);
      if (got) {
        CHECK(got->bytes() == block(i));
      } else {
        ++failed_reads;
        CHECK(got.error().type == error_types::kCorruption);
      }
    }
  }
  CHECK(failed_reads == 1);
}

TEST_CASE_METHOD(Fixture, "store: a missing segment file refuses the open") {
  write_segment(2);
  const std::string file = files("db", ".sst")[0];
  store.reset();
  std::filesystem::remove(file);
  const auto opened = Store::open(real_file_system(), folder.path(), options);
  REQUIRE(!opened.ok());
}

TEST_CASE_METHOD(Fixture, "store: a second opener is refused") {
  const auto second = Store::open(real_file_system(), folder.path(), options);
  CHECK(!second.ok());
}

TEST_CASE_METHOD(Fixture, "store: it keeps no log files of its own") {
  CHECK(files("db", "LOG").empty());
}

TEST_CASE("segment uid: as text, and never the same twice") {
  SegmentUid uid;
  uid.bytes[0] = 0xab;
  uid.bytes[15] = 1;
  CHECK(uid.hex() == "ab000000000000000000000000000001");
  CHECK(SegmentUid::random() != SegmentUid::random());
}

TEST_CASE("pinned block: a copy has bytes of its own") {
  PinnedBlock copy;
  {
    const std::string bytes = "some bytes of a block";
    copy = PinnedBlock::copy(bytes);
  }
  const PinnedBlock moved = std::move(copy);
  CHECK(moved.bytes() == "some bytes of a block");
}
