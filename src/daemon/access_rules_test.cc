// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/access_rules.h"

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

using config::Restrict;
using policy::Access;
using policy::AccessRule;
using Action = Restrict::Action;

Address at(const char* text) { return *Address::parse(text); }

Restrict line(Action action, const char* address, unsigned prefix, Access flags) {
  return {.action = action,
          .rule = {.address = at(address), .mask = policy::prefix_mask(at(address).family(), prefix), .flags = flags}};
}
Restrict restrict(const char* address, unsigned prefix, Access flags) {
  return line(Action::add, address, prefix, flags);
}
Restrict named(Action action, const char* host, Access flags, std::optional<Family> family = {}) {
  return {.action = action, .host = host, .family = family, .rule = {.flags = flags}};
}
Restrict source(Access flags) { return {.is_source = true, .rule = {.flags = flags}}; }

/// What a packet from there may do, under these lines.
class Judged {
 public:
  explicit Judged(const std::vector<Restrict>& lines, const HostAddresses& hosts = {},
                  const std::vector<Address>& sources = {})
      : list_(access_rules(lines, hosts, sources)) {}

  [[nodiscard]] Access operator()(const char* address, std::uint16_t port = 40000) const {
    return list_.match({at(address), port});
  }

 private:
  policy::AccessList list_;
};

TEST(AccessRules, WithoutLinesStrangersGetTimeAndThisHostAll) {
  const Judged access({});

  for (const char* stranger : {"192.0.2.1", "2001:db8::1", "::ffff:127.0.0.1"})
    EXPECT_EQ(access(stranger), kBuiltInDefault) << stranger;
  for (const char* own : {"127.0.0.1", "127.255.0.9", "::1"}) EXPECT_EQ(access(own), Access::none) << own;
  EXPECT_FALSE(has(kBuiltInDefault, Access::noserve) || has(kBuiltInDefault, Access::ignore));
}

TEST(AccessRules, ADefaultOfOneFamilyLeavesTheOtherTheBuiltInOne) {
  const Judged access({restrict("0.0.0.0", 0, Access::ignore)});

  EXPECT_EQ(access("192.0.2.1"), Access::ignore);
  EXPECT_EQ(access("127.0.0.1"), Access::ignore) << "who writes a default writes all of it";
  EXPECT_EQ(access("2001:db8::1"), kBuiltInDefault);
  EXPECT_EQ(access("::1"), Access::none);
}

TEST(AccessRules, ADefaultThatLeavesQueriesOpenIsSaid) {
  EXPECT_FALSE(open_notice({}));
  EXPECT_FALSE(open_notice(std::vector{restrict("0.0.0.0", 0, Access::noquery), restrict("::", 0, Access::ignore)}));
  EXPECT_FALSE(open_notice(std::vector{restrict("192.0.2.0", 24, Access::none)})) << "not everybody";
  EXPECT_TRUE(open_notice(std::vector{restrict("0.0.0.0", 0, Access::nomodify), restrict("::", 0, Access::noquery)}));
  EXPECT_TRUE(open_notice(std::vector{restrict("0.0.0.0", 0, Access::noquery), restrict("::", 0, Access::kod)}));
}

TEST(AccessRules, ALineForANetworkLeavesTheBuiltInDefaultForTheRest) {
  const Judged access({restrict("192.168.1.0", 24, Access::nomodify), restrict("127.0.0.1", 32, Access::notrust)});

  EXPECT_EQ(access("192.168.1.7"), Access::nomodify);
  EXPECT_EQ(access("192.168.2.7"), kBuiltInDefault);
  EXPECT_EQ(access("127.0.0.1"), Access::notrust);
  EXPECT_EQ(access("127.0.0.2"), Access::none);
}

TEST(AccessRules, ADefaultForPort123AloneLeavesTheBuiltInOneForOtherPorts) {
  Restrict ntpport = restrict("0.0.0.0", 0, Access::ignore);
  ntpport.rule.only_from_ntp_port = true;
  const Judged access({ntpport});

  EXPECT_EQ(access("192.0.2.1", 123), Access::ignore);
  EXPECT_EQ(access("192.0.2.1", 124), kBuiltInDefault);
}

TEST(AccessRules, ItIsSaidForWhichFamilyTheBuiltInDefaultHoldsAndWhichLineOpensIt) {
  const Restrict v4 = restrict("0.0.0.0", 0, Access::none);
  const Restrict v6 = restrict("::", 0, Access::ignore);

  EXPECT_EQ(built_in_notice({}),
            "no restrict default line: the built-in one holds, as if there were \"restrict default noquery nomodify "
            "notrap nopeer limited kod\", with everything allowed from this host; the line \"restrict default\" opens "
            "everything");
  EXPECT_EQ(built_in_notice(std::vector{v4})->find("no restrict -6 default line: "), 0U);
  EXPECT_EQ(built_in_notice(std::vector{v6})->find("no restrict -4 default line: "), 0U);
  EXPECT_EQ(built_in_notice(std::vector{v4, v6}), std::nullopt);
}

