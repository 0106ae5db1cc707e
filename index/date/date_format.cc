#include "index/date/date_format.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "index/date/calendar.h"
#include "index/date/named_formats.h"
#include "index/date/pattern.h"

namespace stratalog::index {

// One alternative of a format: how it reads, and how it writes if it is the first.
class DateParser {
 public:
  virtual ~DateParser() = default;
  virtual std::optional<Instant> parse(std::string_view text,
                                       const DateParseOptions& options) const = 0;
  virtual void write(std::string& out, Instant instant, const TimeZone& zone) const = 0;
};

namespace {

constexpr uint32_t kNanosMax = 999'999'999;

class PatternParser : public DateParser {
 public:
  PatternParser(Pattern printer, std::vector<Pattern> parsers, Resolving resolving)
      : printer_(std::move(printer)), parsers_(std::move(parsers)), resolving_(resolving) {}

  std::optional<Instant> parse(std::string_view text,
                               const DateParseOptions& options) const override {
    for (const Pattern& parser : parsers_) {
      DateFields fields;
      const auto end = parser.read(text, fields);
      if (!end || *end != text.size()) continue;
      if (options.round_up) fill_up(parser, fields);
      const auto instant =
          resolve(fields, options.round_up ? Resolving::kSmart : resolving_, options.zone);
      if (instant) return instant;
    }
    return std::nullopt;
  }

  void write(std::string& out, Instant instant, const TimeZone& zone) const override {
    printer_.write(out, instant, zone);
  }

 private:
  // What the text leaves open at its greatest, below the day; month and day themselves at their
  // first, as Elasticsearch has it. Days of the year and hours of the half day are filled so only
  // by its later versions; 7.17 refuses such texts.
  static void fill_up(const Pattern& parser, DateFields& fields) {
    if (parser.mentions(DateField::kDayOfYear)) {
      fields.set_default(DateField::kDayOfYear, 1);
    } else {
      fields.set_default(DateField::kMonth, 1);
      fields.set_default(DateField::kDay, 1);
    }
    if (parser.mentions(DateField::kClockHourOfAmPm)) {
      fields.set_default(DateField::kClockHourOfAmPm, 11);
      fields.set_default(DateField::kAmPm, 1);
    } else if (parser.mentions(DateField::kHourOfAmPm)) {
      fields.set_default(DateField::kHourOfAmPm, 11);
      fields.set_default(DateField::kAmPm, 1);
    } else {
      fields.set_default(DateField::kHour, 23);
    }
    fields.set_default(DateField::kMinute, 59);
    fields.set_default(DateField::kSecond, 59);
    fields.set_default(DateField::kNano, kNanosMax);
  }

  Pattern printer_;
  std::vector<Pattern> parsers_;
  Resolving resolving_;
};

// epoch_millis and epoch_second: digits, then nothing, a point, or a point and digits. As in
// Elasticsearch 7.17, the time counts as local to the zone that the request names, a fraction
// counts forward also behind a minus, and of negative milliseconds only whole seconds are taken.
class EpochParser : public DateParser {
 public:
  explicit EpochParser(bool millis) : millis_(millis) {}

  std::optional<Instant> parse(std::string_view text,
                               const DateParseOptions& options) const override {
    const bool minus = text.starts_with('-');
    size_t at = minus ? 1 : 0;
    int64_t whole = 0;
    if (!read_whole(text, at, whole)) return std::nullopt;
    if (minus && (whole == 0 || (millis_ && whole % 1000 != 0))) return std::nullopt;
    uint32_t fraction = 0;
    if (!read_fraction(text, at, options.round_up, fraction)) return std::nullopt;
    if (minus) whole = -whole;
    Instant instant = millis_ ? Instant::of_millis(whole) : Instant{whole, 0};
    if (instant.seconds > kInstantSecondsMax || instant.seconds < -kInstantSecondsMax)
      return std::nullopt;
    instant.nanos += fraction;
    instant.seconds = options.zone.to_utc(instant.seconds);
    return instant;
  }

