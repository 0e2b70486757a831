// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/interface_rules.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace ntp::daemon {
namespace {

using Match = config::InterfaceRule::Match;

bool is_within(const Address& address, const Address& network, unsigned prefix_length) {
  if (address.family() != network.family()) return false;
  const Address mask = policy::prefix_mask(address.family(), prefix_length);
  for (std::size_t i = 0; i < address.length(); ++i)
    if (((address.octets()[i] ^ network.octets()[i]) & mask.octets()[i]) != 0) return false;
  return true;
}

bool matches(const net::LocalAddress& local, const config::InterfaceRule& rule) {
  switch (rule.match) {
    case Match::all:
      return true;
    case Match::ipv4:
      return local.address.is_v4();
    case Match::ipv6:
      return !local.address.is_v4();
    case Match::wildcard:
      return false;
    case Match::name:
      return local.interface_name == rule.name;
    case Match::address:
      return is_within(local.address, rule.address, rule.prefix_length);
  }
  return false;
}

}  // namespace

bool is_served(const net::LocalAddress& address, std::span<const config::InterfaceRule> rules) {
  // A listen line names what is wanted: then what no line matches is not. Loopback always serves this host's own tools.
  const bool names_wanted = std::any_of(rules.begin(), rules.end(), [](const config::InterfaceRule& rule) {
    return rule.action == config::InterfaceRule::Action::listen && rule.match != Match::wildcard;
  });
  bool served = !names_wanted || address.is_loopback;
  for (const config::InterfaceRule& rule : rules)
    if (matches(address, rule)) served = rule.action == config::InterfaceRule::Action::listen;
  return served;
}

std::vector<Address> listening_addresses(std::span<const net::LocalAddress> addresses,
                                         std::span<const config::InterfaceRule> rules) {
  if (rules.empty()) return {Address(), Address::v6({})};
  std::vector<Address> wanted;
  for (const net::LocalAddress& local : addresses)
    if (local.is_up && is_served(local, rules)) wanted.push_back(local.address);
  return wanted;
}

std::expected<config::InterfaceRule, std::string> rule_of_option(const std::string& word) {
  config::InterfaceRule rule;
  const std::size_t slash = word.find('/');
  const auto address = Address::parse(word.substr(0, slash));
  if (!address) {
    if (word.empty() || slash != std::string::npos)
      return std::unexpected(
          fmt::format("-I {}: expected an interface's name or an address with an optional /LENGTH", word));
    rule.match = Match::name;
    rule.name = word;
    return rule;
  }
  rule.match = Match::address;
  rule.address = *address;
  const auto bits = static_cast<unsigned>(address->length() * 8);
  rule.prefix_length = bits;
  if (slash == std::string::npos) return rule;
  const std::string digits = word.substr(slash + 1);
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, rule.prefix_length);
  if (error != std::errc() || stop != end || rule.prefix_length > bits)
    return std::unexpected(fmt::format("-I {}: expected a prefix length from 0 to {}", word, bits));
  return rule;
}

}  // namespace ntp::daemon
