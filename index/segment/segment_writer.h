// Writes one sealed segment (docs/format.md), structure by structure, streaming into a store file.
// Seal and merge are the two callers: both know the final row order and hand every structure over
// in it.
//
// Calls must match: create (write_*)* finish     each field at most once; a text field that shares
// values after its keyword Threads one. Errors  io_exception from the store; wrong order or range
// is a bug (ENSURE).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/segment/segment_reader.h"
#include "storage/store.h"

namespace stratalog::index {

class SealedSegment;

// Numeric values in row order. Called once for each window, windows ascending and adjoining.
class NumericInput {
 public:
  virtual ~NumericInput() = default;
  virtual void read(RowId begin, RowId end, NumericBatch& out) = 0;
};

// Terms ascending as bytes, each with its rows ascending.
class TermsInput {
 public:
  virtual ~TermsInput() = default;
  virtual bool next() = 0;  // to the first or next term; false at the end
  virtual std::string_view term() const = 0;
  virtual std::span<const RowId> rows() const = 0;
  virtual std::span<const uint32_t> freqs() const = 0;  // empty: not kept (all 1)
  // All rows' positions one after the other, as position_bytes.h has them; empty: not kept.
  virtual std::string_view positions() const = 0;
};

// A row's source in parts, one after the other.
struct SourceParts {
  struct Object {
    std::string_view before;  // the text between the one before it and this
    uint32_t number;          // of the input
  };
  std::vector<Object>
      objects;  // that come in many rows; none: the whole is looked through for them
  std::string_view rest;
};

// Sources in row order.
class SourceInput {
 public:
  virtual ~SourceInput() = default;
  // The parts of the row, until the next call. Rows are asked for once, ascending.
  virtual void read(RowId row, SourceParts& out) = 0;
  virtual std::string_view object(uint32_t number) const = 0;
};

// Row data in row order: seq_no, version, primary_term by row; ids and routing only where explicit.
struct RowColumns {
  std::span<const int64_t> seq_no;
  std::span<const int64_t> version;
  std::span<const int64_t> primary_term;
  // Explicit ids: row i has ids[i], "" where its id is derived (index/auto_id.h).
  std::span<const std::string_view> ids;
  uint64_t auto_id_prefix = 0;  // of the derived ones; one prefix a segment when the next is empty
  std::span<const uint64_t> auto_id_prefixes;  // by row, where several prefixes meet in a merge
  std::span<const std::string_view> routing;   // "" where none; empty span: no row has one
};

struct SegmentWriterOptions {
  uint32_t row_count = 0;
  int zstd_level = 1;
  std::string name;  // "_0", "_1", ... unique in its partition
  // Of fields with few values, which wait for the end as they may follow from another. With less
  // fewer are found to, and no more.
  uint64_t pending_bytes_max = 32 << 20;
};

class SegmentWriter {
 public:
  static Result<std::unique_ptr<SegmentWriter>> create(storage::Store& store,
                                                       const SegmentWriterOptions& options);
  virtual ~SegmentWriter() = default;

  virtual Status write_numeric(const FieldKey& field, NumericInput& input) = 0;
  // A keyword-like field: dictionary, ordinal column, postings.
  virtual Status write_ordinals(const FieldKey& field, TermsInput& input) = 0;
  struct TextOptions {
    bool freqs = true;
    bool positions = true;
    bool has_norms = true;
    // By row (index/norms.h): 0 where the field is absent; without norms 1 where it is there.
    std::span<const uint8_t> norms;
  };
  virtual Status write_text(const FieldKey& field, TermsInput& input,
                            const TextOptions& options) = 0;
  // A text field each of whose rows holds just the one value that the already written ordinal field
  // `values_of` holds there (rows without a value there have none here): its terms are kept by
  // value, not by row. In `input` and `options.norms` the "rows" are ordinals of `values_of`.
  // Metadata such as pod names cost nearly nothing so.
  virtual Status write_text_by_value(const FieldKey& field, const FieldKey& values_of,
                                     TermsInput& input, const TextOptions& options) = 0;
  virtual Status write_rows(const RowColumns& columns) = 0;
  virtual Status write_sources(SourceInput& input) = 0;

  virtual Result<std::shared_ptr<SealedSegment>> finish() = 0;
};

}  // namespace stratalog::index
