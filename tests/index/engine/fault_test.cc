// The engine on a disk that fails at each of its calls in turn: what was acknowledged is there,
// nothing is there by halves, and it works on.
//
// All calls when STRATALOG_TEST_LONG is set, else each tenth, from another first one day by day.
#include <ctime>

#include "index/engine/engine_impl.h"
#include "tests/index/engine/engine_fixture.h"
#include "tests/index/engine/fault_load_fixture.h"
#include "tests/run_settings.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::test;
using storage::SimFs;

namespace {

struct Disk {
  SimFs fs;
  std::unique_ptr<Engine> engine;

  EngineOptions options() {
    EngineOptions options;
    options.folder = "/data";
    options.fs = &fs;
    options.background = false;
    return options;
  }
  bool open() {
    auto opened = Engine::open(options());
    if (!opened) {
      reason = opened.error().reason;
      return false;
    }
    engine = std::move(*opened);
    return true;
  }
  void must_open() {
    const bool opened = open();
    INFO(reason);
    REQUIRE(opened);
  }
  void cut_power(SimFs::Torn torn = SimFs::Torn::kNothing, uint64_t seed = 0) {
    fs.crash(torn, seed);
    // A store that knows of a failure does not try to flush at its end.
    if (engine != nullptr) static_cast<void>(engine->put_record("after", "death"));
    engine.reset();
  }
  std::string reason;
};

uint64_t calls_of_a_run() {
  Disk disk;
  disk.must_open();
  FaultLoad load;
  REQUIRE(load.run(*disk.engine));
  load.check(*disk.engine);
  disk.engine.reset();
  return disk.fs.calls();
}

template <typename Try>
void for_calls(uint64_t count, const Try& try_call) {
  const uint64_t step = test_long() ? 1 : 10;
  const uint64_t first = 1 + static_cast<uint64_t>(std::time(nullptr) / 86'400) % step;
  for (uint64_t n = first; n <= count + step; n += step) {
    INFO("call " << n);
    try_call(n);
  }
}

}  // namespace

TEST_CASE("engine: a load without faults, and after every kind of end") {
  Disk disk;
  disk.must_open();
  FaultLoad load;
  REQUIRE(load.run(*disk.engine));
  load.check(*disk.engine);
  SECTION("a power cut") { disk.cut_power(); }
  SECTION("the end of the process") {}
  SECTION("a clean close") { REQUIRE(disk.engine->close().ok()); }
  disk.engine.reset();
  disk.must_open();
  load.check(*disk.engine);
  load.run_on(*disk.engine);
  load.check(*disk.engine);
}

TEST_CASE("engine: a power cut at any call takes nothing that was acknowledged") {
  const uint64_t calls = calls_of_a_run();
  for_calls(calls, [&](uint64_t n) {
    for (const auto torn : {SimFs::Torn::kNothing, SimFs::Torn::kPrefix, SimFs::Torn::kHoles}) {
      INFO("torn " << static_cast<int>(torn));
      Disk disk;
      FaultLoad load;
      disk.fs.fail({.nth = n});
      if (disk.open()) load.run(*disk.engine);
      disk.cut_power(torn, n);
      for (int life = 0; life < 2; ++life) {
        INFO("life " << life);
        disk.must_open();
        load.check(*disk.engine);
        load.run_on(*disk.engine);
        disk.cut_power();
      }
      disk.must_open();
      load.check(*disk.engine);
    }
  });
}

TEST_CASE("engine: after one failed call it gets over it, and nothing acknowledged is lost") {
  const uint64_t calls = calls_of_a_run();
  uint64_t repaired = 0;
  for_calls(calls, [&](uint64_t n) {
    Disk disk;
    disk.must_open();
    FaultLoad load;
    disk.fs.fail({.nth = n, .only_once = true});
    load.run(*disk.engine);
    disk.fs.heal();
    auto& engine = dynamic_cast<EngineImpl&>(*disk.engine);
    engine.housekeeping();
    if (engine.health().ok()) {
      load.check(engine);
      load.run_on(engine);
      load.check(engine);
      ++repaired;
    } else {
      // Only the log's faults last until the next start.
      REQUIRE(engine.health().state() == Health::State::kFailedForGood);
      REQUIRE_FALSE(engine.translog().status().ok());
    }
    for (int life = 0; life < 2; ++life) {
      INFO("life " << life);
      // The first start finds what the disk has not yet forgotten.
      if (life > 0 || n % 2 == 0) {
        disk.cut_power();
      } else {
        disk.engine.reset();
      }
      disk.must_open();
      load.check(*disk.engine);
      load.run_on(*disk.engine);
    }
    disk.cut_power();
    disk.must_open();
    load.check(*disk.engine);
  });
  CHECK(repaired > calls / 50);
}

TEST_CASE("engine: a power cut after one failed call takes nothing that was acknowledged") {
  const uint64_t calls = calls_of_a_run();
  for_calls(calls, [&](uint64_t n) {
    Disk disk;
    disk.must_open();
    FaultLoad load;
    disk.fs.fail({.nth = n, .only_once = true});
    load.run(*disk.engine);
    disk.cut_power(SimFs::Torn::kPrefix, n);
    disk.must_open();
    load.check(*disk.engine);
    load.run_on(*disk.engine);
    disk.cut_power();
    disk.must_open();
    load.check(*disk.engine);
  });
}
