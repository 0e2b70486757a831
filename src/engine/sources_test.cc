// SPDX-License-Identifier: BSD-2-Clause
#include "engine/sources.h"

#include <vector>

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::address;
using test::all_of;
using test::count_of;
using test::logs_with;
using test::now;

SourceSettings named(const std::string& name, SourceSettings::Kind kind = SourceSettings::Kind::server) {
  SourceSettings source;
  source.kind = kind;
  source.name = name;
  return source;
}

Settings with(std::vector<SourceSettings> sources) {
  Settings settings;
  settings.sources = std::move(sources);
  return settings;
}

std::vector<Address> addresses(std::uint32_t from, std::uint32_t count) {
  std::vector<Address> made;
  for (std::uint32_t i = 0; i < count; ++i) made.push_back(address(from + i));
  return made;
}

/// Answers the newest look-up.
void answer(Sources& sources, double at_s, Effects& out, std::vector<Address> found) {
  const Token token = all_of<Resolve>(out).back().token;
  out.clear();
  const std::string error = found.empty() ? "no name server" : "";
  sources.name_resolved(now(at_s), {token, std::move(found), error}, out);
}

TEST(Sources, MobiliseWhatHasAnAddressAndAskForTheRest) {
  Sources sources(with({test::server(1), named("ntp.example")}));
  Effects out;

  sources.start(now(0), out);

  ASSERT_EQ(sources.associations().size(), 1U);
  ASSERT_EQ(count_of<OpenEndpoint>(out), 1U);
  EXPECT_EQ(all_of<OpenEndpoint>(out)[0].remote, (Endpoint{address(1), 123}));
  ASSERT_EQ(count_of<Resolve>(out), 1U);
  EXPECT_EQ(all_of<Resolve>(out)[0].name, "ntp.example");
  EXPECT_EQ(sources.unresolved_name(), "ntp.example");
}

TEST(Sources, NameTheAddressesOfAllHosts) {
  SourceSettings clock;
  clock.kind = SourceSettings::Kind::local_clock;
  clock.address = *Address::parse("127.127.1.0");
  Sources sources(with({test::server(1), clock, named("ntp.example")}));
  Effects out;
  sources.start(now(0), out);
  EXPECT_EQ(sources.addresses(), addresses(1, 1));

  answer(sources, 1, out, addresses(7, 1));

  EXPECT_EQ(sources.addresses(), (std::vector<Address>{address(1), address(7)}));
}

TEST(SourcesLookUp, BacksOffFrom2To1024SecondsAndLogsOnce) {
  Sources sources(with({named("ntp.example")}));
  Effects out;
  sources.start(now(0), out);
  double t_s = 0;
  std::size_t logs = 0;

  for (const double wait_s : {2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024}) {
    answer(sources, t_s, out, {});
    logs += count_of<Log>(out);
    EXPECT_EQ(sources.deadline() - now(t_s).mono, wait_s);
    t_s += wait_s;
    sources.tick(now(t_s), out);
    ASSERT_EQ(count_of<Resolve>(out), 1U);
  }

  EXPECT_EQ(logs, 1U);
}

TEST(SourcesLookUp, IsTriedAtOnceWhenTheNetworkChanges) {
  Sources sources(with({named("ntp.example")}));
  Effects out;
  sources.start(now(0), out);
  for (int i = 0; i < 8; ++i) {
    answer(sources, i * 1000, out, {});
    sources.tick(now(i * 1000 + 999), out);
  }
  answer(sources, 9000, out, {});
  ASSERT_GT(sources.deadline() - now(9000).mono, 500);

  sources.network_changed(now(9001), out);

  EXPECT_EQ(sources.deadline(), now(9001).mono);
  sources.tick(now(9001), out);
  answer(sources, 9001, out, {});
  EXPECT_EQ(sources.deadline() - now(9001).mono, 2) << "and the back-off begins anew";
}

TEST(SourcesLookUp, IgnoresAnAnswerThatNobodyAskedFor) {
  Sources sources(with({named("ntp.example")}));
  Effects out;
  sources.start(now(0), out);

  sources.name_resolved(now(1), {.token = 999, .addresses = addresses(1, 1)}, out);
  sources.name_resolved(now(1), {.token = 0, .addresses = addresses(1, 1)}, out);

  EXPECT_TRUE(sources.associations().empty());
}

