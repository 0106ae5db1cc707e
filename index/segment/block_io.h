// Extents: the pieces of bytes that structures are made of, and where they lie in a segment's
// blocks. A big extent is a block of its own; small ones of the same part share a block (a pack).
// Structures know extents only.
//
//   block         = body, 8 zero bytes: so decoders may load whole words at any byte of a body
//   pack          = a block whose body is extents one after the other; packs are numbered apart, by
//                   the directory
//   stored extent = varint (number << 1 | in a pack), then for one in a pack: varint offset, varint
//                   length
//
// Errors  Writing keeps the store's first error and ignores what follows: ask status() at the end
//         of a structure. Reading throws SegmentFault.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "index/segment/format.h"
#include "storage/store.h"

namespace stratalog::index {

struct Extent {
  uint32_t number = 0;  // of the block, or of the pack
  uint32_t offset = 0;
  uint32_t length = 0;  // in a pack only
  bool packed = false;
};
void put_extent(std::string& out, const Extent& extent);
Extent get_extent(ByteReader& reader);

// Threads one.
class BlockSink {
 public:
  explicit BlockSink(std::unique_ptr<storage::SegmentFileWriter> file) : file_(std::move(file)) {}

  Extent put(Part part, std::string_view bytes);
  void flush_packs();
  // The block that a reader begins with; nothing may follow.
  void put_last(std::string_view bytes);

  const Status& status() const { return status_; }
  // Block number of each pack.
  const std::vector<uint32_t>& packs() const { return packs_; }
  uint64_t part_bytes(Part part) const { return part_bytes_[static_cast<size_t>(part)]; }
  storage::SegmentFileWriter& file() { return *file_; }

 private:
  struct Pack {
    std::string body;
    uint32_t number = 0;
  };
  uint32_t put_block(std::string_view body);
  void flush(Pack& pack);

  std::unique_ptr<storage::SegmentFileWriter> file_;
  Status status_;
  std::string block_;
  std::array<Pack, static_cast<size_t>(Part::kCount)> open_packs_;
  std::array<uint64_t, static_cast<size_t>(Part::kCount)> part_bytes_{};
  std::vector<uint32_t> packs_;
};

// The bytes of an extent, held in the cache. At least 8 more bytes can be read behind them.
class ExtentBytes {
 public:
  ExtentBytes() = default;
  ExtentBytes(storage::PinnedBlock block, std::string_view bytes)
      : block_(std::move(block)), bytes_(bytes) {}
  ExtentBytes(ExtentBytes pack, std::string_view part)
      : block_(std::move(pack.block_)), bytes_(part) {}
  std::string_view bytes() const { return bytes_; }
  // What a packed extent is of its pack's body.
  std::string_view part(const Extent& extent) const;

 private:
  storage::PinnedBlock block_;
  std::string_view bytes_;
};

// Threads any.
class BlockSource {
 public:
  BlockSource(std::shared_ptr<storage::SegmentHandle> handle, storage::CacheUse use)
      : handle_(std::move(handle)), use_(use) {}

  void set_packs(std::vector<uint32_t> packs) { packs_ = std::move(packs); }
  ExtentBytes read(const Extent& extent) const;
  // A whole block by its number.
  ExtentBytes read_block(uint32_t block) const;

  storage::CacheUse use() const { return use_; }
  const storage::SegmentHandle& handle() const { return *handle_; }
  std::shared_ptr<storage::SegmentHandle> share_handle() const { return handle_; }
  // The body of a whole pack by its number among the packs.
  ExtentBytes read_pack(uint32_t number) const;
  uint64_t resident_bytes() const { return packs_.capacity() * sizeof(uint32_t); }

 private:
  std::shared_ptr<storage::SegmentHandle> handle_;
  storage::CacheUse use_;
  std::vector<uint32_t> packs_;
};

// Reads extents of which many come from the pack of the one before: that stays at hand.
//
// Threads one. Life: `source` outlives it.
class PackReader {
 public:
  explicit PackReader(const BlockSource& source) : source_(source) {}
  // Until the next call. At least 8 more bytes can be read behind them.
  std::string_view read(const Extent& extent);

 private:
  const BlockSource& source_;
  ExtentBytes held_;
  int64_t pack_ = -1;  // its number; -1: none, or an extent of its own
};

}  // namespace stratalog::index
