#include "query/collect/sort_key.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "index/date/date_format.h"
#include "index/sortable.h"
#include "query/exec/field_plans.h"
#include "query/exec/field_value.h"
#include "query/exec/metadata_fields.h"

namespace stratalog::query {

using index::FieldType;
using index::Kind;
using index::RowId;

namespace {

int64_t key_of_score(float score) {
  const auto bits = std::bit_cast<int32_t>(score);
  return bits ^ ((bits >> 31) & INT32_MAX);
}
float score_of_key(int64_t key) {
  const auto bits = static_cast<int32_t>(key);
  return std::bit_cast<float>(bits ^ ((bits >> 31) & INT32_MAX));
}

const char* kTextFieldReason =
    "Text fields are not optimised for operations that require per-document field data like "
    "aggregations and sorting, so "
    "these operations are disabled by default. Please use a keyword field instead. Alternatively, "
    "set fielddata=true on "
    "[%] in order to load field data by uninverting the inverted index. Note that this can use "
    "significant memory.";

// A numeric column's value under numeric_type.
int64_t cast_number(int64_t value, Kind from, Kind to) {
  if (from == to) return value;
  const auto as_double = [&] {
    if (from == Kind::kF64) return index::double_from_sortable(value);
    if (from == Kind::kU64) return static_cast<double>(index::u64_from_sortable(value));
    return static_cast<double>(value);
  };
  if (to == Kind::kF64) return index::sortable_from_double(as_double());
  if (to == Kind::kNanos && from == Kind::kI64) return value * 1'000'000;
  if (to == Kind::kI64 && from == Kind::kNanos) return value / 1'000'000;
  if (to == Kind::kI64 && from == Kind::kF64) return static_cast<int64_t>(as_double());
  return value;
}

// Values of one row (ascending) as one.
int64_t reduce(std::span<const int64_t> values, SortKey::Mode mode, Kind kind) {
  switch (mode) {
    case SortKey::Mode::kMax:
      return values.back();
    case SortKey::Mode::kAvg:
    case SortKey::Mode::kSum:
    case SortKey::Mode::kMedian:
      break;
    default:
      return values.front();
  }
  if (kind == Kind::kF64) {
    const size_t n = values.size();
    const auto at = [&](size_t i) { return index::double_from_sortable(values[i]); };
    if (mode == SortKey::Mode::kMedian) {
      return index::sortable_from_double(n % 2 == 1 ? at(n / 2) : (at(n / 2 - 1) + at(n / 2)) / 2);
    }
    double sum = 0;
    for (size_t i = 0; i < n; ++i) sum += at(i);
    return index::sortable_from_double(mode == SortKey::Mode::kSum ? sum
                                                                   : sum / static_cast<double>(n));
  }
  const size_t n = values.size();
  if (mode == SortKey::Mode::kMedian) {
    if (n % 2 == 1) return values[n / 2];
    return static_cast<int64_t>(std::llround(
        (static_cast<double>(values[n / 2 - 1]) + static_cast<double>(values[n / 2])) / 2));
  }
  int64_t sum = 0;
  for (const int64_t v : values)
    sum = static_cast<int64_t>(static_cast<uint64_t>(sum) + static_cast<uint64_t>(v));
  if (mode == SortKey::Mode::kSum) return sum;
  return n > 1 ? std::llround(static_cast<double>(sum) / static_cast<double>(n)) : sum;
}

}  // namespace

double SortValue::as_double() const {
  switch (type) {
    case Type::kDouble:
      return index::double_from_sortable(number);
    case Type::kUint:
      return static_cast<double>(index::u64_from_sortable(number));
    default:
      return static_cast<double>(number);
  }
}

Result<IndexSortKey> IndexSortKey::make(const SortKey& key, const IndexContext& index) {
  IndexSortKey out;
  out.name_ = key.field;
  out.descending_ = key.descending;
  out.missing_first_ = key.missing_first;
  out.mode_ = key.mode != SortKey::Mode::kDefault ? key.mode
              : key.descending                    ? SortKey::Mode::kMax
                                                  : SortKey::Mode::kMin;
  if (key.field == "_score") {
    out.source_ = Source::kScore;
    return out;
  }
  if (key.field == "_doc" || key.field == "_shard_doc") {
    out.source_ = Source::kDoc;
    return out;
  }
  if (key.field == "_physical") {
    out.source_ = Source::kPhysical;
    return out;
  }
  if (key.script) {
    out.source_ = Source::kScript;
    out.kind_ = out.cast_ = Kind::kF64;
    ASSIGN_OR_RETURN(out.script_, RowScript::make(index, *key.script, script::Context::kSort));
    return out;
  }
  std::string path = key.field;
  Kind kind = Kind::kI64;
  bool ordinal = false;
  {
    const FieldRef ref = resolve_field(index, key.field);
    if (ref.field == nullptr) {
      if (key.unmapped_type.empty()) {
        return index.shard_error("No mapping found for [" + key.field + "] in order to sort on");
      }
      out.source_ = Source::kUnmapped;
      ordinal = key.unmapped_type == "keyword" || key.unmapped_type == "ip" ||
                key.unmapped_type == "text";
      kind = ordinal ? Kind::kOrdinals
             : key.unmapped_type == "double" || key.unmapped_type == "float" ||
                     key.unmapped_type == "half_float"
                 ? Kind::kF64
                 : Kind::kI64;
    } else {
      const index::MappedField& field = *ref.field;
      if (field.type == FieldType::kText) {
        const std::string_view reason = kTextFieldReason;
        const size_t place = reason.find('%');
        return Error(error_types::kIllegalArgument, std::string(reason.substr(0, place))
                                                        .append(key.field)
                                                        .append(reason.substr(place + 1)));
      }
      RETURN_IF_ERROR(check_fielddata(ref));
      const bool unsearched = field.type == FieldType::kUnsearched && !is_metadata(field);
      if (!field.doc_values || unsearched || field.type == FieldType::kBinary) {
        return Error(error_types::kIllegalArgument,
                     "Can't load fielddata on [" + key.field +
                         "] because fielddata is unsupported on fields of type [" +
                         field.type_name + "]. Use doc values instead.");
      }
      out.field_ = &field;
      out.ref_ = ref;
      path = field.path;
      kind = field.kind;
      ordinal = index::is_ordinal(kind);
      out.source_ = ordinal ? Source::kOrdinal : Source::kNumeric;
    }
  }
  out.path_ = path;
  out.kind_ = out.cast_ = kind;
  if (ordinal) {
    if (out.mode_ == SortKey::Mode::kAvg || out.mode_ == SortKey::Mode::kSum ||
        out.mode_ == SortKey::Mode::kMedian) {
      return index.shard_error("we only support AVG, MEDIAN and SUM on number based fields");
    }
    if (key.missing_value) {
      out.missing_custom_ = true;
      out.missing_text_ = key.missing_value->to_text();
      if (kind == Kind::kIp) {
        const auto address = parse_ip(out.missing_text_);
        if (!address) {
          return Error(
              error_types::kIllegalArgument,
              std::string("'").append(out.missing_text_).append("' is not an IP string literal."));
        }
        out.missing_text_ = *address;
      }
    }
  } else {
    if (key.numeric_type == "double") out.cast_ = Kind::kF64;
    if (key.numeric_type == "long") out.cast_ = Kind::kI64;
    if (key.numeric_type == "date") out.cast_ = Kind::kI64;
    if (key.numeric_type == "date_nanos") out.cast_ = Kind::kNanos;
    const bool greatest = key.missing_first == key.descending;
    if (out.cast_ == Kind::kF64) {
      const double infinity = std::numeric_limits<double>::infinity();
      out.missing_key_ = index::sortable_from_double(greatest ? infinity : -infinity);
    } else {
      out.missing_key_ = greatest ? INT64_MAX : INT64_MIN;
    }
    if (key.missing_value && out.field_ != nullptr) {
      if (out.field_->date()) {
        ASSIGN_OR_RETURN(out.missing_key_,
                         parse_date(*out.field_, key.missing_value->to_text(), false,
                                    {index.request.now_ms, key.format, ""}));
      } else {
        ASSIGN_OR_RETURN(const NumberValue number,
                         parse_number(*out.field_, key.missing_value->to_text()));
        out.missing_key_ = cast_number(number.value, kind, out.cast_);
      }
    }
  }
  if (!key.format.empty()) {
    if (out.field_ != nullptr && !out.field_->date()) {
      return Error(error_types::kIllegalArgument, "Field [" + key.field + "] of type [" +
                                                      out.field_->type_name +
                                                      "] doesn't support formats.");
    }
    ASSIGN_OR_RETURN(out.format_, index::DateFormat::compile(key.format));
  }
  return out;
}

SortValue::Type IndexSortKey::value_type() const {
  switch (source_) {
    case Source::kScore:
    case Source::kScript:
      return SortValue::Type::kDouble;
    case Source::kOrdinal:
      return SortValue::Type::kString;
    case Source::kNumeric:
      break;
    case Source::kUnmapped:
      if (kind_ == Kind::kOrdinals) return SortValue::Type::kString;
      break;
    default:
      return SortValue::Type::kInt;
  }
  if (cast_ == Kind::kF64 || (field_ != nullptr && field_->type == FieldType::kScaledFloat)) {
    return SortValue::Type::kDouble;
  }
  return cast_ == Kind::kU64 ? SortValue::Type::kUint : SortValue::Type::kInt;
}

bool IndexSortKey::knows_least() const {
  return source_ != Source::kOrdinal && (field_ == nullptr || !is_virtual(*field_));
}

Result<SortValue> IndexSortKey::parse_after(const json::Value& value) const {
  SortValue out;
  const auto failed = [&](const std::string& text) {
    Error outer(error_types::kIllegalArgument,
                "Failed to parse search_after value for field [" + name_ + "].");
    return std::move(outer).because(
        Error(error_types::kNumberFormat, "For input string: \"" + text + "\""));
  };
  if (value.is_null()) return out;
  const SortValue::Type type = value_type();
  if (type == SortValue::Type::kString) {
    out.type = type;
    out.text = value.to_text();
    if (kind_ == Kind::kIp) {
      const auto ip = parse_ip(out.text);
      if (!ip) return failed(out.text);
      out.text = *ip;
    }
    return out;
  }
  if (type == SortValue::Type::kDouble) {
    std::optional<double> number = value.to_double();
    if (value.is_string() && value.as_string() == "Infinity")
      number = std::numeric_limits<double>::infinity();
    if (value.is_string() && value.as_string() == "-Infinity")
      number = -std::numeric_limits<double>::infinity();
    if (!number) return failed(value.to_text());
    if (source_ == Source::kScore) number = static_cast<double>(static_cast<float>(*number));
    out.type = type;
    out.number = index::sortable_from_double(*number);
    return out;
  }
  if (field_ != nullptr && field_->date() && value.is_string()) {
    if (const auto number = value.to_int(); number && format_ == nullptr) {
      out.type = type;
      out.number = *number;
      return out;
    }
    const auto& format = format_ != nullptr ? format_ : field_->date_format;
    const auto instant = format == nullptr ? std::nullopt : format->try_parse(value.as_string());
    if (!instant) return failed(value.as_string());
    out.type = type;
    if (cast_ == Kind::kNanos) {
      ASSIGN_OR_RETURN(out.number, index::to_nanos(*instant));
    } else {
      out.number = instant->millis();
    }
    return out;
  }
  if (type == SortValue::Type::kUint) {
    ASSIGN_OR_RETURN(const NumberValue number, parse_number(*field_, value.to_text()));
    out.type = type;
    out.number = number.value;
    return out;
  }
  if (value.is_bool()) {
    out.type = type;
    out.number = value.as_bool() ? 1 : 0;
    return out;
  }
  const auto number = value.to_int();
  if (!number) return failed(value.to_text());
  out.type = type;
  out.number = *number;
  return out;
}

int IndexSortKey::compare(const SortValue& a, const SortValue& b) const {
  const bool a_missing = a.type == SortValue::Type::kMissing,
             b_missing = b.type == SortValue::Type::kMissing;
  if (a_missing || b_missing) {
    if (a_missing == b_missing) return 0;
    return (a_missing == missing_first_) ? -1 : 1;
  }
  int order = 0;
  const bool a_text = a.type == SortValue::Type::kString,
             b_text = b.type == SortValue::Type::kString;
  if (a_text != b_text) {
    order = a_text ? 1 : -1;
  } else if (a_text) {
    order = a.text.compare(b.text);
  } else if (a.type == b.type) {
    order = a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
  } else {
    const double x = a.as_double(), y = b.as_double();
    order = x < y ? -1 : x > y ? 1 : 0;
  }
  order = order < 0 ? -1 : order > 0 ? 1 : 0;
  return descending_ ? -order : order;
}

void IndexSortKey::append(json::Writer& out, const SortValue& value) const {
  switch (value.type) {
    case SortValue::Type::kMissing:
      out.null();
      return;
    case SortValue::Type::kString:
      if (kind_ == Kind::kIp) {
        out.string(ip_address_text(value.text));
      } else {
        out.string(value.text);
      }
      return;
    case SortValue::Type::kUint:
      out.number(index::u64_from_sortable(value.number));
      return;
    case SortValue::Type::kDouble:
      if (source_ == Source::kScore) {
        out.float_number(static_cast<float>(value.as_double()));
      } else {
        out.number(value.as_double());
      }
      return;
    case SortValue::Type::kInt:
      break;
  }
  if (format_ != nullptr && value.number != INT64_MAX && value.number != INT64_MIN) {
    const bool nanos = cast_ == Kind::kNanos;
    out.string(format_->print(nanos ? index::Instant::of_nanos(value.number)
                                    : index::Instant::of_millis(value.number)));
    return;
  }
  out.number(value.number);
}

SegmentSortKey::SegmentSortKey(const IndexSortKey& key, const SegmentContext& segment)
    : key_(key), segment_(segment) {
  switch (key.source_) {
    case IndexSortKey::Source::kDoc:
      numeric_ = {std::shared_ptr<void>(), segment.reader.numeric("_seq_no", Kind::kI64)};
      break;
    case IndexSortKey::Source::kNumeric:
      numeric_ = numeric_column(segment, key.ref_);
      break;
    case IndexSortKey::Source::kOrdinal:
      ordinals_ = ordinal_column(segment, key.ref_);
      break;
    default:
      break;
  }
  missing_ = key.missing_key_;
  if (key.value_type() == SortValue::Type::kString) {
    // Ordinal keys are 2 * ordinal + 1, so that there is a place between any two.
    const bool greatest = key.missing_first_ == key.descending_;
    missing_ = greatest ? INT64_MAX : -1;
    if (key.missing_custom_) {
      SortValue value;
      value.type = SortValue::Type::kString;
      value.text = key.missing_text_;
      int64_t place = 0;
      if (key_of(value, place)) missing_ = key.descending_ ? ~place : place;
    }
  }
}

void SegmentSortKey::keys(std::span<const RowId> rows, std::span<const float> scores,
                          int64_t* out) {
  const size_t count = rows.size();
  using Source = IndexSortKey::Source;
  if (key_.source_ == Source::kScore) {
    for (size_t i = 0; i < count; ++i) out[i] = key_of_score(scores.empty() ? 0 : scores[i]);
  } else if (key_.source_ == Source::kPhysical) {
    for (size_t i = 0; i < count; ++i) out[i] = first_physical() | rows[i];
  } else if (key_.source_ == Source::kScript) {
    key_.script_->begin_segment(segment_);
    for (size_t i = 0; i < count; ++i)
      out[i] = index::sortable_from_double(key_.script_->number(rows[i]));
  } else if (numeric_ != nullptr) {
    numeric_->gather(rows, numbers_);
    const bool plain = key_.kind_ == key_.cast_ || key_.source_ == Source::kDoc;
    if (numbers_.one_each) {
      for (size_t i = 0; i < count; ++i) {
        out[i] =
            plain ? numbers_.values[i] : cast_number(numbers_.values[i], key_.kind_, key_.cast_);
      }
    } else {
      for (size_t i = 0; i < count; ++i) {
        const uint32_t begin = numbers_.begin(i), end = numbers_.end(i);
        if (begin == end) {
          out[i] = missing_;
          continue;
        }
        const int64_t v =
            reduce(std::span(numbers_.values).subspan(begin, end - begin), key_.mode_, key_.kind_);
        out[i] = plain ? v : cast_number(v, key_.kind_, key_.cast_);
      }
    }
  } else if (ordinals_ != nullptr) {
    ordinals_->gather(rows, ords_);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t begin = ords_.begin(i), end = ords_.end(i);
      if (begin == end) {
        out[i] = missing_;
      } else {
        const uint32_t ordinal =
            key_.mode_ == SortKey::Mode::kMax ? ords_.values[end - 1] : ords_.values[begin];
        out[i] = 2 * static_cast<int64_t>(ordinal) + 1;
      }
    }
  } else {
    std::fill_n(out, count, missing_);
  }
  if (key_.descending_) {
    for (size_t i = 0; i < count; ++i) out[i] = ~out[i];
  }
}

