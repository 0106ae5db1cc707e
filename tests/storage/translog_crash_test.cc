// The translog on a file system that fails and forgets: what was acknowledged is there, in order,
// whatever call failed.
#include <catch2/catch.hpp>
#include <random>

#include "base/hash.h"
#include "storage/sim_fs.h"
#include "storage/translog.h"
#include "storage/translog_format.h"

using namespace stratalog;
using namespace stratalog::storage;

namespace {

constexpr const char* kFolder = "/data/translog";

Result<std::vector<PartitionId>> partitions_of(std::string_view payload) {
  return std::vector<PartitionId>{static_cast<PartitionId>(payload.empty() ? 0 : payload[0])};
}

Result<std::unique_ptr<Translog>> open_log(SimFs& fs, std::map<Lsn, std::string>& frames) {
  return Translog::open(fs, kFolder, {.generation_bytes = 400}, partitions_of,
                        [&](Lsn lsn, std::string_view payload) -> Status {
                          frames.emplace(lsn, payload);
                          return {};
                        });
}

std::string payload_of(Lsn lsn) {
  return std::string(1, static_cast<char>('a' + lsn % 3)) + std::to_string(lsn) +
         std::string(lsn * 7 % 100, '.');
}

// What a caller knows of the log.
struct Known {
  Lsn appended = 0;
  Lsn acknowledged = 0;
  std::map<PartitionId, Lsn> released;
  bool failed = false;
};

// Appends, syncs and releases until something fails. Frames of three partitions; 'a' and 'b' are
// released now and then.
void use(Translog& log, Known& known) {
  for (int i = 0; i < 30; ++i) {
    const Lsn expected = known.appended + 1;
    const std::string payload = payload_of(expected);
    const auto partitions = partitions_of(payload);
    ++known.appended;  // may be there even if the call fails
    const Result<Lsn> lsn = log.append(payload, *partitions);
    if (!lsn) {
      known.failed = true;
      return;
    }
    REQUIRE(*lsn == expected);
    if (i % 3 == 2) {
      if (!log.sync(*lsn)) {
        known.failed = true;
        return;
      }
      known.acknowledged = *lsn;
    }
    if (i % 10 == 9) {
      for (const PartitionId partition : {'a', 'b'}) {
        log.release(partition, known.acknowledged);
        known.released[partition] = known.acknowledged;
      }
    }
  }
}

void check(const std::map<Lsn, std::string>& frames, const Known& known) {
  for (const auto& [lsn, payload] : frames) {
    REQUIRE(lsn <= known.appended);
    REQUIRE(payload == payload_of(lsn));
  }
  for (Lsn lsn = 1; lsn <= known.acknowledged; ++lsn) {
    const auto released = known.released.find(payload_of(lsn)[0]);
    if (released != known.released.end() && lsn <= released->second) continue;
    INFO("frame " << lsn);
    REQUIRE(frames.contains(lsn));
  }
  if (!frames.empty()) REQUIRE(frames.rbegin()->first - frames.begin()->first + 1 == frames.size());
}

}  // namespace

TEST_CASE("translog: whatever call fails, acknowledged frames survive the crash") {
  for (const auto torn : {SimFs::Torn::kNothing, SimFs::Torn::kPrefix, SimFs::Torn::kHoles}) {
    for (const bool only_once : {false, true}) {
      for (uint64_t n = 1;; ++n) {
        INFO("torn " << static_cast<int>(torn) << ", only once " << only_once << ", call " << n);
        SimFs fs;
        Known known;
        std::map<Lsn, std::string> frames;
        fs.fail({.nth = n, .only_once = only_once});
        if (auto log = open_log(fs, frames)) {
          use(**log, known);
          if (known.failed) {
            CHECK(!(*log)->append("x", {}).ok());
            const Lsn last = (*log)->last();
            CHECK((*log)->sync(last).ok() == (last == (*log)->synced()));
          }
          fs.crash(torn, n);
        } else {
          fs.crash(torn, n);
        }
        const bool done = !fs.has_failed();

        // A second life, then a third one to see that the second harmed nothing.
        for (int life = 0; life < 2; ++life) {
          frames.clear();
          auto log = open_log(fs, frames);
          if (!log) FAIL(log.error().reason);
          check(frames, known);
          const Lsn last = (*log)->last();
          REQUIRE(last >= known.acknowledged);
          known.appended = last;
          const auto partitions = partitions_of(payload_of(last + 1));
          const Result<Lsn> lsn = (*log)->append(payload_of(last + 1), *partitions);
          REQUIRE(lsn.ok());
          REQUIRE((*log)->sync(*lsn).ok());
          known.appended = known.acknowledged = *lsn;
          if (life == 0) fs.crash(torn, n + 1000);
        }
        if (done) break;
      }
    }
  }
}

TEST_CASE("translog: a failed sync is final, though the disk works again") {
  SimFs fs;
  std::map<Lsn, std::string> frames;
  const auto log = *open_log(fs, frames);
  REQUIRE(log->append("a1", {}).ok());
  REQUIRE(log->sync(1).ok());
  REQUIRE(log->append("a2", {}).ok());
  fs.fail({.nth = 1, .only_once = true});
  const Status first = log->sync(2);
  REQUIRE(!first.ok());
  for (int i = 0; i < 2; ++i) {
    const Status again = log->sync(2);
    REQUIRE(!again.ok());
    CHECK(again.error().reason == first.error().reason);
    const auto append = log->append("a3", {});
    REQUIRE(!append.ok());
    CHECK(append.error().reason == first.error().reason);
  }
  CHECK(log->synced() == 1);
  CHECK(log->sync(1).ok());  // durable before
}

