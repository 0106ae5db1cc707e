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
  const index::MappedField* field() const { return ref_.field; }
  const std::optional<Node>& missing() const { return missing_; }
  // Of the current segment; both nullptr: no row has a value.
  const index::NumericColumn* numeric() const { return numeric_.get(); }
  const index::OrdinalColumn* ordinals() const { return ordinals_.get(); }

 private:
  FieldRef ref_;
  std::optional<Node> missing_;
  std::shared_ptr<const index::NumericColumn> numeric_;
  std::shared_ptr<const index::OrdinalColumn> ordinals_;
};

}  // namespace stratalog::query