SortValue SegmentSortKey::value(int64_t key) const {
  if (key_.descending_) key = ~key;
  SortValue out;
  out.type = key_.value_type();
  if (key_.source_ == IndexSortKey::Source::kScore) {
    out.number = index::sortable_from_double(static_cast<double>(score_of_key(key)));
    return out;
  }
  if (out.type == SortValue::Type::kString) {
    if (key == missing_ || key < 0 || key == INT64_MAX || ordinals_ == nullptr) {
      if (key_.missing_custom_) {
        out.text = key_.missing_text_;
      } else {
        out.type = SortValue::Type::kMissing;
      }
      return out;
    }
    out.text = ordinals_->term(static_cast<uint32_t>((key - 1) / 2));
    return out;
  }
  out.number = key;
  if (key_.field_ != nullptr && key_.field_->type == FieldType::kScaledFloat) {
    out.number =
        index::sortable_from_double(static_cast<double>(key) / key_.field_->scaling_factor);
  }
  return out;
}

bool SegmentSortKey::key_of(const SortValue& value, int64_t& out) const {
  if (value.type == SortValue::Type::kMissing) {
    out = missing_;
  } else if (value.type != key_.value_type()) {
    return false;
  } else if (key_.source_ == IndexSortKey::Source::kScore) {
    out = key_of_score(static_cast<float>(value.as_double()));
  } else if (value.type == SortValue::Type::kString) {
    if (ordinals_ == nullptr) {
      out = 0;
    } else {
      const uint32_t ordinal = ordinals_->lower_bound(value.text);
      const bool found =
          ordinal < ordinals_->ordinal_count() && ordinals_->term(ordinal) == value.text;
      out = 2 * static_cast<int64_t>(ordinal) + (found ? 1 : 0);
    }
  } else if (key_.field_ != nullptr && key_.field_->type == FieldType::kScaledFloat) {
    out = std::llround(value.as_double() * key_.field_->scaling_factor);
  } else {
    out = value.number;
  }
  if (key_.descending_) out = ~out;
  return true;
}