TEST(AccessRules, TheNoticeSaysWhatUnrestrictHasLeftOfTheBuiltInOne) {
  const auto eased = [](const char* any, Access flags) { return line(Action::remove_flags, any, 0, flags); };
  const auto notice = [](const std::vector<Restrict>& lines) { return built_in_notice(lines).value_or(""); };
  const Restrict v4 = eased("0.0.0.0", Access::noquery);
  const Restrict v6 = eased("::", Access::noquery);

  EXPECT_NE(notice({v4, v6}).find("\"restrict default nomodify notrap nopeer limited kod\""), std::string::npos);
  EXPECT_NE(notice({v4}).find("\"restrict -4 default nomodify notrap nopeer limited kod\" and \"restrict -6 default "
                              "noquery nomodify notrap nopeer limited kod\""),
            std::string::npos)
      << notice({v4});
  EXPECT_EQ(notice({eased("0.0.0.0", kBuiltInDefault)}).find("no restrict -6 default line: "), 0U) << "IPv4 is open";
  EXPECT_EQ(built_in_notice(std::vector{eased("0.0.0.0", kBuiltInDefault), eased("::", kBuiltInDefault)}),
            std::nullopt);
  EXPECT_EQ(notice({restrict("127.0.0.0", 8, Access::ignore)}).find("this host"), std::string::npos);
  EXPECT_EQ(notice({restrict("0.0.0.0", 0, Access::none), line(Action::remove_rule, "0.0.0.0", 0, Access::none)}),
            notice({}));
}

TEST(AccessRules, EqualLinesAddUpAndUnrestrictTakesAway) {
  const std::vector<Restrict> lines{restrict("192.0.2.0", 24, Access::noquery | Access::nopeer),
                                    restrict("192.0.2.0", 24, Access::notrap),
                                    line(Action::remove_flags, "192.0.2.0", 24, Access::nopeer),
                                    line(Action::remove_flags, "192.0.2.0", 25, Access::noquery)};

  EXPECT_EQ(Judged(lines)("192.0.2.1"), Access::noquery | Access::notrap);
}

TEST(AccessRules, TheOrderOfLinesCounts) {
  const Restrict add = restrict("192.0.2.1", 32, Access::ignore);
  const Restrict remove = line(Action::remove_rule, "192.0.2.1", 32, Access::none);

  EXPECT_EQ(Judged({add, remove})("192.0.2.1"), kBuiltInDefault);
  EXPECT_EQ(Judged({remove, add})("192.0.2.1"), Access::ignore);
  EXPECT_EQ(Judged({add, remove, restrict("192.0.2.1", 32, Access::notrap)})("192.0.2.1"), Access::notrap);
}

TEST(AccessRules, TheBuiltInDefaultCanBeEasedAndComesBackWhenItsLineGoes) {
  const auto everyone = [](Action action, Access flags) { return line(action, "0.0.0.0", 0, flags); };

  EXPECT_EQ(Judged({everyone(Action::remove_flags, Access::noquery)})("192.0.2.1"),
            Access::limited | Access::kod | Access::nomodify | Access::nopeer | Access::notrap);
  EXPECT_EQ(Judged({everyone(Action::remove_flags, Access::noquery)})("127.0.0.1"), Access::none);
  EXPECT_EQ(Judged({everyone(Action::remove_rule, Access::none)})("192.0.2.1"), kBuiltInDefault);
  const Judged again({everyone(Action::add, Access::ignore), everyone(Action::remove_rule, Access::none)});
  EXPECT_EQ(again("192.0.2.1"), kBuiltInDefault);
  EXPECT_EQ(again("127.0.0.1"), Access::none);
}

TEST(AccessRules, ANameStandsForEachOfItsAddresses) {
  const HostAddresses hosts{{{"host.example", std::nullopt}, {at("192.0.2.1"), at("2001:db8::1")}},
                            {{"host.example", Family::ipv6}, {at("2001:db8::1")}}};

  const Judged both({named(Action::add, "host.example", Access::ignore)}, hosts);
  EXPECT_EQ(both("192.0.2.1"), Access::ignore);
  EXPECT_EQ(both("2001:db8::1"), Access::ignore);
  EXPECT_EQ(both("192.0.2.2"), kBuiltInDefault);

  const Judged one({named(Action::add, "host.example", Access::ignore, Family::ipv6)}, hosts);
  EXPECT_EQ(one("192.0.2.1"), kBuiltInDefault);
  EXPECT_EQ(one("2001:db8::1"), Access::ignore);

  const Judged removed({named(Action::add, "host.example", Access::ignore),
                        named(Action::remove_rule, "host.example", Access::none, Family::ipv6)},
                       hosts);
  EXPECT_EQ(removed("192.0.2.1"), Access::ignore);
  EXPECT_EQ(removed("2001:db8::1"), kBuiltInDefault);
}

