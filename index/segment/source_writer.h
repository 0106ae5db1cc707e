// Sources: the very bytes of each row. Objects directly under the root that come again and again
// (`kubernetes`) are kept once, in a table; what is left of the rows lies in compressed blocks, so
// small that a hit far from others costs little, against a dictionary: text of the first rows, 64
// KiB of it where the segment is big, with zstd's tables for what comes after. Read by
// source_reader.h.
//
// Table and dictionary belong to a group of blocks. What a segment writes itself is one group; a
// merge takes over the groups of its inputs with their blocks as they are, and makes one more of
// the rows whose blocks it can't take over (merge_sources.h).
//
// Source block, compressed as a whole against the group's dictionary, varints:
//   row count
//   for each row: bytes left, object count, for each object: bytes left before it (since the object
//                 before), its number in the group
//   the bytes left, row after row
// Object block, compressed as a whole, varints:
//   object count, their lengths; the objects
// Meta:
//   varint row count
//   compressed index: varint group count, for each
//                       varint object count, varint dictionary bytes and, unless 0, their extent
//                       (compressed), varint object blocks, for each varint objects, extent
//                     varint source blocks, for each varint rows, varint group, extent
//
// A row without a byte has no source.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "index/segment/block_io.h"
#include "index/segment/compression.h"
#include "index/segment/segment_writer.h"
#include "index/segment/source_reader.h"
#include "index/segment/sub_objects.h"

namespace stratalog::index {

// The objects that a segment keeps once. An object gets in at second sight; every use is compared
// byte for byte.
class ObjectTable {
 public:
  ObjectTable(BlockSink& sink, int zstd_level) : sink_(sink), zstd_level_(zstd_level) {}

  static constexpr uint32_t kNone = UINT32_MAX;
  // The number of a known object that `text` begins with, and its length; kNone where that is not
  // quickly seen.
  uint32_t find_prefix(std::string_view text, uint32_t& length) const;
  // The number of this object, kNone while it is not in the table.
  uint32_t add(std::string_view object);
  // The same for one that is known to come again: in the table at first sight.
  uint32_t add_known(std::string_view object);
  // Objects so rarely come again that looking at them is not worth it.
  bool useless() const { return useless_; }

  // Appends: varint object blocks, for each varint objects, extent.
  void finish(std::string& index);
  uint32_t count() const { return static_cast<uint32_t>(objects_.size()); }

 private:
  uint32_t number_of(uint32_t& entry, std::string_view object);
  void flush();
  size_t prefix_slot(std::string_view text) const;

  BlockSink& sink_;
  const int zstd_level_;
  Arena arena_;
  std::vector<std::string_view> objects_;
  std::unordered_map<uint64_t, uint32_t> by_hash_;  // kNone: seen once
  std::vector<uint32_t> by_prefix_;
  uint64_t seen_ = 0;
  uint64_t known_ = 0;
  bool useless_ = false;

  size_t written_ = 0;  // objects in blocks
  size_t pending_bytes_ = 0;
  uint32_t block_count_ = 0;
  std::string index_;
};

// Threads one. Errors: the sink's; of what is copied: SegmentFault.
class SourceWriter {
 public:
  SourceWriter(BlockSink& sink, uint32_t row_count, int zstd_level);

  // The source of the next row; in parts, all of one input.
  void add(std::string_view source);
  void add(const SourceParts& source, const SourceInput& input);

  // Takes over a group of another segment; returns its number for copy_block(). Calls must match:
  // less than kSourceGroupsMax times.
  uint32_t copy_group(const SourceReader& from, uint32_t group);
  // A block of that group, as it is stored: the next rows.
  void copy_block(uint32_t group, uint32_t rows, std::string_view stored);

  void finish(std::string& meta);

 private:
  // The rows of one block, before compression.
  struct Block {
    uint32_t rows = 0;
    size_t entry = 0;  // its place in entries_
    std::string heads;
    std::string rest;
    bool full() const;
  };
  struct Entry {
    uint32_t rows;
    uint32_t group;
    Extent extent;
  };
  void end_row(size_t rest_bytes, uint64_t objects);
  uint32_t number_of(uint32_t known, const SourceInput& input);
  void end_block();
  void open_group(size_t text_bytes_max);
  void write(const Block& block);

  BlockSink& sink_;
  const int zstd_level_;
  const size_t dictionary_bytes_max_;
  ObjectTable objects_;
  std::vector<uint32_t> numbers_;  // of the input's objects; kUnseen, ObjectTable::kNone
  std::vector<Block> waiting_;     // for the dictionary that is made of them
  size_t waiting_bytes_ = 0;
  std::string dictionary_;
  std::optional<DictionaryCompressor> compressor_;
  Block open_;
  std::string references_;
  std::vector<Entry> entries_;       // of the blocks, in the order of rows
  std::vector<std::string> copied_;  // the groups that were taken over, as the index has them
  std::string raw_, block_;
};

}  // namespace stratalog::index
