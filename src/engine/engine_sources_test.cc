// SPDX-License-Identifier: BSD-2-Clause
//
// The engine and sources that refuse, fall silent, lie or can't be asked.
#include <cerrno>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::address;
using test::all_of;
using test::count_of;
using test::Driver;
using test::FakeServer;
using test::logs_with;

/// Most of it is the same whatever follows the sources: each test runs with both.
using Algorithm = DisciplineSettings::Algorithm;
Algorithm algorithm = Algorithm::estimator;

class EitherWay : public testing::TestWithParam<Algorithm> {
 protected:
  void SetUp() override { algorithm = GetParam(); }
};

Settings empty_settings() {
  Settings settings;
  settings.discipline.algorithm = algorithm;
  return settings;
}

Settings lines_for(std::uint32_t count, bool has_iburst = true) {
  Settings settings = empty_settings();
  settings.drift = DriftRecord{.frequency_ppm = 0};
  for (std::uint32_t i = 1; i <= count; ++i) {
    settings.sources.push_back(test::server(i));
    settings.sources.back().has_iburst = has_iburst;
  }
  return settings;
}

wire::Header kiss(wire::Refid code, std::int8_t poll_log2s = 6) {
  wire::Header header = test::good_header();
  header.leap = wire::Leap::unsynchronized;
  header.stratum = 0;
  header.poll_log2s = poll_log2s;
  header.refid = code;
  return header;
}

struct World : Driver {
  explicit World(std::uint32_t count, bool has_iburst = true) : World(lines_for(count, has_iburst)) {}
  explicit World(Settings settings) : Driver(settings) {
    for (const SourceSettings& source : settings.sources)
      if (source.address) servers[*source.address];
  }
  FakeServer& server(std::uint32_t i) { return servers[address(i)]; }
  std::size_t sent() { return count_of<Send>(log); }
  state::SourceView source(std::size_t i = 0) { return view().sources.at(i); }
};

using EngineKiss = EitherWay;
using EngineReach = EitherWay;
using EngineSelection = EitherWay;
using EngineSocket = EitherWay;
using EngineLocalClock = EitherWay;
using EnginePool = EitherWay;
using EngineNetwork = EitherWay;

TEST_P(EngineKiss, ThreeDenialsInARowStopASourceFor24Hours) {
  World world(2, false);
  const auto sent_to_first = [&world] {
    const auto sends = all_of<Send>(world.log);
    return std::count_if(sends.begin(), sends.end(), [](const Send& s) { return s.remote.address == address(1); });
  };
  world.server(1).header = kiss(wire::kKissDeny);
  world.start();
  world.run(600);
  EXPECT_EQ(sent_to_first(), 3);
  EXPECT_EQ(logs_with(world.log, "refuses to serve us (DENY): it is not asked again for 24 h"), 1U);

  world.run(86400 - 1200);
  EXPECT_EQ(sent_to_first(), 3);

  world.server(1).header = test::good_header();
  world.run(3600);
  EXPECT_GT(sent_to_first(), 4);
  EXPECT_TRUE(world.is_synchronized());
}

TEST_P(EngineKiss, Cve2015_7704_DenialsSlowTheOnlySourceDownAndNeverStopIt) {
  for (const wire::Refid code : {wire::kKissDeny, wire::kKissRestrict}) {
    World world(2, false);
    world.server(1).header = kiss(code);
    world.server(2).is_silent = true;
    world.start();
    world.run(86400);

    EXPECT_EQ(world.source().poll_log2s, kDefaultMaxPoll);
    EXPECT_EQ(logs_with(world.log, "not asked again"), 0U);
    EXPECT_EQ(logs_with(world.log, "and no other source answers: polling every 1024 s"), 1U);
    world.server(1).header = test::good_header();
    world.run(4 * 1100.0);
    EXPECT_TRUE(world.is_synchronized());
  }
}