TEST_CASE("translog: a full disk fails it with an error that says so") {
  SimFs fs;
  std::map<Lsn, std::string> frames;
  const auto log = *open_log(fs, frames);
  fs.set_capacity(1000);
  const std::vector<PartitionId> pinned{1};
  Result<Lsn> lsn = 0;
  for (int i = 0; i < 100 && lsn.ok(); ++i) lsn = log->append(std::string(100, 'a'), pinned);
  REQUIRE(!lsn.ok());
  CHECK(is_disk_full(lsn.error()));
}

TEST_CASE("translog: any bytes at all either open or are refused") {
  std::mt19937_64 random(20240501);
  int opened = 0;
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    SimFs fs;
    REQUIRE(fs.create_folders(kFolder).ok());
    const uint64_t generations = 1 + random() % 3;
    Lsn lsn = 1;
    for (uint64_t g = 1; g <= generations; ++g) {
      const uint32_t salt = static_cast<uint32_t>(random());
      std::string bytes = encode_generation_header({g, lsn, salt});
      for (uint64_t i = random() % 4; i > 0; --i, ++lsn) {
        const std::string payload(random() % 50, static_cast<char>(random()));
        bytes += encode_frame_header(
            {static_cast<uint32_t>(payload.size()), crc32c(payload), lsn, random() % lsn}, salt);
        bytes += payload;
      }
      for (uint64_t damage = random() % 3; damage > 0 && !bytes.empty(); --damage) {
        const uint64_t at = random() % bytes.size();
        switch (random() % 4) {
          case 0:
            bytes[at] = static_cast<char>(random());
            break;
          case 1:
            bytes.resize(at);
            break;
          case 2:
            bytes.insert(at, std::string(random() % 40, static_cast<char>(random())));
            break;
          default:
            bytes += bytes.substr(at);
        }
      }
      if (random() % 20 == 0) {
        for (char& c : bytes) c = static_cast<char>(random());
      }
      REQUIRE(fs.write_file(std::string(kFolder) + "/" + generation_file_name(g), bytes).ok());
    }
    std::map<Lsn, std::string> frames;
    auto log = open_log(fs, frames);
    if (!log) {
      ++refused;
      REQUIRE(log.error().type == error_types::kCorruption);
      continue;
    }
    ++opened;
    const Lsn last = (*log)->last();
    REQUIRE((frames.empty() || frames.rbegin()->first == last));
    REQUIRE(*(*log)->append("later", {}) == last + 1);
    REQUIRE((*log)->sync(last + 1).ok());
    log->reset();
    const size_t count = frames.size();
    frames.clear();
    REQUIRE(open_log(fs, frames).ok());
    REQUIRE(frames.size() == count + 1);
  }
  CHECK(opened > 300);
  CHECK(refused > 300);
}

TEST_CASE("translog: a full disk refuses appends and harms nothing; with room it goes on") {
  SimFs fs;
  Known known;
  std::map<Lsn, std::string> frames;
  auto log = *open_log(fs, frames);
  const auto append = [&](uint64_t bytes) {
    std::string payload = payload_of(known.appended + 1);
    payload.resize(std::max<size_t>(payload.size(), bytes), '.');
    const Result<Lsn> lsn = log->append(payload, *partitions_of(payload));
    if (lsn) frames[known.appended = *lsn] = payload;
    return lsn;
  };
  for (int i = 0; i < 5; ++i) REQUIRE(append(0).ok());
  uint64_t longest = 0;
  SECTION("no room for another generation") {}
  SECTION("no room for a long frame") { longest = 5000; }
  SECTION("what is full tears a frame, where nothing can be allocated") {
    longest = 300;
    fs.set_no_allocation(true);
  }
  fs.set_capacity(fs.used());
  Result<Lsn> refused = append(longest);
  for (int i = 0; i < 20 && refused.ok(); ++i) refused = append(longest);
  REQUIRE(!refused.ok());
  CHECK(is_disk_full(refused.error()));
  CHECK(log->status().ok());
  CHECK(!append(0).ok());
  CHECK(!log->resume().ok());
  CHECK(log->sync(log->last()).ok());

  const bool ends_there = GENERATE(false, true);
  fs.set_capacity(std::nullopt);
  if (!ends_there) {
    REQUIRE(log->resume().ok());
    for (int i = 0; i < 5; ++i) REQUIRE(append(longest).ok());
    REQUIRE(log->sync(log->last()).ok());
  }
  SECTION("cut") { fs.crash(); }
  SECTION("ended") {}
  log.reset();
  std::map<Lsn, std::string> found;
  const auto again = open_log(fs, found);
  INFO((again ? "" : again.error().reason));
  REQUIRE(again.ok());
  CHECK(found == frames);
}

TEST_CASE("translog: what a failed sync left in memory alone is not trusted by the next start") {
  SimFs fs;
  std::map<Lsn, std::string> frames;
  auto log = *open_log(fs, frames);
  const std::vector<PartitionId> partitions = {1};
  REQUIRE(log->append("synced", partitions).ok());
  REQUIRE(log->sync(1).ok());
  REQUIRE(log->append("not synced", partitions).ok());
  fs.fail({.nth = 1, .only_once = true});
  REQUIRE(!log->sync(2).ok());
  REQUIRE(!log->status().ok());
  REQUIRE(!log->resume().ok());
  for (int life = 0; life < 3; ++life) {
    // The first life reads it from memory; the second after a power cut.
    log.reset();
    frames.clear();
    auto opened = open_log(fs, frames);
    INFO((opened ? "" : opened.error().reason));
    REQUIRE(opened.ok());
    log = std::move(*opened);
    CHECK(frames.at(1) == "synced");
    CHECK(frames.at(2) == "not synced");
    REQUIRE(log->append("more", partitions).ok());
    REQUIRE(log->sync(log->last()).ok());
    fs.crash();
  }
}
