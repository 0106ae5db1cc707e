// The store on a file system that fails and forgets: batches are whole and in order, listed
// segments are there.
#include <catch2/catch.hpp>

#include "storage/sim_fs.h"
#include "storage/store.h"

using namespace stratalog;
using namespace stratalog::storage;

namespace {

constexpr const char* kFolder = "/data/store";

Result<std::unique_ptr<Store>> open_store(SimFs& fs) {
  return Store::open(fs, kFolder, {.cache_bytes = 1 << 20});
}

std::string block(uint32_t number) {
  return std::string(9000, static_cast<char>('a' + number % 26));
}

SegmentUid uid_from(std::string_view bytes) {
  SegmentUid uid;
  REQUIRE(bytes.size() == uid.bytes.size());
  std::copy(bytes.begin(), bytes.end(), uid.bytes.begin());
  return uid;
}
std::string bytes_of(const SegmentUid& uid) { return {uid.bytes.begin(), uid.bytes.end()}; }

// Ends a store whose process is dead to the file system. It learns so by a write: a store that
// knows of a failure does not try to flush at its end, for which RocksDB would wait a second.
void bury(std::unique_ptr<Store> store) {
  CatalogBatch batch;
  batch.put("steps", "after death");
  REQUIRE(!store->write(batch).ok());
}

constexpr int kSteps = 4;
constexpr uint32_t kBlocks = 4;

// Each step is what a seal does: a segment, then one batch that lists it in place of the one before
// the last, then that one is dropped. Returns how many steps were acknowledged.
int seal_until_it_fails(Store& store, int first_step) {
  for (int step = first_step; step < first_step + kSteps; ++step) {
    auto writer = store.create_segment();
    if (!writer) return step;
    for (uint32_t i = 0; i < kBlocks; ++i) {
      if (!(*writer)->add(block(step + i))) return step;
    }
    const auto handle = (*writer)->finish();
    if (!handle) return step;

    const std::string old_key = "segment/" + std::to_string(step - 2);
    const auto old = store.get(old_key);
    if (!old) return step;
    CatalogBatch batch;
    batch.put("segment/" + std::to_string(step), bytes_of((*handle)->uid()));
    batch.remove(old_key);
    batch.put("filler", std::string(step * 20000, 'f'));
    batch.put("steps", std::to_string(step + 1));
    if (!store.write(batch)) return step;
    if (*old && !store.drop_segment(uid_from(**old))) return step + 1;
  }
  return first_step + kSteps;
}

// The catalog tells of the same number of steps everywhere, and every segment that it lists can be
// read. Returns the number.
int check(Store& store) {
  const auto steps_record = store.get("steps");
  REQUIRE(steps_record.ok());
  const int steps = *steps_record ? std::stoi(**steps_record) : 0;
  std::vector<std::string> names;
  std::vector<SegmentUid> listed;
  REQUIRE(store
              .scan("segment/",
                    [&](std::string_view key, std::string_view value) -> Status {
                      names.emplace_back(key.substr(8));
                      listed.push_back(uid_from(value));
                      return {};
                    })
              .ok());
  REQUIRE(names.size() == static_cast<size_t>(std::min(steps, 2)));
  if (steps > 0) REQUIRE(store.get("filler")->value().size() == (steps - 1) * 20000u);
  for (size_t i = 0; i < listed.size(); ++i) {
    const int step = std::stoi(names[i]);
    REQUIRE((step == steps - 1 || step == steps - 2));
    const auto handle = store.open_segment(listed[i]);
    REQUIRE(handle.ok());
    REQUIRE((*handle)->block_count() == kBlocks);
    for (uint32_t b = 0; b < kBlocks; ++b) REQUIRE((*handle)->get(b)->bytes() == block(step + b));
  }
  // What a start does with segments that nobody lists.
  const std::vector<SegmentUid> present = store.list_segments().value();
  for (const SegmentUid& uid : present) {
    if (std::find(listed.begin(), listed.end(), uid) == listed.end())
      REQUIRE(store.drop_segment(uid).ok());
  }
  REQUIRE(store.list_segments()->size() == listed.size());
  REQUIRE(store.verify().ok());
  return steps;
}

}  // namespace

TEST_CASE("store: whatever call fails for good, batches are whole after the crash") {
  for (const auto torn : {SimFs::Torn::kNothing, SimFs::Torn::kPrefix, SimFs::Torn::kHoles}) {
    bool done = false;
    for (uint64_t n = 1; !done; ++n) {
      INFO("torn " << static_cast<int>(torn) << ", call " << n);
      SimFs fs;
      fs.fail({.nth = n});
      int acknowledged = 0;
      {
        auto store = open_store(fs);
        if (store) acknowledged = seal_until_it_fails(**store, 0);
        done = acknowledged == kSteps;
        fs.crash(torn, n);
        if (store) bury(std::move(*store));
      }
      auto store = open_store(fs);
      if (!store) FAIL(store.error().reason);
      const int steps = check(**store);
      REQUIRE(steps >= acknowledged);
      REQUIRE(steps <= acknowledged + 1);

      REQUIRE(seal_until_it_fails(**store, steps) == steps + kSteps);
      fs.crash();
      bury(std::move(*store));
      store = open_store(fs);
      REQUIRE(store.ok());
      REQUIRE(check(**store) == steps + kSteps);
    }
  }
}

