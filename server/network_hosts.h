// Where to listen and what to call oneself, as network.host and its like name it. Elasticsearch doc
// page "Networking", special values: _local_, _site_, _global_, _<interface>_, each with :ipv4 or
// :ipv6 behind; 0.0.0.0 and :: mean every address of both families.
//
// Threads  any.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace stratalog::server {

struct NetworkAddress {
  std::string interface;
  std::string address;  // as text, without a scope
  bool is_v6 = false;
  bool is_loopback = false;
  bool is_site = false;        // 10/8, 172.16/12, 192.168/16, fec0::/10, fc00::/7
  bool is_link_local = false;  // 169.254/16, fe80::/10
};

// What the machine's interfaces that are up have.
std::vector<NetworkAddress> network_addresses();

// Special names as addresses; others as they are, for the resolver. Fails with
// illegal_argument_exception when a special name has no address here.
Result<std::vector<std::string>> hosts_to_bind(const std::vector<std::string>& names,
                                               const std::vector<NetworkAddress>& addresses);

// What others reach this node by: the first of `names`, or, where it means several addresses, the
// one that reaches farthest (global, site, link, loopback; IPv4 first).
Result<std::string> host_to_publish(const std::vector<std::string>& names,
                                    const std::vector<NetworkAddress>& addresses);

}  // namespace stratalog::server
