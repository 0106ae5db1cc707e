#include "query/exec/field_value.h"

#include <arpa/inet.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/json_writer.h"
#include "index/date/date_format.h"
#include "index/date/date_math.h"
#include "index/sortable.h"

namespace stratalog::query {

using index::FieldType;

namespace {

Error number_format(std::string_view text) {
  if (text.empty()) return Error(error_types::kNumberFormat, "empty String");
  return Error(error_types::kNumberFormat, "For input string: \"" + std::string(text) + "\"");
}

std::optional<double> read_double(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  double v = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (ec == std::errc::result_out_of_range) {
    return text.starts_with('-') ? -std::numeric_limits<double>::infinity()
                                 : std::numeric_limits<double>::infinity();
  }
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return v;
}

Error out_of_range(std::string_view text, const char* type) {
  return Error(error_types::kIllegalArgument,
               "Value [" + std::string(text) + "] is out of range for " + type);
}

Result<NumberValue> parse_whole(std::string_view text, int64_t least, int64_t most,
                                const char* type) {
  int64_t v = 0;
  const char* last = text.data() + text.size();
  const bool plus = text.starts_with('+') && text.size() > 1;
  const auto [end, ec] = std::from_chars(text.data() + plus, last, v);
  if (ec == std::errc{} && end == last) {
    if (v < least || v > most) return out_of_range(text, type);
    return NumberValue{v, false, v < 0};
  }
  const std::optional<double> number = read_double(text);
  if (!number || std::isnan(*number)) return number_format(text);
  const double whole = std::trunc(*number);
  if (whole < static_cast<double>(least) || whole > static_cast<double>(most) ||
      whole >= 9223372036854775808.0) {
    return out_of_range(text, type);
  }
  return NumberValue{static_cast<int64_t>(whole), whole != *number, *number < 0};
}

Result<NumberValue> parse_float(std::string_view text, FieldType type,
                                const std::string& type_name) {
  const std::optional<double> number = read_double(text);
  if (!number) return number_format(text);
  double v = *number;
  bool finite = std::isfinite(v);
  if (type == FieldType::kFloat) {
    v = static_cast<double>(static_cast<float>(v));
    finite = std::isfinite(v);
  } else if (type == FieldType::kHalfFloat) {
    finite = finite && std::fabs(v) < 65520;
  }
  if (!finite) {
    std::string shown;
    json::append_double(shown, *number);
    return Error(error_types::kIllegalArgument,
                 "[" + type_name + "] supports only finite values, but got [" + shown + "]");
  }
  return NumberValue{index::sortable_from_double(v), false, v < 0};
}

Result<NumberValue> parse_unsigned(std::string_view text) {
  uint64_t v = 0;
  const char* last = text.data() + text.size();
  const auto [end, ec] = std::from_chars(text.data(), last, v);
  if (ec == std::errc{} && end == last)
    return NumberValue{index::sortable_from_u64(v), false, false};
  const std::optional<double> number = read_double(text);
  if (!number || std::isnan(*number)) return number_format(text);
  if (*number < 0) return NumberValue{index::sortable_from_u64(0), true, true};
  if (*number >= 18446744073709551616.0) return out_of_range(text, "an unsigned long");
  const double whole = std::trunc(*number);
  return NumberValue{index::sortable_from_u64(static_cast<uint64_t>(whole)), whole != *number,
                     false};
}

}  // namespace

Result<NumberValue> parse_number(const index::MappedField& field, std::string_view text) {
  switch (field.type) {
    case FieldType::kInteger:
      return parse_whole(text, INT32_MIN, INT32_MAX, "an integer");
    case FieldType::kShort:
      return parse_whole(text, INT16_MIN, INT16_MAX, "a short");
    case FieldType::kByte:
      return parse_whole(text, INT8_MIN, INT8_MAX, "a byte");
    case FieldType::kUnsignedLong:
      return parse_unsigned(text);
    case FieldType::kDouble:
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
      return parse_float(text, field.type, field.type_name);
    case FieldType::kScaledFloat: {
      const std::optional<double> number = read_double(text);
      if (!number) return number_format(text);
      const double scaled = *number * field.scaling_factor;
      if (!std::isfinite(scaled) || std::fabs(scaled) >= 9.2e18)
        return out_of_range(text, "a long");
      return NumberValue{static_cast<int64_t>(std::floor(scaled + 0.5)), false, scaled < 0};
    }
    default:
      return parse_whole(text, INT64_MIN, INT64_MAX, "a long");
  }
}

Result<int64_t> parse_date(const index::MappedField& field, std::string_view text, bool round_up,
                           const DateContext& context) {
  std::shared_ptr<const index::DateFormat> format = field.date_format;
  if (!context.format.empty()) {
    ASSIGN_OR_RETURN(format, index::DateFormat::compile(context.format));
  }
  if (format == nullptr) format = index::DateFormat::default_format();
  index::DateMathOptions options;
  options.now_ms = context.now_ms;
  options.round_up = round_up;
  if (!context.time_zone.empty()) {
    ASSIGN_OR_RETURN(options.zone, index::TimeZone::make(context.time_zone));
  }
  ASSIGN_OR_RETURN(const index::Instant instant, index::parse_date_math(text, *format, options));
  if (field.type != FieldType::kDateNanos) return instant.millis();
  return index::to_nanos(instant);
}

Result<bool> parse_boolean_value(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return Error(error_types::kIllegalArgument,
               "Can't parse boolean value [" + std::string(text) + "], expected [true] or [false]");
}

std::optional<std::string> parse_ip(std::string_view text) {
  const std::string copy(text);
  unsigned char bytes[16] = {};
  if (inet_pton(AF_INET6, copy.c_str(), bytes) == 1)
    return std::string(reinterpret_cast<char*>(bytes), 16);
  if (inet_pton(AF_INET, copy.c_str(), bytes + 12) != 1) return std::nullopt;
  bytes[10] = bytes[11] = 0xff;
  return std::string(reinterpret_cast<char*>(bytes), 16);
}

std::string ip_address_text(std::string_view bytes) {
  if (bytes.size() != 16) return {};
  char text[INET6_ADDRSTRLEN] = {};
  static constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes.data(), kMapped, sizeof(kMapped)) == 0) {
    inet_ntop(AF_INET, bytes.data() + 12, text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof(text));
  }
  return text;
}

