#include "server/network_hosts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace stratalog::server {
namespace {

bool is_wildcard_address(std::string_view name) { return name == "0.0.0.0" || name == "::"; }

NetworkAddress describe(const sockaddr& raw) {
  NetworkAddress out;
  char text[INET6_ADDRSTRLEN] = {};
  if (raw.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(raw);
    const uint32_t bits = ntohl(v4.sin_addr.s_addr);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    out.is_loopback = bits >> 24 == 127;
    out.is_site =
        bits >> 24 == 10 || bits >> 20 == (172U << 4 | 1) || bits >> 16 == (192U << 8 | 168);
    out.is_link_local = bits >> 16 == (169U << 8 | 254);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(raw);
    const uint8_t* bytes = v6.sin6_addr.s6_addr;
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    out.is_v6 = true;
    out.is_loopback = IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    out.is_site = (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0) || (bytes[0] & 0xfe) == 0xfc;
    out.is_link_local = IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr);
  }
  out.address = text;
  return out;
}

// A special name's addresses; none for a name that is not special.
std::optional<std::vector<NetworkAddress>> special(std::string_view name,
                                                   const std::vector<NetworkAddress>& addresses) {
  std::optional<bool> v6;
  std::string_view plain = name;
  for (const std::string_view family : {":ipv4", ":ipv6"}) {
    if (!name.ends_with(family)) continue;
    plain.remove_suffix(family.size());
    v6 = family == ":ipv6";
  }
  if (plain.size() < 3 || plain.front() != '_' || plain.back() != '_') return std::nullopt;
  plain = plain.substr(1, plain.size() - 2);
  std::vector<NetworkAddress> found;
  for (const NetworkAddress& each : addresses) {
    const bool is_global = !each.is_loopback && !each.is_site && !each.is_link_local;
    const bool wanted = plain == "local"    ? each.is_loopback
                        : plain == "site"   ? each.is_site
                        : plain == "global" ? is_global
                                            : each.interface == plain;
    // A link's address is of no use without naming the link.
    if (wanted && !(each.is_v6 && each.is_link_local) && v6.value_or(each.is_v6) == each.is_v6)
      found.push_back(each);
  }
  return found;
}

Error nothing_for(const std::string& name) {
  return Error(error_types::kIllegalArgument,
               "no address of this machine is meant by the host [" + name + "]");
}

int reach(const NetworkAddress& address) {
  const int distance = address.is_loopback     ? 3
                       : address.is_link_local ? 2
                       : address.is_site       ? 1
                                               : 0;
  return 2 * distance + (address.is_v6 ? 1 : 0);
}

}  // namespace

std::vector<NetworkAddress> network_addresses() {
  std::vector<NetworkAddress> out;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return out;
  for (const ifaddrs* at = first; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || (at->ifa_flags & IFF_UP) == 0) continue;
    if (at->ifa_addr->sa_family != AF_INET && at->ifa_addr->sa_family != AF_INET6) continue;
    out.push_back(describe(*at->ifa_addr));
    out.back().interface = at->ifa_name;
  }
  ::freeifaddrs(first);
  return out;
}

Result<std::vector<std::string>> hosts_to_bind(const std::vector<std::string>& names,
                                               const std::vector<NetworkAddress>& addresses) {
  std::vector<std::string> hosts;
  for (const std::string& name : names) {
    const auto meant = special(name, addresses);
    if (!meant) {
      hosts.push_back(name);
      const bool has_v6 = std::any_of(addresses.begin(), addresses.end(),
                                      [](const NetworkAddress& each) { return each.is_v6; });
      if (name == "0.0.0.0" && has_v6) hosts.emplace_back("::");
      if (name == "::") hosts.emplace_back("0.0.0.0");
      continue;
    }
    if (meant->empty()) return nothing_for(name);
    for (const NetworkAddress& each : *meant) hosts.push_back(each.address);
  }
  // Two names may mean one address.
  std::vector<std::string> once;
  for (const std::string& host : hosts) {
    if (std::find(once.begin(), once.end(), host) == once.end()) once.push_back(host);
  }
  return once;
}

Result<std::string> host_to_publish(const std::vector<std::string>& names,
                                    const std::vector<NetworkAddress>& addresses) {
  const std::string& name = names.front();
  auto meant = is_wildcard_address(name) ? std::optional(addresses) : special(name, addresses);
  if (!meant) return name;
  if (meant->empty()) return nothing_for(name);
  return std::min_element(
             meant->begin(), meant->end(),
             [](const NetworkAddress& a, const NetworkAddress& b) { return reach(a) < reach(b); })
      ->address;
}

}  // namespace stratalog::server
