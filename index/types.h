// The words that every file of index/ and query/ uses.
#pragma once

#include <cstdint>
#include <limits>

namespace stratalog::index {

using RowId = uint32_t;  // of a document inside one segment
inline constexpr RowId kNoRow = std::numeric_limits<RowId>::max();

using SeqNo = int64_t;                 // of an operation inside one partition, from 0
inline constexpr SeqNo kNoSeqNo = -2;  // Elasticsearch's UNASSIGNED_SEQ_NO

using FieldId =
    uint32_t;  // of a mapped field inside one index; never reused, the same in every later mapping

// How the values of a path are held. A path may hold several kinds (one mapped, others by
// conflict). Stored: never renumber.
enum class Kind : uint8_t {
  kI64 = 1,         // long, integer, short, byte, date (ms), boolean (0, 1), scaled_float (scaled)
  kU64 = 2,         // unsigned_long, as int64 with the top bit flipped
  kF64 = 3,         // double, float, half_float, as sortable int64 (index/sortable.h)
  kIp = 4,          // 16 bytes, IPv4 mapped into IPv6; an ordinal column
  kNanos = 5,       // date_nanos: ns since the epoch
  kOrdinals = 6,    // keyword: distinct sorted values a row, and postings
  kBlob = 7,        // binary
  kInterval = 8,    // range types
  kTerms = 9,       // text: postings with frequencies, positions, norms
  kFlattened = 10,  // flattened: "key\0value" terms; an ordinal column
  kChild = 11,      // rows of nested objects
};

inline constexpr bool is_numeric(Kind kind) {
  return kind == Kind::kI64 || kind == Kind::kU64 || kind == Kind::kF64 || kind == Kind::kNanos;
}
inline constexpr bool is_ordinal(Kind kind) {
  return kind == Kind::kOrdinals || kind == Kind::kIp || kind == Kind::kFlattened;
}

// Kept as an ordinal column in segments: what is_ordinal() says, and binary values.
inline constexpr bool has_dictionary(Kind kind) { return is_ordinal(kind) || kind == Kind::kBlob; }

}  // namespace stratalog::index
