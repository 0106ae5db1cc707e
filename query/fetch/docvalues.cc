#include "query/fetch/docvalues.h"

#include "base/json_writer.h"
#include "index/sortable.h"
#include "query/exec/field_plans.h"
#include "query/exec/field_value.h"

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
    } else if (const FieldRef ref = resolve_field(index, spec.field);
               ref.field != nullptr && !ref.keyed) {
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
      Field chosen{name, field, nullptr};
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
    if (const auto* column = field.field->numeric()
                                 ? segment.reader.numeric(field.field->path, field.field->kind)
                                 : nullptr) {
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
    const auto* column = index::is_ordinal(field.field->kind)
                             ? segment.reader.ordinals(field.field->path, field.field->kind)
                             : nullptr;
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
