// Values of mapped fields outside of documents: null_values of mappings, terms and bounds of
// queries, and columns back to JSON. Elasticsearch's rules and error texts of 7.17.3
// (NumberFieldMapper, DateFieldMapper, IpFieldMapper, BooleanFieldMapper, ScaledFloatFieldMapper).
//
// Shape   numbers are in the column's sortable form (index/sortable.h), intervals closed.
// Errors  those that Elasticsearch puts as the cause into query_shard_exception "failed to create
// query: ...".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "index/date/date_format.h"
#include "index/date/time_zone.h"
#include "index/mapping/ip_address.h"
#include "index/mapping/mapping.h"

namespace stratalog::index {

// What date math needs; ignored by other types.
struct ValueOptions {
  int64_t now_ms = 0;
  TimeZone zone;                             // "time_zone"
  std::shared_ptr<const DateFormat> format;  // "format"; null: the field's
};

struct NumberInterval {
  int64_t low = INT64_MIN;
  int64_t high = INT64_MAX;
  bool empty = false;  // nothing can match: 1.5 in a long field
};

// One value of a numeric field (boolean and date too): for missing, search_after, after of
// composite. Fractions of whole types are cut. Dates take date math.
Result<int64_t> parse_number(const MappedField& field, const json::Value& value,
                             const ValueOptions& options = {});
// What a term query on the value matches: one number, a span of time for dates ("2024-01"), or
// nothing.
Result<NumberInterval> parse_term(const MappedField& field, const json::Value& value,
                                  const ValueOptions& options = {});

// The bounds of a range; nullptr or null: open.
struct RangeBounds {
  const json::Value* lower = nullptr;
  const json::Value* upper = nullptr;
  bool include_lower = true;
  bool include_upper = true;
};
Result<NumberInterval> parse_range(const MappedField& field, const RangeBounds& bounds,
                                   const ValueOptions& options = {});

// kIp: an address or a CIDR block; a range of addresses.
Result<IpInterval> parse_ip_term(const json::Value& value);
Result<IpInterval> parse_ip_range(const RangeBounds& bounds);

// What a term query looks up in a keyword-like field, or a text field without analysis: the text of
// the value under the field's normalizer.
std::string parse_keyword_term(const MappedField& field, const json::Value& value);

// A column's number as docvalue_fields and aggregations' key_as_string show it: numbers,
// true/false, dates printed by `options.format`, else by the field's. `append_value` writes one
// JSON value; `value_text` its text without quotes.
void append_value(json::Writer& out, const MappedField& field, int64_t value,
                  const ValueOptions& options = {});
std::string value_text(const MappedField& field, int64_t value, const ValueOptions& options = {});
// The number as a double: of aggregations. scaled_float unscaled, dates in ms (date_nanos too),
// booleans 0 and 1.
double value_as_double(const MappedField& field, int64_t value);
// The JSON scalar that `sort` shows: dates as milliseconds (date_nanos: nanoseconds), whole
// numbers, doubles.
json::Value sort_value(const MappedField& field, int64_t value);
// A term of an ordinal column as JSON shows it: kIp as an address, the rest as it is.
std::string ordinal_text(const MappedField& field, std::string_view term);

// A mapping's null_value in the form that _mapping shows; its errors.
Result<json::Value> canonical_null_value(FieldType type, const json::Value& value);

}  // namespace stratalog::index
