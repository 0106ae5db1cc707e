#include "query/agg/any_values.h"

namespace stratalog::query {

Result<AnyValues> AnyValues::make(const IndexContext& index, const ValueOptions& options,
                                  std::string_view agg_type) {
  AnyValues made;
  made.ref_ = resolve_field(index, options.field);
  made.missing_ = options.missing;
  const index::MappedField* field = made.ref_.field;
  if (field == nullptr) return made;
  RETURN_IF_ERROR(check_fielddata(made.ref_));
  const bool has_column = is_numeric(field->kind) || is_ordinal(field->kind);
  if (!has_column || !field->doc_values) return unsupported_field(made.ref_, agg_type);
  if (options.format && (is_ordinal(field->kind) || field->type == index::FieldType::kBoolean)) {
    return Error(error_types::kIllegalArgument, "Field [" + shown_path(made.ref_) + "] of type [" +
                                                    field->type_name +
                                                    "] does not support custom formats");
  }
  return made;
}

void AnyValues::begin_segment(const SegmentContext& segment) {
  numeric_ = numeric_column(segment, ref_);
  ordinals_ = ordinal_column(segment, ref_);
}

}  // namespace stratalog::query
