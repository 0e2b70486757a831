// SPDX-License-Identifier: BSD-2-Clause
//
// What a view tells of a source and of the clock, besides what the tests of the engine's parts look at.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::address;
using test::Driver;
using Algorithm = DisciplineSettings::Algorithm;

struct World : Driver {
  explicit World(std::uint32_t count, Algorithm algorithm = Algorithm::estimator)
      : Driver(lines_for(count, algorithm)) {
    for (std::uint32_t i = 1; i <= count; ++i) servers[address(i)];
  }
  explicit World(Settings settings) : Driver(std::move(settings)) {}

  static Settings lines_for(std::uint32_t count, Algorithm algorithm) {
    Settings settings;
    settings.discipline.algorithm = algorithm;
    settings.drift = DriftRecord{.frequency_ppm = 0};
    for (std::uint32_t i = 1; i <= count; ++i) {
      settings.sources.push_back(test::server(i));
      settings.sources.back().has_iburst = true;
    }
    return settings;
  }
  state::SourceView source(std::size_t i = 0) { return view().sources.at(i); }
};

class ViewEitherWay : public testing::TestWithParam<Algorithm> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, ViewEitherWay, testing::Values(Algorithm::estimator, Algorithm::classic));

TEST_P(ViewEitherWay, FilterHasTheLastEightSamplesNewestFirst) {
  World world(1, GetParam());
  world.start();
  for (int i = 0; i < 10; ++i) {
    world.servers[address(1)].delay_s = 0.010 + 0.001 * i;
    world.run(2);
  }

  const state::SourceView source = world.source();
  ASSERT_GE(source.received, 3U);
  double last_s = 1;
  double last_dispersion_s = 0;
  std::size_t filled = 0;
  for (const state::FilterStage& stage : source.filter) {
    if (stage.dispersion_s >= kMaxDispersion_s) continue;
    ++filled;
    EXPECT_LT(stage.delay_s, last_s) << "each answer took longer than the one before it";
    EXPECT_GE(stage.dispersion_s, last_dispersion_s) << "older samples are less sure";
    EXPECT_LT(std::abs(stage.offset_s), 0.001);
    last_s = stage.delay_s;
    last_dispersion_s = stage.dispersion_s;
  }
  EXPECT_EQ(filled, std::min<std::size_t>(source.received, 8));
}

TEST_P(ViewEitherWay, FilterShowsGapsAndAges) {
  World world(1, GetParam());
  world.start();
  world.run(200);
  const state::FilterStage before = world.source().filter[0];
  world.run(1);
  EXPECT_GT(world.source().filter[0].dispersion_s, before.dispersion_s);

  world.servers[address(1)].is_silent = true;
  world.run(64 * 5);
  EXPECT_EQ(world.source().filter[0].dispersion_s, kMaxDispersion_s);
}

TEST(View, OffsetsInTheFilterAreAgainstTheClockAsItIsNow) {
  Settings settings = World::lines_for(1, Algorithm::classic);
  World world(settings);
  world.servers[address(1)].offset_s = 0.5;
  world.start();
  ASSERT_TRUE(world.run_until<StepClock>(60));
  world.run(60);

  for (const state::FilterStage& stage : world.source().filter) {
    if (stage.dispersion_s < kMaxDispersion_s) {
      EXPECT_LT(std::abs(stage.offset_s), 0.01) << "the step took it";
    }
  }
}

TEST(View, StampsAreThoseOfTheLastExchange) {
  World world(1);
  world.servers[address(1)].delay_s = 0.020;
  world.servers[address(1)].header.poll_log2s = 9;
  world.start();
  world.run(1);

  const state::SourceView source = world.source();
  EXPECT_NEAR((source.received_at - source.origin).seconds(), 0.020, 1e-4);
  EXPECT_NEAR((source.transmitted - source.origin).seconds(), 0.010, 1e-4);
  EXPECT_NEAR((source.transmitted - source.reference).seconds(), 10, 1e-6);
  EXPECT_EQ(source.local.address, world.local);
  EXPECT_EQ(source.mode, wire::Mode::client);
  EXPECT_EQ(source.peer_mode, wire::Mode::server);
  EXPECT_EQ(source.peer_poll_log2s, 9);
  EXPECT_EQ(source.precision_log2s, -20);
  EXPECT_NEAR(source.root_delay_s, 0.01, 1e-4);
  EXPECT_NEAR(source.root_dispersion_s, 0.005, 1e-4);
}

TEST(View, NothingIsKnownBeforeTheFirstAnswer) {
  World world(1);
  world.servers[address(1)].is_silent = true;
  world.start();
  world.run(100);

  const state::SourceView source = world.source();
  EXPECT_TRUE(source.origin.is_unknown());
  EXPECT_EQ(source.local.address, Address());
  EXPECT_EQ(source.peer_mode, wire::Mode::reserved);
  EXPECT_EQ(source.peer_poll_log2s, 10);
  EXPECT_EQ(source.candidate_order, 0U);
  EXPECT_GT(source.unreach, 0U);
  EXPECT_LT(world.view().system.since_update_s, 0);
  EXPECT_EQ(world.view().system.majority_size, 0);
}

