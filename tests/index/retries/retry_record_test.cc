#include "index/retries/retry_record.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::index;

namespace {

RetryRecord sample() {
  RetryRecord record;
  for (size_t i = 0; i < record.digest.size(); ++i)
    record.digest[i] = static_cast<uint8_t>(200 + i);
  record.time_ms = 1'700'000'000'000;
  record.primary_term = 3;
  record.auto_id_prefix = 0xfedcba9876543210;
  for (uint32_t item = 0; item < 1000; ++item) record.add(item, 70'000 + item, 1, false);
  record.add(1002, 71'000, 1, false);
  record.add(1003, 71'001, 5, true);
  return record;
}

}  // namespace

TEST_CASE("retry record: consecutive items are one run, and each is found") {
  const RetryRecord record = sample();
  CHECK(record.runs == std::vector<RetryRun>{{0, 1000, 70'000, 1, false},
                                             {1002, 1, 71'000, 1, false},
                                             {1003, 1, 71'001, 5, true}});
  CHECK(record.max_seq_no() == 71'001);
  CHECK(record.find(0) == &record.runs[0]);
  CHECK(record.find(999) == &record.runs[0]);
  CHECK(record.find(1000) == nullptr);
  CHECK(record.find(1001) == nullptr);
  CHECK(record.find(1002) == &record.runs[1]);
  CHECK(record.find(1003) == &record.runs[2]);
  CHECK(record.find(1004) == nullptr);
  CHECK(RetryRecord().find(0) == nullptr);
}

TEST_CASE("retry record: comes back from its bytes, and a thousand lines take few") {
  const RetryRecord record = sample();
  std::string bytes;
  encode_retry_record(record, bytes);
  CHECK(bytes.size() < 60);
  const auto back = decode_retry_record(bytes);
  REQUIRE(back.ok());
  CHECK(back->digest == record.digest);
  CHECK(back->time_ms == record.time_ms);
  CHECK(back->primary_term == record.primary_term);
  CHECK(back->auto_id_prefix == record.auto_id_prefix);
  CHECK(back->runs == record.runs);
}

TEST_CASE("retry record: damaged bytes are refused or mean a record that can be asked") {
  std::string bytes;
  encode_retry_record(sample(), bytes);
  for (size_t length = 0; length < bytes.size(); ++length)
    CHECK_FALSE(decode_retry_record(std::string_view(bytes).substr(0, length)).ok());
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const auto record = decode_retry_record(damaged);
      if (!record) continue;
      CHECK(record->max_seq_no() >= 0);
      for (const uint32_t item : {0U, 1003U, UINT32_MAX}) (void)record->find(item);
    }
  }
}
