// The payload of a translog frame: operations of one request on one partition, resolved (D4):
// nothing in it can be refused when it is replayed.
//
//   version 1 | partition, u64 | primary_term | auto_id_prefix, u64 | first_seq_no | op count
//   version 2 | retry record (length and bytes of index/retries/retry_record.h) | partition, ...
//   each operation: flags | version | id (kExplicitId) | routing (kHasRouting) | length of its
//                   source (not kDelete)
//   codec | length of the sources, uncompressed | the sources, one after the other, compressed
//
// Unnamed numbers are varints, flags and codec one byte. Operations that were refused after their
// source had been packed are in the list as kSkipped and have no sequence number; the others have
// ascending ones from first_seq_no without a gap.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/types.h"
#include "storage/translog.h"

namespace stratalog::index {

struct FrameOp {
  enum Flags : uint8_t { kDelete = 1, kExplicitId = 2, kHasRouting = 4, kSkipped = 8 };
  uint8_t flags = 0;
  int64_t version = 1;
  std::string_view id;
  std::string_view routing;
  uint32_t source_bytes = 0;
  SeqNo seq_no = kNoSeqNo;  // decoded
  std::string_view source;  // decoded

  bool is_delete() const { return (flags & kDelete) != 0; }
  bool skipped() const { return (flags & kSkipped) != 0; }
};

struct OpsFrame {
  storage::PartitionId partition = 0;
  int64_t primary_term = 0;
  uint64_t auto_id_prefix = 0;
  SeqNo first_seq_no = 0;
  std::string_view retry;  // "": its request is not remembered
  std::vector<FrameOp> ops;
};

// Codec byte, length and compressed bytes of sources that were put one after the other: costly, so
// done before any lock.
void pack_sources(std::string_view sources, std::string& out);

// The payload; `packed` is what pack_sources made of the sources of all ops, skipped ones included.
void encode_frame(const OpsFrame& frame, std::string_view packed, std::string& out);

// `sources` holds what the ops' sources point to, with kBodyPadding bytes behind. Fails with
// corruption_exception.
Result<OpsFrame> decode_frame(std::string_view payload, std::string& sources);

// The partition and the greatest sequence number of a payload, without its sources.
struct FrameHead {
  storage::PartitionId partition = 0;
  SeqNo max_seq_no = -1;
};
Result<FrameHead> decode_frame_head(std::string_view payload);

}  // namespace stratalog::index
