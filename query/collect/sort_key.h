// Sort keys on an index and on a segment: each row's key as an int64 whose ascending order is the
// order asked for.
//
// Shape   a segment's keys compare only within the segment; SortValue compares everywhere and is
// what hits show.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "query/exec/context.h"
#include "query/exec/row_script.h"
#include "query/exec/virtual_columns.h"
#include "query/search_request.h"

namespace stratalog::query {

// A key's value of a hit, comparable between segments and indices.
struct SortValue {
  enum class Type : uint8_t { kMissing, kInt, kUint, kDouble, kString } type = Type::kMissing;
  int64_t number = 0;  // sortable form
  std::string text;

  double as_double() const;
  friend bool operator==(const SortValue& a, const SortValue& b) = default;
};

// One key of a request on one index.
class IndexSortKey {
 public:
  enum class Source : uint8_t { kScore, kDoc, kPhysical, kNumeric, kOrdinal, kUnmapped, kScript };

  // Fails with query_shard_exception "No mapping found for [x] in order to sort on" and the like.
  static Result<IndexSortKey> make(const SortKey& key, const IndexContext& index);

  Source source() const { return source_; }
  bool descending() const { return descending_; }
  const std::string& path() const { return path_; }
  index::Kind kind() const { return kind_; }
  const index::MappedField* field() const { return field_; }
  SortKey::Mode mode() const { return mode_; }
  bool missing_first() const { return missing_first_; }

  // A value of search_after. IAE "Failed to parse search_after value for field [x]."
  Result<SortValue> parse_after(const json::Value& value) const;
  // -1, 0, 1 in the order asked for (missing values where asked).
  int compare(const SortValue& a, const SortValue& b) const;
  void append(json::Writer& out, const SortValue& value) const;
  // The key of a row without any value.
  int64_t missing_key() const { return missing_key_; }
  SortValue::Type value_type() const;
  // Whether bounds of its keys in a segment are known without much work.
  bool knows_least() const;

 private:
  Source source_ = Source::kScore;
  bool descending_ = true;
  bool missing_first_ = false;
  SortKey::Mode mode_ = SortKey::Mode::kMin;
  std::string name_;
  std::string path_;
  index::Kind kind_ = index::Kind::kI64;
  index::Kind cast_ = index::Kind::kI64;  // numeric_type
  const index::MappedField* field_ = nullptr;
  FieldRef ref_;
  std::shared_ptr<const index::DateFormat> format_;
  int64_t missing_key_ = 0;   // numeric: sortable form of a missing row's value
  std::string missing_text_;  // ordinal: instead of first or last
  bool missing_custom_ = false;
  std::shared_ptr<RowScript> script_;  // one thread runs a request

  friend class SegmentSortKey;
};

// The key in one segment. Keys ascend in the order asked for.
class SegmentSortKey {
 public:
  SegmentSortKey(const IndexSortKey& key, const SegmentContext& segment);

  // `scores`: only read by _score.
  void keys(std::span<const index::RowId> rows, std::span<const float> scores, int64_t* out);
  SortValue value(int64_t key) const;
  // The key at which `value` would stand: rows with a smaller key come before it, with a greater
  // one after. False if it can't be told.
  bool key_of(const SortValue& value, int64_t& out) const;
  // No row's key is less.
  int64_t least() const;
  // Rows are in the key's order, or in the opposite one: with one key, no row further on is better.
  bool ascending_rows() const;
  bool descending_rows() const;
  // _score, the greatest first: the score that a key stands for; -infinity of INT64_MAX.
  float score_of(int64_t key) const;
  // Keys are all different.
  bool unique() const { return key_.source() == IndexSortKey::Source::kPhysical; }
  // Where rows are in the key's order: those with this key or a greater one. Else all.
  index::RowRange rows_from(int64_t key) const;

 private:
  int64_t first_physical() const;

  const IndexSortKey& key_;
  const SegmentContext& segment_;
  std::shared_ptr<const index::NumericColumn> numeric_;
  std::shared_ptr<const index::OrdinalColumn> ordinals_;
  int64_t missing_ = 0;
  index::NumericBatch numbers_;
  index::OrdinalBatch ords_;
};

}  // namespace stratalog::query
