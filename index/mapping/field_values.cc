#include "index/mapping/field_values.h"

#include <cmath>
#include <limits>

#include "index/analysis/analyzer.h"
#include "index/date/date_math.h"
#include "index/mapping/mapping_tree.h"
#include "index/mapping/numbers.h"
#include "index/sortable.h"

namespace stratalog::index {

namespace {

using error_types::kIllegalArgument;
using error_types::kNumberFormat;

struct WholeType {
  int64_t min;
  int64_t max;
  std::string_view article_name;  // "an integer"
};

WholeType whole_type(FieldType type) {
  switch (type) {
    case FieldType::kByte:
      return {INT8_MIN, INT8_MAX, "a byte"};
    case FieldType::kShort:
      return {INT16_MIN, INT16_MAX, "a short"};
    case FieldType::kInteger:
      return {INT32_MIN, INT32_MAX, "an integer"};
    default:
      return {INT64_MIN, INT64_MAX, "a long"};
  }
}

bool is_whole(FieldType type) {
  return type == FieldType::kLong || type == FieldType::kInteger || type == FieldType::kShort ||
         type == FieldType::kByte;
}

Error not_a_number(const std::string& text) {
  if (text.empty()) return Error(kNumberFormat, "empty String");
  return Error(kNumberFormat, "For input string: \"" + text + "\"");
}

Error out_of_range(const std::string& text, std::string_view type) {
  return Error(kIllegalArgument, "Value [" + text + "] is out of range for " + std::string(type));
}

// A whole number and whether something was cut off; `positive` of the value before.
struct Whole {
  int64_t value = 0;
  bool has_fraction = false;
  bool positive = false;
};

Result<Whole> read_whole(FieldType type, const json::Value& value) {
  const std::string text = java_text(value);
  const WholeType limits = whole_type(type);
  const std::optional<double> number = java_double(text);
  if (!number) return not_a_number(text);
  if (*number < static_cast<double>(limits.min) || *number > static_cast<double>(limits.max)) {
    return out_of_range(text, limits.article_name);
  }
  Whole out;
  out.positive = *number > 0;
  const WholeNumber exact = java_long(text);
  if (exact.kind == WholeNumber::kWhole) {
    out.value = exact.value;
    out.has_fraction = exact.has_fraction;
  } else if (exact.kind != WholeNumber::kNotANumber) {
    return out_of_range(text, limits.article_name);
  } else if (type == FieldType::kLong) {
    return Error(kIllegalArgument, "For input string: \"" + text + "\"");
  } else {
    out.value = std::isnan(*number) ? 0 : static_cast<int64_t>(*number);
    out.has_fraction = std::trunc(*number) != *number;
  }
  return out;
}

Result<double> read_double(FieldType type, std::string_view name, const json::Value& value) {
  const std::string text = java_text(value);
  const auto finite = [&](double v, const std::string& shown) -> Result<double> {
    if (std::isfinite(v)) return v;
    const bool scaled = type == FieldType::kScaledFloat;
    return Error(kIllegalArgument, "[" + std::string(name) +
                                       (scaled ? "] only supports" : "] supports only") +
                                       " finite values, but got [" + shown + "]");
  };
  if (type == FieldType::kFloat || type == FieldType::kHalfFloat) {
    const std::optional<float> v = java_float(text);
    if (!v) return not_a_number(text);
    const float rounded = type == FieldType::kHalfFloat ? round_to_half(*v) : *v;
    return finite(rounded, float_text(*v));
  }
  const std::optional<double> v = java_double(text);
  if (!v) return not_a_number(text);
  return finite(*v, double_text(*v));
}

Result<bool> read_boolean(const json::Value& value) {
  const std::string text = java_text(value);
  if (text == "true") return true;
  if (text == "false" || text.empty()) return false;
  return Error(kIllegalArgument,
               "Can't parse boolean value [" + text + "], expected [true] or [false]");
}

// A point in time in the column's unit.
Result<int64_t> read_date(const MappedField& field, const json::Value& value,
                          const ValueOptions& options, bool round_up) {
  const std::string text = java_text(value);
  const DateFormat& format = options.format ? *options.format : *field.date_format;
  ASSIGN_OR_RETURN(const Instant at,
                   parse_date_math(text, format, {options.now_ms, round_up, options.zone}));
  if (field.kind == Kind::kNanos) {
    // Outside of what nanoseconds reach, a bound is as good as the end.
    if (at.seconds < 0) return int64_t{0};
    if (const Result<int64_t> nanos = to_nanos(at); nanos) return *nanos;
    return INT64_MAX;
  }
  return at.millis();
}

// Bounds as whole numbers of the column, each already moved inwards if it is exclusive.
class RangeReader {
 public:
  RangeReader(const MappedField& field, const RangeBounds& bounds, const ValueOptions& options)
      : field_(field), bounds_(bounds), options_(options) {}

