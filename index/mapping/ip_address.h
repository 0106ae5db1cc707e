// IP addresses as 16 bytes, IPv4 mapped into IPv6 (::ffff:a.b.c.d): the form of Kind::kIp, whose
// order as bytes is theirs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stratalog::index {

using IpBytes = std::array<char, 16>;

// As Elasticsearch's InetAddresses.forString: dotted quads and IPv6 texts; a zone ("%eth0") is
// dropped.
std::optional<IpBytes> parse_ip(std::string_view text);
// As it prints them: "1.2.3.4", "2001:db8::1". `bytes` are 16.
std::string ip_text(std::string_view bytes);

// First and last address of "10.0.0.0/8". illegal_argument_exception in Elasticsearch's words.
struct IpInterval {
  IpBytes low{};
  IpBytes high{};
  bool empty = false;
};
Result<IpInterval> parse_cidr(std::string_view text);

inline std::string_view view(const IpBytes& ip) { return {ip.data(), ip.size()}; }
// The neighbours; false at the ends of the space.
bool ip_next(IpBytes& ip);
bool ip_previous(IpBytes& ip);

}  // namespace stratalog::index
