#include "index/date/date_format.h"

#include <algorithm>
#include <array>

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
  return std::unique_ptr<const DateParser>(
      new PatternParser(*pattern, {*pattern}, Resolving::kStrict));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() <= ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() <= ' ') text.remove_suffix(1);
  return text;
}

// The formats that take what parse_iso_utc takes, with the same meaning.
bool reads_iso(std::string_view format) {
  static constexpr std::array<std::string_view, 5> kFormats = {
      "strict_date_optional_time", "strict_date_optional_time_nanos", "date_optional_time",
      "iso8601", "strict_date_time"};
  return std::find(kFormats.begin(), kFormats.end(), format) != kFormats.end();
}

}  // namespace

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
  Instant instant;
  if (iso_first_ && !options.round_up && parse_iso_utc(text, instant)) return instant;
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

namespace {

// Two digits, or a value over 99.
inline uint32_t two_digits(const char* at) {
  const uint32_t tens = static_cast<unsigned char>(at[0]) - unsigned{'0'};
  const uint32_t ones = static_cast<unsigned char>(at[1]) - unsigned{'0'};
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

constexpr uint32_t kPowersOfTen[] = {1,      10,      100,      1000,      10000,
                                     100000, 1000000, 10000000, 100000000, 1000000000};

}  // namespace

bool parse_iso_utc(std::string_view text, Instant& out) {
  constexpr size_t kSecondsEnd = 19;
  if (text.size() < kSecondsEnd + 1 || text.size() > kSecondsEnd + 11) return false;
  const char* const at = text.data();
  if (at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':' ||
      text.back() != 'Z')
    return false;
  const uint32_t century = two_digits(at);
  const uint32_t year_of_century = two_digits(at + 2);
  const uint32_t month = two_digits(at + 5);
  const uint32_t day = two_digits(at + 8);
  const uint32_t hour = two_digits(at + 11);
  const uint32_t minute = two_digits(at + 14);
  const uint32_t second = two_digits(at + 17);
  if (century > 99 || year_of_century > 99 || month - 1 > 11 || day - 1 > 30 || hour > 23 ||
      minute > 59 || second > 59) {
    return false;
  }
  uint32_t nanos = 0;
  const size_t digits = text.size() - kSecondsEnd - 2;  // wraps when there is no fraction
  if (text.size() > kSecondsEnd + 1) {
    if (at[kSecondsEnd] != '.' || digits == 0) return false;
    for (size_t i = 0; i < digits; ++i) {
      const uint32_t digit = static_cast<unsigned char>(at[kSecondsEnd + 1 + i]) - unsigned{'0'};
      if (digit > 9) return false;
      nanos = nanos * 10 + digit;
    }
    nanos *= kPowersOfTen[9 - digits];
  }
  const int64_t year = century * 100 + year_of_century;
  if (day > 28 && static_cast<int32_t>(day) > days_in_month(year, static_cast<int32_t>(month)))
    return false;
  const int64_t days =
      days_from_civil(year, static_cast<int32_t>(month), static_cast<int32_t>(day));
  out = {days * 86'400 + hour * 3600 + minute * 60 + second, nanos};
  return true;
}

}  // namespace stratalog::index
