// What one frame of the translog stored for a bulk request that may come again: enough to answer
// the request's items without running them (D24).
//
// Only operations whose repetition would store something twice, or be refused as a conflict with
// itself, are in it: documents with automatic ids and those that were created under an id of the
// client's. They are kept as runs: most requests give consecutive items consecutive sequence
// numbers, so that a thousand lines take some 40 bytes.
//
//   version 1 | digest, 16 bytes | time, ms | primary_term | auto_id_prefix, u64 | run count |
//   each run: first item minus the last of the run before | count | first sequence number minus
//             the last of the run before | version, times two, plus one for ids of the client
//
// Unnamed numbers are varints. Decoders take any bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/types.h"

namespace stratalog::index {

// Of who sent what to where: two different requests have the same with a probability that nobody
// can raise who doesn't know the data folder's key.
using RetryDigest = std::array<uint8_t, 16>;

struct HashRetryDigest {
  size_t operator()(const RetryDigest& digest) const {
    size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof(hash));
    return hash;
  }
};

struct RetryRun {
  uint32_t first_item = 0;  // by its place in the request
  uint32_t count = 0;
  SeqNo first_seq_no = 0;
  int64_t version = 1;
  bool explicit_id = false;
  friend bool operator==(const RetryRun&, const RetryRun&) = default;
};

struct RetryRecord {
  RetryDigest digest{};
  int64_t time_ms = 0;  // wall clock
  int64_t primary_term = 0;
  uint64_t auto_id_prefix = 0;
  std::vector<RetryRun> runs;  // by item and by sequence number, both ascending

  // An item behind all that were added.
  void add(uint32_t item, SeqNo seq_no, int64_t version, bool explicit_id);
  bool empty() const { return runs.empty(); }
  SeqNo max_seq_no() const;  // not empty()
  // What became of an item: the run that holds it.
  const RetryRun* find(uint32_t item) const;
};

void encode_retry_record(const RetryRecord& record, std::string& out);
// Fails with corruption_exception.
Result<RetryRecord> decode_retry_record(std::string_view bytes);

}  // namespace stratalog::index
