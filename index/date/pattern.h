// A compiled date pattern: steps that read or write one piece of a date each, as java.time's
// DateTimeFormatter is built.
// https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/time/format/DateTimeFormatter.html
//
// Threads immutable; any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/date/fields.h"

namespace stratalog::index {

enum class SignStyle : uint8_t { kNormal, kAlways, kNever, kNotNegative, kExceedsPad };
enum class TextStyle : uint8_t { kShort, kFull, kNarrow };

struct PatternStep {
  enum Kind : uint8_t {
    kLiteral,
    kNumber,    // field, width_min..width_max, sign; `reserved` digits belong to the fixed numbers
                // that follow at once
    kReduced,   // two digits of a year from 2000
    kFraction,  // of a second
    kText,      // names of month, day, half of the day, era
    kOffset,    // offset_form, zero_text
    kZoneOrOffset,
    kZoneId,
    kZoneName,  // written as an abbreviation, read as an id
    kOptional,  // inner
  };
  Kind kind;
  std::string literal = {};  // of kLiteral; the text for a zero offset of kOffset
  DateField field = DateField::kYear;
  uint32_t width_min = 0;
  uint32_t width_max = 0;
  SignStyle sign = SignStyle::kNotNegative;
  uint32_t reserved = 0;
  bool decimal_point = false;
  TextStyle text_style = TextStyle::kShort;
  uint8_t offset_form = 0;  // index into kOffsetForms
  std::vector<PatternStep> inner = {};
};

// The shapes of an offset; lower-case parts may be left out.
inline constexpr std::string_view kOffsetForms[] = {"+HH",       "+HHmm",   "+HH:mm",    "+HHMM",
                                                    "+HH:MM",    "+HHMMss", "+HH:MM:ss", "+HHMMSS",
                                                    "+HH:MM:SS", "+HHmmss", "+HH:mm:ss"};
uint8_t offset_form(std::string_view form);  // one of the above

class Pattern {
 public:
  // Java's pattern letters. Fails with illegal_argument_exception in java.time's words.
  static Result<Pattern> of_letters(std::string_view pattern);
  // Our own notation for the built-in formats (index/date/named_formats.cc says it all); a mistake
  // in it is a bug.
  static Pattern of_notation(std::string_view notation);

  // Reads a prefix of the text; the position behind it, or empty.
  std::optional<size_t> read(std::string_view text, DateFields& fields) const;
  void write(std::string& out, Instant instant, const TimeZone& zone) const;

  // Whether the field occurs anywhere, optional parts included.
  bool mentions(DateField field) const;

 private:
  std::vector<PatternStep> steps_;
};

// Collects steps; numbers that follow each other without anything between them share their digits
// as java.time has it.
class PatternBuilder {
 public:
  void literal(std::string_view text);
  void number(DateField field, uint32_t width_min, uint32_t width_max, SignStyle sign);
  void reduced_year(DateField field);
  void fraction(uint32_t width_min, uint32_t width_max, bool decimal_point);
  void text(DateField field, TextStyle style);
  void offset(std::string_view form, std::string_view zero_text);
  void zone_or_offset();
  void zone_id();
  void zone_name();
  void optional_start();
  bool optional_end();                // false without a start
  std::vector<PatternStep> finish();  // closes what is open

 private:
  struct Level {
    std::vector<PatternStep> steps;
    int number_at = -1;  // the number that the next fixed ones take digits from
  };
  void add(PatternStep step);
  void add_number(PatternStep step);

  std::vector<Level> levels_ = std::vector<Level>(1);
};

// English names, as Java's root locale has them under Elasticsearch. Index 0 is January, Monday,
// AM, BC.
std::string_view field_name(DateField field, TextStyle style, size_t index);
size_t field_name_count(DateField field);

}  // namespace stratalog::index