  Result<NumberInterval> read() {
    if (field_.date()) return dates();
    if (is_whole(field_.type)) return wholes();
    switch (field_.type) {
      case FieldType::kBoolean:
        return booleans();
      case FieldType::kUnsignedLong:
        return unsigned_longs();
      case FieldType::kScaledFloat:
        return scaled();
      default:
        return doubles();
    }
  }

 private:
  const json::Value* lower() const { return is_open(bounds_.lower) ? nullptr : bounds_.lower; }
  const json::Value* upper() const { return is_open(bounds_.upper) ? nullptr : bounds_.upper; }
  static bool is_open(const json::Value* v) { return v == nullptr || v->is_null(); }

  NumberInterval done(NumberInterval out) const {
    out.empty = out.empty || out.low > out.high;
    return out;
  }
  static void raise(NumberInterval& out) {
    if (out.low == INT64_MAX) {
      out.empty = true;
    } else {
      ++out.low;
    }
  }
  static void sink(NumberInterval& out) {
    if (out.high == INT64_MIN) {
      out.empty = true;
    } else {
      --out.high;
    }
  }

  Result<NumberInterval> dates() const {
    NumberInterval out;
    if (field_.kind == Kind::kNanos) out.low = 0;
    if (lower() != nullptr) {
      ASSIGN_OR_RETURN(out.low, read_date(field_, *lower(), options_, !bounds_.include_lower));
      if (!bounds_.include_lower) raise(out);
    }
    if (upper() != nullptr) {
      ASSIGN_OR_RETURN(out.high, read_date(field_, *upper(), options_, bounds_.include_upper));
      if (!bounds_.include_upper) sink(out);
    }
    return done(out);
  }

  Result<NumberInterval> wholes() const {
    // Bytes and shorts are searched as integers are.
    const FieldType type = field_.type == FieldType::kLong ? FieldType::kLong : FieldType::kInteger;
    NumberInterval out;
    if (lower() != nullptr) {
      ASSIGN_OR_RETURN(const Whole v, read_whole(type, *lower()));
      out.low = v.value;
      if (v.has_fraction ? v.positive : !bounds_.include_lower) raise(out);
    }
    if (upper() != nullptr) {
      ASSIGN_OR_RETURN(const Whole v, read_whole(type, *upper()));
      out.high = v.value;
      if (v.has_fraction ? !v.positive : !bounds_.include_upper) sink(out);
    }
    return done(out);
  }

  Result<NumberInterval> booleans() const {
    NumberInterval out{0, 1};
    if (lower() != nullptr) {
      ASSIGN_OR_RETURN(const bool v, read_boolean(*lower()));
      out.low = v ? 1 : 0;
      if (!bounds_.include_lower) raise(out);
    }
    if (upper() != nullptr) {
      ASSIGN_OR_RETURN(const bool v, read_boolean(*upper()));
      out.high = v ? 1 : 0;
      if (!bounds_.include_upper) sink(out);
    }
    return done(out);
  }

  Result<NumberInterval> unsigned_longs() const {
    NumberInterval out;
    if (lower() != nullptr) {
      const std::string text = java_text(*lower());
      const WholeUnsigned v = java_unsigned(text);
      if (v.kind == WholeNumber::kNotANumber) return not_a_number(text);
      if (v.kind == WholeNumber::kTooHigh) out.empty = true;
      if (v.kind == WholeNumber::kWhole) {
        out.low = sortable_from_u64(v.value);
        if (v.has_fraction || !bounds_.include_lower) raise(out);
      }
    }
    if (upper() != nullptr) {
      const std::string text = java_text(*upper());
      const WholeUnsigned v = java_unsigned(text);
      if (v.kind == WholeNumber::kNotANumber) return not_a_number(text);
      if (v.kind == WholeNumber::kTooLow) out.empty = true;
      if (v.kind == WholeNumber::kWhole) {
        out.high = sortable_from_u64(v.value);
        if (!v.has_fraction && !bounds_.include_upper) sink(out);
      }
    }
    return done(out);
  }