float SegmentSortKey::score_of(int64_t key) const {
  if (key_.source_ != IndexSortKey::Source::kScore || !key_.descending_ || key == INT64_MAX) {
    return -std::numeric_limits<float>::infinity();
  }
  return score_of_key(~key);
}

int64_t SegmentSortKey::first_physical() const {
  return (static_cast<int64_t>(segment_.index.ordinal) << 49) |
         (static_cast<int64_t>(segment_.ordinal) << 32);
}

index::RowRange SegmentSortKey::rows_from(int64_t key) const {
  index::RowRange rows{0, segment_.row_count()};
  if (key_.source_ == IndexSortKey::Source::kPhysical) {
    const int64_t offset = key - first_physical();
    rows.begin = static_cast<RowId>(std::clamp<int64_t>(offset, 0, rows.end));
  } else if (ascending_rows()) {
    if (key > numeric_->min()) rows.begin = numeric_->lower_bound(key);
  } else if (descending_rows()) {
    const int64_t value = ~key;
    if (value < numeric_->max()) rows.end = numeric_->lower_bound(value + 1);
  }
  return rows;
}

int64_t SegmentSortKey::least() const {
  using Source = IndexSortKey::Source;
  if (key_.source_ == Source::kPhysical) return first_physical();
  const bool plain = key_.kind_ == key_.cast_ || key_.source_ == Source::kDoc;
  if (numeric_ == nullptr || !numeric_->one_each() || numeric_->value_count() == 0 || !plain)
    return INT64_MIN;
  return key_.descending_ ? ~numeric_->max() : numeric_->min();
}

bool SegmentSortKey::ascending_rows() const {
  if (key_.source_ == IndexSortKey::Source::kPhysical) return true;
  return numeric_ != nullptr && numeric_->sorted() && key_.kind_ == key_.cast_ && !key_.descending_;
}
bool SegmentSortKey::descending_rows() const {
  return key_.source_ != IndexSortKey::Source::kPhysical && numeric_ != nullptr &&
         numeric_->sorted() && key_.kind_ == key_.cast_ && key_.descending_;
}

}  // namespace stratalog::query
