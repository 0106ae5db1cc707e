// Where an aggregation's values come from: the column of a field, with `missing` put in, and how
// they print.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/result.h"
#include "index/date/date_format.h"
#include "index/segment/segment_reader.h"
#include "query/agg/options.h"
#include "query/exec/virtual_columns.h"

namespace stratalog::query {

// The options that most aggregations share.
struct ValueOptions {
  std::string field;
  std::optional<Node> missing;
  std::optional<std::string> format;
  std::optional<std::string> time_zone;

  // field, missing, format, value_type, script
  void add_to(std::vector<Option>& options);
  Status require_field() const;
};

// How values of a field print beside their number: dates, booleans, and what a `format` asks for.
class ValueFormat {
 public:
  // `field` nullptr: unmapped. Fails on a bad pattern.
  static Result<ValueFormat> make(const index::MappedField* field,
                                  const std::optional<std::string>& format,
                                  const std::optional<std::string>& time_zone);
  bool raw() const { return kind_ == Kind::kRaw; }
  bool date() const { return kind_ == Kind::kDate; }
  std::string print(double value) const;
  const index::DateFormat& date_format() const { return *date_; }
  const index::TimeZone& zone() const { return zone_; }

 private:
  enum class Kind : uint8_t { kRaw, kDate, kBoolean, kDecimal };
  Kind kind_ = Kind::kRaw;
  std::shared_ptr<const index::DateFormat> date_;
  index::TimeZone zone_;
  std::string pattern_;
};

// Java's DecimalFormat, for the patterns of digits, grouping, fraction, percent, prefix and suffix.
std::string format_decimal(std::string_view pattern, double value);

// Numbers of a field, as doubles or in the column's own int64 form.
class NumericValues {
 public:
  // Refuses a field of another kind: "Field [k] of type [keyword] is not supported for aggregation
  // [avg]".
  static Result<NumericValues> make(const IndexContext& index, const ValueOptions& options,
                                    std::string_view agg_type);

  void begin_segment(const SegmentContext& segment);
  // The column of the current segment; nullptr: no row has a value.
  const index::NumericColumn* column() const { return column_.get(); }
  bool has_missing() const { return missing_.has_value(); }
  // Values in the column's form, `missing` put in. Valid until the next call.
  const index::NumericBatch& gather(std::span<const index::RowId> rows);
  double to_double(int64_t value) const;
  int64_t to_millis(int64_t value) const;  // of a date
  int64_t from_double(double value) const;
  int64_t nanos_per_unit() const;  // of a date column: 1,000,000 for ms

  const index::MappedField* field() const { return ref_.field; }
  const FieldRef& ref() const { return ref_; }

 private:
  FieldRef ref_;
  std::optional<int64_t> missing_;
  std::shared_ptr<const index::NumericColumn> column_;
  index::NumericBatch batch_;
  index::NumericBatch filled_;
};

// The error of a field that an aggregation can't use.
Error unsupported_field(const FieldRef& ref, std::string_view agg_type);

// A 16-byte address as text: 10.0.0.1, 2001:db8::1.
std::string ip_text(std::string_view bytes);

}  // namespace stratalog::query
