// SPDX-License-Identifier: BSD-2-Clause
#include "policy/access_list.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <tuple>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/random.h"

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

TEST(AccessList, PutsAMaskWithHolesWhereItsAddressPutsIt) {
  // As the reference implementation: the greater address is compared first, whichever mask has more bits.
  const AccessList list({{.address = at("10.0.0.7"), .mask = at("255.0.0.255"), .flags = Access::noserve},
                         rule("10.1.0.0", 16, Access::noquery),
                         rule("10.0.0.0", 30, Access::nopeer)});

  EXPECT_EQ(list.match({at("10.1.2.7"), kClientPort}), Access::noquery);
  EXPECT_EQ(list.match({at("10.2.2.7"), kClientPort}), Access::noserve);
  EXPECT_EQ(list.match({at("10.0.0.3"), kClientPort}), Access::nopeer);
}

TEST(AccessList, LetsAnNtpportRuleAloneKeepWhatEnclosesItForOtherPorts) {
  const AccessList list({rule("192.0.0.0", 8, Access::noquery), rule("192.0.2.0", 24, Access::ignore, true),
                         rule("192.0.2.64", 26, Access::nomodify)});

  EXPECT_EQ(list.match({at("192.0.2.1"), 123}), Access::ignore);
  EXPECT_EQ(list.match({at("192.0.2.1"), kClientPort}), Access::noquery);
  EXPECT_EQ(list.match({at("192.0.2.65"), 123}), Access::nomodify);
}

TEST(AccessList, SaysWhichRuleDecided) {
  const AccessList list({rule("0.0.0.0", 0, Access::ignore), rule("192.0.2.0", 24, Access::noserve),
                         rule("2001:db8::", 32, Access::noquery)});

  for (const char* address : {"192.0.2.1", "198.51.100.1", "2001:db8::1"}) {
    const Endpoint remote{at(address), kClientPort};
    const auto number = list.match_rule(remote);

    ASSERT_TRUE(number) << address;
    EXPECT_EQ(list.rules()[*number].flags, list.match(remote)) << address;
  }
  EXPECT_FALSE(list.match_rule({at("2001:db9::1"), kClientPort}));
}

// CVE-2015-1821: chrony's table took four bits at a time and erred for subnets of other lengths.
TEST(AccessList, Cve2015_1821EveryPrefixLengthHoldsTheBitsItSaysAndNoMore) {
  const auto flip = [](const Address& address, unsigned bit) {
    std::array<std::uint8_t, 16> octets = address.octets();
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] ^ (0x80U >> (bit % 8)));
    return address.is_v4() ? Address::v4((std::uint32_t{octets[0]} << 24U) | (std::uint32_t{octets[1]} << 16U) |
                                         (std::uint32_t{octets[2]} << 8U) | octets[3])
                           : Address::v6(octets);
  };
  for (const Address& host : {at("203.0.113.171"), at("2001:db8:5a5a:a5a5:c3c3:3c3c:9669:6996")}) {
    const auto bits = static_cast<unsigned>(host.length() * 8);
    for (unsigned length = 1; length <= bits; ++length) {
      const AccessList list({rule(host.text().c_str(), length, Access::ignore)});

      ASSERT_EQ(list.match({host, kClientPort}), Access::ignore) << host.text() << '/' << length;
      for (unsigned bit = 0; bit < bits; ++bit)
        ASSERT_EQ(list.match({flip(host, bit), kClientPort}), bit < length ? Access::none : Access::ignore)
            << host.text() << '/' << length << " with bit " << bit << " turned over";
    }
  }
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

std::array<std::uint8_t, 16> cut(const AccessRule& r) {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<std::uint8_t>(r.address.octets()[i] & r.mask.octets()[i]);
  return octets;
}