TEST_CASE(
    "store: whatever call fails once, it goes on after reopen, and nothing acknowledged is lost") {
  bool done = false;
  for (uint64_t n = 1; !done; ++n) {
    INFO("call " << n);
    SimFs fs;
    auto opened = open_store(fs);
    REQUIRE(opened.ok());
    std::unique_ptr<Store> store = std::move(*opened);
    fs.fail({.nth = n, .only_once = true});
    const int acknowledged = seal_until_it_fails(*store, 0);
    done = !fs.has_failed();
    fs.heal();
    const Status reopened = store->reopen();
    if (!reopened) FAIL(reopened.error().reason);
    const int steps = check(*store);
    REQUIRE(steps >= acknowledged);
    REQUIRE(steps <= acknowledged + 1);
    REQUIRE(seal_until_it_fails(*store, steps) == steps + kSteps);
    fs.crash();
    bury(std::move(store));
  }
}

TEST_CASE("store: after a failed sync every write answers with the error until it is reopened") {
  SimFs fs;
  auto store = *open_store(fs);
  CatalogBatch first;
  first.put("a", "1");
  REQUIRE(store->write(first).ok());
  auto writer = store->create_segment();
  REQUIRE((*writer)->add(block(0)).ok());

  fs.fail({.nth = 2, .only_once = true});  // the append, then the sync
  CatalogBatch second;
  second.put("b", "2");
  const Status failed = store->write(second);
  REQUIRE(!failed.ok());
  CHECK(failed.error().type == error_types::kIo);
  CatalogBatch third;
  third.put("c", "3");
  for (int i = 0; i < 2; ++i) {
    const Status again = store->write(third);
    REQUIRE(!again.ok());
    CHECK(again.error().reason == failed.error().reason);
  }
  CHECK(!store->create_segment().ok());
  CHECK(!(*writer)->finish().ok());
  CHECK(store->get("a")->value() == "1");  // reads go on

  CHECK(!store->status().ok());
  REQUIRE(store->reopen().ok());
  CHECK(store->status().ok());
  CHECK(!store->get("b")->has_value());  // though its record is in the log
  REQUIRE(store->write(third).ok());
  fs.crash();
  bury(std::move(store));
  const auto after = *open_store(fs);
  CHECK(after->get("a")->value() == "1");
  CHECK(!after->get("b")->has_value());
  CHECK(after->get("c")->value() == "3");
}

TEST_CASE("store: reopening brings back what a failed batch would have changed") {
  for (const uint64_t n : {1u, 2u}) {
    SimFs fs;
    auto store = *open_store(fs);
    CatalogBatch first;
    first.put("kept", "1");
    first.put("removed", "2");
    REQUIRE(store->write(first).ok());
    CatalogBatch failing;
    failing.put("kept", "other");
    failing.remove("removed");
    failing.put("new", "3");
    fs.fail({.nth = n, .only_once = true});
    REQUIRE(!store->write(failing).ok());
    for (int life = 0; life < 2; ++life) {
      REQUIRE(store->reopen().ok());
      CHECK(store->get("kept")->value() == "1");
      CHECK(store->get("removed")->value() == "2");
      CHECK(!store->get("new")->has_value());
    }
    fs.crash();
    bury(std::move(store));
    store = *open_store(fs);
    CHECK(store->get("kept")->value() == "1");
    CHECK(!store->get("new")->has_value());
  }
}

TEST_CASE("store: a full disk is told in the error, and after room was made it goes on") {
  SimFs fs;
  const auto store = *open_store(fs);
  fs.set_capacity(200000);
  Status written;
  for (int i = 0; i < 100 && written.ok(); ++i) {
    CatalogBatch batch;
    batch.put("k" + std::to_string(i), std::string(10000, static_cast<char>('a' + i % 26)));
    written = store->write(batch);
  }
  REQUIRE(!written.ok());
  CHECK(is_disk_full(written.error()));
  CHECK(store->get("k0")->has_value());
  fs.set_capacity(std::nullopt);
  REQUIRE(store->reopen().ok());
  CatalogBatch batch;
  batch.put("later", "v");
  CHECK(store->write(batch).ok());
  CHECK(store->get("k0")->has_value());
}

TEST_CASE("store: a drop that fails is made up for by reopen") {
  SimFs fs;
  const auto store = *open_store(fs);
  auto writer = store->create_segment();
  REQUIRE((*writer)->add(block(0)).ok());
  const SegmentUid uid = (*(*writer)->finish())->uid();
  fs.fail({.nth = 1});
  CHECK(!store->drop_segment(uid).ok());
  CHECK(store->list_segments()->empty());
  fs.heal();
  REQUIRE(store->reopen().ok());
  CHECK(store->list_segments()->empty());
  CHECK(store->stats().segment_files == 0);
}
