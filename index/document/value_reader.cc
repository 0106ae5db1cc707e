#include "index/document/value_reader.h"

#include <cmath>

#include "base/unicode.h"
#include "index/analysis/analyzer.h"
#include "index/date/date_format.h"
#include "index/document/base64.h"
#include "index/document/json_problem.h"
#include "index/mapping/field_values.h"
#include "index/mapping/numbers.h"
#include "index/sortable.h"

namespace stratalog::index {

namespace {

using error_types::kIllegalArgument;
using error_types::kJsonParse;
using error_types::kNumberFormat;

constexpr ErrorType kInputCoercion{"input_coercion_exception", 400};

std::string_view token_name(const Scalar& scalar) {
  switch (scalar.kind) {
    case Scalar::kNull:
      return "VALUE_NULL";
    case Scalar::kTrue:
      return "VALUE_TRUE";
    case Scalar::kFalse:
      return "VALUE_FALSE";
    case Scalar::kWhole:
      return "VALUE_NUMBER_INT";
    case Scalar::kFraction:
      return "VALUE_NUMBER_FLOAT";
    case Scalar::kString:
      return "VALUE_STRING";
  }
  return "";
}

std::string_view java_type(FieldType type) {
  switch (type) {
    case FieldType::kByte:
    case FieldType::kInteger:
      return "Integer";
    case FieldType::kShort:
      return "Short";
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
      return "Float";
    case FieldType::kDouble:
    case FieldType::kScaledFloat:
      return "Double";
    default:
      return "Long";
  }
}

bool is_narrow_float(FieldType type) {
  return type == FieldType::kFloat || type == FieldType::kHalfFloat;
}

Error input_string(ErrorType type, std::string_view text) {
  return Error(type, "For input string: \"" + std::string(text) + "\"");
}

Error beyond(std::string_view text, std::string_view what) {
  return Error(kIllegalArgument,
               "Value [" + std::string(text) + "] is out of range for " + std::string(what));
}

}  // namespace

std::string ValueReader::at_end(const Scalar& scalar) const {
  return json_location(context_.source, scalar.end);
}

std::string ValueReader::preview(std::string_view json) {
  constexpr uint32_t kDepth = 1000;
  const Result<json::Value> value = json::parse(json, kDepth);
  return value ? java_text(*value) : std::string(json);
}

Error ValueReader::refusal(const MappedField& field, std::string_view shown, Error cause) const {
  return Error(error_types::kMapperParsing,
               "failed to parse field [" + field.path + "] of type [" + field.type_name +
                   "] in document with id '" + std::string(context_.id) +
                   "'. Preview of field's value: '" + std::string(shown) + "'")
      .because(std::move(cause));
}

void ValueReader::keep_conflict(const MappedField& field, const Scalar& scalar) {
  context_.ignore(field.path);
  const bool whole_kind = field.kind == Kind::kI64 && field.type != FieldType::kDate;
  if (scalar.is_number() && (whole_kind || field.kind == Kind::kU64)) {
    if (const std::optional<double> v = java_double(scalar.text); v && std::isfinite(*v)) {
      context_.out->values.push_back({field.id, Kind::kF64, sortable_from_double(*v), {}});
      return;
    }
  }
  if (scalar.text.size() <= kTermBytesMax && field.kind != Kind::kOrdinals)
    push(field, Kind::kOrdinals, scalar.text);
  if (field.kind != Kind::kTerms) push(field, Kind::kTerms, scalar.text);
}

bool ValueReader::malformed(const CompiledField& field, const Scalar& scalar, Error cause) {
  if (field.field->ignore_malformed) {
    context_.ignore(field.field->path);
    return true;
  }
  if (context_.accept) {
    if (field.emits) keep_conflict(*field.field, scalar);
    return true;
  }
  const std::string shown =
      scalar.kind == Scalar::kFraction ? preview(scalar.text) : std::string(scalar.text);
  return context_.fail(refusal(*field.field, shown, std::move(cause)));
}

bool ValueReader::check_term(const MappedField& field, std::string_view term) {
  if (term.size() <= kTermBytesMax) return true;
  if (context_.accept) {
    context_.ignore(field.path);
    return false;
  }
  const std::string length =
      "bytes can be at most 32766 in length; got " + std::to_string(term.size());
  if (!field.indexed) {
    context_.fail(Error(kIllegalArgument,
                        "DocValuesField \"" + field.path + "\" is too large, must be <= 32766"));
    return false;
  }
  std::string prefix;
  constexpr size_t kPrefixBytes = 30;
  for (const char c : term.substr(0, kPrefixBytes)) {
    if (!prefix.empty()) prefix += ", ";
    prefix += std::to_string(static_cast<int>(static_cast<signed char>(c)));
  }
  context_.fail(Error(kIllegalArgument, "Document contains at least one immense term in field=\"" +
                                            field.path +
                                            "\" (whose UTF8 encoding is longer than the max length "
                                            "32766), all of which were skipped.  "
                                            "Please correct the analyzer to not produce such "
                                            "terms.  The prefix of the first immense "
                                            "term is: '[" +
                                            prefix + "]...', original message: " + length)
                    .because(Error({"max_bytes_length_exceeded_exception", 400}, length)));
  return false;
}

bool ValueReader::put(const CompiledField& field, const Scalar& scalar) {
  if (!put_one(field, scalar)) return false;
  for (const CompiledField* multi : field.multi_fields) {
    if (!put(*multi, scalar)) return false;
  }
  return true;
}

bool ValueReader::put_one(const CompiledField& field, const Scalar& scalar) {
  if (scalar.kind == Scalar::kNull) return !field.has_null || put_null(field);
  switch (field.field->type) {
    case FieldType::kText:
      return put_text(field, scalar.text);
    case FieldType::kKeyword:
    case FieldType::kWildcard:
      return put_keyword(field, scalar.text);
    case FieldType::kConstantKeyword:
      return put_constant(field, scalar);
    case FieldType::kLong:
    case FieldType::kInteger:
    case FieldType::kShort:
    case FieldType::kByte:
    case FieldType::kUnsignedLong:
    case FieldType::kDouble:
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
    case FieldType::kScaledFloat:
      return put_number(field, scalar);
    case FieldType::kDate:
    case FieldType::kDateNanos:
      return put_date(field, scalar);
    case FieldType::kBoolean:
      return put_boolean(field, scalar);
    case FieldType::kIp:
      return put_ip(field, scalar);
    case FieldType::kBinary:
      return put_binary(field, scalar);
    case FieldType::kFlattened:
      return malformed(
          field, scalar,
          Error(error_types::kParsing,
                "Failed to parse object: expecting token of type [START_OBJECT] but found [" +
                    std::string(scalar.is_number()               ? "VALUE_NUMBER"
                                : scalar.kind == Scalar::kString ? "VALUE_STRING"
                                                                 : "VALUE_BOOLEAN") +
                    "]"));
    case FieldType::kUnsearched:
      if (field.emits) push(*field.field, Kind::kOrdinals, {});
      return true;
    case FieldType::kAlias:
      break;
  }
  if (context_.accept) {
    context_.ignore(field.field->path);
    return true;
  }
  return context_.fail(Error(error_types::kMapperParsing, "failed to parse")
                           .because(Error(kIllegalArgument, "Cannot write to a field alias [" +
                                                                field.field->path + "].")));
}

// The null_value as if it had stood in the document.
bool ValueReader::put_null(const CompiledField& field) {
  const json::Value& value = *field.field->null_value;
  Scalar scalar;
  scalar.kind = Scalar::kString;
  scalar.text = context_.arena->copy(java_text(value));
  if (value.is_bool()) scalar.kind = value.as_bool() ? Scalar::kTrue : Scalar::kFalse;
  if (value.is_number()) scalar.kind = value.is_double() ? Scalar::kFraction : Scalar::kWhole;
  const FieldType type = field.field->type;
  if (type == FieldType::kScaledFloat || type == FieldType::kDouble || is_narrow_float(type))
    scalar.kind = Scalar::kFraction;
  return put_one(field, scalar);
}

bool ValueReader::put_text(const CompiledField& field, std::string_view text) {
  if (!field.emits) return true;
  if (text.size() > kTermBytesMax && field.field->analyzer.get() != &standard_analyzer()) {
    TokenBuffer tokens;
    field.field->analyzer->analyze(text, tokens);
    for (const Token& token : tokens.tokens()) {
      if (token.text.size() > kTermBytesMax)
        return check_term(*field.field, token.text) || !context_.error;
    }
  }
  push(*field.field, Kind::kTerms, text);
  return true;
}

bool ValueReader::put_keyword(const CompiledField& field, std::string_view text) {
  const MappedField& mapped = *field.field;
  // A text has at most one UTF-16 unit a byte, so most need not be counted.
  if (text.size() > mapped.ignore_above && utf16_length(text) > mapped.ignore_above) {
    context_.ignore(mapped.path);
    return true;
  }
  if (!field.emits) return true;
  if (mapped.normalizer != nullptr) {
    std::string normalized;
    mapped.normalizer->normalize(text, normalized);
    text = context_.arena->copy(normalized);
  }
  if (text.size() > kTermBytesMax) [[unlikely]] {
    return check_term(mapped, text) || !context_.error;
  }
  push(mapped, Kind::kOrdinals, text);
  return true;
}

bool ValueReader::put_constant(const CompiledField& field, const Scalar& scalar) {
  const MappedField& mapped = *field.field;
  if (!mapped.constant_value && !context_.frozen)
    context_.constants.emplace_back(&mapped, scalar.text);
  if (!mapped.constant_value || *mapped.constant_value == scalar.text) {
    if (field.emits) push(mapped, Kind::kOrdinals, scalar.text);
    return true;
  }
  return malformed(
      field, scalar,
      Error(kIllegalArgument,
            "[constant_keyword] field [" + mapped.path +
                "] only accepts values that are equal to the value defined in the mappings [" +
                *mapped.constant_value + "], but got [" + std::string(scalar.text) + "]"));
}

ValueReader::Number ValueReader::whole_number(const MappedField& field,
                                              const Scalar& scalar) const {
  const FieldType type = field.type;
  const bool is_long = type == FieldType::kLong;
  const int64_t low = is_long ? INT64_MIN : type == FieldType::kShort ? INT16_MIN : INT32_MIN;
  const int64_t high = is_long ? INT64_MAX : type == FieldType::kShort ? INT16_MAX : INT32_MAX;
  Number out;
  if (scalar.kind == Scalar::kString) {
    if (!field.coerce) {
      out.problem =
          Error(kIllegalArgument, std::string(java_type(type)) + " value passed as String");
    } else if (is_long) {
      const WholeNumber v = java_long(scalar.text);
      if (v.kind == WholeNumber::kNotANumber) {
        out.problem = input_string(kIllegalArgument, scalar.text);
      } else if (v.kind != WholeNumber::kWhole) {
        out.problem = beyond(scalar.text, "a long");
      }
      out.sortable = v.value;
    } else if (const std::optional<double> v = java_double(scalar.text); !v) {
      out.problem = input_string(kNumberFormat, scalar.text);
    } else if (*v < static_cast<double>(low) || *v > static_cast<double>(high)) {
      out.problem = beyond(scalar.text, type == FieldType::kShort ? "a short" : "an integer");
    } else {
      out.sortable = std::isnan(*v) ? 0 : static_cast<int64_t>(*v);
    }
  } else {
    const WholeNumber v = java_long(scalar.text);
    const bool narrow =
        v.kind == WholeNumber::kWhole && v.value >= INT32_MIN && v.value <= INT32_MAX;
    if (v.kind != WholeNumber::kWhole || (!is_long && !narrow)) {
      out.problem = Error(kInputCoercion,
                          "Numeric value (" + std::string(scalar.text) + ") out of range of " +
                              (is_long ? "long (-9223372036854775808 - 9223372036854775807)"
                                       : "int (-2147483648 - 2147483647)") +
                              at_end(scalar));
    } else if (v.value < low || v.value > high) {
      out.problem = Error(kJsonParse, "Numeric value (" + std::string(scalar.text) +
                                          ") out of range of Java short" + at_end(scalar));
    } else if (!field.coerce && v.has_fraction) {
      out.problem = Error(kIllegalArgument,
                          double_text(*java_double(scalar.text)) + " cannot be converted to " +
                              std::string(java_type(type)) + " without data loss");
    }
    out.sortable = v.value;
  }
  if (!out.problem && type == FieldType::kByte &&
      (out.sortable < INT8_MIN || out.sortable > INT8_MAX)) {
    out.problem = beyond(std::to_string(out.sortable), "a byte");
  }
  return out;
}

ValueReader::Number ValueReader::unsigned_number(const MappedField& field,
                                                 const Scalar& scalar) const {
  const WholeUnsigned v = java_unsigned(scalar.text);
  Number out;
  if (v.kind == WholeNumber::kNotANumber) {
    out.problem = input_string(kIllegalArgument, scalar.text);
  } else if (v.kind != WholeNumber::kWhole) {
    out.problem = Error(kIllegalArgument, "Value [" + std::string(scalar.text) +
                                              "] is out of range for unsigned long");
  } else if (v.has_fraction && !field.coerce) {
    out.problem =
        Error(kIllegalArgument, "Value \"" + std::string(scalar.text) + "\" has a decimal part");
  }
  out.sortable = sortable_from_u64(v.value);
  return out;
}

ValueReader::Number ValueReader::floating_number(const MappedField& field,
                                                 const Scalar& scalar) const {
  const FieldType type = field.type;
  Number out;
  if (scalar.kind == Scalar::kString && !field.coerce) {
    out.problem = Error(kIllegalArgument, std::string(java_type(type)) + " value passed as String");
    return out;
  }
  double v = 0;
  std::string shown;
  if (is_narrow_float(type)) {
    const std::optional<float> narrow = java_float(scalar.text);
    if (!narrow) {
      out.problem = input_string(kNumberFormat, scalar.text);
      return out;
    }
    v = type == FieldType::kHalfFloat ? round_to_half(*narrow) : *narrow;
    if (!std::isfinite(v)) shown = float_text(*narrow);
  } else {
    const std::optional<double> wide = java_double(scalar.text);
    if (!wide) {
      out.problem = input_string(kNumberFormat, scalar.text);
      return out;
    }
    v = *wide;
    if (!std::isfinite(v)) shown = double_text(v);
  }
  const bool scaled = type == FieldType::kScaledFloat;
  if (!shown.empty()) {
    out.problem = Error(kIllegalArgument, "[" + field.type_name +
                                              (scaled ? "] only supports" : "] supports only") +
                                              " finite values, but got [" + shown + "]");
  }
  out.sortable = scaled ? java_round(v * field.scaling_factor) : sortable_from_double(v);
  return out;
}

bool ValueReader::put_number(const CompiledField& field, const Scalar& scalar) {
  const MappedField& mapped = *field.field;
  if (scalar.kind == Scalar::kWhole && scalar.small && mapped.type == FieldType::kLong) [[likely]] {
    return give(field, scalar.number);
  }
  if (scalar.kind == Scalar::kTrue || scalar.kind == Scalar::kFalse) {
    return malformed(field, scalar,
                     Error(kJsonParse, "Current token (" + std::string(token_name(scalar)) +
                                           ") not numeric, can not use numeric value accessors" +
                                           at_end(scalar)));
  }
  if (scalar.kind == Scalar::kString && scalar.text.empty() && mapped.coerce) {
    return !field.has_null || put_null(field);
  }
  Number number = mapped.kind == Kind::kU64 ? unsigned_number(mapped, scalar)
                  : mapped.kind == Kind::kF64 || mapped.type == FieldType::kScaledFloat
                      ? floating_number(mapped, scalar)
                      : whole_number(mapped, scalar);
  if (number.problem) return malformed(field, scalar, std::move(*number.problem));
  return give(field, number.sortable);
}

bool ValueReader::put_date(const CompiledField& field, const Scalar& scalar) {
  const MappedField& mapped = *field.field;
  const std::optional<Instant> at = mapped.date_format->try_parse(scalar.text);
  if (!at) [[unlikely]] {
    Result<Instant> again = mapped.date_format->parse(scalar.text);
    return malformed(field, scalar,
                     again ? Error(kIllegalArgument, "failed to parse date field") : again.error());
  }
  int64_t number = 0;
  if (mapped.kind == Kind::kNanos) {
    const Result<int64_t> nanos = to_nanos(*at);
    if (!nanos) return malformed(field, scalar, nanos.error());
    number = *nanos;
  } else {
    number = at->millis();
  }
  if (&field == context_.timestamp && context_.out->timestamp_ms == INT64_MIN) {
    context_.out->timestamp_ms = at->millis();
  }
  return give(field, number);
}

bool ValueReader::put_ip(const CompiledField& field, const Scalar& scalar) {
  const std::optional<IpBytes> ip = parse_ip(scalar.text);
  if (!ip) {
    return malformed(
        field, scalar,
        Error(kIllegalArgument, "'" + std::string(scalar.text) + "' is not an IP string literal."));
  }
  if (field.emits) push(*field.field, Kind::kIp, context_.arena->copy(view(*ip)));
  return true;
}

bool ValueReader::put_boolean(const CompiledField& field, const Scalar& scalar) {
  if (scalar.kind == Scalar::kTrue) return give(field, 1);
  if (scalar.kind == Scalar::kFalse) return give(field, 0);
  if (scalar.is_number()) {
    return malformed(field, scalar,
                     Error(kJsonParse, "Current token (" + std::string(token_name(scalar)) +
                                           ") not of boolean type" + at_end(scalar)));
  }
  if (scalar.text == "true") return give(field, 1);
  if (scalar.text == "false" || scalar.text.empty()) return give(field, 0);
  return malformed(field, scalar,
                   Error(kIllegalArgument, "Failed to parse value [" + std::string(scalar.text) +
                                               "] as only [true] or [false] are allowed."));
}

bool ValueReader::put_binary(const CompiledField& field, const Scalar& scalar) {
  if (!field.emits) return true;
  if (scalar.kind != Scalar::kString) {
    return malformed(
        field, scalar,
        Error(kJsonParse,
              "Current token (" + std::string(token_name(scalar)) +
                  ") not VALUE_STRING or VALUE_EMBEDDED_OBJECT, can not access as binary" +
                  at_end(scalar)));
  }
  std::string decoded;
  if (!decode_base64(scalar.text, decoded)) {
    return malformed(
        field, scalar,
        Error(kJsonParse,
              "Failed to decode VALUE_STRING as base64 (MIME-NO-LINEFEEDS)" + at_end(scalar)));
  }
  push(*field.field, Kind::kBlob, context_.arena->copy(decoded));
  return true;
}

}  // namespace stratalog::index