TEST(SourcesPool, FillsUpToFourALine) {
  Sources sources(with({named("pool.example", SourceSettings::Kind::pool)}));
  Effects out;
  sources.start(now(0), out);

  answer(sources, 0, out, addresses(1, 9));

  EXPECT_EQ(sources.associations().size(), 4U);
  EXPECT_EQ(count_of<OpenEndpoint>(out), 4U);
}

TEST(SourcesPool, FillsUpToMaxclockInAll) {
  std::vector<SourceSettings> lines;
  for (const char* name : {"0.pool", "1.pool", "2.pool", "3.pool"})
    lines.push_back(named(name, SourceSettings::Kind::pool));
  Sources sources(with(lines));
  Effects out;
  sources.start(now(0), out);
  const auto look_ups = all_of<Resolve>(out);

  for (std::uint32_t i = 0; i < 4; ++i)
    sources.name_resolved(now(0), {.token = look_ups[i].token, .addresses = addresses(10 * i, 6)}, out);

  EXPECT_EQ(sources.associations().size(), 10U);
}

TEST(SourcesPool, NeverTakesAnAddressTwice) {
  Sources sources(with({test::server(1), named("0.pool", SourceSettings::Kind::pool)}));
  Effects out;
  sources.start(now(0), out);

  answer(sources, 0, out, {address(1), address(2), address(2), address(3)});

  EXPECT_EQ(sources.associations().size(), 3U);
}

TEST(SourcesPool, ReplacesTheDead) {
  Sources sources(with({named("0.pool", SourceSettings::Kind::pool)}));
  Effects out;
  sources.start(now(0), out);
  answer(sources, 0, out, addresses(1, 4));
  Association& dead = *sources.associations()[1];
  const EndpointId endpoint = dead.endpoint;
  sources.associations()[0]->poll.received();
  out.clear();

  sources.replace_unreachable(now(600), dead, out);

  EXPECT_EQ(sources.associations().size(), 3U);
  ASSERT_EQ(count_of<CloseEndpoint>(out), 1U);
  EXPECT_EQ(all_of<CloseEndpoint>(out)[0].endpoint, endpoint);
  sources.tick(now(664), out);
  answer(sources, 664, out, addresses(20, 4));
  EXPECT_EQ(sources.associations().size(), 4U);
  EXPECT_TRUE(sources.knows({address(20), 123}));
}

TEST(SourcesPool, KeepsItsServersWhileNobodyAnswers) {
  Sources sources(with({named("0.pool", SourceSettings::Kind::pool)}));
  Effects out;
  sources.start(now(0), out);
  answer(sources, 0, out, addresses(1, 4));

  sources.replace_unreachable(now(600), *sources.associations()[1], out);

  EXPECT_EQ(sources.associations().size(), 4U) << "it is the network that is gone, not the server";
}

TEST(SourcesPool, OfDeadAddressesIsLookedUpAgainAndMoves) {
  Sources sources(with({named("0.pool", SourceSettings::Kind::pool)}));
  Effects out;
  sources.start(now(0), out);
  answer(sources, 0, out, addresses(1, 1));
  Association& dead = *sources.associations()[0];
  SeededRandom random{1};
  dead.poll.sent(now(0).mono, 6, false, random);
  dead.poll.sent(now(64).mono, 6, false, random);
  out.clear();

  sources.replace_unreachable(now(128), dead, out);
  sources.tick(now(192), out);
  ASSERT_EQ(count_of<Resolve>(out), 1U) << "its name may have other addresses by now";
  answer(sources, 192, out, addresses(20, 2));

  EXPECT_FALSE(sources.knows({address(1), 123}));
  EXPECT_TRUE(sources.knows({address(20), 123}));
  EXPECT_TRUE(sources.knows({address(21), 123}));
}

