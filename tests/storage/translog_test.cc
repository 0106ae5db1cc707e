#include "storage/translog.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "storage/translog_format.h"
#include "tests/storage/temp_folder.h"

using namespace stratalog;
using namespace stratalog::storage;

namespace {

using Payloads = std::vector<std::string>;

// A payload is text; its first character is the partition that needs it ('1' to '9'), none for
// others.
Result<std::vector<PartitionId>> partitions_of(std::string_view payload) {
  std::vector<PartitionId> partitions;
  if (!payload.empty() && payload[0] >= '1' && payload[0] <= '9')
    partitions.push_back(payload[0] - '0');
  return partitions;
}

struct Fixture {
  test::TempFolder folder;
  TranslogOptions options{.generation_bytes = 1 << 20};
  std::unique_ptr<Translog> log;
  Payloads replayed;
  std::vector<Lsn> lsns;

  Status open() {
    log.reset();
    replayed.clear();
    lsns.clear();
    auto opened = Translog::open(real_file_system(), folder.path(), options, partitions_of,
                                 [&](Lsn lsn, std::string_view payload) -> Status {
                                   lsns.push_back(lsn);
                                   replayed.emplace_back(payload);
                                   return {};
                                 });
    if (!opened) return opened.error();
    log = std::move(*opened);
    return {};
  }

  Lsn append(std::string_view payload) {
    const auto partitions = partitions_of(payload);
    const Result<Lsn> lsn = log->append(payload, *partitions);
    REQUIRE(lsn.ok());
    return *lsn;
  }
  Lsn write(std::string_view payload) {
    const Lsn lsn = append(payload);
    REQUIRE(log->sync(lsn).ok());
    return lsn;
  }

  // What a killed process leaves: the files as they are, without the mark of a clean close.
  void kill() {
    test::TempFolder copy;
    std::filesystem::copy(folder.path(), copy.path());
    log.reset();
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      std::filesystem::remove(entry);
    std::filesystem::copy(copy.path(), folder.path());
  }

  std::string file(uint64_t generation) const { return folder / generation_file_name(generation); }
  void cut_tail(uint64_t generation, size_t bytes) {
    std::string content = test::read_bytes(file(generation));
    content.resize(content.size() - bytes);
    test::write_bytes(file(generation), content);
  }
  uint64_t newest() const {
    uint64_t number = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      number =
          std::max(number, generation_of_file_name(entry.path().filename().string()).value_or(0));
    }
    return number;
  }
};

uint64_t frame_bytes(std::string_view payload) { return kFrameHeaderBytes + payload.size(); }

}  // namespace

TEST_CASE_METHOD(Fixture, "translog: frames come back in order with their numbers") {
  REQUIRE(open().ok());
  CHECK(log->last() == 0);
  for (const auto* payload : {"1a", "2b", "", "1c"}) write(payload);
  CHECK(log->last() == 4);
  CHECK(log->synced() == 4);
  REQUIRE(open().ok());
  CHECK(replayed == Payloads{"1a", "2b", "", "1c"});
  CHECK(lsns == std::vector<Lsn>{1, 2, 3, 4});
  CHECK(write("1d") == 5);
  REQUIRE(open().ok());
  CHECK(replayed == Payloads{"1a", "2b", "", "1c", "1d"});
}

TEST_CASE_METHOD(Fixture, "translog: numbers go on after everything was released and removed") {
  REQUIRE(open().ok());
  write("1a");
  write("1b");
  log->release(1, 2);
  REQUIRE(open().ok());
  log->release(1, 2);
  REQUIRE(log->generations() == 1);
  REQUIRE(open().ok());
  CHECK(replayed.empty());
  CHECK(log->last() == 2);
  CHECK(write("1c") == 3);
}

TEST_CASE_METHOD(Fixture, "translog: restarts without frames leave one file") {
  REQUIRE(open().ok());
  write("1a");
  for (int i = 0; i < 5; ++i) REQUIRE(open().ok());
  CHECK(log->generations() == 2);
  CHECK(replayed == Payloads{"1a"});
}

TEST_CASE_METHOD(Fixture, "translog: a torn tail is cut off, whatever is left of the frame") {
  const std::string torn = "1 torn by the crash";
  for (size_t cut = 1; cut <= frame_bytes(torn); ++cut) {
    Fixture f;
    REQUIRE(f.open().ok());
    f.write("1a");
    f.write("1b");
    f.append(torn);
    f.kill();
    f.cut_tail(1, cut);
    REQUIRE(f.open().ok());
    CHECK(f.replayed == Payloads{"1a", "1b"});
    CHECK(f.write("1c") == 3);
    REQUIRE(f.open().ok());
    CHECK(f.replayed == Payloads{"1a", "1b", "1c"});
  }
}

