// What query/ sees of a segment, live or sealed: columns, inverted fields, sources, row data, all
// of rows [0, row_count()). Batches, not single values, cross this border.
//
// Shape   Rows ascend. "bits" are words as in base/bits.h relative to `begin`; functions named
// fill_* only ever set bits.
//         Deleted rows are in here too: the view says which (index/view.h).
// Threads Readers are immutable: any thread. Cursors (Postings, TermIterator): one thread.
// Life    Everything a reader gives lives as long as the reader.
// Errors  Reading throws SegmentFault (index/fault.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/types.h"

namespace stratalog::index {

// Values of a batch of rows: row i has values[starts[i]] .. values[starts[i + 1] - 1], ascending.
// When one_each is set every row has exactly one value and `starts` is not filled. Reused from call
// to call.
template <typename T>
struct ValueBatch {
  std::vector<T> values;
  std::vector<uint32_t> starts;
  bool one_each = false;

  uint32_t begin(size_t i) const { return one_each ? static_cast<uint32_t>(i) : starts[i]; }
  uint32_t end(size_t i) const { return one_each ? static_cast<uint32_t>(i) + 1 : starts[i + 1]; }
};
using NumericBatch = ValueBatch<int64_t>;
using OrdinalBatch = ValueBatch<uint32_t>;

struct RowRange {
  RowId begin = 0;
  RowId end = 0;
  uint32_t size() const { return end - begin; }
};

// A numeric column (doc values). Values are in sortable form (index/sortable.h), duplicates of one
// row kept.
class NumericColumn {
 public:
  virtual ~NumericColumn() = default;
  virtual uint64_t value_count() const = 0;
  virtual uint32_t present_rows() const = 0;
  virtual int64_t min() const = 0;  // of all values; unspecified without any
  virtual int64_t max() const = 0;
  // Exactly one value in every row.
  virtual bool one_each() const = 0;
  // one_each, and never descending from row to row: ranges are row intervals.
  virtual bool sorted() const = 0;
  // sorted() only: the first row whose value is >= value; row_count() if none.
  virtual RowId lower_bound(int64_t value) const = 0;

  virtual void gather(std::span<const RowId> rows, NumericBatch& out) const = 0;
  // Rows of [begin, end) with any value in [low, high].
  virtual void fill_range(RowId begin, RowId end, int64_t low, int64_t high,
                          uint64_t* bits) const = 0;
  virtual void fill_present(RowId begin, RowId end, uint64_t* bits) const = 0;
};

// Distinct values of a keyword-like field, sorted as bytes, and each row's ordinals into them
// (ascending, distinct).
class OrdinalColumn {
 public:
  virtual ~OrdinalColumn() = default;
  virtual uint32_t ordinal_count() const = 0;
  virtual uint32_t present_rows() const = 0;
  virtual bool one_each() const = 0;
  virtual bool single_valued() const = 0;  // at most one value a row
  virtual std::string term(uint32_t ordinal) const = 0;
  // Visits the terms of ascending ordinals; each dictionary block is decoded once.
  virtual void terms(std::span<const uint32_t> ordinals,
                     const std::function<void(size_t i, std::string_view term)>& visit) const = 0;
  virtual std::optional<uint32_t> find(std::string_view term) const = 0;
  virtual uint32_t lower_bound(
      std::string_view term) const = 0;                   // first ordinal with a term >= this
  virtual uint32_t doc_freq(uint32_t ordinal) const = 0;  // rows with it, deleted ones counted

  virtual void gather(std::span<const RowId> rows, OrdinalBatch& out) const = 0;
  // Rows of [begin, end) with any ordinal in [low, high).
  virtual void fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                          uint64_t* bits) const = 0;
  virtual void fill_present(RowId begin, RowId end, uint64_t* bits) const = 0;
};

// One term as the dictionary knows it. `handle` is the reader's own.
struct TermInfo {
  uint32_t doc_freq = 0;
  uint64_t total_term_freq = 0;
  uint64_t handle = 0;
};

// The rows of one term.
//
// Calls   row() is kNoRow at first; next() and advance() move forward only; freq() and positions()
// are of row().
//         fill() may be called at any time with any window and does not move the cursor.
class Postings {
 public:
  virtual ~Postings() = default;
  virtual uint32_t doc_freq() const = 0;
  virtual RowId row() const = 0;
  virtual RowId next() = 0;  // kNoRow at the end
  virtual RowId advance(
      RowId target) = 0;  // first row >= target that is > row() or == row(); kNoRow at the end
  virtual uint32_t freq() = 0;                        // 1 where frequencies are not kept
  virtual std::span<const uint32_t> positions() = 0;  // ascending; empty where not kept
  virtual void fill(RowId begin, RowId end, uint64_t* bits) = 0;
  // The rows of [begin, end) and how often each has the term, appended. Windows ascend from call to
  // call; moves the cursor behind the window unless a kind of list knows better.
  virtual void read(RowId begin, RowId end, std::vector<RowId>& rows,
                    std::vector<uint32_t>& freqs) {
    if (at_end_) return;
    RowId at = row() == kNoRow || row() < begin ? advance(begin) : row();
    for (; at < end; at = next()) {
      rows.push_back(at);
      freqs.push_back(freq());
    }
    at_end_ = at == kNoRow;
  }