TEST_P(EngineKiss, DenialsCountOnlyInARow) {
  World world(1, false);
  world.start();
  for (int i = 0; i < 6; ++i) {
    const std::size_t before = world.sent();
    world.server(1).header = i % 3 == 2 ? test::good_header() : kiss(wire::kKissRestrict);
    while (world.sent() == before) world.run(1);
    world.run(1);
  }

  EXPECT_EQ(logs_with(world.log, "refuses to serve us"), 0U);
}

TEST_P(EngineKiss, RateRaisesThePollIntervalUpToMaxpoll) {
  World world(1);
  world.server(1).header = kiss(wire::kKissRate, 8);
  world.start();
  world.run(1);
  EXPECT_EQ(world.source().poll_log2s, 8);
  EXPECT_EQ(world.sent(), 1U) << "no burst goes on";

  world.server(1).header = kiss(wire::kKissRate, 127);
  world.run(600);
  EXPECT_EQ(world.source().poll_log2s, 10);
}

TEST_P(EngineKiss, OthersAreCountedAndChangeNothing) {
  World world(1, false);
  world.server(1).header = kiss(wire::Refid::ascii("STEP"));
  world.start();
  world.run(500);

  EXPECT_GE(world.sent(), 7U);
  EXPECT_EQ(world.source().poll_log2s, 6);
  EXPECT_EQ(logs_with(world.log, "refuses"), 0U);
}

TEST_P(EngineReach, ASilentServerLosesItsReachAndComesBack) {
  World world(1);
  world.start();
  world.run(700);
  ASSERT_TRUE(world.is_synchronized());
  EXPECT_EQ(world.source().reach, 0377);

  world.server(1).is_silent = true;
  world.run(1200);
  EXPECT_EQ(world.source().reach, 0);
  EXPECT_EQ(logs_with(world.log, "is unreachable"), 1U);
  EXPECT_NE(world.source().selection, state::Selection::system_peer);
  EXPECT_EQ(world.view().system.peer_association_id, 0);
  EXPECT_TRUE(world.is_synchronized()) << "the clock is as good as it was, only growing older";

  world.server(1).is_silent = false;
  world.run(2000);
  EXPECT_NE(world.source().reach, 0);
  EXPECT_EQ(world.source().selection, state::Selection::system_peer);
  EXPECT_TRUE(world.is_deadline_kept);
}

TEST_P(EngineReach, TheDispersionOfASilentServerGrows) {
  World world(1);
  world.start();
  world.run(700);
  const double gain_s = algorithm == Algorithm::classic ? 0.5 : 0.9 * 64 * 6 * 15e-6;
  const double before_s = world.source().dispersion_s;

  world.server(1).is_silent = true;
  world.run(64 * 6);

  EXPECT_GT(world.source().dispersion_s, before_s + gain_s)
      << "stages of the classic's filter are lost with each silent poll after the third; the estimator's bound ages";
}

TEST_P(EngineReach, AServerThatLostItsTimeIsNotReachable) {
  World world(1);
  world.server(1).header.leap = wire::Leap::unsynchronized;
  world.server(1).header.stratum = 16;
  world.start();
  world.run(100);

  EXPECT_EQ(world.source().reach, 0);
  EXPECT_FALSE(world.is_synchronized());
  EXPECT_NE(world.source().flash & kPacketStratum, 0U);
}

TEST_P(EngineSelection, FollowsTheTruthAmongOneLiarOfFour) {
  World world(4);
  world.server(3).offset_s = 3600;
  world.start();
  world.run(1000);

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-3);
  EXPECT_EQ(count_of<StepClock>(world.log), 0U) << "not even at first, when one answer is all there is";
  EXPECT_EQ(world.source(2).selection, state::Selection::falseticker);
}

TEST_P(EngineSelection, DoesNotLetTheFirstAnswerMoveTheClock) {
  World world(4);
  world.server(1).offset_s = 3600;
  for (std::uint32_t i = 2; i <= 4; ++i) world.server(i).delay_s = 1.0;
  world.start();
  world.run(1000);

  EXPECT_EQ(count_of<StepClock>(world.log), 0U);
  EXPECT_EQ(count_of<Terminate>(world.log), 0U);
  EXPECT_TRUE(world.is_synchronized());
}