TEST_CASE_METHOD(Fixture, "translog: zeros behind the last frame are a torn tail") {
  REQUIRE(open().ok());
  write("1a");
  kill();
  test::write_bytes(file(1), test::read_bytes(file(1)) + std::string(100000, '\0'));
  REQUIRE(open().ok());
  CHECK(replayed == Payloads{"1a"});
}

TEST_CASE_METHOD(Fixture,
                 "translog: any flipped bit in a durable frame with one behind it fails the open") {
  REQUIRE(open().ok());
  write("1a");
  write("1 some payload");
  write("1c");
  kill();
  const std::string good = test::read_bytes(file(1));
  const uint64_t begin = kGenerationHeaderBytes + frame_bytes("1a");
  for (uint64_t at = begin; at < begin + frame_bytes("1 some payload"); ++at) {
    test::write_bytes(file(1), good);
    test::flip_bit(file(1), at);
    const Status opened = open();
    REQUIRE(!opened.ok());
    CHECK(opened.error().type == error_types::kCorruption);
    CHECK(opened.error().reason.find(file(1)) != std::string::npos);
    CHECK(opened.error().reason.find("at offset " + std::to_string(begin)) != std::string::npos);
    REQUIRE(test::read_bytes(file(1)).size() == good.size());
  }
}

TEST_CASE_METHOD(Fixture,
                 "translog: after a clean close a flipped bit in the last frame fails the open") {
  REQUIRE(open().ok());
  write("1a");
  write("1b");
  log.reset();
  test::flip_bit(file(1), kGenerationHeaderBytes + frame_bytes("1a") + kFrameHeaderBytes);
  const Status opened = open();
  REQUIRE(!opened.ok());
  CHECK(opened.error().type == error_types::kCorruption);
}

TEST_CASE_METHOD(Fixture,
                 "translog: frames that waited for one sync may reach the disk in any order") {
  REQUIRE(open().ok());
  write("1 durable");
  append("1 lost");
  append("1 written");
  kill();
  test::flip_bit(file(1), kGenerationHeaderBytes + frame_bytes("1 durable") + kFrameHeaderBytes);
  REQUIRE(open().ok());
  CHECK(replayed == Payloads{"1 durable"});
}

TEST_CASE_METHOD(Fixture,
                 "translog: bytes in a payload that look like a frame do not fail the open") {
  REQUIRE(open().ok());
  write("1a");
  // What a client can know: everything but the salt.
  const std::string planted =
      encode_frame_header({0, 0, 9, 9}, 0) + encode_frame_header({5, 0, 3, 2}, 0);
  append("1" + planted + std::string(100, 'x'));
  kill();
  cut_tail(1, 50);
  REQUIRE(open().ok());
  CHECK(replayed == Payloads{"1a"});
}

