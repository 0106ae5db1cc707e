// Numbers as Java reads, narrows and prints them: what Elasticsearch's number fields rest on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stratalog::index {

// Double.parseDouble: blanks around are allowed, as are "1d", "1f", "NaN", "Infinity" and hex
// floats; beyond the range: infinity. Empty if it is no number.
std::optional<double> java_double(std::string_view text);
// Float.parseFloat.
std::optional<float> java_float(std::string_view text);

// A decimal number of any length cut to its whole part: BigDecimal(text).toBigInteger().
struct WholeNumber {
  enum Kind : uint8_t { kWhole, kTooLow, kTooHigh, kNotANumber } kind = kNotANumber;
  int64_t value = 0;
  bool has_fraction = false;
};
WholeNumber java_long(std::string_view text);
// The same for 0 .. 2^64-1; below zero is kTooLow.
struct WholeUnsigned {
  WholeNumber::Kind kind = WholeNumber::kNotANumber;
  uint64_t value = 0;
  bool has_fraction = false;
};
WholeUnsigned java_unsigned(std::string_view text);

int64_t java_round(double v);  // Math.round: halves go up, clamped to int64
float round_to_half(
    float v);            // the nearest half-precision number, ties to even; infinity beyond 65504
float half_up(float v);  // the next greater half-precision number
float half_down(float v);

std::string double_text(double v);  // Double.toString
std::string float_text(float v);    // Float.toString

}  // namespace stratalog::index