TEST_P(EngineSelection, DecidesAfterTheStartWaitWhereHalfOfTheSourcesAreDead) {
  World world(4);
  world.server(1).is_silent = world.server(2).is_silent = true;
  world.start();
  world.run(algorithm == Algorithm::classic ? 15 : 3.8);
  EXPECT_FALSE(world.is_synchronized());
  world.run(algorithm == Algorithm::classic ? 3 : 0.4);
  EXPECT_TRUE(world.is_synchronized()) << "without waiting for the next poll, a minute later";
}

TEST_P(EngineSelection, RefusesTwoAgainstTwo) {
  World world(4);
  world.server(1).offset_s = world.server(2).offset_s = 50;
  world.start();
  world.run(1000);

  EXPECT_FALSE(world.is_synchronized());
  EXPECT_EQ(count_of<StepClock>(world.log), 0U);
  EXPECT_EQ(world.view().system.waiting_for, "the 4 sources contradict each other");
}

TEST_P(EngineSelection, HoldsASpikeAndFollowsAServerThatStepped) {
  World world(1);
  world.start();
  world.run(1000);

  world.server(1).offset_s = 2;
  world.run(200);
  EXPECT_EQ(count_of<StepClock>(world.log), 0U) << "it may be a spike";
  world.run(1000);
  EXPECT_EQ(count_of<StepClock>(world.log), 1U);
  EXPECT_NEAR(world.clock.error_s(), 2, 0.01);
}

TEST_P(EngineSocket, IsTriedAgainAtTheNextPoll) {
  World world(1, false);
  world.start();
  const EndpointId endpoint = all_of<OpenEndpoint>(world.log)[0].endpoint;
  world.deliver(EndpointChanged{.endpoint = endpoint, .os_error = ENETUNREACH});
  world.run(200);

  EXPECT_EQ(count_of<OpenEndpoint>(world.log), 2U);
  for (const Send& send : all_of<Send>(world.log)) EXPECT_NE(send.endpoint, 0U) << "never from the server's own socket";
  EXPECT_EQ(logs_with(world.log, "no socket"), 1U);
}

TEST_P(EngineSocket, HearsNobodyButTheSourceItWasOpenedFor) {
  World world(1, false);
  world.start();
  world.run(1);
  const std::uint64_t received = world.source().received;
  const std::vector<std::byte> octets(48);

  world.deliver(PacketReceived{.endpoint = 1, .remote = {address(66), 123}, .payload = octets});
  world.deliver(PacketReceived{.endpoint = 1, .remote = {address(1), 124}, .payload = octets});
  world.deliver(PacketReceived{.endpoint = 0, .remote = {address(1), 123}, .payload = octets});

  EXPECT_EQ(world.source().received, received);
}

TEST_P(EngineSocket, Cve2016_7429_AReplyThroughAnotherSocketChangesNothing) {
  World world(2, false);
  world.start();
  world.servers[address(1)].is_silent = true;
  world.run(100);
  ASSERT_TRUE(world.run_until<Send>(2000));
  while (all_of<Send>(world.log).back().remote.address != address(1)) ASSERT_TRUE(world.run_until<Send>(2000));
  const Send request = all_of<Send>(world.log).back();
  wire::Header header = test::good_header();
  header.origin = wire::decode_header(request.payload())->transmit;
  header.receive = header.transmit = world.clock.system();
  std::vector<std::byte> octets(wire::kHeaderLength);
  wire::encode_header(header, octets);
  const auto arrive_at = [&](EndpointId endpoint) {
    world.deliver(
        PacketReceived{.endpoint = endpoint, .remote = request.remote, .at = world.clock.system(), .payload = octets});
  };
  const auto source = [&] { return world.view().sources.at(0); };
  ASSERT_EQ(source().remote.address, address(1));
  const std::uint64_t received = source().received;
  const std::size_t effects = world.log.size();

  for (EndpointId endpoint = 0; endpoint < 20; ++endpoint)
    if (endpoint != request.endpoint) arrive_at(endpoint);

  EXPECT_EQ(source().received, received);
  EXPECT_EQ(world.log.size(), effects) << "nothing is sent, opened or said";
  arrive_at(request.endpoint);
  EXPECT_EQ(source().received, received + 1) << "it is the socket alone that was wrong";
}

