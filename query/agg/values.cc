#include "query/agg/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "index/sortable.h"

namespace stratalog::query {

using index::FieldType;
using index::Kind;
using index::MappedField;

void ValueOptions::add_to(std::vector<Option>& options) {
  options.push_back({"field", Takes::kString, [this](const Node& value) -> Status {
                       field = value.to_text();
                       return {};
                     }});
  options.push_back({"missing", Takes::kScalar, [this](const Node& value) -> Status {
                       missing = value;
                       return {};
                     }});
  options.push_back(set_text("format", format));
  options.push_back(ignore_hint("value_type", Takes::kString));
  options.push_back(refuse_script());
}

Status ValueOptions::require_field() const {
  if (!field.empty()) return {};
  return Error(error_types::kIllegalArgument,
               "Required one of fields [field, script], but none were specified. ");
}

Error unsupported_field(const FieldRef& ref, std::string_view agg_type) {
  const MappedField& field = *ref.field;
  if (field.type == FieldType::kText) {
    return Error(error_types::kIllegalArgument,
                 "Text fields are not optimised for operations that require per-document field "
                 "data like aggregations "
                 "and sorting, so these operations are disabled by default. Please use a keyword "
                 "field instead. "
                 "Alternatively, set fielddata=true on [" +
                     field.path +
                     "] in order to load field data by uninverting "
                     "the inverted index. Note that this can use significant memory.");
  }
  if (!field.doc_values) {
    return Error(error_types::kIllegalArgument,
                 "Can't load fielddata on [" + field.path +
                     "] because fielddata is unsupported on fields of type [" + field.type_name +
                     "]. Use doc values instead.");
  }
  return Error(error_types::kIllegalArgument,
               "Field [" + shown_path(ref) + "] of type [" + field.type_name +
                   "] is not supported for aggregation [" + std::string(agg_type) + "]");
}

Result<ValueFormat> ValueFormat::make(const MappedField* field,
                                      const std::optional<std::string>& format,
                                      const std::optional<std::string>& time_zone) {
  ValueFormat made;
  if (time_zone) {
    ASSIGN_OR_RETURN(made.zone_, index::TimeZone::make(*time_zone));
  }
  if (field != nullptr && field->date()) {
    made.kind_ = Kind::kDate;
    made.date_ =
        field->date_format != nullptr ? field->date_format : index::DateFormat::default_format();
    if (format) {
      ASSIGN_OR_RETURN(made.date_, index::DateFormat::compile(*format));
    }
  } else if (field != nullptr && field->type == FieldType::kBoolean) {
    made.kind_ = Kind::kBoolean;
  } else if (format) {
    made.kind_ = Kind::kDecimal;
    made.pattern_ = *format;
  }
  return made;
}

std::string ValueFormat::print(double value) const {
  switch (kind_) {
    case Kind::kDate:
      return date_->print(index::Instant::of_millis(static_cast<int64_t>(value)), zone_);
    case Kind::kBoolean:
      return value != 0 ? "true" : "false";
    case Kind::kDecimal:
      return format_decimal(pattern_, value);
    case Kind::kRaw:
      break;
  }
  std::string out;
  json::append_double(out, value);
  return out;
}

std::string format_decimal(std::string_view pattern, double value) {
  const size_t first = pattern.find_first_of("#0,.");
  if (first == std::string_view::npos) return std::string(pattern);
  size_t last = pattern.find_last_of("#0,.");
  const std::string_view digits = pattern.substr(first, last - first + 1);
  const std::string_view suffix = pattern.substr(last + 1);
  if (suffix.find('%') != std::string_view::npos) value *= 100;
  const size_t point = digits.find('.');
  const std::string_view whole = digits.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : digits.substr(point + 1);
  const size_t comma = whole.rfind(',');
  const size_t group = comma == std::string_view::npos ? 0 : whole.size() - comma - 1;
  const size_t whole_min = static_cast<size_t>(std::count(whole.begin(), whole.end(), '0'));
  const size_t fraction_min =
      static_cast<size_t>(std::count(fraction.begin(), fraction.end(), '0'));
  std::array<char, 400> buffer;
  const int length =
      std::snprintf(buffer.data(), buffer.size(), "%.*f",
                    static_cast<int>(std::min<size_t>(fraction.size(), 20)), std::fabs(value));
  std::string number(buffer.data(), static_cast<size_t>(length));
  std::string tail;
  if (const size_t dot = number.find('.'); dot != std::string::npos) {
    tail = number.substr(dot + 1);
    number.resize(dot);
    while (tail.size() > fraction_min && tail.back() == '0') tail.pop_back();
  }
  if (number == "0" && whole_min == 0 && !tail.empty()) number.clear();
  if (number.size() < whole_min) number.insert(0, whole_min - number.size(), '0');
  if (group > 0) {
    for (size_t at = number.size(); at > group; at -= group) number.insert(at - group, ",");
  }
  const bool zero = number.find_first_not_of("0,") == std::string::npos &&
                    tail.find_first_not_of('0') == std::string::npos;
  std::string out;
  if (value < 0 && !zero) out.push_back('-');
  out.append(pattern.substr(0, first)).append(number);
  if (!tail.empty()) out.append(".").append(tail);
  return out.append(suffix);
}

Result<NumericValues> NumericValues::make(const IndexContext& index, const ValueOptions& options,
                                          std::string_view agg_type) {
  NumericValues made;
  made.ref_ = resolve_field(index, options.field);
  const MappedField* field = made.ref_.field;
  RETURN_IF_ERROR(check_fielddata(made.ref_));
  if (field != nullptr && (!field->numeric() || !field->doc_values))
    return unsupported_field(made.ref_, agg_type);
  if (options.missing) {
    if (field != nullptr && field->date() && options.missing->is_string()) {
      const auto& format =
          field->date_format != nullptr ? field->date_format : index::DateFormat::default_format();
      ASSIGN_OR_RETURN(const index::Instant instant, format->parse(options.missing->to_text()));
      made.missing_ = instant.millis() * (field->kind == Kind::kNanos ? 1'000'000 : 1);
    } else {
      const auto number = options.missing->to_double();
      if (!number) {
        return Error(error_types::kNumberFormat,
                     "For input string: \"" + options.missing->to_text() + "\"");
      }
      made.missing_ = made.from_double(*number);
    }
  }
  return made;
}

void NumericValues::begin_segment(const SegmentContext& segment) {
  column_ = numeric_column(segment, ref_);
}

const index::NumericBatch& NumericValues::gather(std::span<const index::RowId> rows) {
  if (column_ != nullptr) {
    column_->gather(rows, batch_);
  } else {
    batch_.values.clear();
    batch_.one_each = false;
    batch_.starts.assign(rows.size() + 1, 0);
  }
  if (!missing_ || batch_.one_each) return batch_;
  filled_.values.clear();
  filled_.starts.clear();
  filled_.one_each = false;
  for (size_t i = 0; i < rows.size(); ++i) {
    filled_.starts.push_back(static_cast<uint32_t>(filled_.values.size()));
    if (batch_.begin(i) == batch_.end(i)) filled_.values.push_back(*missing_);
    for (uint32_t v = batch_.begin(i); v < batch_.end(i); ++v)
      filled_.values.push_back(batch_.values[v]);
  }
  filled_.starts.push_back(static_cast<uint32_t>(filled_.values.size()));
  return filled_;
}

double NumericValues::to_double(int64_t value) const {
  if (field() == nullptr) return index::double_from_sortable(value);
  switch (field()->kind) {
    case Kind::kF64:
      return index::double_from_sortable(value);
    case Kind::kU64:
      return static_cast<double>(index::u64_from_sortable(value));
    case Kind::kNanos:
      return static_cast<double>(to_millis(value));
    default:
      break;
  }
  const double number = static_cast<double>(value);
  return field()->type == FieldType::kScaledFloat ? number / field()->scaling_factor : number;
}

int64_t NumericValues::from_double(double value) const {
  if (field() == nullptr) return index::sortable_from_double(value);
  switch (field()->kind) {
    case Kind::kF64:
      return index::sortable_from_double(value);
    case Kind::kU64:
      return index::sortable_from_u64(static_cast<uint64_t>(value));
    case Kind::kNanos:
      return static_cast<int64_t>(value) * 1'000'000;
    default:
      break;
  }
  if (field()->type == FieldType::kScaledFloat)
    return static_cast<int64_t>(std::llround(value * field()->scaling_factor));
  return static_cast<int64_t>(value);
}

int64_t NumericValues::nanos_per_unit() const {
  return field() != nullptr && field()->kind == Kind::kNanos ? 1 : 1'000'000;
}

int64_t NumericValues::to_millis(int64_t value) const {
  if (field() == nullptr) return static_cast<int64_t>(index::double_from_sortable(value));
  if (field()->kind != Kind::kNanos) return value;
  const int64_t rest = value % 1'000'000;
  return (value - (rest < 0 ? rest + 1'000'000 : rest)) / 1'000'000;
}

std::string ip_text(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (bytes.size() != 16) return std::string(bytes);
  static constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (bytes.starts_with(kMapped)) {
    inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  }
  return text.data();
}

}  // namespace stratalog::query
