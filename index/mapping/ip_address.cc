#include "index/mapping/ip_address.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace stratalog::index {

namespace {

constexpr std::array<char, 12> kMappedPrefix{
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<char>(0xFF), static_cast<char>(0xFF)};

bool is_v4(std::string_view bytes) {
  return std::memcmp(bytes.data(), kMappedPrefix.data(), kMappedPrefix.size()) == 0;
}

// Four decimal octets without leading zeros.
bool parse_v4(std::string_view text, char* out) {
  for (int i = 0; i < 4; ++i) {
    const size_t dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot == 0 || dot > 3) return false;
    const std::string_view part = text.substr(0, dot);
    uint32_t octet = 0;
    const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), octet);
    if (ec != std::errc{} || end != part.data() + part.size() || octet > 255) return false;
    if (part.size() > 1 && part.front() == '0') return false;
    out[i] = static_cast<char>(octet);
    text.remove_prefix(i < 3 ? dot + 1 : dot);
  }
  return text.empty();
}

std::string v6_text(const uint8_t* bytes) {
  uint16_t groups[8];
  for (size_t i = 0; i < 8; ++i)
    groups[i] = static_cast<uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  // The longest run of two or more zero groups becomes "::", the first of equals.
  int best = -1, best_length = 1;
  for (int i = 0; i < 8; ++i) {
    int length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
    if (length > 0) i += length - 1;
  }
  std::string out;
  char digits[4];
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, groups[i], 16);
    out.append(digits, end);
  }
  return out;
}

Error not_ip(std::string_view text) {
  return Error(error_types::kIllegalArgument,
               "'" + std::string(text) + "' is not an IP string literal.");
}

}  // namespace

std::optional<IpBytes> parse_ip(std::string_view text) {
  IpBytes out;
  std::memcpy(out.data(), kMappedPrefix.data(), kMappedPrefix.size());
  if (text.find(':') == std::string_view::npos) {
    if (!parse_v4(text, out.data() + kMappedPrefix.size())) return std::nullopt;
    return out;
  }
  const std::string_view address = text.substr(0, text.find('%'));
  char buffer[INET6_ADDRSTRLEN];
  if (address.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, address.data(), address.size());
  buffer[address.size()] = '\0';
  if (std::memchr(buffer, '\0', address.size()) != nullptr) return std::nullopt;
  if (inet_pton(AF_INET6, buffer, out.data()) != 1) return std::nullopt;
  return out;
}

std::string ip_text(std::string_view bytes) {
  if (bytes.size() != sizeof(IpBytes)) return {};
  const auto* octets = reinterpret_cast<const uint8_t*>(bytes.data());
  if (!is_v4(bytes)) return v6_text(octets);
  std::string out;
  for (int i = 12; i < 16; ++i) {
    if (i > 12) out += '.';
    out += std::to_string(octets[i]);
  }
  return out;
}

Result<IpInterval> parse_cidr(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.find('/', slash + 1) != std::string_view::npos) {
    return Error(error_types::kIllegalArgument,
                 "Expected [ip/prefix] but was [" + std::string(text) + "]");
  }
  const std::optional<IpBytes> address = parse_ip(text.substr(0, slash));
  if (!address) return not_ip(text.substr(0, slash));
  const std::string_view length_text = text.substr(slash + 1);
  int32_t length = 0;
  const auto [end, ec] =
      std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  if (ec != std::errc{} || end != length_text.data() + length_text.size() || length_text.empty()) {
    return Error(error_types::kNumberFormat,
                 "For input string: \"" + std::string(length_text) + "\"");
  }
  const bool v4 = is_v4(view(*address)) && text.find(':') == std::string_view::npos;
  const int32_t max = v4 ? 32 : 128;
  if (length < 0 || length > max) {
    return Error(error_types::kIllegalArgument,
                 "Illegal prefix length [" + std::string(length_text) + "] in [" +
                     std::string(text) + "]. Must be 0-32 for IPv4 ranges, 0-128 for IPv6 ranges");
  }
  IpInterval out{*address, *address};
  for (int32_t bit = length + (v4 ? 96 : 0); bit < 128; ++bit) {
    const auto mask = static_cast<uint8_t>(0x80 >> (bit % 8));
    char& low = out.low[static_cast<size_t>(bit / 8)];
    char& high = out.high[static_cast<size_t>(bit / 8)];
    low = static_cast<char>(static_cast<uint8_t>(low) & ~mask);
    high = static_cast<char>(static_cast<uint8_t>(high) | mask);
  }
  return out;
}

bool ip_next(IpBytes& ip) {
  for (size_t i = ip.size(); i-- > 0;) {
    ip[i] = static_cast<char>(static_cast<uint8_t>(ip[i]) + 1);
    if (ip[i] != 0) return true;
  }
  return false;
}

bool ip_previous(IpBytes& ip) {
  for (size_t i = ip.size(); i-- > 0;) {
    const bool borrow = ip[i] == 0;
    ip[i] = static_cast<char>(static_cast<uint8_t>(ip[i]) - 1);
    if (!borrow) return true;
  }
  return false;
}

}  // namespace stratalog::index
