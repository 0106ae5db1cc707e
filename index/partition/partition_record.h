// What the catalog knows of a partition beside its index: the list of its sealed segments (the only
// truth about which there are), up to where its operations are in them, and which of their rows are
// deleted.
//
// segments/<partition>, all varints but the uid:
//   version 1 | primary_term | committed_seq_no (zigzag) | next_segment | prefix count, prefixes (8
//   bytes each) segment count, then for each: uid (16 bytes) | name | rows | bytes | min_seq_no |
//   max_seq_no (zigzag) | min_time | max_time (zigzag)
// deletes/<partition>/<segment uid in hex>:
//   version 1 | count, then for each: victim's sequence number minus that of the one before
//   (zigzag) | killer's (zigzag)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/types.h"
#include "storage/store.h"
#include "storage/translog.h"

namespace stratalog::index {

struct SegmentEntry {
  storage::SegmentUid uid;
  std::string name;
  uint32_t rows = 0;
  uint64_t bytes = 0;
  SeqNo min_seq_no = 0;
  SeqNo max_seq_no = 0;
  // Of "@timestamp", ms; min > max where no row has one.
  int64_t min_time_ms = 0;
  int64_t max_time_ms = -1;
};

struct PartitionRecord {
  int64_t primary_term = 0;  // 0: never opened
  SeqNo committed_seq_no = -1;
  uint64_t next_segment = 0;
  std::vector<uint64_t> auto_id_prefixes;  // all that were ever drawn
  std::vector<SegmentEntry> segments;
};

std::string encode_partition(const PartitionRecord& record);
Result<PartitionRecord> decode_partition(std::string_view bytes);

// The row of `victim` was replaced or deleted by the operation `killer`.
struct Delete {
  SeqNo victim = 0;
  SeqNo killer = 0;
  friend bool operator==(const Delete&, const Delete&) = default;
};
std::string encode_deletes(const std::vector<Delete>& deletes);
Result<std::vector<Delete>> decode_deletes(std::string_view bytes);

std::string deletes_key(storage::PartitionId partition, const storage::SegmentUid& segment);

}  // namespace stratalog::index