  // Bounds of scaled floats are not checked for being finite.
  Result<double> scale(const json::Value& value) const {
    const std::string text = java_text(value);
    const std::optional<double> v = java_double(text);
    if (!v) return not_a_number(text);
    return *v * field_.scaling_factor;
  }

  Result<NumberInterval> scaled() const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    NumberInterval out;
    if (lower() != nullptr) {
      ASSIGN_OR_RETURN(double v, scale(*lower()));
      if (!bounds_.include_lower) v = std::nextafter(v, kInfinity);
      out.low = java_round(std::ceil(v));
    }
    if (upper() != nullptr) {
      ASSIGN_OR_RETURN(double v, scale(*upper()));
      if (!bounds_.include_upper) v = std::nextafter(v, -kInfinity);
      out.high = java_round(std::floor(v));
    }
    return done(out);
  }

  double step(double v, bool up) const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const auto narrow = static_cast<float>(v);
    switch (field_.type) {
      case FieldType::kHalfFloat:
        return up ? half_up(narrow) : half_down(narrow);
      case FieldType::kFloat:
        return std::nextafter(narrow, static_cast<float>(up ? kInfinity : -kInfinity));
      default:
        return std::nextafter(v, up ? kInfinity : -kInfinity);
    }
  }

  Result<NumberInterval> doubles() const {
    NumberInterval out;
    if (lower() != nullptr) {
      ASSIGN_OR_RETURN(double v, read_double(field_.type, field_.type_name, *lower()));
      if (!bounds_.include_lower) v = step(v, true);
      out.low = sortable_from_double(v);
    }
    if (upper() != nullptr) {
      ASSIGN_OR_RETURN(double v, read_double(field_.type, field_.type_name, *upper()));
      if (!bounds_.include_upper) v = step(v, false);
      out.high = sortable_from_double(v);
    }
    return done(out);
  }

  const MappedField& field_;
  const RangeBounds& bounds_;
  const ValueOptions& options_;
};

Error not_ip(const std::string& text) {
  return Error(kIllegalArgument, "'" + text + "' is not an IP string literal.");
}

}  // namespace

Result<int64_t> parse_number(const MappedField& field, const json::Value& value,
                             const ValueOptions& options) {
  if (field.date()) return read_date(field, value, options, false);
  if (is_whole(field.type)) {
    ASSIGN_OR_RETURN(const Whole v, read_whole(field.type, value));
    return v.value;
  }
  switch (field.type) {
    case FieldType::kBoolean: {
      ASSIGN_OR_RETURN(const bool v, read_boolean(value));
      return int64_t{v ? 1 : 0};
    }
    case FieldType::kUnsignedLong: {
      const std::string text = java_text(value);
      const WholeUnsigned v = java_unsigned(text);
      if (v.kind == WholeNumber::kNotANumber) return not_a_number(text);
      if (v.kind != WholeNumber::kWhole) return out_of_range(text, "an unsigned long");
      return sortable_from_u64(v.value);
    }
    case FieldType::kScaledFloat: {
      ASSIGN_OR_RETURN(const double v, read_double(field.type, field.type_name, value));
      return java_round(v * field.scaling_factor);
    }
    default: {
      ASSIGN_OR_RETURN(const double v, read_double(field.type, field.type_name, value));
      return sortable_from_double(v);
    }
  }
}

Result<NumberInterval> parse_term(const MappedField& field, const json::Value& value,
                                  const ValueOptions& options) {
  if (field.date()) return parse_range(field, {&value, &value}, options);
  if (is_whole(field.type)) {
    const FieldType type = field.type == FieldType::kLong ? FieldType::kLong : FieldType::kInteger;
    ASSIGN_OR_RETURN(const Whole v, read_whole(type, value));
    if (v.has_fraction) return NumberInterval{0, 0, true};
    return NumberInterval{v.value, v.value};
  }
  if (field.type == FieldType::kUnsignedLong) {
    const WholeUnsigned v = java_unsigned(java_text(value));
    if (v.kind == WholeNumber::kNotANumber) return not_a_number(java_text(value));
    if (v.kind != WholeNumber::kWhole || v.has_fraction) return NumberInterval{0, 0, true};
  }
  ASSIGN_OR_RETURN(const int64_t v, parse_number(field, value, options));
  return NumberInterval{v, v};
}

Result<NumberInterval> parse_range(const MappedField& field, const RangeBounds& bounds,
                                   const ValueOptions& options) {
  return RangeReader(field, bounds, options).read();
}

