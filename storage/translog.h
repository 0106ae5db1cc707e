// The translog: what was acknowledged and is not yet in a sealed segment. Our own append-only files
// ("generations") shared by all partitions of the node. A frame is one request, resolved; its
// payload is opaque here (index/ops_frame.h).
//
// A generation is a file "generation-<20 digits>.log", little endian:
//   magic      : 8 bytes "STRLOG01"
//   generation : u64   as in the name; +1 from file to file
//   first_lsn  : u64   of its first frame
//   salt       : u32   random
//   crc        : u32   crc32c of the 28 bytes before
// and then frames:
//   length      : u32   of the payload
//   payload_crc : u32   crc32c of the payload
//   lsn         : u64   log sequence number, +1 from frame to frame, over all generations
//   synced      : u64   greatest lsn that was known to be durable when this was written
//   header_crc  : u32   crc32c of the salt and the 24 bytes before
//   payload     : length bytes (compressed by its writer if it likes)
// The salt keeps a client from planting bytes in a document that look like a frame. A clean close
// ends with a mark: a frame without payload whose lsn is the last frame's and equal to `synced`; it
// takes no number.
//
// A generation is durable before the next one is created. So only the newest may end in a torn
// tail: bytes after its last good frame that a crash left half written. It is cut off at open. What
// is damaged and was durable fails the open with a corruption_exception that names file and offset:
// anything bad in an older generation, a missing generation or frame, and a bad frame with a good
// one behind it that was written when the bad one was already durable. (A good frame that was
// waiting for the same sync as the bad one proves nothing: a disk may write them in any order.
// Neither was acknowledged.)
//
// Threads append, sync, release: any thread. One sync serves all that wait for it (group commit).
// Errors  io_exception. A failed append or sync is final: every later call answers with it, but the
//         sync of what is already durable; nothing is ever retried (after a failed fsync the kernel
//         may have thrown the pages away, so neither is what a process finds after an unclean end
//         trusted: it is written anew). But an append that a full disk refuses (is_disk_full())
//         leaves the log as it was, to go on after resume().
//         A payload above kTranslogPayloadBytesMax is an illegal_argument_exception and harmless.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/fs.h"

namespace stratalog::storage {

using Lsn = uint64_t;  // 0: before every frame
using PartitionId = uint64_t;

// Above the greatest request (http.max_content_length) with room for what is added to it.
inline constexpr uint64_t kTranslogPayloadBytesMax = 256 << 20;

struct TranslogOptions {
  // A generation is closed before the frame that would make it longer; one frame may be longer by
  // itself.
  uint64_t generation_bytes = 32 << 20;
};

class Translog {
 public:
  // Opens the log in `folder` and calls `replay` for every frame, oldest first. An error of
  // `replay` fails the open. `partitions_of` tells, for a replayed payload, which partitions need
  // the frame's generation.
  using Replay = std::function<Status(Lsn lsn, std::string_view payload)>;
  using PartitionsOf = std::function<Result<std::vector<PartitionId>>(std::string_view payload)>;
  static Result<std::unique_ptr<Translog>> open(FileSystem& fs, const std::string& folder,
                                                const TranslogOptions& options,
                                                const PartitionsOf& partitions_of,
                                                const Replay& replay);
  // Syncs and writes the mark of a clean close. No call may be under way.
  virtual ~Translog() = default;

  // Writes one frame (to the file, not yet durable) that the given partitions need until they
  // release it.
  virtual Result<Lsn> append(std::string_view payload, std::span<const PartitionId> partitions) = 0;
  // Returns when everything up to `lsn` is durable.
  virtual Status sync(Lsn lsn) = 0;
  // What failed for good; ok: nothing.
  virtual Status status() const = 0;
  // After a full disk refused an append, every further append is refused until this succeeds.
  virtual Status resume() = 0;
  virtual Lsn last() const = 0;    // greatest appended
  virtual Lsn synced() const = 0;  // greatest durable

  // The partition no longer needs frames up to `lsn`. Generations that nobody needs are removed,
  // oldest first, but never one with an older one left before it, nor the newest. A removal that
  // fails is logged and tried again later.
  virtual void release(PartitionId partition, Lsn lsn) = 0;
  virtual void drop(PartitionId partition) = 0;  // it needs none at all any more
  // The partition that pins the oldest generation that is pinned: seal it to shorten the log.
  virtual std::optional<PartitionId> oldest_pin() const = 0;

  virtual uint64_t bytes() const = 0;  // of all generations, as written
  virtual uint64_t generations() const = 0;
};

}  // namespace stratalog::storage
