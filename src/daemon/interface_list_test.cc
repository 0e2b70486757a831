// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/interface_list.h"

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

Address at(const char* text) { return Address::parse(text).value(); }
MonoTime mono(double seconds) { return MonoTime::from_nanoseconds(static_cast<std::int64_t>(seconds * 1e9)); }

/// The host whose ifstats stands in tests/data/classic/ntpq-all-commands.txt.
std::vector<net::LocalAddress> host() {
  net::LocalAddress lo4{.interface_name = "lo",
                        .interface_index = 1,
                        .address = at("127.0.0.1"),
                        .prefix_length = 8,
                        .is_up = true,
                        .is_loopback = true};
  net::LocalAddress lo6 = lo4;
  lo6.address = at("::1");
  lo6.prefix_length = 128;
  net::LocalAddress eth4{.interface_name = "eth0",
                         .interface_index = 2,
                         .address = at("10.77.0.5"),
                         .prefix_length = 24,
                         .broadcast = at("10.77.0.255"),
                         .is_up = true,
                         .has_multicast = true};
  net::LocalAddress eth6 = eth4;
  eth6.address = at("fd77::5");
  eth6.prefix_length = 64;
  eth6.broadcast.reset();
  net::LocalAddress link = eth6;
  link.address = at("fe80::e484:7ff:fe70:3658%2");
  return {lo4, lo6, eth4, eth6, link};
}

TEST(InterfaceList, IsTheReferencesOnAHostWithBothFamilies) {
  InterfaceList list(mono(100));
  const auto addresses = host();
  const auto views =
      list.look({.addresses = addresses, .rules = {}, .traffic = {}, .sources = {}, .port = 123}, mono(814));

  struct Row {
    const char* name;
    bool is_enabled;
    std::uint32_t flags;
    const char* address;
  };
  const std::array<Row, 7> kReference = {{{"v6wildcard", false, 0x81, "::"},
                                          {"v4wildcard", false, 0x89, "0.0.0.0"},
                                          {"lo", true, 0x5, "127.0.0.1"},
                                          {"eth0", true, 0x419, "10.77.0.5"},
                                          {"lo", true, 0x5, "::1"},
                                          {"eth0", true, 0x11, "fd77::5"},
                                          {"eth0", true, 0x811, "fe80::e484:7ff:fe70:3658%2"}}};
  ASSERT_EQ(views.size(), kReference.size());
  // The reference goes through the interfaces of one family after the other.
  std::vector<state::InterfaceView> sorted(views.begin(), views.end());
  for (std::size_t i = 0; i < kReference.size(); ++i) {
    EXPECT_EQ(sorted[i].number, i);
    EXPECT_EQ(sorted[i].name, kReference[i].name) << i;
    EXPECT_EQ(sorted[i].is_enabled, kReference[i].is_enabled) << i;
    EXPECT_EQ(sorted[i].flags, kReference[i].flags) << i;
    EXPECT_EQ(sorted[i].address, (Endpoint{at(kReference[i].address), 123})) << i;
  }
  EXPECT_EQ(sorted[3].broadcast, at("10.77.0.255"));
  EXPECT_EQ(sorted[3].mask, at("255.255.255.0"));
  EXPECT_EQ(sorted[2].broadcast, at("0.0.0.0"));
  EXPECT_DOUBLE_EQ(sorted[0].since_open_s, 714);
  EXPECT_DOUBLE_EQ(sorted[6].since_open_s, 714);
}

TEST(InterfaceList, NumbersStayWhileAddressesStay) {
  InterfaceList list(mono(0));
  auto addresses = host();
  list.look({.addresses = addresses, .rules = {}, .traffic = {}, .sources = {}, .port = 123}, mono(1));
  addresses.erase(addresses.begin() + 2);
  net::LocalAddress added = addresses[0];
  added.address = at("127.0.0.2");
  addresses.insert(addresses.begin(), added);

  const auto views =
      list.look({.addresses = addresses, .rules = {}, .traffic = {}, .sources = {}, .port = 123}, mono(5));

  std::vector<std::uint32_t> numbers;
  for (const state::InterfaceView& view : views) numbers.push_back(view.number);
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{0, 1, 2, 4, 5, 6, 7}));
  EXPECT_EQ(views.back().address.address, at("127.0.0.2"));
  EXPECT_DOUBLE_EQ(views.back().since_open_s, 0);
  EXPECT_GT(views[2].since_open_s, 3);
}

TEST(InterfaceList, TrafficSourcesAndRulesBelongToTheirAddress) {
  InterfaceList list(mono(0));
  const auto addresses = host();
  const std::vector<AddressTraffic> traffic = {
      {.local = at("10.77.0.5"), .received = 400, .sent = 486, .send_failed = 1},
      {.local = at("10.77.0.99"), .received = 9}};
  std::vector<state::SourceView> sources(3);
  sources[0].local = {at("10.77.0.5"), 40000};
  sources[1].local = {at("10.77.0.5"), 40001};
  config::InterfaceRule rule;
  rule.match = config::InterfaceRule::Match::ipv6;
  rule.action = config::InterfaceRule::Action::ignore;
  const std::vector<config::InterfaceRule> rules = {rule};

  const auto views =
      list.look({.addresses = addresses, .rules = rules, .traffic = traffic, .sources = sources, .port = 123}, mono(5));

  EXPECT_EQ(views[3].received, 400U);
  EXPECT_EQ(views[3].sent, 486U);
  EXPECT_EQ(views[3].send_failed, 1U);
  EXPECT_EQ(views[3].peer_count, 2U);
  EXPECT_TRUE(views[3].is_enabled);
  EXPECT_FALSE(views[5].is_enabled) << "an interface line ignores IPv6";
  EXPECT_EQ(views[5].received, 0U);
}

}  // namespace
}  // namespace ntp::daemon
