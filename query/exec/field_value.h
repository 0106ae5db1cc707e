// A query's value -> the form in which a field's column or dictionary holds it, with
// Elasticsearch's refusals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "index/date/time_zone.h"
#include "index/mapping/mapping.h"

namespace stratalog::query {

// A number as its field keeps it (sortable form), and what a range needs to know of a fraction.
struct NumberValue {
  int64_t value = 0;
  bool fraction = false;  // whole-number fields: the value had one, which was cut
  bool negative = false;
};
Result<NumberValue> parse_number(const index::MappedField& field, std::string_view text);

// Which way a date's open parts and "/d" go, and from where times are counted.
struct DateContext {
  int64_t now_ms = 0;
  std::string format;     // empty: the field's
  std::string time_zone;  // empty: UTC
};
Result<int64_t> parse_date(const index::MappedField& field, std::string_view text, bool round_up,
                           const DateContext& context);

Result<bool> parse_boolean_value(std::string_view text);

// 16 bytes, IPv4 mapped into IPv6. Empty if it is no address.
std::optional<std::string> parse_ip(std::string_view text);
std::string ip_address_text(std::string_view bytes);
struct IpRange {
  std::string low;
  std::string high;
};
// An address or CIDR block: "'x' is not an IP string literal."
Result<IpRange> parse_ip_or_block(std::string_view text);
// The next address up or down; empty at the end.
std::optional<std::string> next_ip(std::string bytes, int step);

}  // namespace stratalog::query