Result<IpRange> parse_ip_or_block(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<std::string> address = parse_ip(text.substr(0, slash));
  if (!address) {
    return Error(error_types::kIllegalArgument,
                 "'" + std::string(text.substr(0, slash)) + "' is not an IP string literal.");
  }
  if (slash == std::string_view::npos) return IpRange{*address, *address};
  const std::string_view digits = text.substr(slash + 1);
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  const int bits_max = v4 ? 32 : 128;
  int prefix = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (ec != std::errc{} || end != digits.data() + digits.size() || prefix < 0 ||
      prefix > bits_max) {
    return Error(error_types::kIllegalArgument, "Illegal prefix length [" + std::string(digits) +
                                                    "] in [" + std::string(text) +
                                                    "]. Must be 0-32 for IPv4 ranges, 0-128 for "
                                                    "IPv6 ranges");
  }
  if (v4) prefix += 96;
  IpRange range{*address, *address};
  for (int bit = prefix; bit < 128; ++bit) {
    const char mask = static_cast<char>(0x80 >> (bit % 8));
    const size_t byte = static_cast<size_t>(bit / 8);
    range.low[byte] = static_cast<char>(range.low[byte] & ~mask);
    range.high[byte] = static_cast<char>(range.high[byte] | mask);
  }
  return range;
}

std::optional<std::string> next_ip(std::string bytes, int step) {
  for (size_t i = bytes.size(); i-- > 0;) {
    const int v = static_cast<unsigned char>(bytes[i]) + step;
    bytes[i] = static_cast<char>(v & 0xff);
    if (v >= 0 && v <= 0xff) return bytes;
  }
  return std::nullopt;
}

}  // namespace stratalog::query
