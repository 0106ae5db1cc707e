// The constants of the sealed segment format (docs/format.md) and how a reader refuses bytes that
// are not of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "index/fault.h"

namespace stratalog::index {

// Rises whenever bytes written before can no longer be read by the rules of docs/format.md. A
// reader refuses others.
inline constexpr uint32_t kSegmentFormat = 3;

// Kinds of structures as the directory names them. Stored: never renumber. A reader refuses those
// it does not know.
enum class StructureKind : uint8_t {
  kNumeric = 1,      // numeric column
  kOrdinals = 2,     // dictionary, ordinal column, postings
  kDerived = 3,      // dictionary, and a table from another field's ordinals to its own
  kText = 4,         // dictionary, postings with frequencies and positions, norms
  kTextByValue = 5,  // text whose rows are the ordinals of another field
  kRows = 6,         // sequence numbers, versions, ids, routing
  kSources = 7,      // sources and the objects that they share
};

// What the bytes of a segment are for: accounting, and which small pieces share a block.
enum class Part : uint8_t {
  kDirectory,
  kMeta,
  kDictionary,
  kPostings,
  kFrequencies,
  kPositions,
  kColumns,
  kOrdinalColumns,
  kNorms,
  kRows,
  kSource,
  kObjects,
  kCount,
};
std::string_view part_name(Part part);

// Rows of one chunk of a column, and values of one group inside it.
inline constexpr uint32_t kChunkRows = 16384;
inline constexpr uint32_t kGroupValues = 128;

// Throws SegmentFault with a corruption_exception. `what` names the structure and what is wrong
// with it.
[[noreturn]] void throw_corrupt(std::string_view what);

inline void check_stored(bool holds, std::string_view what) {
  if (!holds) [[unlikely]]
    throw_corrupt(what);
}

}  // namespace stratalog::index
