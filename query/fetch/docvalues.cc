#include "query/fetch/docvalues.h"

#include "base/json_writer.h"
#include "index/sortable.h"
#include "query/exec/field_plans.h"
#include "query/exec/field_value.h"
#include "query/exec/metadata_fields.h"

namespace stratalog::query {

using index::FieldType;
using index::RowId;

Result<DocvalueFetcher> DocvalueFetcher::make(const IndexContext& index,
                                              const std::vector<FieldAndFormat>& wanted) {
  DocvalueFetcher out;
  const int64_t most = index.setting("max_docvalue_fields_search", kDocvalueFieldsMax);
  if (static_cast<int64_t>(wanted.size()) > most) {
    return Error(error_types::kIllegalArgument,
                 "Trying to retrieve too many docvalue_fields. Must be less than or equal to: [" +
                     std::to_string(most) + "] but was [" + std::to_string(wanted.size()) +
                     "]. This limit can be set by changing the [index.max_docvalue_fields_search] "
                     "index level setting.");
  }
  for (const FieldAndFormat& spec : wanted) {
    std::vector<const index::MappedField*> fields;
    const bool pattern = spec.field.find('*') != std::string::npos;
    if (pattern) {
      fields = index.mapping().match(spec.field);
    } else if (const FieldRef ref = resolve_field(index, spec.field); ref.field != nullptr) {
      if (ref.keyed || is_metadata(*ref.field)) {
        RETURN_IF_ERROR(check_fielddata(ref));
        out.fields_.push_back({spec.field, ref, ref.field, nullptr});
        continue;
      }
      fields.push_back(ref.field);
    }
    for (const index::MappedField* field : fields) {
      const std::string name = pattern ? field->path : spec.field;
      if (field->type == FieldType::kAlias) field = index.mapping().resolve(field->path);
      if (field == nullptr) continue;
      if (field->type == FieldType::kText) {
        if (pattern) continue;
        return Error(error_types::kIllegalArgument,
                     "Text fields are not optimised for operations that require per-document field "
                     "data like "
                     "aggregations and sorting, so these operations are disabled by default. "
                     "Please use a keyword field "
                     "instead. Alternatively, set fielddata=true on [" +
                         name +
                         "] in order to load field data by uninverting the inverted index. Note "
                         "that this can use "
                         "significant memory.");
      }
      if (!field->doc_values) continue;
      Field chosen{name, {field->path, field, "", false}, field, nullptr};
      if (field->date()) {
        if (!spec.format.empty() && spec.format != "use_field_mapping") {
          ASSIGN_OR_RETURN(chosen.format, index::DateFormat::compile(spec.format));
        } else {
          chosen.format =
              field->date_format ? field->date_format : index::DateFormat::default_format();
        }
      } else if (!spec.format.empty() && spec.format != "use_field_mapping") {
        return Error(
            error_types::kIllegalArgument,
            "Field [" + name + "] of type [" + field->type_name + "] doesn't support formats.");
      }
      out.fields_.push_back(std::move(chosen));
    }
  }
  return out;
}

Status DocvalueFetcher::add_metadata(const IndexContext& index,
                                     const std::vector<FieldAndFormat>& fields) {
  for (const FieldAndFormat& spec : fields) {
    const index::MappedField* field = metadata_field(spec.field);
    if (field == nullptr || field->path == "_doc_count") continue;
    for (const std::string_view name : {"_type", "_seq_no", "_source", "_field_names"}) {
      if (field->path == name) {
        return Error({"unsupported_operation_exception", 500},
                     "Cannot fetch values for internal field [" + field->path + "].");
      }
    }
    fields_.push_back({spec.field, resolve_field(index, spec.field), field, nullptr});
  }
  return {};
}

void DocvalueFetcher::append_number(std::string& out, const Field& field, int64_t value) const {
  switch (field.field->type) {
    case FieldType::kDate:
      json::append_escaped(out, field.format->print(index::Instant::of_millis(value)));
      return;
    case FieldType::kDateNanos:
      json::append_escaped(out, field.format->print(index::Instant::of_nanos(value)));
      return;
    case FieldType::kBoolean:
      out += value != 0 ? "true" : "false";
      return;
    case FieldType::kScaledFloat:
      json::append_double(out, static_cast<double>(value) / field.field->scaling_factor);
      return;
    default:
      break;
  }
  if (field.field->kind == index::Kind::kF64) {
    json::append_double(out, index::double_from_sortable(value));
  } else if (field.field->kind == index::Kind::kU64) {
    out += std::to_string(index::u64_from_sortable(value));
  } else {
    out += std::to_string(value);
  }
}

void DocvalueFetcher::append(const SegmentContext& segment, std::span<const RowId> rows,
                             std::vector<std::vector<Member>>& out) const {
  index::NumericBatch numbers;
  index::OrdinalBatch ordinals;
  const auto values_of = [](std::vector<Member>& members, const Field& field) -> std::string& {
    for (Member& member : members) {
      if (member.name == field.name) return member.values;
    }
    return members.emplace_back(Member{field.name, {}}).values;
  };
  for (const Field& field : fields_) {
    if (is_virtual(*field.field) && !is_constant(*field.field)) {
      // A few rows: no column is made for them.
      std::vector<index::RowData> data;
      segment.reader.row_data(rows, data);
      for (size_t i = 0; i < rows.size(); ++i) {
        std::string& values = values_of(out[i], field);
        if (!values.empty()) values += ',';
        if (field.field->path == "_id") {
          json::append_escaped(values, data[i].id);
        } else {
          values += std::to_string(data[i].version);
        }
      }
      continue;
    }
    if (const auto column = numeric_column(segment, field.ref)) {
      column->gather(rows, numbers);
      for (size_t i = 0; i < rows.size(); ++i) {
        const uint32_t begin = numbers.begin(i), end = numbers.end(i);
        if (begin == end) continue;
        std::string& values = values_of(out[i], field);
        for (uint32_t v = begin; v < end; ++v) {
          if (!values.empty()) values += ',';
          append_number(values, field, numbers.values[v]);
        }
      }
      continue;
    }
    const auto column = ordinal_column(segment, field.ref);
    if (column == nullptr) continue;
    column->gather(rows, ordinals);
    for (size_t i = 0; i < rows.size(); ++i) {
      const uint32_t begin = ordinals.begin(i), end = ordinals.end(i);
      if (begin == end) continue;
      std::string& values = values_of(out[i], field);
      for (uint32_t v = begin; v < end; ++v) {
        if (!values.empty()) values += ',';
        const std::string term = column->term(ordinals.values[v]);
        json::append_escaped(values,
                             field.field->kind == index::Kind::kIp ? ip_address_text(term) : term);
      }
    }
  }
}

}  // namespace stratalog::query