 private:
  bool at_end_ = false;  // of read()
};

// Terms from a starting point on, ascending as bytes.
class TermIterator {
 public:
  virtual ~TermIterator() = default;
  virtual bool valid() const = 0;
  virtual std::string_view term() const = 0;  // until next()
  virtual TermInfo info() const = 0;
  virtual void next() = 0;
};

// What a field has as an inverted index: text (kTerms) or keyword-like (kOrdinals, kIp, kFlattened;
// no freqs, no norms).
class TermsIndex {
 public:
  enum class Want : uint8_t { kRows, kFreqs, kPositions };

  virtual ~TermsIndex() = default;
  virtual uint64_t term_count() const = 0;
  virtual uint32_t doc_count() const = 0;  // rows with at least one term
  virtual uint64_t sum_doc_freq() const = 0;
  virtual uint64_t sum_total_term_freq() const = 0;  // the sum of field lengths
  virtual bool has_positions() const = 0;
  virtual bool has_norms() const = 0;

  virtual std::optional<TermInfo> find(std::string_view term) const = 0;
  virtual std::unique_ptr<TermIterator> iterate(std::string_view from) const = 0;
  // Visits, ascending, every term that contains all of `parts` as substrings (a wildcard's literal
  // parts; the caller checks the whole pattern): faster than iterate() where the dictionary can be
  // scanned without decoding.
  virtual void visit_containing(
      std::span<const std::string_view> parts,
      const std::function<void(std::string_view, const TermInfo&)>& visit) const = 0;
  virtual std::unique_ptr<Postings> postings(const TermInfo& term, Want want) const = 0;
  // Byte-coded field lengths (Lucene's SmallFloat.intToByte4) of ascending rows; 0: no such field
  // in the row. Without norms (has_norms()) only whether it is 0 means something.
  virtual void norms(std::span<const RowId> rows, uint8_t* out) const = 0;
  virtual void fill_present(RowId begin, RowId end, uint64_t* bits) const = 0;
};

struct RowData {
  std::string id;
  SeqNo seq_no = kNoSeqNo;
  int64_t primary_term = 0;
  int64_t version = 0;
  std::optional<std::string> routing;
};

struct FieldKey {
  std::string path;
  Kind kind;
  friend auto operator<=>(const FieldKey&, const FieldKey&) = default;
};

class SegmentReader {
 public:
  virtual ~SegmentReader() = default;
  virtual uint32_t row_count() const = 0;
  virtual SeqNo min_seq_no() const = 0;  // of its rows; row_count() > 0
  virtual SeqNo max_seq_no() const = 0;
  virtual uint64_t bytes() const = 0;  // on disk, or in memory for a live one
  virtual bool live() const = 0;
  virtual const std::string& name() const = 0;  // as in _cat/segments
  // Bytes that name an immutable segment for ever; empty for a live one.
  virtual std::string_view identity() const { return {}; }
  // Bounds of a numeric field's values, where they are known without reading anything; the lower
  // one is greater where no row has a value.
  struct Bounds {
    int64_t min;
    int64_t max;
  };
  virtual std::optional<Bounds> known_bounds(std::string_view path, Kind kind) const {
    (void)path, (void)kind;
    return std::nullopt;
  }

  // The structures of this segment. nullptr where the segment has none for the path (and kind).
  virtual const std::vector<FieldKey>& fields() const = 0;  // sorted
  virtual const NumericColumn* numeric(std::string_view path, Kind kind) const = 0;
  virtual const OrdinalColumn* ordinals(std::string_view path,
                                        Kind kind = Kind::kOrdinals) const = 0;
  virtual const TermsIndex* terms(std::string_view path, Kind kind) const = 0;

  // Row data. `_seq_no` is also numeric("_seq_no", kI64), `_ignored` also ordinals("_ignored") and
  // terms() likewise, `_routing` also ordinals("_routing").
  virtual void row_data(std::span<const RowId> rows, std::vector<RowData>& out) const = 0;
  // Every row with this id as one given by a client, replaced ones among them.
  virtual std::vector<RowId> rows_of_explicit_id(std::string_view id) const = 0;
  virtual std::optional<RowId> find_seq_no(SeqNo seq_no) const = 0;
  // The very bytes that came in, of rows in any order; each block of sources is decoded once. No
  // call for a row without one.
  using VisitSource = std::function<void(size_t i, std::string_view source)>;
  enum class Reuse : uint8_t { kLikely, kUnlikely };  // soon and of the same rows
  virtual void read_sources(std::span<const RowId> rows, Reuse reuse,
                            const VisitSource& visit) const = 0;
  // For so many rows at once, of all segments together, it is worth saying kLikely.
  static size_t reused_rows_max();
  void sources(std::span<const RowId> rows, const VisitSource& visit) const {
    read_sources(rows, Reuse::kUnlikely, visit);
  }
};

}  // namespace stratalog::index