TEST_P(EngineSocket, AFailedSendIsSaidOnce) {
  World world(1, false);
  world.start();
  for (int i = 0; i < 3; ++i) {
    world.run(70);
    // The request before was answered: only its token is of interest.
    world.deliver(SendFailed{.token = all_of<Send>(world.log).back().token, .os_error = ENETUNREACH});
  }

  EXPECT_GE(logs_with(world.log, "could not be sent"), 1U);
  EXPECT_TRUE(world.is_deadline_kept);
}

Settings local_clock(std::uint32_t network_servers) {
  Settings settings = lines_for(network_servers);
  SourceSettings local;
  local.kind = SourceSettings::Kind::local_clock;
  local.address = Address::v4(0x7f7f0100);
  local.name = "127.127.1.0";
  local.stratum = 10;
  settings.sources.push_back(local);
  return settings;
}

TEST_P(EngineLocalClock, ServesAtOnceWhereItIsAlone) {
  World world(local_clock(0));
  world.start();
  world.run(1);

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_EQ(world.view().system.stratum, 11);
  EXPECT_EQ(count_of<StepClock>(world.log), 0U);
}

TEST_P(EngineLocalClock, StandsInOnlyAfterOrphanwait) {
  World world(local_clock(1));
  world.server(1).is_silent = true;
  world.start();
  world.run(290);
  EXPECT_FALSE(world.is_synchronized());
  world.run(11);
  EXPECT_EQ(world.view().system.stratum, 11) << "at once, not at the local clock's next poll";

  world.server(1).is_silent = false;
  world.run(2000);
  EXPECT_EQ(world.view().system.stratum, 3) << "the network is back";
}

TEST_P(EnginePool, FindsReplacementsForTheDead) {
  Settings settings = empty_settings();
  settings.drift = DriftRecord{.frequency_ppm = 0};
  SourceSettings pool;
  pool.kind = SourceSettings::Kind::pool;
  pool.name = "pool.example";
  pool.has_iburst = true;
  settings.sources = {pool};
  World world(settings);
  for (std::uint32_t i = 1; i <= 8; ++i) world.server(i);
  world.names["pool.example"] = {address(1), address(2), address(3), address(4)};
  world.start();
  world.run(60);
  ASSERT_EQ(world.view().sources.size(), 4U);
  EXPECT_TRUE(world.is_synchronized());

  world.server(1).is_silent = world.server(2).is_silent = true;
  world.names["pool.example"] = {address(5), address(6), address(7), address(8)};
  world.run(4 * 3600);

  EXPECT_EQ(world.view().sources.size(), 4U);
  for (const state::SourceView& source : world.view().sources) EXPECT_NE(source.reach, 0) << source.remote.text();
  EXPECT_TRUE(world.is_deadline_kept);
}

TEST_P(EngineNetwork, IsAskedAgainAtOnceWhenItChanges) {
  Settings settings = empty_settings();
  SourceSettings source;
  source.name = "ntp.example";
  settings.sources = {source};
  settings.drift = DriftRecord{.frequency_ppm = 0};
  World world(settings);
  world.server(1);
  world.start();
  world.run(1000);
  EXPECT_EQ(logs_with(world.log, "trying again"), 1U);

  world.names["ntp.example"] = {address(1)};
  world.deliver(EndpointChanged{});
  world.run(1);

  EXPECT_EQ(world.view().sources.size(), 1U);
  EXPECT_GE(world.sent(), 1U);
}

const auto kBoth = testing::Values(Algorithm::estimator, Algorithm::classic);
std::string name_of(const testing::TestParamInfo<Algorithm>& info) {
  return info.param == Algorithm::estimator ? "Estimator" : "Classic";
}
INSTANTIATE_TEST_SUITE_P(With, EngineKiss, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineReach, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineSelection, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineSocket, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineLocalClock, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EnginePool, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineNetwork, kBoth, name_of);

}  // namespace
}  // namespace ntp::engine
