// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/interface_rules.h"

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

using Rule = config::InterfaceRule;

net::LocalAddress local(const char* name, const char* address) {
  return {.interface_name = name,
          .address = *Address::parse(address),
          .is_up = true,
          .is_loopback = std::string(name) == "lo"};
}

const std::vector<net::LocalAddress> kHost{local("lo", "127.0.0.1"), local("eth0", "192.0.2.1"),
                                           local("eth0", "2001:db8::1"), local("eth1", "198.51.100.1")};

std::vector<std::string> served(std::vector<Rule> rules) {
  std::vector<std::string> out;
  for (const Address& address : listening_addresses(kHost, rules)) out.push_back(address.text());
  return out;
}
using Texts = std::vector<std::string>;

TEST(InterfaceRules, WithoutRulesTheWildcardsServe) { EXPECT_EQ(served({}), (Texts{"0.0.0.0", "::"})); }

TEST(InterfaceRules, AListenLineNamesAllThatIsWantedBesidesLoopback) {
  EXPECT_EQ(served({{.action = Rule::Action::listen, .match = Rule::Match::name, .name = "eth1"}}),
            (Texts{"127.0.0.1", "198.51.100.1"}));
}

TEST(InterfaceRules, AnIgnoreLineAloneLeavesTheRest) {
  EXPECT_EQ(served({{.action = Rule::Action::ignore, .match = Rule::Match::ipv6}}),
            (Texts{"127.0.0.1", "192.0.2.1", "198.51.100.1"}));
}

TEST(InterfaceRules, TheLastMatchWins) {
  const Rule drop_all{.action = Rule::Action::drop, .match = Rule::Match::all};
  const Rule listen{.action = Rule::Action::listen, .match = Rule::Match::name, .name = "eth0"};

  EXPECT_EQ(served({drop_all, listen}), (Texts{"192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(served({listen, drop_all}), Texts{});
}

TEST(InterfaceRules, AnInterfaceThatIsDownIsNotServed) {
  std::vector<net::LocalAddress> host = kHost;
  host[1].is_up = false;
  const std::vector<Rule> rules{{.action = Rule::Action::listen, .match = Rule::Match::ipv4}};

  EXPECT_EQ(listening_addresses(host, rules).size(), 2U);
}

TEST(InterfaceRules, TheOptionTakesNamesAddressesAndPrefixes) {
  EXPECT_EQ(rule_of_option("eth0"), (Rule{.match = Rule::Match::name, .name = "eth0"}));
  const Rule network = *rule_of_option("192.0.2.0/24");
  EXPECT_EQ(network.match, Rule::Match::address);
  EXPECT_EQ(network.prefix_length, 24U);
  EXPECT_EQ(rule_of_option("::1")->prefix_length, 128U);
  for (const char* word : {"", "eth0/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/2x"})
    EXPECT_FALSE(rule_of_option(word)) << word;
}

}  // namespace
}  // namespace ntp::daemon
