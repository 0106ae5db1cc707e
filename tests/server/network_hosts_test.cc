#include "server/network_hosts.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::server;

namespace {

NetworkAddress address(const char* interface, const char* text, const char* kind, bool v6 = false) {
  const std::string_view what(kind);
  return {interface, text, v6, what == "loopback", what == "site", what == "link"};
}

const std::vector<NetworkAddress> kMachine{
    address("lo", "127.0.0.1", "loopback"),   address("eth0", "10.1.2.3", "site"),
    address("eth1", "203.0.113.9", "global"), address("lo", "::1", "loopback", true),
    address("eth0", "fe80::1", "link", true), address("eth1", "2001:db8::9", "global", true)};
const std::vector<NetworkAddress> kOldMachine(kMachine.begin(), kMachine.begin() + 2);

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("network hosts: special names are the addresses that they stand for") {
  const auto bind = [](const Texts& names, const std::vector<NetworkAddress>& machine = kMachine) {
    const auto hosts = hosts_to_bind(names, machine);
    REQUIRE(hosts.ok());
    return *hosts;
  };
  CHECK(bind({"_local_"}) == Texts{"127.0.0.1", "::1"});
  CHECK(bind({"_local_"}, kOldMachine) == Texts{"127.0.0.1"});
  CHECK(bind({"_local_:ipv6"}) == Texts{"::1"});
  CHECK(bind({"_site_"}) == Texts{"10.1.2.3"});
  CHECK(bind({"_global_"}) == Texts{"203.0.113.9", "2001:db8::9"});
  CHECK(bind({"_global_:ipv4"}) == Texts{"203.0.113.9"});
  CHECK(bind({"_eth0_"}) == Texts{"10.1.2.3"});
  CHECK(bind({"_eth1_", "_local_:ipv4", "_global_"}) ==
        Texts{"203.0.113.9", "2001:db8::9", "127.0.0.1"});
  CHECK(bind({"0.0.0.0"}) == Texts{"0.0.0.0", "::"});
  CHECK(bind({"0.0.0.0"}, kOldMachine) == Texts{"0.0.0.0"});
  CHECK(bind({"::"}) == Texts{"::", "0.0.0.0"});
  CHECK(bind({"logs.example", "192.0.2.1"}) == Texts{"logs.example", "192.0.2.1"});
  for (const char* name : {"_eth7_", "_global_", "_site_:ipv6"}) {
    const auto none = hosts_to_bind({name}, kOldMachine);
    REQUIRE_FALSE(none.ok());
    CHECK(none.error().reason.find(name) != std::string::npos);
  }
}

TEST_CASE("network hosts: published is what reaches farthest, IPv4 first") {
  const auto publish = [](const Texts& names,
                          const std::vector<NetworkAddress>& machine = kMachine) {
    const auto host = host_to_publish(names, machine);
    REQUIRE(host.ok());
    return *host;
  };
  CHECK(publish({"_local_"}) == "127.0.0.1");
  CHECK(publish({"0.0.0.0"}) == "203.0.113.9");
  CHECK(publish({"::"}, kOldMachine) == "10.1.2.3");
  CHECK(publish({"_site_", "_local_"}) == "10.1.2.3");
  CHECK(publish({"logs.example", "_local_"}) == "logs.example");
  CHECK_FALSE(host_to_publish({"_nic_"}, kMachine).ok());
}

TEST_CASE("network hosts: this machine has a loopback address, and kinds are told apart") {
  const auto found = network_addresses();
  const auto loopback = std::find_if(found.begin(), found.end(), [](const NetworkAddress& each) {
    return each.address == "127.0.0.1";
  });
  REQUIRE(loopback != found.end());
  CHECK(loopback->is_loopback);
  CHECK_FALSE(loopback->is_site);
  CHECK_FALSE(loopback->is_v6);
  for (const NetworkAddress& each : found) {
    CHECK(each.is_loopback + each.is_site + each.is_link_local <= 1);
    CHECK(each.is_v6 == (each.address.find(':') != std::string::npos));
  }
}
