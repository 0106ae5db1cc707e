#include "storage/data_folder.h"

#include <catch2/catch.hpp>

#include "storage/sim_fs.h"
#include "tests/storage/temp_folder.h"

using namespace stratalog;
using namespace stratalog::storage;

TEST_CASE("data folder: a new one gets its parts and opens again") {
  const test::TempFolder temp;
  const std::string path = temp / "x/data";
  for (int round = 0; round < 2; ++round) {
    const auto folder = DataFolder::open(real_file_system(), path);
    REQUIRE(folder.ok());
    CHECK((*folder)->store_folder() == path + "/store");
    CHECK((*folder)->translog_folder() == path + "/translog");
    CHECK(std::filesystem::is_directory(path + "/store"));
    CHECK(std::filesystem::is_directory(path + "/translog"));
    CHECK(test::read_bytes(path + "/format") == "stratalog data folder, format 1\n");
    CHECK((*folder)->space()->total_bytes > 0);
  }
}

TEST_CASE("data folder: a second opener gets a clear error") {
  const test::TempFolder temp;
  auto first = DataFolder::open(real_file_system(), temp.path());
  REQUIRE(first.ok());
  const auto second = DataFolder::open(real_file_system(), temp.path());
  REQUIRE(!second.ok());
  CHECK(second.error().type == error_types::kIllegalState);
  CHECK(second.error().reason == "data folder [" + temp.path() + "] is in use by another process");
  first->reset();
  CHECK(DataFolder::open(real_file_system(), temp.path()).ok());
}

TEST_CASE("data folder: an unknown or unreadable format refuses the open and changes nothing") {
  struct Case {
    const char* content;
    ErrorType type;
  };
  const Case cases[] = {
      {"stratalog data folder, format 2\n", error_types::kIllegalState},
      {"stratalog data folder, format 0\n", error_types::kIllegalState},
      {"stratalog data folder, format 1", error_types::kCorruption},
      {"stratalog data folder, format \n", error_types::kCorruption},
      {"stratalog data folder, format 1 \n", error_types::kCorruption},
      {"stratalog data folder, format 99999999999\n", error_types::kCorruption},
      {"", error_types::kCorruption},
  };
  for (const Case& c : cases) {
    const test::TempFolder temp;
    test::write_bytes(temp / "format", c.content);
    const auto opened = DataFolder::open(real_file_system(), temp.path());
    REQUIRE(!opened.ok());
    CHECK(opened.error().type == c.type);
    CHECK(test::read_bytes(temp / "format") == c.content);
    CHECK(!std::filesystem::exists(temp / "store"));
  }
}

TEST_CASE("data folder: data without a format file refuses the open") {
  const test::TempFolder temp;
  std::filesystem::create_directory(temp / "store");
  const auto opened = DataFolder::open(real_file_system(), temp.path());
  REQUIRE(!opened.ok());
  CHECK(opened.error().type == error_types::kCorruption);
}

TEST_CASE("data folder: files of others beside it are no matter") {
  const test::TempFolder temp;
  std::filesystem::create_directory(temp / "lost+found");
  CHECK(DataFolder::open(real_file_system(), temp.path()).ok());
}

TEST_CASE("data folder: it opens after a crash at any point of its creation") {
  for (const auto torn : {SimFs::Torn::kNothing, SimFs::Torn::kPrefix, SimFs::Torn::kHoles}) {
    for (uint64_t n = 1;; ++n) {
      SimFs fs;
      fs.fail({.nth = n});
      const bool opened = DataFolder::open(fs, "/data").ok();
      CHECK(opened != fs.has_failed());
      fs.crash(torn, n);
      const auto again = DataFolder::open(fs, "/data");
      if (!again) FAIL(again.error().reason << ", after a crash at call " << n);
      if (opened) break;
    }
  }
}

TEST_CASE("disk reserve: it takes its space, gives it back, and takes it again") {
  SimFs fs;
  const auto folder = *DataFolder::open(fs, "/data");
  DiskReserve& reserve = folder->reserve();
  CHECK(!reserve.present());
  const uint64_t before = folder->space()->available_bytes;
  for (int round = 0; round < 2; ++round) {
    REQUIRE(reserve.create().ok());
    REQUIRE(reserve.create().ok());
    CHECK(reserve.present());
    CHECK(folder->space()->available_bytes == before - (64 << 20));
    REQUIRE(reserve.release().ok());
    REQUIRE(reserve.release().ok());
    CHECK(!reserve.present());
    CHECK(folder->space()->available_bytes == before);
  }
}

TEST_CASE("disk reserve: on a full disk it keeps nothing and says why") {
  SimFs fs;
  const auto folder = *DataFolder::open(fs, "/data");
  fs.set_capacity(10 << 20);
  const Status created = folder->reserve().create();
  REQUIRE(!created.ok());
  CHECK(is_disk_full(created.error()));
  CHECK(!folder->reserve().present());
  CHECK(!fs.exists("/data/reserve.new"));
}

TEST_CASE("disk reserve: on the real disk it really takes space") {
  const test::TempFolder temp;
  DiskReserve reserve(real_file_system(), temp / "reserve", 8 << 20);
  REQUIRE(reserve.create().ok());
  CHECK(std::filesystem::file_size(temp / "reserve") == 0);
  REQUIRE(reserve.release().ok());
  CHECK(!std::filesystem::exists(temp / "reserve"));
}
