// Elasticsearch's date formats: its built-in names, Java's DateTimeFormatter patterns, and
// alternatives split by "||".
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/mapping-date-format.html
//
// Shape   parsing tries the alternatives in order and takes the first that reads the whole text;
// printing uses the first. Cost    "2026-11-22T19:31:49.929Z" under a format that allows it: tens
// of nanoseconds, nothing allocated. Threads immutable; any.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/date/instant.h"
#include "index/date/time_zone.h"

namespace stratalog::index {

inline constexpr std::string_view kDateFormatDefault = "strict_date_optional_time||epoch_millis";
inline constexpr std::string_view kDateNanosFormatDefault =
    "strict_date_optional_time_nanos||epoch_millis";

class DateParser;

struct DateParseOptions {
  TimeZone zone;  // of texts that name none
  bool round_up =
      false;  // parts that the text leaves open take their greatest value, not their least: lte, gt
};

class DateFormat {
 public:
  // Fails with illegal_argument_exception "Invalid format: [x]: ..." .
  static Result<std::shared_ptr<const DateFormat>> compile(std::string_view format);
  // The default of date fields; lives for ever.
  static const std::shared_ptr<const DateFormat>& default_format();
  ~DateFormat();

  const std::string& text() const { return text_; }

  // Fails with illegal_argument_exception "failed to parse date field [x] with format [y]", caused
  // by date_time_parse_exception.
  Result<Instant> parse(std::string_view text, const DateParseOptions& options = {}) const;
  // The same without an error text, for dynamic detection and for the ingest path.
  std::optional<Instant> try_parse(std::string_view text,
                                   const DateParseOptions& options = {}) const;

  std::string print(Instant instant, const TimeZone& zone = {}) const;
  void append(std::string& out, Instant instant, const TimeZone& zone = {}) const;

 private:
  DateFormat() = default;

  std::string text_;
  bool iso_first_ = false;  // the first alternative reads the usual ISO 8601 forms
  std::vector<std::unique_ptr<const DateParser>> parsers_;
};

// "2026-11-22T19:31:49.929Z": exactly YYYY-MM-DDTHH:MM:SS, then nothing or 1 to 9 digits of
// fraction, then Z. False if the text is not that; then nothing is said about other forms.
bool parse_iso_utc(std::string_view text, Instant& out);

}  // namespace stratalog::index
