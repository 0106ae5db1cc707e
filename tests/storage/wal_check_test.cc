#include "storage/wal_check.h"

#include <catch2/catch.hpp>
#include <random>

#include "storage/store.h"
#include "tests/storage/temp_folder.h"

using namespace stratalog;
using namespace stratalog::storage;

namespace {

// A log that RocksDB wrote: three batches, the second over several blocks of 32 KiB.
struct Fixture {
  test::TempFolder folder;
  std::string log;

  Fixture() {
    const auto store = *Store::open(real_file_system(), folder.path(), {});
    for (const auto* key : {"first", "second", "third"}) {
      CatalogBatch batch;
      batch.put(key, std::string(std::string_view(key) == "second" ? 100000 : 50, key[0]));
      REQUIRE(store->write(batch).ok());
    }
    log = test::read_bytes(wal_path());  // while it is open: a clean close leaves it empty
    REQUIRE(log.size() > 100100);
  }

  std::string wal_path() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder / "db")) {
      if (entry.path().extension() == ".log") return entry.path().string();
    }
    FAIL("no log");
    return "";
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "wal check: a whole log, and one cut anywhere, is no damage") {
  CHECK(!find_damaged_record(log));
  for (size_t bytes = 0; bytes <= log.size(); bytes += bytes < 200 ? 1 : 997) {
    INFO(bytes);
    CHECK(!find_damaged_record(log.substr(0, bytes)));
    CHECK(!find_damaged_record(log.substr(0, bytes) + std::string(5000, '\0')));
  }
}

TEST_CASE_METHOD(Fixture, "wal check: holes in the last record are no damage") {
  const std::string two = log.substr(0, log.rfind(std::string(30, 's')) + 30);
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string torn = two;
    for (uint64_t page = 4096; page < torn.size(); page += 4096) {
      if (random() % 2 == 0)
        torn.replace(page, 4096, std::string(std::min<size_t>(4096, torn.size() - page), '\0'));
    }
    REQUIRE(!find_damaged_record(torn));
  }
}

TEST_CASE_METHOD(Fixture, "wal check: a flipped bit in a record before the last one is damage") {
  const uint64_t third = log.rfind(std::string(50, 't')) - 100;
  std::mt19937 random(7);
  for (uint64_t at = 0; at < third; at += 1 + random() % 500) {
    std::string flipped = log;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    INFO("bit at " << at);
    REQUIRE(find_damaged_record(flipped).has_value());
  }
}

TEST_CASE_METHOD(Fixture, "wal check: any bytes are read safely") {
  std::mt19937 random(99);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = log.substr(0, random() % log.size());
    for (int i = 0; i < 20 && !bytes.empty(); ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    static_cast<void>(find_damaged_record(bytes));
  }
}

TEST_CASE("store: a damaged record in the catalog's log refuses the open; a torn one is dropped") {
  for (const bool damaged : {true, false}) {
    const test::TempFolder folder;
    const test::TempFolder copy;
    {
      const auto store = *Store::open(real_file_system(), folder.path(), {});
      for (const auto* key : {"a", "b"}) {
        CatalogBatch batch;
        batch.put(key, std::string(100, 'v'));
        REQUIRE(store->write(batch).ok());
      }
      // What a killed process leaves.
      std::filesystem::copy(folder.path(), copy.path(), std::filesystem::copy_options::recursive);
    }
    std::string wal;
    for (const auto& entry : std::filesystem::directory_iterator(copy / "db")) {
      if (entry.path().extension() == ".log") wal = entry.path().string();
    }
    test::flip_bit(wal, damaged ? 60 : std::filesystem::file_size(wal) - 20);
    const auto store = Store::open(real_file_system(), copy.path(), {});
    if (damaged) {
      REQUIRE(!store.ok());
      CHECK(store.error().type == error_types::kCorruption);
      CHECK(store.error().reason.find(wal) != std::string::npos);
      CHECK(store.error().reason.find("at offset 0") != std::string::npos);
    } else {
      REQUIRE(store.ok());
      CHECK((*store)->get("a")->has_value());
      CHECK(!(*store)->get("b")->has_value());
    }
  }
}

TEST_CASE(
    "store: a clean close leaves nothing to the log, so that all of the catalog is under "
    "checksums") {
  const test::TempFolder folder;
  {
    const auto store = *Store::open(real_file_system(), folder.path(), {});
    CatalogBatch batch;
    batch.put("a", "1");
    REQUIRE(store->write(batch).ok());
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder / "db")) {
    if (entry.path().extension() == ".log") CHECK(std::filesystem::file_size(entry.path()) == 0);
  }
  const auto store = *Store::open(real_file_system(), folder.path(), {});
  CHECK(store->get("a")->value() == "1");
}
