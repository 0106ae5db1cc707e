// Values of whatever kind a field has, as what they are told apart by: for value_count, cardinality
// and missing.
#pragma once

#include <optional>

#include "index/segment/segment_reader.h"
#include "query/agg/values.h"

namespace stratalog::query {

class AnyValues {
 public:
  static Result<AnyValues> make(const IndexContext& index, const ValueOptions& options,
                                std::string_view agg_type);

  void begin_segment(const SegmentContext& segment);
  const index::MappedField* field() const { return field_; }
  const std::optional<Node>& missing() const { return missing_; }
  // Of the current segment; both nullptr: no row has a value.
  const index::NumericColumn* numeric() const { return numeric_; }
  const index::OrdinalColumn* ordinals() const { return ordinals_; }

 private:
  const index::MappedField* field_ = nullptr;
  std::optional<Node> missing_;
  const index::NumericColumn* numeric_ = nullptr;
  const index::OrdinalColumn* ordinals_ = nullptr;
};

}  // namespace stratalog::query
