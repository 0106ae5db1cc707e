// The directory of a segment: its last block. Everything else is found from here.
//
//   u64 magic "STRATSEG", u32 format number
//   varint raw size and zstd frame (compression.h) of the body
//   u32 crc32c of all before
// Body, varints and strings (varint length, bytes):
//   string name; row count
//   pack count, for each: zigzag (block number - the one before)
//   part count, bytes of each part, in the order of Part
//   structure count, for each:
//     u8 kind of structure
//     string path, u8 kind of field                          (kNumeric .. kTextByValue only)
//     u8 1: string meta, 0: extent of the meta
//     index of the structure that it needs                   (kDerived and kTextByValue)
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "index/segment/block_io.h"
#include "index/types.h"

namespace stratalog::index {

struct Directory {
  struct Structure {
    StructureKind kind = StructureKind::kNumeric;
    std::string path;              // of a field
    Kind field_kind = Kind::kI64;  // of a field
    bool meta_here = false;
    std::string meta;
    Extent meta_extent;
    uint32_t needs = 0;  // an earlier structure
  };

  std::string name;
  uint32_t row_count = 0;
  std::vector<uint32_t> packs;
  std::array<uint64_t, static_cast<size_t>(Part::kCount)> part_bytes{};
  std::vector<Structure> structures;

  std::string encode() const;
  // Throws SegmentFault on what is not a directory of this format.
  static Directory decode(std::string_view bytes);
};

inline bool is_field(StructureKind kind) { return kind <= StructureKind::kTextByValue; }
inline bool needs_another(StructureKind kind) {
  return kind == StructureKind::kDerived || kind == StructureKind::kTextByValue;
}

}  // namespace stratalog::index