TEST_CASE_METHOD(Fixture, "translog: damage in an older generation fails the open and names it") {
  options.generation_bytes = 250;
  REQUIRE(open().ok());
  for (int i = 0; i < 8; ++i) write("1 " + std::string(60, 'x'));
  REQUIRE(log->generations() == 4);
  kill();
  SECTION("a flipped bit in its header") { test::flip_bit(file(2), 9); }
  SECTION("a flipped bit in its last frame") {
    test::flip_bit(file(2), std::filesystem::file_size(file(2)) - 1);
  }
  SECTION("a torn tail") { cut_tail(2, 1); }
  SECTION("an empty file") { test::write_bytes(file(2), ""); }
  SECTION("missing frames") {
    test::write_bytes(file(2), test::read_bytes(file(2)).substr(0, kGenerationHeaderBytes));
  }
  SECTION("a missing file") { std::filesystem::remove(file(2)); }
  SECTION("another one in its place") {
    std::filesystem::copy_file(file(1), file(2), std::filesystem::copy_options::overwrite_existing);
  }
  const Status opened = open();
  REQUIRE(!opened.ok());
  CHECK(opened.error().type == error_types::kCorruption);
  CHECK(opened.error().reason.find("generation-0000000000000000000") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "translog: a damaged header of the newest generation fails the open") {
  REQUIRE(open().ok());
  write("1a");
  kill();
  test::flip_bit(file(1), 20);
  const Status opened = open();
  REQUIRE(!opened.ok());
  CHECK(opened.error().type == error_types::kCorruption);
}

TEST_CASE_METHOD(Fixture,
                 "translog: generations go, oldest first, when every partition has released them") {
  options.generation_bytes = 200;
  REQUIRE(open().ok());
  const std::string filler(120, 'x');
  const Lsn a = write("1" + filler);
  const Lsn b = write("2" + filler);
  const Lsn c = write("1" + filler);
  write("3" + filler);
  REQUIRE(log->generations() == 4);
  const uint64_t bytes = log->bytes();
  CHECK(bytes == 4 * (kGenerationHeaderBytes + frame_bytes("1" + filler)));

  CHECK(log->oldest_pin() == 1);
  log->release(2, b);  // the second; the first is still needed
  CHECK(log->generations() == 4);
  log->release(1, a);
  CHECK(log->generations() == 2);
  CHECK(log->bytes() == bytes / 2);
  CHECK(log->oldest_pin() == 1);
  log->release(1, c - 1);  // not far enough
  CHECK(log->generations() == 2);
  log->release(1, c);
  CHECK(log->generations() == 1);
  CHECK(log->oldest_pin() == 3);
  CHECK(!std::filesystem::exists(file(3)));
  REQUIRE(open().ok());
  CHECK(replayed == Payloads{"3" + filler});
}

TEST_CASE_METHOD(Fixture, "translog: a dropped partition pins nothing") {
  options.generation_bytes = 200;
  REQUIRE(open().ok());
  const std::string filler(120, 'x');
  write("1" + filler);
  write("1" + filler);
  write("2" + filler);
  log->drop(1);
  CHECK(log->generations() == 1);
  CHECK(log->oldest_pin() == 2);
  log->drop(2);
  CHECK(log->oldest_pin() == std::nullopt);
}

TEST_CASE_METHOD(Fixture, "translog: pins are known again after a restart") {
  options.generation_bytes = 200;
  REQUIRE(open().ok());
  const std::string filler(120, 'x');
  write("1" + filler);
  const Lsn b = write("2" + filler);
  REQUIRE(open().ok());
  CHECK(log->generations() == 3);
  CHECK(log->oldest_pin() == 1);
  log->release(1, b);
  CHECK(log->oldest_pin() == 2);
  log->release(2, b);
  CHECK(log->generations() == 1);
}

TEST_CASE_METHOD(Fixture, "translog: a frame longer than a generation has one of its own") {
  options.generation_bytes = 1000;
  REQUIRE(open().ok());
  const std::string big = "1" + std::string(5 << 20, 'y');
  write("1a");
  write(big);
  write("1b");
  CHECK(log->generations() == 3);
  REQUIRE(open().ok());
  CHECK(replayed == Payloads{"1a", big, "1b"});
}

TEST_CASE_METHOD(Fixture, "translog: a payload above the limit is refused and harms nothing") {
  REQUIRE(open().ok());
  const std::string big(kTranslogPayloadBytesMax + 1, 'x');
  const Result<Lsn> lsn = log->append(big, {});
  REQUIRE(!lsn.ok());
  CHECK(lsn.error().type == error_types::kIllegalArgument);
  CHECK(write("1a") == 1);
}

TEST_CASE_METHOD(Fixture,
                 "translog: an error of replay fails the open and leaves the log as it is") {
  REQUIRE(open().ok());
  write("1a");
  log.reset();
  const std::string before = test::read_bytes(file(1));
  const auto refused = Translog::open(
      real_file_system(), folder.path(), options, partitions_of,
      [](Lsn, std::string_view) -> Status { return Error(error_types::kIllegalState, "no"); });
  REQUIRE(!refused.ok());
  CHECK(refused.error().reason == "no");
  CHECK(test::read_bytes(file(1)) == before);
}

TEST_CASE_METHOD(Fixture, "translog: many threads append, sync and release, and nothing is lost") {
  options.generation_bytes = 4096;
  REQUIRE(open().ok());
  constexpr int kThreads = 8;
  constexpr int kFrames = 100;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const PartitionId partition = 100 + t;
      for (int i = 0; i < kFrames; ++i) {
        const std::string payload =
            "t" + std::to_string(t) + " " + std::to_string(i) + std::string(50, '.');
        const Result<Lsn> lsn = log->append(payload, {&partition, 1});
        if (!lsn || !log->sync(*lsn) || log->synced() < *lsn) ++failures;
        if (i % 10 == 9 && t % 2 == 0) log->release(partition, *lsn);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(log->last() == kThreads * kFrames);
  REQUIRE(open().ok());
  for (int t = 1; t < kThreads; t += 2) {  // never released: all there, in their order
    int next = 0;
    for (const std::string& payload : replayed) {
      if (!payload.starts_with("t" + std::to_string(t) + " ")) continue;
      REQUIRE(payload.starts_with("t" + std::to_string(t) + " " + std::to_string(next) + "."));
      ++next;
    }
    CHECK(next == kFrames);
  }
}
