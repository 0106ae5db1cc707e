// The translog: what was acknowledged and is not yet in a sealed segment. Our own append-only files
// ("generations") shared by all partitions of the node. A frame is one request, resolved; its
// payload is opaque here (index/ops_frame.h).
//
// Frame on disk, little endian:
//   length  : u32   of the payload
//   crc     : u32   crc32c over lsn and payload
//   lsn     : u64   log sequence number, +1 from frame to frame, over all generations
//   payload : length bytes (compressed by its writer if it likes)
// A generation starts with a 16-byte header: magic "STRLOG01", u64 generation number.
//
// A torn tail (bytes after the last good frame of the newest generation that are no frame) is cut
// off at open; a bad frame with a good one behind it, or in an older generation, fails the open
// with a corruption_exception that names file and offset.
//
// Threads append, sync, release: any thread. One sync serves all that wait for it (group commit).
// Errors  io_exception. A failed append or sync is final: every later call answers with it, and
//         nothing is ever retried (after a failed fsync the kernel may have thrown the pages away).
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

struct TranslogOptions {
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
  virtual ~Translog() = default;

  // Writes one frame (to the file, not yet durable) that the given partitions need until they
  // release it.
  virtual Result<Lsn> append(std::string_view payload, std::span<const PartitionId> partitions) = 0;
  // Returns when everything up to `lsn` is durable.
  virtual Status sync(Lsn lsn) = 0;
  virtual Lsn last() const = 0;    // greatest appended
  virtual Lsn synced() const = 0;  // greatest durable

  // The partition no longer needs frames up to `lsn`. Generations that nobody needs are removed.
  virtual void release(PartitionId partition, Lsn lsn) = 0;
  virtual void drop(PartitionId partition) = 0;  // it needs none at all any more
  // The partition that pins the oldest generation: seal it to shorten the log.
  virtual std::optional<PartitionId> oldest_pin() const = 0;

  virtual uint64_t bytes() const = 0;  // of all generations, as written
  virtual uint64_t generations() const = 0;
};

}  // namespace stratalog::storage
