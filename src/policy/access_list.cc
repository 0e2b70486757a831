// SPDX-License-Identifier: BSD-2-Clause
#include "policy/access_list.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>
#include <tuple>

#include "base/assert.h"
#include "base/bytes.h"
#include "wire/header.h"

namespace ntp::policy {
namespace {

using Words = std::array<std::uint64_t, 2>;

Words words(const Address& address) {
  const Bytes octets = std::as_bytes(std::span(address.octets()));
  return {load_big_endian<std::uint64_t>(octets, 0), load_big_endian<std::uint64_t>(octets, 8)};
}

Address cut_to_mask(const Address& address, const Address& mask) {
  if (address.is_v4()) return Address::v4(address.v4_host_order() & mask.v4_host_order());
  std::array<std::uint8_t, 16> octets = address.octets();
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(octets[i] & mask.octets()[i]);
  return Address::v6(octets);
}

/// The order of rules; equal means "the same rule but for its flags".
auto specificity(const AccessRule& rule) {
  const Words mask = words(rule.mask);
  const int ones = std::popcount(mask[0]) + std::popcount(mask[1]);
  return std::tuple(ones, rule.only_from_ntp_port, mask, words(rule.address), rule.address.family());
}

}  // namespace

AccessList::AccessList(std::vector<AccessRule> rules) {
  for (AccessRule& rule : rules) {
    NTP_ASSERT(rule.address.family() == rule.mask.family());
    rule.address = cut_to_mask(rule.address, rule.mask);
  }
  std::sort(rules.begin(), rules.end(),
            [](const AccessRule& a, const AccessRule& b) { return specificity(a) > specificity(b); });
  for (const AccessRule& rule : rules) {
    if (!rules_.empty() && specificity(rules_.back()) == specificity(rule)) {
      rules_.back().flags = rules_.back().flags | rule.flags;
    } else {
      rules_.push_back(rule);
    }
  }
  patterns_.reserve(rules_.size());
  for (const AccessRule& rule : rules_) {
    patterns_.push_back({
        .address = words(rule.address),
        .mask = words(rule.mask),
        .family = rule.address.family(),
        .only_from_ntp_port = rule.only_from_ntp_port,
        .flags = rule.flags,
    });
  }
}

Access AccessList::match(const Endpoint& remote) const {
  const Words address = words(remote.address);
  for (const Pattern& pattern : patterns_) {
    if (pattern.family != remote.address.family()) continue;
    if (pattern.only_from_ntp_port && remote.port != wire::kPort) continue;
    if ((address[0] & pattern.mask[0]) == pattern.address[0] && (address[1] & pattern.mask[1]) == pattern.address[1])
      return pattern.flags;
  }
  return Access::none;
}

Address prefix_mask(Family family, unsigned length) {
  NTP_ASSERT(length <= (family == Family::ipv4 ? 32U : 128U));
  if (family == Family::ipv4) return Address::v4(length == 0 ? 0 : 0xffffffffU << (32U - length));
  std::array<std::uint8_t, 16> octets{};
  for (unsigned bit = 0; bit < length; ++bit)
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] | (0x80U >> (bit % 8)));
  return Address::v6(octets);
}

}  // namespace ntp::policy
