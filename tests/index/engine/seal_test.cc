// Stories about sealing and merging: what happens beside them, and what is left when the power
// goes.
#include <atomic>
#include <chrono>
#include <thread>

#include "index/partition/host.h"
#include "tests/index/engine/engine_fixture.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::test;
using storage::SimFs;

namespace {

struct SealFixture : EngineFixture {
  void fill(const std::string& name, int count, int first = 0) {
    for (int i = first; i < first + count; ++i) {
      REQUIRE_FALSE(index(name, std::to_string(i), R"({"n":)" + std::to_string(i) + "}").error);
    }
  }
  uint64_t segments(const std::string& name) { return engine().stats(name)->segment_count; }
};

}  // namespace

TEST_CASE_METHOD(SealFixture, "sealing gives memory and rows in the log back") {
  fill("i", 50);
  CHECK(host().live_bytes > 0);
  CHECK(host().unsealed_rows == 50);
  REQUIRE(engine().flush("i").ok());
  CHECK(host().live_bytes == 0);
  CHECK(host().unsealed_rows == 0);
  CHECK(refreshed("i") == 50);
}

TEST_CASE_METHOD(SealFixture, "an index that is deleted while it is sealed leaves nothing behind") {
  fill("i", 50);
  fill("other", 3);
  bool deleted = false;
  fs.before_segment = [&] { deleted = engine().delete_index("i").ok(); };
  const auto sealing = engine().flush("i");
  REQUIRE(deleted);
  CHECK(sealing.ok());
  CHECK(host().unsealed_rows == 3);
  REQUIRE(engine().flush("other").ok());
  CHECK(host().live_bytes == 0);
  CHECK(host().unsealed_rows == 0);
  CHECK(host().store().list_segments()->size() == 1);
  CHECK(engine().state()->find("i") == nullptr);
  cut_power();
  CHECK(engine().state()->find("i") == nullptr);
  CHECK(visible("other") == 3);
  fill("i", 1);
  CHECK(refreshed("i") == 1);
}

TEST_CASE_METHOD(SealFixture, "an index that is deleted while it is merged leaves nothing behind") {
  for (int i = 0; i < 3; ++i) {
    fill("i", 10, i * 10);
    REQUIRE(engine().flush("i").ok());
  }
  fs.before_segment = [&] { REQUIRE(engine().delete_index("i").ok()); };
  CHECK(engine().force_merge("i", 1, false).ok());
  CHECK(engine().state()->find("i") == nullptr);
  CHECK(host().store().list_segments()->empty());
  cut_power();
  CHECK(host().store().list_segments()->empty());
}

TEST_CASE_METHOD(SealFixture, "writes and deletes while rows are sealed or merged hold") {
  fill("i", 30);
  const auto meanwhile = [&] {
    REQUIRE_FALSE(remove("i", "3").error);
    CHECK(index("i", "4", R"({"new":true})").version == 2);
    fill("i", 5, 100);
  };
  SECTION("sealed") {
    fs.before_segment = meanwhile;
    REQUIRE(engine().flush("i").ok());
  }
  SECTION("merged") {
    REQUIRE(engine().flush("i").ok());
    fill("i", 5, 30);
    REQUIRE(engine().flush("i").ok());
    fs.before_segment = meanwhile;
    REQUIRE(engine().force_merge("i", 1, false).ok());
    for (int i = 30; i < 35; ++i) remove("i", std::to_string(i));
  }
  const auto check = [&] {
    CHECK(refreshed("i") == 34);
    CHECK(source("i", "3") == "");
    CHECK(source("i", "4") == R"({"new":true})");
    CHECK(source("i", "104") == R"({"n":104})");
  };
  check();
  cut_power();
  check();
  REQUIRE(engine().force_merge("i", 1, false).ok());
  CHECK(segments("i") == 1);
  check();
  cut_power();
  check();
}

TEST_CASE_METHOD(SealFixture, "rows that come while a full segment is sealed wait for the next") {
  using namespace std::chrono_literals;
  REQUIRE(engine().close().ok());
  options.background = true;
  options.memory_limit_bytes = 8 << 20;
  reopen();
  std::atomic<bool> sealing = false;
  fs.before_segment = [&] {  // in the thread that seals: Catch's assertions are for one
    const Padded source("{}");
    WriteOp op;
    op.index = "i";
    op.source = source.view();
    sealing = engine().write(std::span(&op, 1), {}).ok();
  };
  const auto full = static_cast<int64_t>(host().limits().segment_live_bytes_max);
  // Not after the seal, which may be over already.
  for (int i = 0; host().live_bytes < full && !sealing; ++i) fill("i", 1, i);
  while (!sealing || host().live_bytes >= full) std::this_thread::sleep_for(1ms);
  // A seal of so few rows would be over in this time.
  for (int i = 0; i < 100 && host().unsealed_rows > 0; ++i) std::this_thread::sleep_for(2ms);
  CHECK(host().unsealed_rows == 1);
}

TEST_CASE_METHOD(SealFixture, "a power cut takes nothing that was acknowledged") {
  fill("i", 20);
  SECTION("from the log") {}
  SECTION("from a segment") { REQUIRE(engine().flush("i").ok()); }
  SECTION("from both") {
    REQUIRE(engine().flush("i").ok());
    fill("i", 20, 10);
    remove("i", "0");
    index("i", "0", "{}");
  }
  const std::string last = source("i", "29");
  for (const auto torn : {SimFs::Torn::kNothing, SimFs::Torn::kPrefix, SimFs::Torn::kHoles}) {
    cut_power(torn, 7);
    CHECK(source("i", "29") == last);
    CHECK(visible("i") == (last.empty() ? 20 : 30));
    CHECK(source("i", "5") == R"({"n":5})");
  }
  CHECK(index("i", "5", "{}").version == 2);
}

TEST_CASE_METHOD(SealFixture, "a bulk that was not acknowledged is whole or absent after a cut") {
  fill("i", 3);
  REQUIRE(refreshed("i") == 3);
  const Padded source(R"({"n":1})");
  std::vector<WriteOp> ops(20);
  for (size_t i = 0; i < ops.size(); ++i) {
    ops[i].index = "i";
    ops[i].id = "bulk" + std::to_string(i);
    ops[i].source = source.view();
  }
  uint64_t n = 0;
  SECTION("its frame is not written") { n = 1; }
  SECTION("its frame is not synced") { n = 2; }
  fs.disk.fail({.nth = n});
  const auto refused = engine().write(ops, {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().type.status == 503);
  fs.disk.heal();
  // What can't be made durable is not shown, and nothing is taken before the next start.
  static_cast<void>(engine().refresh("i"));
  CHECK(visible("i") == 3);
  CHECK_FALSE(engine().write(ops, {}).ok());
  cut_power();
  CHECK(visible("i") == 3);
  fill("i", 1, 50);
}