Result<IpInterval> parse_ip_term(const json::Value& value) {
  const std::string text = java_text(value);
  if (text.find('/') != std::string::npos) return parse_cidr(text);
  const std::optional<IpBytes> ip = parse_ip(text);
  if (!ip) return not_ip(text);
  return IpInterval{*ip, *ip};
}

Result<IpInterval> parse_ip_range(const RangeBounds& bounds) {
  IpInterval out;
  out.low.fill(0);
  out.high.fill(static_cast<char>(0xFF));
  const auto read = [](const json::Value& value) -> Result<IpBytes> {
    const std::string text = java_text(value);
    const std::optional<IpBytes> ip = parse_ip(text);
    if (!ip) return not_ip(text);
    return *ip;
  };
  if (bounds.lower != nullptr && !bounds.lower->is_null()) {
    ASSIGN_OR_RETURN(out.low, read(*bounds.lower));
    if (!bounds.include_lower && !ip_next(out.low)) out.empty = true;
  }
  if (bounds.upper != nullptr && !bounds.upper->is_null()) {
    ASSIGN_OR_RETURN(out.high, read(*bounds.upper));
    if (!bounds.include_upper && !ip_previous(out.high)) out.empty = true;
  }
  if (view(out.low) > view(out.high)) out.empty = true;
  return out;
}

std::string parse_keyword_term(const MappedField& field, const json::Value& value) {
  std::string text = java_text(value);
  if (field.normalizer == nullptr) return text;
  std::string out;
  field.normalizer->normalize(text, out);
  return out;
}

double value_as_double(const MappedField& field, int64_t value) {
  switch (field.kind) {
    case Kind::kF64:
      return double_from_sortable(value);
    case Kind::kU64:
      return static_cast<double>(u64_from_sortable(value));
    case Kind::kNanos:
      return static_cast<double>(Instant::of_nanos(value).millis());
    default:
      return field.type == FieldType::kScaledFloat
                 ? static_cast<double>(value) / field.scaling_factor
                 : static_cast<double>(value);
  }
}

json::Value sort_value(const MappedField& field, int64_t value) {
  if (field.kind == Kind::kF64 || field.type == FieldType::kScaledFloat)
    return value_as_double(field, value);
  if (field.kind == Kind::kU64) return u64_from_sortable(value);
  return value;
}

std::string value_text(const MappedField& field, int64_t value, const ValueOptions& options) {
  if (field.date()) {
    const Instant at =
        field.kind == Kind::kNanos ? Instant::of_nanos(value) : Instant::of_millis(value);
    return (options.format ? *options.format : *field.date_format).print(at, options.zone);
  }
  if (field.type == FieldType::kBoolean) return value == 0 ? "false" : "true";
  return json::to_string(sort_value(field, value));
}

void append_value(json::Writer& out, const MappedField& field, int64_t value,
                  const ValueOptions& options) {
  if (field.date()) {
    out.string(value_text(field, value, options));
  } else if (field.type == FieldType::kBoolean) {
    out.boolean(value != 0);
  } else {
    out.value(sort_value(field, value));
  }
}

std::string ordinal_text(const MappedField& field, std::string_view term) {
  return field.kind == Kind::kIp ? ip_text(term) : std::string(term);
}

Result<json::Value> canonical_null_value(FieldType type, const json::Value& value) {
  const std::string text = java_text(value);
  if (is_whole(type)) {
    ASSIGN_OR_RETURN(const Whole v, read_whole(type, value));
    if (v.has_fraction) return Error(kIllegalArgument, "Value [" + text + "] has a decimal part");
    return json::Value(v.value);
  }
  switch (type) {
    case FieldType::kBoolean: {
      const std::optional<bool> v = value.to_bool();
      if (v) return json::Value(*v);
      return Error(kIllegalArgument,
                   "Failed to parse value [" + text + "] as only [true] or [false] are allowed.");
    }
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
    case FieldType::kDouble:
    case FieldType::kScaledFloat: {
      ASSIGN_OR_RETURN(const double v, read_double(type, "double", value));
      return json::Value(v);
    }
    case FieldType::kUnsignedLong: {
      const WholeUnsigned v = java_unsigned(text);
      if (v.kind == WholeNumber::kNotANumber) return not_a_number(text);
      if (v.kind != WholeNumber::kWhole) return out_of_range(text, "an unsigned long");
      return json::Value(v.value);
    }
    default:
      return json::Value(text);  // checked when it is used, as Elasticsearch does
  }
}

}  // namespace stratalog::index
