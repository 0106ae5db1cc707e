// Writers, readers, refreshes, seals, merges and administration at the same time. What it shows is
// shown best under the thread sanitizer.
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <source_location>
#include <thread>

#include "index/partition/host.h"
#include "tests/index/engine/engine_fixture.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::test;

namespace {

constexpr int kWriters = 3;
constexpr int kRounds = 60;
constexpr int kIdsPerWriter = 20;

struct ConcurrencyFixture : EngineFixture {
  ConcurrencyFixture() {
    REQUIRE(engine().close().ok());
    options.background = true;
    reopen();
    create("i", R"({"refresh_interval":"1ms"})");
  }

  // Catch's assertions are for one thread.
  void must(bool holds, const std::string& why = {},
            std::source_location where = std::source_location::current()) {
    if (holds) return;
    const std::lock_guard guard(failures_mutex_);
    failures_ += "line " + std::to_string(where.line()) + " " + why + "\n";
  }

  // Each writer has ids of its own; round by round each document has the round's number.
  void write(int writer) {
    std::mt19937_64 random(static_cast<uint64_t>(writer));
    for (int round = 0; round < kRounds; ++round) {
      const Padded source(R"({"round":)" + std::to_string(round) + R"(,"field)" +
                          std::to_string(round % 7) + R"(":"some words here"})");
      std::vector<WriteOp> ops(kIdsPerWriter);
      for (int i = 0; i < kIdsPerWriter; ++i) {
        ops[static_cast<size_t>(i)].index = "i";
        ops[static_cast<size_t>(i)].id = std::to_string(writer) + "-" + std::to_string(i);
        ops[static_cast<size_t>(i)].source = source.view();
      }
      ops.emplace_back().index = "i";  // one with an automatic id
      ops.back().source = source.view();
      const auto results = engine().write(ops, {});
      must(results.ok(), results ? "" : results.error().reason);
      for (size_t i = 0; results.ok() && i < results->size(); ++i) {
        const std::optional<Error>& error = (*results)[i].error;
        must(!error, error ? error->reason : "");
      }
      const std::string id =
          std::to_string(writer) + "-" + std::to_string(random() % kIdsPerWriter);
      const auto got = engine().get("i", id, true);
      must(got.ok() && got->found && got->source == source.view());
    }
  }

  // What one request wrote to one partition is seen whole or not at all.
  void read() {
    while (!stop_) {
      const auto state = engine().state();
      const IndexMetadata* metadata = state->find("i");
      const auto view = engine().view(*metadata);
      must(view.ok());
      if (!view.ok()) continue;
      std::map<std::string, std::set<std::string>> rounds;
      std::map<std::string, int> counts;
      for (const SegmentView& segment : view->segments) {
        std::vector<RowId> rows;
        for (RowId row = 0; row < segment.segment->row_count(); ++row) {
          if (segment.deleted == nullptr || !segment.deleted->get(row)) rows.push_back(row);
        }
        std::vector<RowData> data;
        segment.segment->row_data(rows, data);
        segment.segment->sources(rows, [&](size_t i, std::string_view source) {
          const std::string& id = data[i].id;
          if (id.size() > 4 || id[1] != '-') return;  // an automatic one
          rounds[id.substr(0, 1)].insert(std::string(source));
          ++counts[id.substr(0, 1)];
        });
      }
      for (const auto& [writer, sources] : rounds) {
        std::string seen = std::to_string(counts[writer]) + " documents";
        for (const std::string& source : sources) seen += " " + source;
        must(sources.size() == 1 && counts[writer] == kIdsPerWriter, seen);
      }
    }
  }

  void administer() {
    int n = 0;
    while (!stop_) {
      const std::string name = "other" + std::to_string(n++ % 3);
      const Padded source(R"({"a":1})");
      std::vector<WriteOp> ops(5);
      for (WriteOp& op : ops) {
        op.index = name;
        op.source = source.view();
      }
      must(engine().write(ops, {.refresh = RefreshPolicy::kWaitFor}).ok());
      must(engine().stats("i").ok());
      must(engine()
               .put_mapping("i", *json::parse(R"({"properties":{"m)" + std::to_string(n % 5) +
                                              R"(":{"type":"keyword"}}})"))
               .ok());
      if (n % 2 == 0) must(engine().flush(name).ok());
      must(engine().delete_index(name).ok());
    }
  }

  void maintain() {
    int n = 0;
    while (!stop_) {
      switch (n++ % 4) {
        case 0:
          must(engine().flush("i").ok());
          break;
        case 1:
          must(engine().refresh("i").ok());
          break;
        case 2:
          must(engine().force_merge("i", 2, false).ok());
          break;
        default:
          must(engine()
                   .put_settings("i",
                                 *json::parse(R"({"mapping.total_fields.limit":)" +
                                              std::to_string(1000 + n) + "}"),
                                 false)
                   .ok());
      }
    }
  }

  void run() {
    std::vector<std::thread> writers, others;
    for (int i = 0; i < kWriters; ++i) writers.emplace_back([this, i] { write(i); });
    others.emplace_back([this] { read(); });
    others.emplace_back([this] { administer(); });
    others.emplace_back([this] { maintain(); });
    for (std::thread& thread : writers) thread.join();
    stop_ = true;
    for (std::thread& thread : others) thread.join();
  }

  std::atomic<bool> stop_{false};
  std::mutex failures_mutex_;
  std::string failures_;
};

}  // namespace

TEST_CASE_METHOD(ConcurrencyFixture,
                 "all at the same time: no write is lost, none seen by halves") {
  run();
  CHECK(failures_ == "");
  const auto check = [&] {
    CHECK(refreshed("i") == kWriters * (kIdsPerWriter + kRounds));
    for (int writer = 0; writer < kWriters; ++writer) {
      for (int i = 0; i < kIdsPerWriter; ++i) {
        const auto got = engine().get("i", std::to_string(writer) + "-" + std::to_string(i), true);
        REQUIRE(got.ok());
        CHECK(got->version == kRounds);
        CHECK(got->source.starts_with(R"({"round":)" + std::to_string(kRounds - 1)));
      }
    }
  };
  check();
  SECTION("after a power cut") { cut_power(); }
  SECTION("after a clean close") { close_and_reopen(); }
  check();
  REQUIRE(engine().flush("i").ok());
  CHECK(host().live_bytes == 0);
  CHECK(host().unsealed_rows == 0);
}
