#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace stratalog {

namespace {

struct TimeUnit {
  std::string_view suffix;
  TimeValue::Unit unit;
};
// In the order in which suffixes are tried: "ms" before "s" and "m".
constexpr std::array<TimeUnit, 7> kTimeUnits = {{{"nanos", TimeValue::Unit::kNanos},
                                                 {"micros", TimeValue::Unit::kMicros},
                                                 {"ms", TimeValue::Unit::kMillis},
                                                 {"s", TimeValue::Unit::kSeconds},
                                                 {"m", TimeValue::Unit::kMinutes},
                                                 {"h", TimeValue::Unit::kHours},
                                                 {"d", TimeValue::Unit::kDays}}};

std::string_view suffix_of(TimeValue::Unit unit) {
  for (const TimeUnit& each : kTimeUnits) {
    if (each.unit == unit) return each.suffix;
  }
  return "ms";
}

int64_t nanos_per(TimeValue::Unit unit) {
  switch (unit) {
    case TimeValue::Unit::kNanos:
      return 1;
    case TimeValue::Unit::kMicros:
      return 1'000;
    case TimeValue::Unit::kMillis:
      return 1'000'000;
    case TimeValue::Unit::kSeconds:
      return 1'000'000'000;
    case TimeValue::Unit::kMinutes:
      return 60'000'000'000;
    case TimeValue::Unit::kHours:
      return 3'600'000'000'000;
    case TimeValue::Unit::kDays:
      return 86'400'000'000'000;
  }
  return 1;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

template <typename T>
bool read_number(std::string_view text, T& value) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

Error time_error(std::string reason) { return {error_types::kIllegalArgument, std::move(reason)}; }

Error missing_unit(ErrorType type, std::string_view text, std::string_view setting,
                   std::string_view what) {
  return {type, "failed to parse setting [" + std::string(setting) + "] with value [" +
                    std::string(text) + "] as a " + std::string(what) +
                    ": unit is missing or unrecognized"};
}

Error byte_error(std::string_view text, std::string_view setting, std::string_view what) {
  return {error_types::kElasticsearchParse, "failed to parse setting [" + std::string(setting) +
                                                "] with value [" + std::string(text) + "]" +
                                                std::string(what)};
}

// One decimal, cut off, and none when it is zero: "1.5", "2".
std::string one_decimal(double value) {
  const auto tenths = static_cast<int64_t>(value * 10.0);
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += '.' + std::to_string(std::abs(tenths % 10));
  return text;
}

}  // namespace

int64_t TimeValue::nanos() const {
  int64_t total = 0;
  if (__builtin_mul_overflow(count, nanos_per(unit), &total)) {
    return count < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  }
  return total;
}

int64_t TimeValue::millis() const {
  constexpr int64_t kNanosPerMilli = 1'000'000;
  const int64_t per = nanos_per(unit);
  if (per < kNanosPerMilli) return count / (kNanosPerMilli / per);
  int64_t total = 0;
  if (__builtin_mul_overflow(count, per / kNanosPerMilli, &total)) {
    return count < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  }
  return total;
}

double TimeValue::seconds() const {
  return static_cast<double>(count) * static_cast<double>(nanos_per(unit)) / 1e9;
}

std::string TimeValue::text() const {
  if (count < 0) return std::to_string(count);
  return std::to_string(count) + std::string(suffix_of(unit));
}

std::string TimeValue::pretty() const {
  if (count < 0) return std::to_string(count);
  const int64_t total = nanos();
  if (total == 0) return "0s";
  for (auto it = kTimeUnits.rbegin(); it != kTimeUnits.rend(); ++it) {
    const int64_t per = nanos_per(it->unit);
    if (total >= per)
      return one_decimal(static_cast<double>(total) / static_cast<double>(per)) +
             std::string(it->suffix);
  }
  return std::to_string(total) + "nanos";
}

Result<TimeValue> parse_time_value(std::string_view text, std::string_view setting) {
  const std::string normalized = lower_ascii(trimmed(text));
  for (const TimeUnit& unit : kTimeUnits) {
    if (!normalized.ends_with(unit.suffix)) continue;
    // A capital M would be months; Elasticsearch takes no other letter by its case.
    if (unit.unit == TimeValue::Unit::kMinutes && trimmed(text).back() != 'm') continue;
    const std::string_view digits =
        trimmed(std::string_view(normalized).substr(0, normalized.size() - unit.suffix.size()));
    int64_t count = 0;
    if (!read_number(digits, count)) {
      double fraction = 0;
      if (read_number(digits, fraction)) {
        return time_error("failed to parse [" + std::string(text) +
                          "], fractional time values are not supported");
      }
      return time_error("failed to parse [" + std::string(text) + "]");
    }
    if (count < -1) {
      return time_error("failed to parse setting [" + std::string(setting) + "] with value [" +
                        std::string(text) +
                        "] as a time value: negative durations are not supported");
    }
    return TimeValue{count, unit.unit};
  }
  if (normalized == "-1") return TimeValue{-1, TimeValue::Unit::kMillis};
  if (!normalized.empty() && normalized.find_first_not_of('0') == std::string::npos) {
    return TimeValue{0, TimeValue::Unit::kMillis};
  }
  return missing_unit(error_types::kIllegalArgument, text, setting, "time value");
}

Result<int64_t> parse_byte_size(std::string_view text, std::string_view setting) {
  struct SizeUnit {
    std::string_view suffix;
    int shift;
  };
  // Two letters before one, and plain bytes last: "kb" ends in "b".
  static constexpr std::array<SizeUnit, 11> kSizeUnits = {{{"kb", 10},
                                                           {"mb", 20},
                                                           {"gb", 30},
                                                           {"tb", 40},
                                                           {"pb", 50},
                                                           {"k", 10},
                                                           {"m", 20},
                                                           {"g", 30},
                                                           {"t", 40},
                                                           {"p", 50},
                                                           {"b", 0}}};
  const std::string lower = lower_ascii(trimmed(text));
  for (const SizeUnit& unit : kSizeUnits) {
    if (!lower.ends_with(unit.suffix)) continue;
    const std::string_view digits =
        trimmed(std::string_view(lower).substr(0, lower.size() - unit.suffix.size()));
    int64_t count = 0;
    if (read_number(digits, count)) {
      if (count < -1 || (count == -1 && unit.shift > 0))
        return byte_error(text, setting, " as a size in bytes");
      const int64_t most = std::numeric_limits<int64_t>::max() >> unit.shift;
      return count > most ? std::numeric_limits<int64_t>::max()
             : count < 0  ? count
                          : count << unit.shift;
    }
    double fraction = 0;
    if (unit.shift == 0 || !read_number(digits, fraction) || !std::isfinite(fraction))
      return byte_error(text, setting, "");
    if (fraction < 0) return byte_error(text, setting, " as a size in bytes");
    constexpr double kTooMuch = 9223372036854775808.0;
    const double bytes = std::ldexp(fraction, unit.shift);
    return bytes < kTooMuch ? static_cast<int64_t>(bytes) : std::numeric_limits<int64_t>::max();
  }
  if (lower == "-1") return int64_t{-1};
  if (lower == "0") return int64_t{0};
  return missing_unit(error_types::kElasticsearchParse, text, setting, "size in bytes");
}

std::string byte_size_text(int64_t bytes) {
  static constexpr std::array<std::string_view, 6> kSuffixes = {"b", "kb", "mb", "gb", "tb", "pb"};
  size_t unit = 0;
  auto value = static_cast<double>(bytes);
  while (value >= 1024 && unit + 1 < kSuffixes.size()) {
    value /= 1024;
    ++unit;
  }
  return one_decimal(value) + std::string(kSuffixes[unit]);
}

}  // namespace stratalog
