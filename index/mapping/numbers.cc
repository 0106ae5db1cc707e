#include "index/mapping/numbers.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/json_writer.h"

namespace stratalog::index {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Java's floating-point texts, reduced to what from_chars reads.
template <typename T>
std::optional<T> java_floating(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  const T sign = negative ? T{-1} : T{1};
  if (text == "NaN") return std::numeric_limits<T>::quiet_NaN();
  if (text == "Infinity") return sign * std::numeric_limits<T>::infinity();
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (hex) {
    text.remove_prefix(2);
    if (text.find_first_of("pP") == std::string_view::npos) return std::nullopt;
  }
  constexpr std::string_view kSuffixes = "dDfF";
  const bool suffix = kSuffixes.find(text.back()) != std::string_view::npos;
  if (suffix && (!hex || text.find_first_of("pP") != std::string_view::npos)) text.remove_suffix(1);
  if (text.empty() || (!is_digit(text.front()) && text.front() != '.' && !hex)) return std::nullopt;
  T v = 0;
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v, format);
  if (end != text.data() + text.size() || ec == std::errc::invalid_argument) return std::nullopt;
  if (ec == std::errc::result_out_of_range) {
    // Too great or too small: the exponent's sign tells, or the leading digits do.
    const std::string copy(text);
    v = static_cast<T>(std::strtod((hex ? "0x" + copy : copy).c_str(), nullptr));
  }
  return sign * v;
}

// A decimal text taken apart: sign, digits without leading zeros, and how many of them stand before
// the point.
struct Decimal {
  bool ok = false;
  bool negative = false;
  std::string digits;
  int64_t whole_digits = 0;  // may be negative or beyond digits.size()
};

Decimal split_decimal(std::string_view text) {
  Decimal out;
  size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) out.negative = text[at++] == '-';
  bool any = false;
  bool point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
    } else if (is_digit(c)) {
      any = true;
      if (out.digits.empty() && c == '0') {
        if (point) --out.whole_digits;
        continue;
      }
      out.digits += c;
      if (!point) ++out.whole_digits;
    } else {
      break;
    }
  }
  if (!any) return out;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return out;
    ++at;
    if (at < text.size() && text[at] == '+') ++at;
    int64_t exponent = 0;
    const auto [end, ec] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
    if (ec != std::errc{} || end != text.data() + text.size()) return out;
    constexpr int64_t kExponentMax = INT32_MAX;  // BigDecimal's scale is an int
    if (exponent > kExponentMax || exponent < -kExponentMax) return out;
    out.whole_digits += exponent;
  }
  out.ok = true;
  if (out.digits.empty()) out.whole_digits = 0;
  return out;
}

WholeUnsigned whole_part(const Decimal& decimal) {
  WholeUnsigned out;
  if (!decimal.ok) return out;
  out.kind = WholeNumber::kWhole;
  constexpr int64_t kDigitsMax = 20;  // of 2^64
  if (!decimal.digits.empty() && decimal.whole_digits > kDigitsMax) {
    out.kind = WholeNumber::kTooHigh;
    return out;
  }
  const auto size = static_cast<int64_t>(decimal.digits.size());
  for (int64_t i = 0; i < decimal.whole_digits; ++i) {
    const uint64_t digit =
        i < size ? static_cast<uint64_t>(decimal.digits[static_cast<size_t>(i)] - '0') : 0;
    if (out.value > (UINT64_MAX - digit) / 10) {
      out.kind = WholeNumber::kTooHigh;
      return out;
    }
    out.value = out.value * 10 + digit;
  }
  const auto first = static_cast<size_t>(std::clamp<int64_t>(decimal.whole_digits, 0, size));
  out.has_fraction = decimal.digits.find_first_not_of('0', first) != std::string::npos;
  return out;
}

constexpr uint32_t kHalfDropBits = 13;  // mantissa bits of a float that a half lacks

// Halves as integers in their order.
int32_t half_order(float v) {
  const float rounded = round_to_half(v);
  const int32_t bits = std::bit_cast<int32_t>(rounded) >> kHalfDropBits;
  return bits;
}

}  // namespace

std::optional<double> java_double(std::string_view text) { return java_floating<double>(text); }
std::optional<float> java_float(std::string_view text) { return java_floating<float>(text); }

WholeNumber java_long(std::string_view text) {
  const Decimal decimal = split_decimal(text);
  const WholeUnsigned whole = whole_part(decimal);
  WholeNumber out;
  out.kind = whole.kind;
  out.has_fraction = whole.has_fraction;
  if (whole.kind == WholeNumber::kNotANumber) return out;
  const uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (decimal.negative ? 1 : 0);
  if (whole.kind == WholeNumber::kTooHigh || whole.value > limit) {
    out.kind = decimal.negative ? WholeNumber::kTooLow : WholeNumber::kTooHigh;
    return out;
  }
  out.value =
      decimal.negative ? static_cast<int64_t>(~whole.value + 1) : static_cast<int64_t>(whole.value);
  return out;
}

WholeUnsigned java_unsigned(std::string_view text) {
  const Decimal decimal = split_decimal(text);
  WholeUnsigned out = whole_part(decimal);
  if (decimal.ok && decimal.negative &&
      (out.kind == WholeNumber::kTooHigh || out.value != 0 || out.has_fraction)) {
    out.kind = WholeNumber::kTooLow;
  }
  return out;
}

int64_t java_round(double v) {
  if (std::isnan(v)) return 0;
  const double down = std::floor(v);
  const double rounded = v - down >= 0.5 ? down + 1 : down;
  if (rounded >= 9223372036854775808.0) return INT64_MAX;
  if (rounded < -9223372036854775808.0) return INT64_MIN;
  return static_cast<int64_t>(rounded);
}

float round_to_half(float v) {
  if (std::isnan(v)) return v;
  constexpr float kOverflow = 65520.0f;  // rounds to 2^16
  if (std::fabs(v) >= kOverflow) return std::copysign(std::numeric_limits<float>::infinity(), v);
  constexpr float kSmallestNormal = 0x1p-14f;
  if (std::fabs(v) < kSmallestNormal) {
    constexpr float kStep = 0x1p-24f;
    return std::nearbyint(v / kStep) * kStep;
  }
  uint32_t bits = std::bit_cast<uint32_t>(v);
  const uint32_t odd = (bits >> kHalfDropBits) & 1;
  bits += (uint32_t{1} << (kHalfDropBits - 1)) - 1 + odd;
  bits &= ~((uint32_t{1} << kHalfDropBits) - 1);
  return std::bit_cast<float>(bits);
}

float half_up(float v) {
  v = round_to_half(v);
  if (std::isnan(v) || v == std::numeric_limits<float>::infinity()) return v;
  constexpr float kStep = 0x1p-24f;
  if (std::fabs(v) < 0x1p-14f) return v + kStep;
  const int32_t order = half_order(v);
  const int32_t next = v > 0 ? order + 1 : order - 1;
  return std::bit_cast<float>(static_cast<uint32_t>(next) << kHalfDropBits);
}

float half_down(float v) { return -half_up(-v); }

std::string double_text(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  std::string out;
  json::append_double(out, v);
  return out;
}

std::string float_text(float v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  std::string out;
  json::append_float(out, v);
  return out;
}

}  // namespace stratalog::index
