// The live segment (D7): mutable, append-only, searchable. No postings at ingest: a stream of term
// ids for each text field, ordinals and numbers in columns; text that is also a keyword multi-field
// is analysed once for each distinct value. Sources keep repeated sub-objects once (D13). At seal,
// counting sort makes postings of it.
//
// Threads append() and reader(): one at a time (the partition's write lock). A reader may be used
// by any thread while
//         further rows are appended: it sees just the rows that it was made for. Its doc_freq() and
//         TermInfo may already count later rows; its postings and columns do not.
// Life    A reader holds its segment.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bits.h"
#include "base/result.h"
#include "index/document/parsed_document.h"
#include "index/mapping/mapping.h"
#include "index/segment/segment_reader.h"

namespace stratalog::storage {
class Store;
}

namespace stratalog::index {

class SealedSegment;

// The row columns of one document.
struct RowMeta {
  SeqNo seq_no = 0;
  int64_t primary_term = 1;
  int64_t version = 1;
  std::optional<std::string_view>
      explicit_id;  // none: derived from auto_id_prefix and seq_no (index/auto_id.h)
  uint64_t auto_id_prefix = 0;
  std::optional<std::string_view> routing;
};

class LiveSegment : public std::enable_shared_from_this<LiveSegment> {
 public:
  static std::shared_ptr<LiveSegment> create(std::string name);
  virtual ~LiveSegment() = default;

  // Adds a row and returns it. `mapping` is the one that `document` was parsed under.
  virtual RowId append(const std::shared_ptr<const Mapping>& mapping,
                       const ParsedDocument& document, const RowMeta& meta,
                       std::string_view source) = 0;

  virtual uint32_t row_count() const = 0;
  virtual uint64_t memory_bytes() const = 0;
  // Any thread, of a row whose append() it knows to be over. Uses the buffer only where it must put
  // pieces together.
  virtual std::string_view source(RowId row, std::string& buffer) const = 0;

  // A reader of all rows so far: `rows` must be row_count().
  virtual std::shared_ptr<const SegmentReader> reader(uint32_t rows) const = 0;

  // Writes all rows but the `deleted` ones (nullptr: none), ordered by (timestamp, sequence
  // number), as a sealed segment. No append() may follow or run. nullptr when no row is left.
  virtual Result<std::shared_ptr<SealedSegment>> seal(storage::Store& store,
                                                      const Bitmap* deleted) = 0;
};

}  // namespace stratalog::index
