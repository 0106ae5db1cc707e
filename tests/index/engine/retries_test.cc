// Bulk requests that come again after a lost answer.
#include <catch2/catch.hpp>
#include <deque>
#include <thread>

#include "index/partition/host.h"
#include "tests/index/engine/engine_fixture.h"

using namespace stratalog;
using namespace stratalog::index;
using test::Padded;

namespace {

struct Bulk {
  std::deque<Padded> sources;
  std::vector<WriteOp> ops;
  Bulk& add(OpType type, const std::string& index, const std::string& id,
            std::string_view source = R"({"m":"x"})") {
    WriteOp op;
    op.type = type;
    op.index = index;
    op.id = id;
    op.position = static_cast<uint32_t>(ops.size());
    op.source = sources.emplace_back(source).view();
    ops.push_back(op);
    return *this;
  }
};

class RetryFixture : public test::EngineFixture {
 public:
  std::vector<WriteResult> send(const Bulk& bulk, uint8_t digest) {
    WriteOptions how;
    how.refresh = RefreshPolicy::kTrue;
    how.retry_digest = [digest] { return RetryDigest{digest}; };
    auto results = engine().write(bulk.ops, how);
    REQUIRE(results.ok());
    return std::move(*results);
  }
};

void check_same(const std::vector<WriteResult>& first, const std::vector<WriteResult>& second) {
  REQUIRE(first.size() == second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    INFO(i);
    CHECK(first[i].error.has_value() == second[i].error.has_value());
    if (first[i].error) continue;
    CHECK(first[i].index == second[i].index);
    CHECK(first[i].id == second[i].id);
    CHECK(first[i].seq_no == second[i].seq_no);
    CHECK(first[i].primary_term == second[i].primary_term);
    CHECK(first[i].version == second[i].version);
    CHECK(first[i].kind == second[i].kind);
    CHECK(first[i].forced_refresh == second[i].forced_refresh);
  }
}

Bulk days() {
  Bulk bulk;
  for (int i = 0; i < 5; ++i) bulk.add(OpType::kIndex, "logstash-1", "");
  bulk.add(OpType::kCreate, "logstash-2", "").add(OpType::kCreate, "logstash-1", "own");
  bulk.add(OpType::kCreate, "logstash-1", "own");  // a conflict with the one before
  return bulk;
}

}  // namespace

TEST_CASE_METHOD(RetryFixture, "retries: the same request again is answered, not stored") {
  const Bulk bulk = days();
  const auto first = send(bulk, 1);
  CHECK(first[6].kind == WriteResult::Kind::kCreated);
  CHECK(first[7].error);
  check_same(first, send(bulk, 1));
  CHECK(visible("logstash-1") == 6);
  CHECK(visible("logstash-2") == 1);
  CHECK(engine().node_stats().retried_items_answered == 7);

  SECTION("another one with the same lines is stored") {
    const auto other = send(bulk, 2);
    CHECK(other[6].error);
    CHECK(visible("logstash-1") == 11);
  }
  SECTION("after the process has ended") {
    reopen();
    check_same(first, send(bulk, 1));
    CHECK(visible("logstash-1") == 6);
  }
  SECTION("after the power has gone") {
    cut_power();
    check_same(first, send(bulk, 1));
    CHECK(visible("logstash-1") == 6);
  }
  SECTION("when the rows are in a sealed segment, and after starts") {
    REQUIRE(engine().flush("logstash-1").ok());
    check_same(first, send(bulk, 1));
    reopen();
    check_same(first, send(bulk, 1));
    close_and_reopen();
    check_same(first, send(bulk, 1));
    close_and_reopen();
    check_same(first, send(bulk, 1));
    CHECK(visible("logstash-1") == 6);
    CHECK(visible("logstash-2") == 1);
  }
  SECTION("what went with its index is stored anew, the rest is not") {
    REQUIRE(engine().delete_index("logstash-1").ok());
    reopen();
    const auto second = send(bulk, 1);
    CHECK(second[0].id != first[0].id);
    CHECK(second[5].id == first[5].id);
    CHECK(refreshed("logstash-1") == 6);
    CHECK(refreshed("logstash-2") == 1);
    check_same(second, send(bulk, 1));
  }
  SECTION("a document that was deleted meanwhile stays deleted") {
    remove("logstash-1", "own");
    auto again = send(bulk, 1);
    CHECK_FALSE(again[7].error);  // the second of its name failed at first: it is run again
    again[7] = first[7];
    check_same(first, again);
  }
}

