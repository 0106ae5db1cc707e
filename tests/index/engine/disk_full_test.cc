// Stories about a full disk: writes are refused, reads and removals go on, nothing acknowledged is
// lost, and with space the engine works again by itself.
#include <random>

#include "index/engine/engine_impl.h"
#include "tests/index/engine/engine_fixture.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::test;

namespace {

constexpr uint64_t kDiskBytes = 400 << 20;

struct DiskFixture : EngineFixture {
  DiskFixture() {
    REQUIRE(fs.remove("/data/reserve").ok());
    fs.disk.set_capacity(kDiskBytes);
    close_and_reopen();  // the reserve's size follows the disk's
    for (int i = 0; i < 10; ++i) index("logs", std::to_string(i), R"({"n":1})");
    REQUIRE(engine().flush("logs").ok());
    for (int i = 10; i < 20; ++i) index("logs", std::to_string(i), R"({"n":1})");
    index("other", "1", R"({"n":1})");
    REQUIRE(refreshed("logs") == 20);
  }
  EngineImpl& impl() { return dynamic_cast<EngineImpl&>(engine()); }
  void fill_disk() { fs.disk.set_capacity(fs.disk.used()); }
  void empty_disk() { fs.disk.set_capacity(kDiskBytes); }

  std::string long_source() {
    std::string text = R"({"text":")";
    while (text.size() < 1 << 20) text += std::to_string(random_());
    return text + "\"}";
  }
  // Writes until it is refused; gives the ids that were not.
  std::vector<std::string> write_until_refused() {
    std::vector<std::string> ids;
    for (int i = 0; i < 200; ++i) {
      const Padded source(long_source());
      WriteOp op;
      op.index = "logs";
      op.id = "long" + std::to_string(i);
      op.source = source.view();
      const auto results = engine().write(std::span(&op, 1), {});
      if (!results.ok()) {
        refusal_ = results.error();
        return ids;
      }
      if (results->front().error) {
        refusal_ = *results->front().error;
        return ids;
      }
      ids.push_back(op.id);
    }
    FAIL("nothing was refused");
    return ids;
  }
  void check_old_documents() {
    CHECK(visible("logs") >= 20);
    for (const char* id : {"0", "19"}) CHECK(source("logs", id) == R"({"n":1})");
  }

  Error refusal_{error_types::kIo, ""};
  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE_METHOD(DiskFixture, "when space runs low writes are refused and all else goes on") {
  REQUIRE(fs.exists("/data/reserve"));
  fill_disk();
  impl().housekeeping();
  CHECK_FALSE(fs.exists("/data/reserve"));
  const WriteResult refused = index("logs", "new", R"({"n":2})");
  REQUIRE(refused.error);
  CHECK(refused.error->type.status == 429);
  CHECK(refused.error->reason ==
        "index [logs] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage "
        "watermark, index has read-only-allow-delete block];");
  CHECK_FALSE(engine().create_index({"another", {}, {}, {}}).ok());
  check_old_documents();

  CHECK(remove("logs", "5").kind == WriteResult::Kind::kDeleted);
  CHECK_FALSE(index(".kibana_1", "config", R"({"n":1})").error);
  CHECK(engine().put_settings("logs", json_of(R"({"refresh_interval":"5s"})"), false).ok());
  CHECK(engine().flush("logs").ok());
  CHECK(engine().delete_index("other").ok());
  CHECK(source("logs", "5") == "");

  SECTION("it stays so while there is none") {
    impl().housekeeping();
    CHECK(index("logs", "new", R"({"n":2})").error);
  }
  SECTION("and over a new start") { cut_power(); }
  CHECK(engine().state()->find("other") == nullptr);
  CHECK(source(".kibana_1", "config") == R"({"n":1})");
  empty_disk();
  impl().housekeeping();
  CHECK(fs.exists("/data/reserve"));
  CHECK_FALSE(index("logs", "new", R"({"n":2})").error);
  CHECK(refreshed("logs") == 20);
}

TEST_CASE_METHOD(DiskFixture, "a disk that is full at once takes nothing that was acknowledged") {
  SECTION("where space can be allocated") {}
  SECTION("where none can") { fs.disk.set_no_allocation(true); }
  fill_disk();
  const std::vector<std::string> written = write_until_refused();
  CHECK(refusal_.type.status == 429);
  impl().housekeeping();
  CHECK(index("logs", "new", R"({"n":2})").error);
  check_old_documents();
  const auto check_written = [&] {
    for (const std::string& id : written) CHECK(source("logs", id).size() > 1 << 20);
    check_old_documents();
  };
  check_written();
  SECTION("and goes on") {}
  SECTION("over a new start") {
    cut_power();
    check_written();
  }
  SECTION("over the end of the process") {
    reopen();
    check_written();
  }
  empty_disk();
  impl().housekeeping();
  check_written();
  CHECK_FALSE(index("logs", "new", R"({"n":2})").error);
  CHECK(refreshed("logs") >= 21 + written.size());
  REQUIRE(engine().flush("logs").ok());
  cut_power();
  check_written();
  CHECK(source("logs", "new") == R"({"n":2})");
}

TEST_CASE_METHOD(DiskFixture, "sealing and merging wait for space") {
  std::vector<std::string> written;
  for (int i = 0; i < 3; ++i) {
    written.push_back("big" + std::to_string(i));
    REQUIRE_FALSE(index("logs", written.back(), long_source()).error);
    if (i < 2) REQUIRE(engine().flush("logs").ok());
  }
  fs.disk.set_capacity(fs.disk.used() + (1 << 20));
  SECTION("sealing") { CHECK_FALSE(engine().flush("logs").ok()); }
  SECTION("merging") { CHECK_FALSE(engine().force_merge("logs", 1, false).ok()); }
  for (const std::string& id : written) CHECK(source("logs", id).size() > 1 << 20);
  check_old_documents();
  empty_disk();
  impl().housekeeping();
  REQUIRE(engine().force_merge("logs", 1, false).ok());
  CHECK(engine().stats("logs")->segment_count == 1);
  cut_power();
  for (const std::string& id : written) CHECK(source("logs", id).size() > 1 << 20);
}
