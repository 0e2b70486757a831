// SPDX-License-Identifier: BSD-2-Clause
#include "policy/access_list.h"

#include <algorithm>
#include <bit>
#include <span>
#include <tuple>

#include "base/assert.h"
#include "base/bytes.h"
#include "wire/header.h"

namespace ntp::policy {
namespace {

using Words = std::array<std::uint64_t, 2>;

/// An address as two words; IPv4 stands in the first half of the first one.
Words words(const Address& address) {
  const Bytes octets = std::as_bytes(std::span(address.octets()));
  return {load_big_endian<std::uint64_t>(octets, 0), load_big_endian<std::uint64_t>(octets, 8)};
}

template <class Key>
Key key_of(const Words& address);
template <>
std::uint32_t key_of(const Words& address) {
  return static_cast<std::uint32_t>(address[0] >> 32U);
}
template <>
Uint128 key_of(const Words& address) {
  return (Uint128{address[0]} << 64U) | address[1];
}

/// Whether `a` is compared before `b`; neither before the other means "the same rule but for its flags". The octets of an
/// address in their order are its bits in theirs.
bool comes_before(const AccessRule& a, const AccessRule& b) {
  if (a.address.family() != b.address.family()) return a.address.is_v4();
  const auto rank = [](const AccessRule& rule) {
    return std::tie(rule.address.octets(), rule.mask.octets(), rule.only_from_ntp_port);
  };
  return rank(a) > rank(b);
}

/// The number of leading ones if nothing but zeros follows them.
std::optional<unsigned> prefix_length(const Words& mask) {
  const unsigned ones = static_cast<unsigned>(std::popcount(mask[0]) + std::popcount(mask[1]));
  const unsigned leading = mask[0] == ~std::uint64_t{0} ? 64U + static_cast<unsigned>(std::countl_one(mask[1]))
                                                        : static_cast<unsigned>(std::countl_one(mask[0]));
  return ones == leading ? std::optional(leading) : std::nullopt;
}

}  // namespace

AccessList::AccessList(std::vector<AccessRule> rules) {
  for (AccessRule& rule : rules) {
    NTP_ASSERT(rule.address.family() == rule.mask.family());
    rule.address = cut_to_mask(rule.address, rule.mask);
  }
  std::stable_sort(rules.begin(), rules.end(), comes_before);
  for (const AccessRule& rule : rules) {
    if (!rules_.empty() && !comes_before(rules_.back(), rule)) {
      rules_.back().flags = rules_.back().flags | rule.flags;
    } else {
      rules_.push_back(rule);
    }
  }
  NTP_ASSERT(rules_.size() < PrefixTree<std::uint32_t>::kNothing);
  flags_.reserve(rules_.size());
  for (const AccessRule& rule : rules_) flags_.push_back(rule.flags);
  build(v4_, Family::ipv4);
  build(v6_, Family::ipv6);
}

template <class Key>
void AccessList::build(Table<Key>& table, Family family) const {
  using Prefix = typename PrefixTree<Key>::Prefix;
  std::vector<Prefix> prefixes;
  std::vector<std::size_t> around;  // the prefixes that the next one may lie in, the longest last
  // Backwards: an enclosing prefix before those inside, and ntpport after the rule for any port.
  for (std::size_t i = rules_.size(); i-- > 0;) {
    const AccessRule& rule = rules_[i];
    if (rule.address.family() != family) continue;
    const Words mask = words(rule.mask);
    const auto number = static_cast<std::uint32_t>(i);
    const auto length = prefix_length(mask);
    if (!length) {
      table.holed.push_back({.address = words(rule.address),
                             .mask = mask,
                             .rule = number,
                             .only_from_ntp_port = rule.only_from_ntp_port});
      continue;
    }
    const Key key = key_of<Key>(words(rule.address));
    if (prefixes.empty() || prefixes.back().key != key || prefixes.back().length != *length) {
      const auto encloses = [&](const Prefix& outer) {
        return outer.length == 0 || ((outer.key ^ key) >> (PrefixTree<Key>::kBits - outer.length)) == 0;
      };
      while (!around.empty() && !encloses(prefixes[around.back()])) around.pop_back();
      table.decisions.push_back(around.empty() ? Decision{} : table.decisions[around.back()]);
      around.push_back(prefixes.size());
      prefixes.push_back({.key = key, .length = *length, .value = static_cast<std::uint32_t>(prefixes.size())});
    }
    Decision& decision = table.decisions.back();
    decision.from_ntp_port = number;
    if (!rule.only_from_ntp_port) decision.from_any_port = number;
  }
  std::reverse(table.holed.begin(), table.holed.end());
  table.tree = PrefixTree<Key>(prefixes);
}

// Four arguments; what a packet brings is three of them, and the key is one of these in another form.
template <class Key>
std::uint32_t AccessList::find(const Table<Key>& table, Key key, const Words& address, std::uint16_t port) {
  std::uint32_t best = kNone;
  if (const std::uint32_t found = table.tree.find(key); found != PrefixTree<Key>::kNothing) {
    const Decision& decision = table.decisions[found];
    best = port == wire::kPort ? decision.from_ntp_port : decision.from_any_port;
  }
  for (const Holed& rule : table.holed) {
    if (rule.rule > best) break;
    if (rule.only_from_ntp_port && port != wire::kPort) continue;
    if ((address[0] & rule.mask[0]) == rule.address[0] && (address[1] & rule.mask[1]) == rule.address[1])
      return rule.rule;
  }
  return best;
}

std::optional<std::size_t> AccessList::match_rule(const Endpoint& remote) const {
  const Words address = words(remote.address);
  const std::uint32_t rule = remote.address.is_v4() ? find(v4_, key_of<std::uint32_t>(address), address, remote.port)
                                                    : find(v6_, key_of<Uint128>(address), address, remote.port);
  return rule == kNone ? std::nullopt : std::optional<std::size_t>(rule);
}

bool is_for_one_host(const AccessRule& rule) {
  return !rule.is_of_source && prefix_length(words(rule.mask)) == (rule.mask.is_v4() ? 32U : 128U);
}

Address cut_to_mask(const Address& address, const Address& mask) {
  if (address.is_v4()) return Address::v4(address.v4_host_order() & mask.v4_host_order());
  std::array<std::uint8_t, 16> octets = address.octets();
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(octets[i] & mask.octets()[i]);
  return Address::v6(octets);
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