TEST(AccessRules, ANameWithoutAddressesHasNoRuleYet) {
  const Judged access({restrict("0.0.0.0", 0, Access::noquery), named(Action::add, "host.example", Access::ignore)});

  EXPECT_EQ(access("192.0.2.1"), Access::noquery);
}

TEST(AccessRules, EverySourceGetsTheRuleForSources) {
  const std::vector<Restrict> lines{restrict("0.0.0.0", 0, Access::ignore), source(Access::noquery)};
  const std::vector<Address> sources{at("192.0.2.1"), at("fe80::1%3"), at("127.127.1.0"), at("224.0.1.1")};

  const Judged access(lines, {}, sources);

  EXPECT_EQ(access("192.0.2.1"), Access::noquery);
  EXPECT_EQ(access("fe80::1"), Access::noquery);
  EXPECT_EQ(access("127.127.1.0"), Access::ignore) << "a reference clock is no host";
  EXPECT_EQ(access("224.0.1.1"), Access::ignore) << "a group is no host";
  EXPECT_EQ(access("192.0.2.2"), Access::ignore);
}

TEST(AccessRules, WithoutARuleForSourcesNothingIsAdded) {
  const std::vector<Restrict> lines{restrict("0.0.0.0", 0, Access::ignore)};

  EXPECT_EQ(access_rules(lines, {}, std::vector<Address>{at("192.0.2.1")}), access_rules(lines, {}, {}));
}

TEST(AccessRules, ALineForASourcesOwnAddressHoldsAlone) {
  const std::vector<Restrict> lines{source(Access::noquery), restrict("192.0.2.1", 32, Access::notrap),
                                    restrict("192.0.2.0", 24, Access::ignore)};

  const Judged access(lines, {}, {at("192.0.2.1"), at("192.0.2.2")});

  EXPECT_EQ(access("192.0.2.1"), Access::notrap);
  EXPECT_EQ(access("192.0.2.2"), Access::noquery);
}

TEST(AccessRules, TheLastRuleForSourcesCountsAndCanBeChanged) {
  const std::vector<Address> sources{at("192.0.2.1")};
  Restrict ease = source(Access::nomodify);
  ease.action = Action::remove_flags;
  Restrict remove = source(Access::none);
  remove.action = Action::remove_rule;
  std::vector<Restrict> lines{source(Access::ignore), source(Access::noquery | Access::nomodify), ease};

  EXPECT_EQ(Judged(lines, {}, sources)("192.0.2.1"), Access::noquery);
  EXPECT_TRUE(has_source_rule(lines));

  lines.push_back(remove);
  EXPECT_EQ(Judged(lines, {}, sources)("192.0.2.1"), kBuiltInDefault);
  EXPECT_FALSE(has_source_rule(lines));
}

TEST(AccessRules, KeepTheLastLimitOfPeers) {
  Restrict five = restrict("192.0.2.0", 24, Access::noquery);
  five.peer_limit = 5;
  Restrict none = five;
  none.peer_limit = 0;
  const auto limit_under = [](const std::vector<Restrict>& lines) {
    const policy::AccessList list(access_rules(lines, {}, {}));
    return list.rules()[*list.match_rule({at("192.0.2.1"), 40000})].peer_limit;
  };

  EXPECT_EQ(limit_under({restrict("192.0.2.0", 24, Access::noquery)}), -1);
  EXPECT_EQ(limit_under({five, none, restrict("192.0.2.0", 24, Access::nomodify)}), 0);
}

TEST(AccessRules, AHundredThousandLinesAreApplied) {
  std::vector<Restrict> lines;
  for (std::uint32_t i = 0; i < 100'000; ++i)
    lines.push_back({.rule = {.address = Address::v4(0x0a000000 + (i << 6U)),
                              .mask = policy::prefix_mask(Family::ipv4, 26),
                              .flags = i % 2 == 0 ? Access::ignore : Access::noquery}});

  const Judged access(lines);

  EXPECT_EQ(access("10.0.0.1"), Access::ignore);
  EXPECT_EQ(access("10.0.0.65"), Access::noquery);
  EXPECT_EQ(access("11.0.0.1"), kBuiltInDefault);
}

}  // namespace
}  // namespace ntp::daemon
