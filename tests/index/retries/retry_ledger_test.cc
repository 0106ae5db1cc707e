#include "index/retries/retry_ledger.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "storage/sim_fs.h"

using namespace stratalog;
using namespace stratalog::index;

namespace {

constexpr int64_t kNow = 1'000'000'000;

RetryDigest digest(uint8_t n) {
  RetryDigest out{};
  out[0] = n;
  return out;
}

RetryRecord record(uint8_t n, SeqNo first_seq_no, int64_t time_ms = kNow) {
  RetryRecord out;
  out.digest = digest(n);
  out.time_ms = time_ms;
  out.add(0, first_seq_no, 1, false);
  out.add(1, first_seq_no + 1, 1, false);
  return out;
}

struct LedgerFixture {
  LedgerFixture() { open(); }
  void open() {
    auto opened = storage::Store::open(disk, "store", {});
    REQUIRE(opened.ok());
    store = std::move(*opened);
    ledger = std::make_unique<RetryLedger>(limits);
    REQUIRE(ledger->load(*store, now).ok());
  }
  void reopen() {
    ledger.reset();
    store.reset();
    open();
  }
  void commit(storage::PartitionId partition, SeqNo up_to) {
    storage::CatalogBatch batch;
    const auto made = ledger->prepare(partition, up_to, now, batch);
    if (!batch.empty()) REQUIRE(store->write(batch).ok());
    ledger->committed(made);
  }
  size_t known(uint8_t n) { return ledger->begin(digest(n), now).stored().size(); }
  size_t durable() {
    size_t count = 0;
    REQUIRE(store->scan("retries/", [&](std::string_view, std::string_view) -> Status {
      ++count;
      return {};
    }));
    return count;
  }

  storage::SimFs disk;
  RetryLedger::Limits limits;
  int64_t now = kNow;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<RetryLedger> ledger;
};

}  // namespace

TEST_CASE_METHOD(LedgerFixture, "retry ledger: knows what was stored under a digest") {
  CHECK(known(1) == 0);
  ledger->add(7, 11, record(1, 0));
  ledger->add(8, 12, record(1, 40));
  ledger->add(7, 13, record(2, 2));
  const auto request = ledger->begin(digest(1), now);
  REQUIRE(request.stored().size() == 2);
  CHECK(request.stored()[0]->partition == 7);
  CHECK(request.stored()[0]->lsn == 11);
  CHECK(request.stored()[0]->record.find(1)->first_seq_no == 0);
  CHECK(request.stored()[1]->partition == 8);
  CHECK(known(2) == 1);
  CHECK(known(3) == 0);
}

TEST_CASE_METHOD(LedgerFixture, "retry ledger: the same request waits for the one under way") {
  std::atomic<bool> began = false, second_done = false;
  std::thread second;
  {
    const auto first = ledger->begin(digest(1), now);
    second = std::thread([&] {
      began = true;
      const auto request = ledger->begin(digest(1), now);
      second_done = request.stored().size() == 1;
    });
    while (!began) std::this_thread::yield();
    CHECK(known(2) == 0);  // others don't
    ledger->add(7, 1, record(1, 0));
    CHECK_FALSE(second_done);
  }
  second.join();
  CHECK(second_done);
}

TEST_CASE_METHOD(LedgerFixture, "retry ledger: committed records outlive the process") {
  ledger->add(7, 1, record(1, 0));
  ledger->add(7, 2, record(2, 2));
  ledger->add(8, 3, record(3, 0));
  commit(7, 1);  // the first of the partition alone
  CHECK(durable() == 1);
  reopen();
  CHECK(known(1) == 1);
  CHECK(known(2) == 0);
  CHECK(known(3) == 0);
  CHECK(ledger->begin(digest(1), now).stored()[0]->lsn == 0);
  ledger->add(7, 2, record(2, 2));  // as the log's replay does
  commit(7, 3);
  CHECK(durable() == 2);
  commit(7, 3);
  CHECK(durable() == 2);
  reopen();
  CHECK(known(1) == 1);
  CHECK(known(2) == 1);
}

TEST_CASE_METHOD(LedgerFixture, "retry ledger: a commit that fails is made again") {
  ledger->add(7, 1, record(1, 0));
  storage::CatalogBatch lost;
  (void)ledger->prepare(7, 1, now, lost);
  CHECK(lost.changes().size() == 1);
  commit(7, 1);
  reopen();
  CHECK(known(1) == 1);
  CHECK(durable() == 1);
}

TEST_CASE_METHOD(LedgerFixture, "retry ledger: forgets after the window, on disk too") {
  ledger->add(7, 1, record(1, 0));
  commit(7, 1);
  now += limits.window_ms;
  CHECK(known(1) == 1);
  now += 1;
  CHECK(known(1) == 0);
  CHECK(durable() == 1);
  commit(9, -1);  // any partition's
  CHECK(durable() == 0);
  ledger->add(7, 1, record(2, 2));
  commit(7, 3);
  now += 2 * limits.window_ms;
  reopen();  // an old one that is found at a start
  CHECK(known(2) == 0);
  commit(7, 3);
  CHECK(durable() == 0);
}

TEST_CASE("retry ledger: the oldest go when all take too much") {
  LedgerFixture fixture;
  fixture.limits.bytes_max = 5000;
  fixture.reopen();
  for (uint8_t n = 0; n < 100; ++n) {
    fixture.ledger->add(7, n + 1, record(n, 2 * n));
    if (n % 10 == 9) fixture.commit(7, 2 * n + 1);
    CHECK(fixture.ledger->stats().bytes <= 5000);
  }
  const size_t kept = fixture.ledger->stats().records;
  CHECK(kept >= 5);
  CHECK(kept < 50);
  CHECK(fixture.known(99) == 1);
  CHECK(fixture.known(static_cast<uint8_t>(100 - kept)) == 1);
  CHECK(fixture.known(static_cast<uint8_t>(99 - kept)) == 0);
  CHECK(fixture.durable() <= kept / 10 + 2);  // what holds none any more is removed
  fixture.reopen();
  CHECK(fixture.known(99) == 1);
  CHECK(fixture.ledger->stats().bytes <= 5000);
}

TEST_CASE_METHOD(LedgerFixture, "retry ledger: records go with their partition") {
  ledger->add(7, 1, record(1, 0));
  commit(7, 1);
  ledger->add(7, 2, record(1, 2));
  ledger->add(8, 3, record(1, 0));
  storage::CatalogBatch batch;
  ledger->prepare_drop(7, batch);
  CHECK(known(1) == 3);  // not until it is durable
  REQUIRE(store->write(batch).ok());
  ledger->forget(7);
  CHECK(known(1) == 1);
  CHECK(durable() == 0);
  commit(8, 1);
  reopen();
  CHECK(known(1) == 1);
}

TEST_CASE_METHOD(LedgerFixture, "retry ledger: a damaged record of the catalog refuses the start") {
  for (const auto& [key, value] :
       {std::pair("retries/00000000000000070000000000000000", ""),
        std::pair("retries/0000000000000007/000000000000000g", ""),
        std::pair("retries/0000000000000007/0000000000000000", "\x05garbage")}) {
    storage::CatalogBatch batch;
    batch.put(key, value);
    REQUIRE(store->write(batch).ok());
    RetryLedger other(limits);
    const Status loaded = other.load(*store, now);
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().type == error_types::kCorruption);
    storage::CatalogBatch undo;
    undo.remove(key);
    REQUIRE(store->write(undo).ok());
  }
}