Access oracle(const std::vector<AccessRule>& rules, const Endpoint& remote) {
  const auto rank = [](const AccessRule& r) { return std::tuple(cut(r), r.mask.octets(), r.only_from_ntp_port); };
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

// The second oracle: the reference implementation's sorted list, gone through from its first rule. It takes the merged rules, so
// that a million look-ups are done in a moment; the first oracle has judged the merging.

struct ListedRule {
  Family family{};
  std::array<std::uint64_t, 2> address{};
  std::array<std::uint64_t, 2> mask{};
  bool only_from_ntp_port = false;
  Access flags{};
};

std::array<std::uint64_t, 2> two_words(const Address& address) {
  const Bytes octets = std::as_bytes(std::span(address.octets()));
  return {load_big_endian<std::uint64_t>(octets, 0), load_big_endian<std::uint64_t>(octets, 8)};
}

std::vector<ListedRule> sorted_list(const AccessList& list) {
  std::vector<ListedRule> out;
  for (const AccessRule& r : list.rules())
    out.push_back({r.address.family(), two_words(r.address), two_words(r.mask), r.only_from_ntp_port, r.flags});
  std::sort(out.begin(), out.end(), [](const ListedRule& a, const ListedRule& b) {
    return std::tie(a.address, a.mask, a.only_from_ntp_port) > std::tie(b.address, b.mask, b.only_from_ntp_port);
  });
  return out;
}

Access first_match(const std::vector<ListedRule>& list, const Endpoint& remote) {
  const auto address = two_words(remote.address);
  for (const ListedRule& r : list) {
    if (r.family != remote.address.family() || (r.only_from_ntp_port && remote.port != 123)) continue;
    if ((address[0] & r.mask[0]) == r.address[0] && (address[1] & r.mask[1]) == r.address[1]) return r.flags;
  }
  return Access::none;
}

/// Rules and addresses that lie close together: each begins like one that was drawn before and goes its own way from some bit on.
class RandomRules {
 public:
  explicit RandomRules(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_.next64() % limit; }

  Address address() {
    const bool is_v4 = below(2) == 0;
    std::array<std::uint8_t, 16> octets{};
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(random_.next64());
    const unsigned bits = is_v4 ? 32 : 128;
    if (!seen_[is_v4 ? 0 : 1].empty() && below(16) != 0) {
      const auto& model = seen_[is_v4 ? 0 : 1][below(seen_[is_v4 ? 0 : 1].size())];
      const auto kept = static_cast<unsigned>(below(bits + 1));
      for (unsigned bit = 0; bit < kept; ++bit) copy_bit(octets, model, bit);
    }
    if (is_v4) std::fill(octets.begin() + 4, octets.end(), std::uint8_t{0});
    if (seen_[is_v4 ? 0 : 1].size() < kMostSeen) seen_[is_v4 ? 0 : 1].push_back(octets);
    return made_of(octets, is_v4);
  }

  AccessRule rule() {
    AccessRule out{.address = address()};
    const bool is_v4 = out.address.is_v4();
    out.mask = prefix_mask(out.address.family(), static_cast<unsigned>(below(is_v4 ? 33 : 129)));
    if (below(20) == 0) {
      std::array<std::uint8_t, 16> holes = out.mask.octets();
      holes[below(is_v4 ? 4 : 16)] = static_cast<std::uint8_t>(random_.next64());
      out.mask = made_of(holes, is_v4);
    }
    out.only_from_ntp_port = below(4) == 0;
    out.flags = static_cast<Access>(below(0x8000));
    return out;
  }

 private:
  static constexpr std::size_t kMostSeen = 500;

  static void copy_bit(std::array<std::uint8_t, 16>& to, const std::array<std::uint8_t, 16>& from, unsigned bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    to[bit / 8] = static_cast<std::uint8_t>((to[bit / 8] & ~mask) | (from[bit / 8] & mask));
  }
  static Address made_of(const std::array<std::uint8_t, 16>& octets, bool is_v4) {
    if (!is_v4) return Address::v6(octets);
    return Address::v4((std::uint32_t{octets[0]} << 24U) | (std::uint32_t{octets[1]} << 16U) |
                       (std::uint32_t{octets[2]} << 8U) | octets[3]);
  }

  SeededRandom random_;
  std::array<std::vector<std::array<std::uint8_t, 16>>, 2> seen_;
};

TEST(AccessListOracle, Cve2015_1821AMillionRandomCasesAgreeWithTheSortedList) {
  constexpr int kLists = 1000;
  constexpr int kLookUps = 1000;
  constexpr auto kSizes = std::to_array<int>({1, 2, 5, 12, 40, 100, 300});
  std::uint64_t matched = 0;
  for (int number = 0; number < kLists; ++number) {
    RandomRules random(static_cast<std::uint64_t>(number));
    std::vector<AccessRule> rules;
    for (int i = 0; i < kSizes[static_cast<std::size_t>(number) % kSizes.size()]; ++i) rules.push_back(random.rule());
    const AccessList list(rules);
    const std::vector<ListedRule> reference = sorted_list(list);

    for (int i = 0; i < kLookUps; ++i) {
      const Endpoint remote{random.address(), random.below(2) == 0 ? std::uint16_t{123} : kClientPort};
      const Access expected = first_match(reference, remote);
      ASSERT_EQ(list.match(remote), expected) << "list " << number << ", " << remote.text();
      if (expected != Access::none) ++matched;
    }
  }
  EXPECT_GT(matched, kLists * kLookUps / 4) << "the cases hardly meet the rules";
}

TEST(AccessListOracle, AgreesForAHundredThousandRules) {
  RandomRules random(1);
  std::vector<AccessRule> rules;
  for (int i = 0; i < 100'000; ++i) {
    rules.push_back(random.rule());
    rules.back().mask = prefix_mask(rules.back().address.family(), rules.back().address.is_v4() ? 24 : 48);
  }
  const AccessList list(rules);
  const std::vector<ListedRule> reference = sorted_list(list);

  for (int i = 0; i < 1000; ++i) {
    const Endpoint remote{random.address(), kClientPort};
    ASSERT_EQ(list.match(remote), first_match(reference, remote)) << remote.text();
  }
}

}  // namespace
}  // namespace ntp::policy
