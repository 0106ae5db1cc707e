// Sources of the live segment: what is outside of repeated sub-objects as it came, the sub-objects
// once in a table (D13). A sub-object enters the table when its bytes are seen a second time.
//
// Record in memory: varint source length | varint n | n x (varint bytes before it since the last
// one, varint object) | rest
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "index/document/parsed_document.h"
#include "index/live/growing_array.h"
#include "index/live/term_table.h"
#include "index/segment/segment_writer.h"

namespace stratalog::index {

class LiveSources {
 public:
  explicit LiveSources(Arena& arena);

  // Where pieces of the source that was added last are kept; add() fills it anew.
  struct Piece {
    uint32_t begin;  // in the source
    uint32_t end;
    const char* kept;  // stays as long as the segment
  };
  void add(std::string_view source, std::span<const ParsedDocument::SubObject> sub_objects);
  // The number that stands for a sub-object of the last source, by its place in `sub_objects`;
  // kNoObject: it is kept in place.
  static constexpr uint32_t kNoObject = UINT32_MAX;
  uint32_t object_of(size_t sub_object) const { return objects_of_last_[sub_object]; }
  // Where a part of the last source is kept, if it is kept in one piece; else empty.
  std::string_view stable(std::string_view source, std::string_view part) const;

  // Any thread, rows that the caller knows to be there. The buffer is used only where pieces must
  // be put together.
  std::string_view get(uint32_t row, std::string& buffer) const;
  // The same in its parts: the shared objects' numbers stand for object().
  void read(uint32_t row, SourceParts& out) const;
  std::string_view object(uint32_t number) const { return objects_.term(number); }
  size_t bytes() const {
    return records_.bytes() + objects_.bytes() + seen_.size() * sizeof(uint64_t) +
           known_.size() * sizeof(Known);
  }

 private:
  static constexpr size_t kSeenSlots = 4096;
  static constexpr size_t kKnownSlots = 1024;
  static constexpr uint32_t kObjectBytesMin = 64;
  static constexpr size_t kTableBytesMax = 4 << 20;

  // A sub-object's number among documents, and here.
  struct Known {
    uint64_t number = 0;
    uint32_t object = kNoObject;
  };
  uint32_t find_object(std::string_view text, const ParsedDocument::SubObject& range);

  Arena& arena_;
  GrowingArray<std::string_view> records_;
  TermTable objects_;
  size_t object_bytes_ = 0;
  std::vector<uint64_t> seen_;  // hashes of sub-objects seen once, by low bits
  std::vector<Known> known_;    // by low bits of their numbers
  std::vector<Piece> pieces_;
  std::vector<uint32_t> objects_of_last_;
  std::string head_;
};

}  // namespace stratalog::index
