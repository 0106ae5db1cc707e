#include "query/agg/any_values.h"

namespace stratalog::query {

Result<AnyValues> AnyValues::make(const IndexContext& index, const ValueOptions& options,
                                  std::string_view agg_type) {
  AnyValues made;
  made.field_ = index.mapping().resolve(options.field);
  made.missing_ = options.missing;
  if (made.field_ == nullptr) return made;
  const bool has_column = is_numeric(made.field_->kind) || is_ordinal(made.field_->kind);
  if (!has_column || !made.field_->doc_values) return unsupported_field(*made.field_, agg_type);
  return made;
}

void AnyValues::begin_segment(const SegmentContext& segment) {
  numeric_ = nullptr;
  ordinals_ = nullptr;
  if (field_ == nullptr) return;
  if (is_numeric(field_->kind)) {
    numeric_ = segment.reader.numeric(field_->path, field_->kind);
  } else {
    ordinals_ = segment.reader.ordinals(field_->path, field_->kind);
  }
}

}  // namespace stratalog::query
