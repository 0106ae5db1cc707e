// The key-value door: the only place that sees RocksDB. One database, two column families:
// `catalog` (small records, written in synced batches) and `segments` (immutable files of numbered
// blocks that come in by ingestion only, so that no memtable, no compaction and no level but the
// lowest is ever involved).
//
// A segment is one SST file. Key: format byte 1 | segment uid (16 bytes) | block number (u32 big
// endian). A block is what its writer says: a unit of reading and caching, 16 to 128 KiB as a rule.
// Blocks are numbered in the order in which they were written; whoever writes a structure keeps the
// numbers of its blocks. So a segment names nothing outside itself and is written in one streaming
// pass whatever structures interleave in it.
//
// Threads Store and SegmentHandle: any thread. SegmentFileWriter: one.
// Errors  io_exception, corruption_exception. After an error of the database in the background (a
//         full disk, a failed sync) every write answers with it until reopen() has succeeded.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/fs.h"

namespace stratalog::storage {

struct SegmentUid {
  std::array<uint8_t, 16> bytes{};
  static SegmentUid random();
  std::string hex() const;
  friend auto operator<=>(const SegmentUid&, const SegmentUid&) = default;
};

// The bytes of a block, kept in the cache as long as this lives. Movable.
class PinnedBlock {
 public:
  class Impl;
  PinnedBlock();
  explicit PinnedBlock(std::unique_ptr<Impl> impl);
  ~PinnedBlock();
  PinnedBlock(PinnedBlock&&) noexcept;
  PinnedBlock& operator=(PinnedBlock&&) noexcept;
  // A block with bytes of its own, outside the cache: for handles that are not the store's.
  static PinnedBlock copy(std::string_view bytes);
  std::string_view bytes() const { return bytes_; }

 private:
  std::unique_ptr<Impl> impl_;
  std::string_view bytes_;
};

// How a block is read: merges and exports do not fill the cache.
enum class CacheUse { kFill, kBypass };

// Reads one segment's blocks. Keeps the segment's file alive: dropping the segment removes it when
// the last handle dies.
class SegmentHandle {
 public:
  virtual ~SegmentHandle() = default;
  virtual const SegmentUid& uid() const = 0;
  virtual uint64_t file_bytes() const = 0;
  // How many blocks it has: the last one, block_count() - 1, is where its writer puts the directory
  // of the others.
  virtual uint32_t block_count() const = 0;
  // A block that was never written is a corruption_exception.
  virtual Result<PinnedBlock> get(uint32_t block, CacheUse use = CacheUse::kFill) const = 0;
};

// Writes one segment file outside the database.
//
// Calls must match: add* (finish | destruction without finish removes the file)
class SegmentFileWriter {
 public:
  virtual ~SegmentFileWriter() = default;
  virtual const SegmentUid& uid() const = 0;
  // Returns the block's number: 0, 1, 2, ...
  virtual Result<uint32_t> add(std::string_view block) = 0;
  virtual uint32_t block_count() const = 0;
  virtual uint64_t bytes_written() const = 0;
  // Closes the file and puts it into the database, synced. It is not yet part of any partition:
  // that is the catalog's to say.
  virtual Result<std::shared_ptr<SegmentHandle>> finish() = 0;
};

// Changes of the catalog that become durable together or not at all.
class CatalogBatch {
 public:
  void put(std::string_view key, std::string_view value) {
    changes_.push_back({std::string(key), std::string(value)});
  }
  void remove(std::string_view key) { changes_.push_back({std::string(key), std::nullopt}); }
  bool empty() const { return changes_.empty(); }

  struct Change {
    std::string key;
    std::optional<std::string> value;  // none: removed
  };
  const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
};

struct StoreOptions {
  uint64_t cache_bytes =
      32 << 20;  // block cache; index blocks and the memtable are charged to it too
};

struct StoreStats {
  uint64_t cache_capacity_bytes = 0;
  uint64_t cache_used_bytes = 0;
  uint64_t cache_hits = 0;
  uint64_t cache_misses = 0;
  uint64_t segment_files = 0;
  uint64_t segment_bytes = 0;
};

class Store {
 public:
  // Opens or creates the database in `folder`.
  static Result<std::unique_ptr<Store>> open(FileSystem& fs, const std::string& folder,
                                             const StoreOptions& options);
  virtual ~Store() = default;

  // Catalog.
  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  virtual Status write(const CatalogBatch& batch) = 0;  // synced when it returns
  // Calls `visit(key, value)` for every key with the prefix, ascending; stops when it returns an
  // error.
  virtual Status scan(
      std::string_view prefix,
      const std::function<Status(std::string_view, std::string_view)>& visit) const = 0;

  // Segments.
  virtual Result<std::unique_ptr<SegmentFileWriter>> create_segment() = 0;
  virtual Result<std::shared_ptr<SegmentHandle>> open_segment(const SegmentUid& uid) = 0;
  // The file goes when the last handle dies, or at once without any. Absent is fine.
  virtual Status drop_segment(const SegmentUid& uid) = 0;
  virtual Result<std::vector<SegmentUid>> list_segments() const = 0;

  virtual Status status() const = 0;  // why writes are refused until reopen(); ok: they are not
  // After a failure; handles stay valid. The catalog is what it was before the writes that failed.
  virtual Status reopen() = 0;
  virtual Status verify() const = 0;  // reads every checksum of both families; names what is wrong
  virtual StoreStats stats() const = 0;
};

}  // namespace stratalog::storage