TEST(View, UnansweredPollsAndTheLastChangeOfReachAreCounted) {
  World world(1);
  world.start();
  world.run(100);
  EXPECT_EQ(world.source().unreach, 0U);
  EXPECT_NEAR(world.source().since_reach_change_s, 100, 1) << "it answered at once";

  world.servers[address(1)].is_silent = true;
  world.run(1000);
  EXPECT_EQ(world.source().reach, 0);
  EXPECT_GE(world.source().unreach, 1U);
  EXPECT_LT(world.source().since_reach_change_s, 600);
}

TEST(View, NextPollIsCountedDown) {
  World world(1);
  world.start();
  world.run(300);
  const double left_s = world.source().until_poll_s;
  ASSERT_GT(left_s, 1);
  world.run(0.5);
  EXPECT_NEAR(world.source().until_poll_s, left_s - 0.5, 1e-6);
}

TEST(View, HeadwayIsTheRestOfTheLeastGap) {
  World world(1);
  world.start();
  EXPECT_EQ(world.source().headway_s, 0) << "nothing was sent yet";
  world.run(0.5);
  EXPECT_NEAR(world.source().headway_s, 1.5, 0.01);
  world.run(60);
  EXPECT_GE(world.source().headway_s, 0);
  EXPECT_LE(world.source().headway_s, kBurstSpacing_s);
}

TEST(View, SurvivorsAreNumberedFromTheBest) {
  World world(4);
  world.servers[address(1)].delay_s = 0.3;
  world.servers[address(4)].offset_s = 7;
  world.start();
  world.run(120);

  const state::View view = world.view();
  EXPECT_EQ(view.sources[0].candidate_order, 3U) << "it is the farthest";
  EXPECT_EQ(view.sources[1].candidate_order + view.sources[2].candidate_order, 3U);
  EXPECT_EQ(view.sources[3].candidate_order, 0U) << "a falseticker";
}

TEST(View, OptionsAreThoseOfTheLine) {
  Settings settings = World::lines_for(1, Algorithm::estimator);
  settings.sources[0].has_burst = true;
  settings.sources[0].is_preferred = true;
  settings.sources[0].version = 3;
  World world(settings);
  world.start();

  const state::SourceView source = world.source();
  EXPECT_TRUE(source.has_burst);
  EXPECT_TRUE(source.has_iburst);
  EXPECT_TRUE(source.is_preferred);
  EXPECT_TRUE(source.is_configured);
  EXPECT_FALSE(source.wants_authentication);
  EXPECT_EQ(source.version, 3);
  EXPECT_FALSE(source.clock);
}

TEST(View, LocalClockIsAReferenceClock) {
  Settings settings;
  settings.selection.orphan_wait_s = 0;
  SourceSettings clock;
  clock.kind = SourceSettings::Kind::local_clock;
  clock.address = Address::v4(0x7f7f0100);
  clock.name = "127.127.1.0";
  clock.stratum = 7;
  clock.time_offset_s = 0.002;
  settings.sources.push_back(clock);
  World world(settings);
  world.start();
  world.run(200);

  const state::SourceView source = world.source();
  ASSERT_TRUE(source.clock);
  EXPECT_EQ(source.clock->device, "Undisciplined local clock");
  EXPECT_EQ(source.clock->type, 1);
  EXPECT_GE(source.clock->polls, 3U);
  EXPECT_EQ(source.clock->stratum, 7);
  EXPECT_EQ(source.clock->refid, wire::Refid::ascii("LOCL"));
  EXPECT_DOUBLE_EQ(source.clock->time1_s, 0.002);
  EXPECT_NEAR(source.clock->since_start_s, 200, 0.01);
  EXPECT_TRUE(source.local.address.is_loopback());
}

TEST(View, BadDistancesAndBadReferencesAreToldApart) {
  World far(1);
  far.servers[address(1)].header.root_dispersion = ShortTime::from_seconds(17);
  far.start();
  far.run(10);
  EXPECT_GT(far.source().bad_dispersion, 0U);
  EXPECT_EQ(far.source().bad_reference, 0U);

  World late(1);
  late.servers[address(1)].last_touch = [](std::vector<std::byte>& octets) {
    wire::Header header = *wire::decode_header(octets);
    header.reference = header.transmit + Span::from_seconds(1);
    wire::encode_header(header, octets);
  };
  late.start();
  late.run(10);
  EXPECT_EQ(late.source().bad_dispersion, 0U);
  EXPECT_GT(late.source().bad_reference, 0U);
}

TEST(View, SystemTellsTheMajority) {
  World world(4);
  world.servers[address(4)].offset_s = 7;
  world.start();
  world.run(120);

  const state::SystemView system = world.view().system;
  EXPECT_EQ(system.majority_size, 3);
  EXPECT_EQ(system.majority_of, 4);
  EXPECT_LT(system.majority_low_s, system.majority_high_s);
  EXPECT_LT(std::abs(system.majority_low_s), 0.1);
  EXPECT_EQ(system.needed, 1);
  EXPECT_EQ(system.min_poll_log2s, 3);
  EXPECT_GE(system.since_update_s, 0);
  EXPECT_LT(system.since_update_s, 100);
  EXPECT_EQ(system.stability_ppm, system.clock_wander_ppm);
}

}  // namespace
}  // namespace ntp::engine