TEST_CASE_METHOD(RetryFixture, "retries: only of indices that ask for it") {
  create("plain");
  create("asks", R"({"index.bulk.deduplicate_retries":true})");
  Bulk bulk;
  bulk.add(OpType::kIndex, "plain", "").add(OpType::kIndex, "asks", "");
  send(bulk, 1);
  send(bulk, 1);
  CHECK(visible("plain") == 2);
  CHECK(visible("asks") == 1);
  REQUIRE(
      engine().put_settings("asks", json_of(R"({"bulk.deduplicate_retries":false})"), false).ok());
  send(bulk, 1);
  CHECK(visible("asks") == 2);
}

TEST_CASE_METHOD(RetryFixture, "retries: what can be repeated without harm is run again") {
  Bulk bulk;
  bulk.add(OpType::kIndex, "logstash-1", "a").add(OpType::kDelete, "logstash-1", "b");
  bulk.add(OpType::kUpdate, "logstash-1", "a", R"({"doc":{"n":1}})");
  send(bulk, 1);
  const auto second = send(bulk, 1);
  CHECK(second[0].version == 3);
  CHECK(second[0].kind == WriteResult::Kind::kUpdated);
  CHECK(visible("logstash-1") == 1);
}

TEST_CASE_METHOD(RetryFixture, "retries: items that failed are run again, alone") {
  create("logstash-1", "{}", R"({"properties":{"n":{"type":"long"}}})");
  REQUIRE(engine()
              .put_settings("logstash-1", json_of(R"({"mapping.conflicts":"reject"})"), false)
              .ok());
  Bulk bulk;
  bulk.add(OpType::kIndex, "logstash-1", "", R"({"n":1})");
  bulk.add(OpType::kIndex, "logstash-1", "", R"({"n":"none"})");
  bulk.add(OpType::kIndex, "logstash-1", "", R"({"n":2})");
  const auto first = send(bulk, 1);
  CHECK(first[1].error);
  check_same(first, send(bulk, 1));
  CHECK(visible("logstash-1") == 2);
  REQUIRE(engine()
              .put_settings("logstash-1", json_of(R"({"mapping.conflicts":"accept"})"), false)
              .ok());
  const auto third = send(bulk, 1);
  CHECK_FALSE(third[1].error);
  CHECK(third[0].id == first[0].id);
  CHECK(third[2].id == first[2].id);
  CHECK(visible("logstash-1") == 3);
  check_same(third, send(bulk, 1));
  reopen();
  check_same(third, send(bulk, 1));
}

TEST_CASE_METHOD(RetryFixture, "retries: many at once store once") {
  Bulk bulk;
  for (int i = 0; i < 300; ++i) bulk.add(OpType::kIndex, "logstash-1", "");
  create("logstash-1");
  std::vector<std::thread> clients;
  std::vector<std::vector<WriteResult>> results(6);
  for (auto& own : results) clients.emplace_back([&] { own = send(bulk, 1); });
  for (std::thread& client : clients) client.join();
  CHECK(refreshed("logstash-1") == 300);
  for (const auto& own : results) check_same(results[0], own);
}

TEST_CASE_METHOD(RetryFixture, "retries: a request half stored when the disk failed") {
  // Long enough for several frames; the disk fails at one of them.
  Bulk bulk;
  const std::string line = R"({"m":")" + std::string(100'000, 'x') + R"("})";
  for (int i = 0; i < 100; ++i) bulk.add(OpType::kIndex, "logstash-1", "", line);
  create("logstash-1");
  send(Bulk().add(OpType::kIndex, "logstash-1", ""), 200);
  size_t halves = 0;
  for (uint64_t nth = 1; nth < 12; ++nth) {
    const auto key = [nth] { return RetryDigest{static_cast<uint8_t>(nth)}; };
    WriteOptions how;
    how.retry_digest = key;
    fs.disk.fail({.nth = nth});
    const bool stored = engine().write(bulk.ops, how).ok();
    fs.disk.heal();
    cut_power(storage::SimFs::Torn::kPrefix, nth);
    const uint64_t found = refreshed("logstash-1") - (1 + 100 * (nth - 1));
    CHECK((!stored || found == 100));
    halves += found > 0 && found < 100 ? 1 : 0;
    REQUIRE(engine().write(bulk.ops, how).ok());
    CHECK(refreshed("logstash-1") == 1 + 100 * nth);
  }
  CHECK(halves > 0);
}
