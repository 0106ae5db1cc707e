#include "storage/sim_fs.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::storage;

namespace {

struct Fixture {
  SimFs fs;
  Fixture() { REQUIRE(fs.create_folders("/d").ok()); }

  std::unique_ptr<WritableFile> create(const std::string& path) {
    auto file = fs.create(path);
    REQUIRE(file.ok());
    return std::move(*file);
  }
  void write_durably(const std::string& path, const std::string& bytes) {
    const auto file = create(path);
    REQUIRE(file->append(bytes).ok());
    REQUIRE(file->sync().ok());
    REQUIRE(fs.sync_folder("/d").ok());
  }
  std::string read(const std::string& path) const { return fs.read_file(path).value(); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "simulated file system: a crash forgets bytes that were not synced") {
  const auto file = create("/d/f");
  REQUIRE(file->append("durable").ok());
  REQUIRE(file->sync().ok());
  REQUIRE(fs.sync_folder("/d").ok());
  REQUIRE(file->append(", not").ok());
  CHECK(read("/d/f") == "durable, not");
  fs.crash();
  CHECK(read("/d/f") == "durable");
  CHECK(!file->append("x").ok());
  CHECK(!file->sync().ok());
}

TEST_CASE_METHOD(Fixture,
                 "simulated file system: a crash forgets names whose folder was not synced") {
  write_durably("/d/kept", "k");
  write_durably("/d/removed", "r");
  write_durably("/d/from", "f");
  const auto file = create("/d/new");
  REQUIRE(file->append("n").ok());
  REQUIRE(file->sync().ok());
  REQUIRE(fs.remove("/d/removed").ok());
  REQUIRE(fs.rename("/d/from", "/d/to").ok());
  REQUIRE(fs.link("/d/kept", "/d/second").ok());
  fs.crash();
  CHECK(*fs.list("/d") == std::vector<std::string>{"from", "kept", "removed"});
  REQUIRE(fs.rename("/d/from", "/d/to").ok());
  REQUIRE(fs.remove("/d/removed").ok());
  REQUIRE(fs.sync_folder("/d").ok());
  fs.crash();
  CHECK(*fs.list("/d") == std::vector<std::string>{"kept", "to"});
}

TEST_CASE_METHOD(Fixture, "simulated file system: torn, some of what was not synced survives") {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    write_durably("/d/f", "12");
    const auto again = create("/d/g");
    REQUIRE(again->append("34").ok());
    fs.crash(SimFs::Torn::kPrefix, seed);
    CHECK(read("/d/f") == "12");
    seen.insert(fs.exists("/d/g") ? read("/d/g") : "no file");
    if (fs.exists("/d/g")) REQUIRE(fs.remove("/d/g").ok());
    REQUIRE(fs.sync_folder("/d").ok());
  }
  CHECK(seen == std::set<std::string>{"", "3", "34", "no file"});
}

TEST_CASE_METHOD(Fixture, "simulated file system: the n-th call fails, once or for good") {
  const auto file = create("/d/f");
  fs.fail({.nth = 2, .only_once = true});
  CHECK(file->append("ab").ok());
  CHECK(!file->append("cdef").ok());
  CHECK(fs.has_failed());
  CHECK(file->append("gh").ok());
  CHECK(read("/d/f") == "abcdgh");  // half of what failed

  fs.fail({.nth = 2, .disk_full = true});
  CHECK(!fs.has_failed());
  CHECK(file->sync().ok());
  const Status failed = file->sync();
  REQUIRE(!failed.ok());
  CHECK(is_disk_full(failed.error()));
  CHECK(!fs.remove("/d/f").ok());
  CHECK(!fs.open("/d/f").ok());
  fs.heal();
  CHECK(fs.open("/d/f").ok());
}

TEST_CASE_METHOD(Fixture, "simulated file system: what a failed sync was for is never durable") {
  const auto file = create("/d/f");
  REQUIRE(fs.sync_folder("/d").ok());
  REQUIRE(file->append("ab").ok());
  fs.fail({.nth = 1, .only_once = true});
  REQUIRE(!file->sync().ok());
  REQUIRE(file->append("cd").ok());
  REQUIRE(file->sync().ok());
  fs.crash();
  CHECK(read("/d/f") == std::string("\0\0cd", 4));
}

TEST_CASE_METHOD(Fixture,
                 "simulated file system: a full disk refuses, and takes more when there is room") {
  fs.set_capacity(10);
  const auto reserve = create("/d/reserve");
  REQUIRE(reserve->allocate(6).ok());
  const auto file = create("/d/f");
  CHECK(file->append("1234").ok());
  const Status full = file->append("56");
  REQUIRE(!full.ok());
  CHECK(is_disk_full(full.error()));
  CHECK(fs.space("/d")->available_bytes == 0);
  REQUIRE(fs.remove("/d/reserve").ok());
  CHECK(file->append("67").ok());
}

TEST_CASE_METHOD(Fixture, "simulated file system: a crash gives locks back, once") {
  auto before = fs.lock("/d/lock");
  REQUIRE(before.ok());
  fs.crash();
  const auto after = fs.lock("/d/lock");
  REQUIRE(after.ok());
  before->reset();
  CHECK(!fs.lock("/d/lock").ok());
}