TEST(SourcesServer, OfTwoNamesForOneServerOnlyOneIsFollowed) {
  Sources sources(with({named("a.example"), named("b.example")}));
  Effects out;
  sources.start(now(0), out);
  const auto look_ups = all_of<Resolve>(out);

  for (const Resolve& look_up : look_ups)
    sources.name_resolved(now(0), {.token = look_up.token, .addresses = {address(1)}}, out);

  EXPECT_EQ(sources.associations().size(), 1U) << "one server must not vote twice";
}

TEST(SourcesServer, RotatesThroughItsAddresses) {
  Sources sources(with({named("ntp.example")}));
  Effects out;
  sources.start(now(0), out);
  answer(sources, 0, out, addresses(1, 3));
  Association& a = *sources.associations()[0];
  const EndpointId first = a.endpoint;
  EXPECT_EQ(a.remote.address, address(1));

  sources.replace_unreachable(now(600), a, out);

  EXPECT_EQ(a.remote.address, address(2));
  EXPECT_NE(a.endpoint, first);
  EXPECT_EQ(a.poll.due(), now(600).mono);
  sources.replace_unreachable(now(1200), a, out);
  EXPECT_EQ(a.remote.address, address(3));
}

TEST(SourcesServer, MovesToWhereItsNameMovedTo) {
  Sources sources(with({named("ntp.example")}));
  Effects out;
  sources.start(now(0), out);
  answer(sources, 0, out, addresses(1, 1));
  Association& a = *sources.associations()[0];

  sources.replace_unreachable(now(600), a, out);
  sources.tick(now(602), out);
  answer(sources, 602, out, addresses(50, 1));

  EXPECT_EQ(a.remote.address, address(50));
  EXPECT_EQ(sources.associations().size(), 1U);
}

TEST(SourcesServer, StaysWhereItIsIfItAnswersAgain) {
  Sources sources(with({named("ntp.example")}));
  Effects out;
  sources.start(now(0), out);
  answer(sources, 0, out, addresses(1, 1));
  Association& a = *sources.associations()[0];
  sources.replace_unreachable(now(600), a, out);
  sources.tick(now(602), out);

  a.poll.received();
  answer(sources, 602, out, addresses(50, 1));

  EXPECT_EQ(a.remote.address, address(1));
}

TEST(SourcesNetwork, OpensEverySocketAnewAndAsksTheSilentAtOnce) {
  Sources sources(with({test::server(1), test::server(2)}));
  Effects out;
  sources.start(now(0), out);
  SeededRandom random(1);
  for (const auto& a : sources.associations()) a->poll.sent(now(10).mono, 6, true, random);
  sources.associations()[0]->poll.received();
  const MonoTime kept = sources.associations()[0]->poll.due();
  out.clear();

  sources.network_changed(now(20), out);

  EXPECT_EQ(count_of<CloseEndpoint>(out), 2U);
  EXPECT_EQ(count_of<OpenEndpoint>(out), 2U);
  EXPECT_EQ(sources.associations()[0]->poll.due(), kept) << "one that answers keeps its pace";
  EXPECT_EQ(sources.associations()[1]->poll.due(), now(20).mono);
}

TEST(SourcesNetwork, DoesNotWakeASourceThatRefusedUs) {
  Sources sources(with({test::server(1)}));
  Effects out;
  sources.start(now(0), out);
  Association& a = *sources.associations()[0];
  a.denials_in_a_row = kDenialLimit;
  a.poll.rest(now(0).mono, kDenialRest_s);

  sources.network_changed(now(10), out);
  sources.restart_all(now(20), out);

  EXPECT_EQ(a.poll.due(), now(kDenialRest_s).mono);
}

TEST(Sources, AreFoundByTheirSocketAndRequest) {
  Sources sources(with({test::server(1), test::server(2)}));
  Effects out;
  sources.start(now(0), out);
  Association* second = sources.associations()[1].get();
  second->request.token = 77;

  EXPECT_EQ(sources.find(second->endpoint), second);
  EXPECT_EQ(sources.find(0), nullptr) << "the server's own socket is nobody's";
  EXPECT_EQ(sources.find_by_request(77), second);
  EXPECT_EQ(sources.find_by_request(0), nullptr);
  EXPECT_TRUE(sources.knows({address(2), 123}));
  EXPECT_FALSE(sources.knows({address(2), 124}));
}

}  // namespace
}  // namespace ntp::engine