  void write(std::string& out, Instant instant, const TimeZone&) const override {
    const uint32_t unit = millis_ ? 1'000'000 : 1'000'000'000;
    out += std::to_string(millis_ ? instant.millis() : instant.seconds);
    const uint32_t rest = instant.nanos % unit;
    if (rest == 0) return;
    std::string digits = std::to_string(unit + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += '.' + digits;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  static bool read_whole(std::string_view text, size_t& at, int64_t& whole) {
    const size_t start = at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (__builtin_mul_overflow(whole, 10, &whole) ||
          __builtin_add_overflow(whole, text[at] - '0', &whole))
        return false;
    }
    return at > start && at - start <= kDigitsMax;
  }

  // The rest of the text in nanoseconds: nothing, a point, a point and digits.
  bool read_fraction(std::string_view text, size_t at, bool round_up, uint32_t& fraction) const {
    const uint32_t digits_max = millis_ ? 6 : 9;
    uint32_t digits = 0;
    const bool open = at == text.size();
    if (!open && text[at] == '.') {
      for (++at; at < text.size() && is_digit(text[at]) && digits < digits_max; ++at, ++digits) {
        fraction = fraction * 10 + static_cast<uint32_t>(text[at] - '0');
      }
    }
    if (at != text.size()) return false;
    for (uint32_t i = digits; i < digits_max; ++i) fraction *= 10;
    if (round_up && open) fraction = millis_ ? 999'999 : kNanosMax;
    return true;
  }

  static constexpr size_t kDigitsMax = 19;

  bool millis_;
};

Result<std::unique_ptr<const DateParser>> compile_one(std::string_view format) {
  if (format == "epoch_millis") return std::unique_ptr<const DateParser>(new EpochParser(true));
  if (format == "epoch_second") return std::unique_ptr<const DateParser>(new EpochParser(false));
  if (const NamedFormat* named = find_named_format(format)) {
    std::vector<Pattern> parsers;
    parsers.reserve(named->parsers.size());
    for (const std::string& notation : named->parsers)
      parsers.push_back(Pattern::of_notation(notation));
    return std::unique_ptr<const DateParser>(new PatternParser(
        Pattern::of_notation(named->printer), std::move(parsers), named->resolving));
  }
  auto pattern = Pattern::of_letters(format);
  if (!pattern) {
    return Error(error_types::kIllegalArgument,
                 "Invalid format: [" + std::string(format) + "]: " + pattern.error().reason)
        .because(pattern.error());
  }
  std::vector<Pattern> print_patterns{*pattern};
  return std::unique_ptr<const DateParser>(
      std::make_unique<PatternParser>(*pattern, std::move(print_patterns), Resolving::kStrict));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() <= ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() <= ' ') text.remove_suffix(1);
  return text;
}

// The formats that take what parse_usual_iso takes, with the same meaning.
bool reads_iso(std::string_view format) {
  static constexpr std::array<std::string_view, 4> kFormats = {"strict_date_optional_time",
                                                               "strict_date_optional_time_nanos",
                                                               "date_optional_time", "iso8601"};
  return std::find(kFormats.begin(), kFormats.end(), format) != kFormats.end();
}

}  // namespace

namespace {

// Eight bytes of text as a number, the first in the low byte.
inline uint64_t load8(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The digits of "dd" pairs, each byte minus '0' in place; separators as 0.
struct Digits {
  uint64_t values;
  bool ok;  // every place of a digit has one
};
// `places`: 0xFF in each byte that is to be a digit.
inline Digits digits_of(uint64_t word, uint64_t places) {
  constexpr uint64_t kEvery = 0x0101010101010101;
  const uint64_t values =
      (word ^ ('0' * kEvery)) & places;  // a digit becomes its value, others more than 9
  const bool ok = ((values | (values + 0x76 * kEvery)) & (0x80 * kEvery)) == 0;
  return {values, ok};
}
// The two-digit number whose tens are byte `byte` of `values`.
inline uint32_t pair_at(uint64_t values, uint32_t byte) {
  return static_cast<uint32_t>(values >> (8 * byte) & 0xFF) * 10 +
         static_cast<uint32_t>(values >> (8 * byte + 8) & 0xFF);
}

constexpr uint32_t kPowersOfTen[] = {1,      10,      100,      1000,      10000,
                                     100000, 1000000, 10000000, 100000000, 1000000000};
constexpr uint16_t kDaysBefore[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

// days_from_civil for years 0 to 9999, without signed division.
inline int64_t days_of(uint32_t year, uint32_t month, uint32_t day) {
  constexpr int64_t kDaysTo1970 = 719528;  // from 0000-01-01
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  // Leap days of the years before this one, 0 itself among them.
  const uint32_t leaps = year == 0 ? 0 : (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1;
  return int64_t{year * 365 + leaps + kDaysBefore[month] + (leap && month > 2 ? 1 : 0) + day - 1} -
         kDaysTo1970;
}

// A date and a time to the second, with or without a fraction, from the start of a text.
struct IsoPrefix {
  int64_t local_seconds = 0;
  uint32_t nanos = 0;
  bool fraction = false;
  size_t length = 0;  // 0: the text does not start so
};

inline IsoPrefix read_iso(std::string_view text) {
  constexpr size_t kSecondsEnd = 19;
  constexpr size_t kFractionDigitsMax = 9;
  if (text.size() < kSecondsEnd) return {};
  const char* const at = text.data();
  const uint64_t date = load8(at);      // YYYY-MM-
  const uint64_t time = load8(at + 8);  // DDTHH:MM
  constexpr uint64_t kDatePlaces = 0x00FFFF00FFFFFFFF;
  constexpr uint64_t kTimePlaces = 0xFFFF00FFFF00FFFF;
  constexpr uint64_t kDateMarks = 0x2D00002D00000000;
  constexpr uint64_t kTimeMarks = 0x00003A0000540000;
  if ((date & ~kDatePlaces) != kDateMarks || (time & ~kTimePlaces) != kTimeMarks || at[16] != ':')
    return {};
  const Digits in_date = digits_of(date, kDatePlaces);
  const Digits in_time = digits_of(time, kTimePlaces);
  const uint32_t tens = static_cast<unsigned char>(at[17]) - unsigned{'0'};
  const uint32_t ones = static_cast<unsigned char>(at[18]) - unsigned{'0'};
  if (!in_date.ok || !in_time.ok || tens > 5 || ones > 9) return {};
  const uint32_t year = pair_at(in_date.values, 0) * 100 + pair_at(in_date.values, 2);
  const uint32_t month = pair_at(in_date.values, 5);
  const uint32_t day = pair_at(in_time.values, 0);
  const uint32_t hour = pair_at(in_time.values, 3);
  const uint32_t minute = pair_at(in_time.values, 6);
  if (month - 1 > 11 || day - 1 > 30 || hour > 23 || minute > 59) return {};
  if (day > 28 && static_cast<int32_t>(day) > days_in_month(year, static_cast<int32_t>(month)))
    return {};
  IsoPrefix prefix;
  const uint32_t of_day = hour * 3600 + minute * 60 + tens * 10 + ones;
  prefix.local_seconds = days_of(year, month, day) * 86'400 + of_day;
  prefix.length = kSecondsEnd;
  if (text.size() > kSecondsEnd && at[kSecondsEnd] == '.') {
    size_t end = kSecondsEnd + 1;
    uint32_t value = 0;
    while (end < text.size() && static_cast<unsigned char>(at[end]) - unsigned{'0'} <= 9) {
      if (end - kSecondsEnd > kFractionDigitsMax) return {};
      value = value * 10 + (static_cast<unsigned char>(at[end++]) - unsigned{'0'});
    }
    const size_t digits = end - kSecondsEnd - 1;
    if (digits == 0) return {};
    prefix.nanos = value * kPowersOfTen[kFractionDigitsMax - digits];
    prefix.fraction = true;
    prefix.length = end;
  }
  return prefix;
}

// +hh:mm or +hhmm in seconds; empty if it is neither, or beyond 18 hours.
std::optional<int32_t> read_offset(std::string_view text) {
  if (text.size() != 5 && (text.size() != 6 || text[3] != ':')) return std::nullopt;
  uint32_t digits[4];
  for (size_t i = 0; i < 4; ++i) {
    digits[i] =
        static_cast<unsigned char>(text[i < 2 ? i + 1 : text.size() - 4 + i]) - unsigned{'0'};
    if (digits[i] > 9) return std::nullopt;
  }
  const auto seconds =
      static_cast<int32_t>((digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60);
  if (digits[2] > 5 || seconds > 18 * 3600) return std::nullopt;
  if (text[0] == '+') return seconds;
  return text[0] == '-' ? std::optional<int32_t>(-seconds) : std::nullopt;
}

// The usual forms: without a zone, with Z, with an offset. Empty: another form, or no date.
std::optional<Instant> parse_usual_iso(std::string_view text, const DateParseOptions& options) {
  const IsoPrefix prefix = read_iso(text);
  if (prefix.length == 0) return std::nullopt;
  const uint32_t nanos = options.round_up && !prefix.fraction ? kNanosMax : prefix.nanos;
  const std::string_view rest = text.substr(prefix.length);
  if (rest == "Z") return Instant{prefix.local_seconds, nanos};
  if (rest.empty()) return Instant{options.zone.to_utc(prefix.local_seconds), nanos};
  const auto offset = read_offset(rest);
  return offset ? std::optional<Instant>({prefix.local_seconds - *offset, nanos}) : std::nullopt;
}

}  // namespace

bool parse_iso_utc(std::string_view text, Instant& out) {
  const IsoPrefix prefix = read_iso(text);
  if (prefix.length == 0 || text.size() != prefix.length + 1 || text.back() != 'Z') return false;
  out = {prefix.local_seconds, prefix.nanos};
  return true;
}

DateFormat::~DateFormat() = default;

Result<std::shared_ptr<const DateFormat>> DateFormat::compile(std::string_view format) {
  if (format.empty()) return Error(error_types::kIllegalArgument, "No date pattern provided");
  std::shared_ptr<DateFormat> compiled(new DateFormat);
  compiled->text_ = format;
  std::string_view rest =
      format.front() == '8' ? format.substr(1) : format;  // an old mark of java.time's patterns
  for (bool first = true;; first = false) {
    const size_t end = rest.find("||");
    const std::string_view one = trimmed(rest.substr(0, end));
    if (one.empty()) {
      return Error(
          error_types::kIllegalArgument,
          first && end == rest.npos
              ? "No date pattern provided"
              : "Cannot have empty element in multi date format pattern: " + std::string(format));
    }
    ASSIGN_OR_RETURN(auto parser, compile_one(one));
    compiled->parsers_.push_back(std::move(parser));
    if (first) compiled->iso_first_ = reads_iso(one);
    if (end == rest.npos) break;
    rest.remove_prefix(end + 2);
  }
  return std::shared_ptr<const DateFormat>(std::move(compiled));
}

const std::shared_ptr<const DateFormat>& DateFormat::default_format() {
  static const std::shared_ptr<const DateFormat>& format =
      *new std::shared_ptr<const DateFormat>(*compile(kDateFormatDefault));
  return format;
}

std::optional<Instant> DateFormat::try_parse(std::string_view text,
                                             const DateParseOptions& options) const {
  if (iso_first_) {
    if (const auto instant = parse_usual_iso(text, options)) return instant;
  }
  if (text.empty()) return std::nullopt;
  for (const auto& parser : parsers_) {
    if (const auto parsed = parser->parse(text, options)) return parsed;
  }
  return std::nullopt;
}

Result<Instant> DateFormat::parse(std::string_view text, const DateParseOptions& options) const {
  if (const auto instant = try_parse(text, options)) return *instant;
  if (text.empty()) return Error(error_types::kIllegalArgument, "cannot parse empty date");
  Error error(error_types::kIllegalArgument,
              "failed to parse date field [" + std::string(text) + "] with format [" + text_ + "]");
  return std::move(error).because(
      {error_types::kDateTimeParse, "Failed to parse with all enclosed parsers"});
}

std::string DateFormat::print(Instant instant, const TimeZone& zone) const {
  std::string out;
  append(out, instant, zone);
  return out;
}

void DateFormat::append(std::string& out, Instant instant, const TimeZone& zone) const {
  parsers_.front()->write(out, instant, zone);
}

}  // namespace stratalog::index
