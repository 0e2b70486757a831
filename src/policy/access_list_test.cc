// SPDX-License-Identifier: BSD-2-Clause
#include "policy/access_list.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <tuple>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::policy {
namespace {

Address at(const char* text) { return Address::parse(text).value(); }

AccessRule rule(const char* address, unsigned prefix, Access flags, bool ntpport = false) {
  const Address parsed = at(address);
  return {
      .address = parsed, .mask = prefix_mask(parsed.family(), prefix), .only_from_ntp_port = ntpport, .flags = flags};
}

constexpr std::uint16_t kClientPort = 40000;

TEST(AccessList, WithoutRulesAllowsEverything) {
  EXPECT_EQ(AccessList().match({at("192.0.2.1"), kClientPort}), Access::none);
}

TEST(AccessList, TakesTheLongestPrefixAloneInWhateverOrderRulesCome) {
  std::vector<AccessRule> rules = {rule("0.0.0.0", 0, Access::ignore), rule("192.0.2.0", 24, Access::noserve),
                                   rule("192.0.2.1", 32, Access::none)};
  std::sort(rules.begin(), rules.end(), [](const auto& a, const auto& b) { return a.address < b.address; });

  do {
    const AccessList list(rules);

    EXPECT_EQ(list.match({at("192.0.2.1"), kClientPort}), Access::none);
    EXPECT_EQ(list.match({at("192.0.2.2"), kClientPort}), Access::noserve);
    EXPECT_EQ(list.match({at("192.0.3.1"), kClientPort}), Access::ignore);
  } while (std::next_permutation(rules.begin(), rules.end(),
                                 [](const auto& a, const auto& b) { return a.address < b.address; }));
}

TEST(AccessList, ComparesNtpportRulesFirstAndForPort123Alone) {
  const AccessList list({rule("192.0.2.1", 32, Access::noquery), rule("192.0.2.1", 32, Access::ignore, true)});

  EXPECT_EQ(list.match({at("192.0.2.1"), 123}), Access::ignore);
  EXPECT_EQ(list.match({at("192.0.2.1"), 124}), Access::noquery);
}

TEST(AccessList, PrefersALongerPrefixToAnNtpportRule) {
  const AccessList list({rule("192.0.2.0", 24, Access::ignore, true), rule("192.0.2.1", 32, Access::noquery)});

  EXPECT_EQ(list.match({at("192.0.2.1"), 123}), Access::noquery);
}

TEST(AccessList, AddsUpTheFlagsOfEqualRules) {
  // The second address differs only in bits that the mask leaves out.
  const AccessList list({rule("192.0.2.0", 24, Access::noquery), rule("192.0.2.77", 24, Access::nopeer)});

  EXPECT_EQ(list.match({at("192.0.2.9"), kClientPort}), Access::noquery | Access::nopeer);
  ASSERT_EQ(list.rules().size(), 1U);
  EXPECT_EQ(list.rules()[0].address, at("192.0.2.0"));
}

TEST(AccessList, WorksWithMasksThatHaveHoles) {
  const AccessList list({{.address = at("10.0.0.7"), .mask = at("255.0.0.255"), .flags = Access::noserve}});

  EXPECT_EQ(list.match({at("10.1.2.7"), kClientPort}), Access::noserve);
  EXPECT_EQ(list.match({at("10.1.2.8"), kClientPort}), Access::none);
}

TEST(AccessList, KeepsTheFamiliesApart) {
  const AccessList list({rule("0.0.0.0", 0, Access::noserve), rule("192.0.2.1", 32, Access::ignore)});

  EXPECT_EQ(list.match({at("::"), kClientPort}), Access::none);
  EXPECT_EQ(list.match({at("::ffff:192.0.2.1"), kClientPort}), Access::none) << "an IPv4-mapped address is IPv6";
  EXPECT_EQ(AccessList({rule("::", 0, Access::ignore)}).match({at("0.0.0.0"), kClientPort}), Access::none);
}

TEST(AccessList, IgnoresTheScopeOfAnAddress) {
  const AccessList list({rule("fe80::1", 128, Access::ignore)});

  EXPECT_EQ(list.match({at("fe80::1%4"), kClientPort}), Access::ignore);
}

TEST(PrefixMask, HasThatManyLeadingOnes) {
  EXPECT_EQ(prefix_mask(Family::ipv4, 0), at("0.0.0.0"));
  EXPECT_EQ(prefix_mask(Family::ipv4, 9), at("255.128.0.0"));
  EXPECT_EQ(prefix_mask(Family::ipv4, 32), at("255.255.255.255"));
  EXPECT_EQ(prefix_mask(Family::ipv6, 0), at("::"));
  EXPECT_EQ(prefix_mask(Family::ipv6, 65), at("ffff:ffff:ffff:ffff:8000::"));
  EXPECT_EQ(prefix_mask(Family::ipv6, 128), at("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

// The naive oracle: bit by bit, all rules, no order.

bool bit_of(const Address& address, std::size_t bit) { return ((address.octets()[bit / 8] >> (7 - bit % 8)) & 1) != 0; }

bool oracle_matches(const AccessRule& r, const Endpoint& remote) {
  if (r.address.family() != remote.address.family()) return false;
  if (r.only_from_ntp_port && remote.port != 123) return false;
  for (std::size_t bit = 0; bit < r.address.length() * 8; ++bit)
    if (bit_of(r.mask, bit) && bit_of(r.address, bit) != bit_of(remote.address, bit)) return false;
  return true;
}

Access oracle(const std::vector<AccessRule>& rules, const Endpoint& remote) {
  const auto rank = [](const AccessRule& r) {
    int ones = 0;
    for (const std::uint8_t octet : r.mask.octets()) ones += std::popcount(octet);
    return std::tuple(ones, r.only_from_ntp_port, r.mask.octets());
  };
  std::optional<decltype(rank(rules[0]))> best;
  Access flags = Access::none;
  for (const AccessRule& r : rules) {
    if (!oracle_matches(r, remote)) continue;
    if (best && rank(r) < *best) continue;
    if (!best || rank(r) > *best) flags = Access::none;
    best = rank(r);
    flags = flags | r.flags;
  }
  return flags;
}

/// Addresses from a small set of bits, so that rules overlap and match.
rc::Gen<Address> small_address() {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0U, 8U), rc::gen::inRange(0U, 8U), rc::gen::arbitrary<bool>()),
                      [](const std::tuple<unsigned, unsigned, bool>& drawn) {
                        const auto [high, low, is_v4] = drawn;
                        if (is_v4) return Address::v4((high << 29U) | low);
                        std::array<std::uint8_t, 16> octets{};
                        octets[0] = static_cast<std::uint8_t>(high << 5U);
                        octets[15] = static_cast<std::uint8_t>(low);
                        return Address::v6(octets);
                      });
}

rc::Gen<AccessRule> small_rule() {
  return rc::gen::map(rc::gen::tuple(small_address(), rc::gen::inRange(0U, 129U), small_address(),
                                     rc::gen::arbitrary<bool>(), rc::gen::arbitrary<bool>(), rc::gen::inRange(0U, 15U)),
                      [](const auto& drawn) {
                        const auto& [address, length, holes, has_holes, ntpport, bit] = drawn;
                        const unsigned most = address.is_v4() ? 32U : 128U;
                        const bool fits = has_holes && holes.family() == address.family();
                        return AccessRule{.address = address,
                                          .mask = fits ? holes : prefix_mask(address.family(), length % (most + 1)),
                                          .only_from_ntp_port = ntpport,
                                          .flags = static_cast<Access>(1U << bit)};
                      });
}

RC_GTEST_PROP(AccessListOracle, AgreesForAnyRulesAndAddress, ()) {
  const auto rules = *rc::gen::container<std::vector<AccessRule>>(small_rule());
  const Endpoint remote{*small_address(), *rc::gen::element<std::uint16_t>(123, 40000)};

  RC_ASSERT(AccessList(rules).match(remote) == oracle(rules, remote));
}

}  // namespace
}  // namespace ntp::policy
