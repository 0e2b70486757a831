// SPDX-License-Identifier: BSD-2-Clause
//
// The engine with the clock estimator: start, steps, jumps, sleep, polls, what it saves and writes.
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

Settings servers(std::uint32_t count) {
  Settings settings;
  for (std::uint32_t i = 1; i <= count; ++i) {
    settings.sources.push_back(test::server(i));
    settings.sources.back().has_iburst = true;
  }
  return settings;
}

struct World : Driver {
  explicit World(std::uint32_t count = 1) : World(engine::servers(count)) {}
  explicit World(Settings settings) : Driver(settings) {
    for (const SourceSettings& source : settings.sources)
      if (source.address) servers[*source.address];
  }
  FakeServer& server(std::uint32_t i = 1) { return servers[address(i)]; }
  std::size_t steps() { return count_of<StepClock>(log); }
  /// The clock's error is never beyond what it says of it, looked at each quarter of a second.
  bool is_bound_kept(double seconds) {
    bool is_kept = true;
    for (double passed = 0; passed < seconds; passed += 0.25) {
      run(0.25);
      const state::SystemView system = view().system;
      if (system.leap != wire::Leap::unsynchronized && std::abs(clock.error_s()) > system.root_distance_s)
        is_kept = false;
    }
    return is_kept;
  }
};

TEST(EstimatorStart, ActsOnTheFirstAnswerOfASingleSource) {
  World world;
  world.clock.jump(0.1);
  world.start();
  world.run(0.1);
  EXPECT_TRUE(world.is_synchronized());
  world.run(1.9);

  EXPECT_LT(std::abs(world.clock.error_s()), 1e-5);
  EXPECT_EQ(world.steps(), 0U);
}

TEST(EstimatorStart, StepsBySecondsOnceTheyWereSaidTwice) {
  World world;
  world.clock.jump(-10);
  world.start();
  world.run(1.9);
  EXPECT_EQ(world.steps(), 0U);
  world.run(0.3);

  EXPECT_EQ(world.steps(), 1U);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-5);
  EXPECT_TRUE(world.is_synchronized());
}

TEST(EstimatorStart, StepsAtOnceWhereAMajoritySaysSo) {
  World world(3);
  world.clock.jump(-10);
  world.start();
  world.run(0.3);

  EXPECT_EQ(world.steps(), 1U);
  EXPECT_TRUE(world.is_synchronized());
}

TEST(EstimatorStart, IsNotMovedByAFirstAnswerThatIsWrong) {
  World world;
  world.server().offset_s = 3600;
  world.start();
  world.run(1);
  world.server().offset_s = 0;
  world.run(100);

  EXPECT_EQ(world.steps(), 0U);
  EXPECT_EQ(count_of<Terminate>(world.log), 0U);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-5);
}

TEST(EstimatorStart, WaitsFourSecondsForTheRest) {
  World world(4);
  world.server(3).is_silent = world.server(4).is_silent = true;
  world.start();
  world.run(3.5);
  EXPECT_FALSE(world.is_synchronized()) << "two of four are no majority";
  world.run(1);
  EXPECT_TRUE(world.is_synchronized());
}

TEST(EstimatorStart, WaitsForANameThatIsStillLookedUp) {
  Settings settings = servers(1);
  SourceSettings named;
  named.name = "ntp.example";
  settings.sources.push_back(named);
  World world(settings);
  world.start();
  world.run(3.5);
  EXPECT_FALSE(world.is_synchronized());
  world.run(1);
  EXPECT_TRUE(world.is_synchronized());
}

TEST(EstimatorStart, LearnsTheFrequencyWithinTheBurst) {
  World world;
  world.clock.drift_ppm = 50;
  world.start();

  EXPECT_TRUE(world.is_bound_kept(120));
  EXPECT_NEAR(world.view().system.frequency_ppm, 50, 0.5);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
}

TEST(EstimatorFollows, AClockThatIsFarBeyond500Ppm) {
  for (const double drift_ppm : {5000.0, -5000.0}) {
    World world;
    world.clock.drift_ppm = drift_ppm;
    world.start();
    world.run(3600);

    EXPECT_NEAR(world.view().system.frequency_ppm, drift_ppm, 0.1) << "the kernel's tick goes so far";
    EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
    world.stop();
    EXPECT_EQ(count_of<SaveDrift>(world.log), 0U) << "the drift file's readers take no such frequency";
  }
}

TEST(EstimatorFollows, ASourceThatJumpsByAFewMilliseconds) {
  World world;
  world.start();
  world.run(2000);
  world.server().offset_s = 0.005;
  world.run(4 * 3600);

  EXPECT_NEAR(world.clock.error_s(), 0.005, 1e-4);
  EXPECT_EQ(world.steps(), 0U);
}

TEST(EstimatorFollows, SourcesThatAllLeap) {
  World world(3);
  world.start();
  world.run(2000);
  for (std::uint32_t i = 1; i <= 3; ++i) world.server(i).offset_s = 2;
  world.run(4000);

  EXPECT_EQ(world.steps(), 1U);
  EXPECT_NEAR(world.clock.error_s(), 2, 1e-4);
  EXPECT_EQ(logs_with(world.log, "the sources' time moved"), 1U);
}

TEST(EstimatorFollows, TheOthersWhereOneLeaps) {
  World world(3);
  world.start();
  world.run(2000);
  world.server(1).offset_s = 2;
  world.run(4000);

  EXPECT_EQ(world.steps(), 0U);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
  EXPECT_EQ(world.view().sources[0].selection, state::Selection::falseticker);
}

TEST(EstimatorFollows, TheMajorityWhereOneDrifts) {
  World world(3);
  world.start();
  for (int i = 0; i < 4 * 60; ++i) {
    world.run(60);
    world.server(1).offset_s += 60 * 0.5e-6;
  }

  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4) << "7.2 ms of drift, well within the delay's bound";
  EXPECT_EQ(world.view().sources[0].selection, state::Selection::falseticker);
}

TEST(EstimatorFollows, NoClockThatStandsStill) {
  World world;
  world.start();
  world.run(2000);
  world.server().frozen = world.clock.true_time();
  world.run(4000);

  EXPECT_EQ(world.steps(), 0U);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
  EXPECT_EQ(world.view().sources[0].reach, 0) << "it has no time";
}

TEST(EstimatorFollows, NothingThatADuplicateSays) {
  World world;
  world.start();
  world.run(2000);
  const std::uint64_t bogus = world.view().sources[0].bogus;
  wire::Header header = test::good_header();
  header.receive = header.transmit = world.clock.true_time() + Span::from_seconds(100);
  std::vector<std::byte> octets(wire::kHeaderLength);
  wire::encode_header(header, octets);
  const Send last = all_of<Send>(world.log).back();
  world.deliver(
      PacketReceived{.endpoint = last.endpoint, .remote = last.remote, .at = world.clock.system(), .payload = octets});

  EXPECT_EQ(world.view().sources[0].bogus, bogus + 1);
  EXPECT_LT(std::abs(world.view().system.estimate_s), 1e-4);
}

TEST(EstimatorFollows, NoDelayBelowNothing) {
  World world;
  world.server().delay_s = 0.0002;
  world.start();
  world.run(2000);
  const double floor_s = world.view().sources[0].delay_floor_s;
  world.server().held_s = 0.0007;
  world.run(2000);

  EXPECT_NE(world.view().sources[0].flash & kPacketHeader, 0U) << "0.2 ms under way, and 0.7 ms of them at the server";
  EXPECT_EQ(world.view().sources[0].delay_floor_s, floor_s);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
}

TEST(EstimatorFollows, ADelayBelowNothingByTheStampsErrors) {
  World world;
  world.server().delay_s = 1e-6;
  world.server().held_s = 2e-6;
  world.start();
  world.run(2000);

  EXPECT_EQ(world.view().sources[0].flash, 0U);
  EXPECT_EQ(world.view().sources[0].delay_floor_s, 0);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-5);
}

TEST(EstimatorFollows, NothingThatTookTooLong) {
  World world;
  world.start();
  world.run(2000);
  world.server().delay_s = 9;
  world.run(4000);

  EXPECT_EQ(world.view().sources[0].reach, 0) << "8 s are the end";
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
  EXPECT_EQ(world.steps(), 0U);
}

TEST(EstimatorFollows, NoClockThatRunsBackwards) {
  World world;
  world.start();
  world.run(2000);
  world.server().held_s = -3;
  world.run(4000);

  EXPECT_EQ(world.view().sources[0].reach, 0) << "none of its answers counts";
  EXPECT_EQ(world.steps(), 0U);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
}

TEST(EstimatorCoasts, ThroughAMonthWithoutSources) {
  World world(2);
  world.clock.drift_ppm = 20;
  world.start();
  world.run(6 * 3600);
  for (std::uint32_t i = 1; i <= 2; ++i) world.server(i).is_silent = true;

  world.run(3600);
  EXPECT_TRUE(world.is_synchronized()) << "good for a while, and it says how good";
  EXPECT_LT(std::abs(world.clock.error_s()), world.view().system.root_distance_s);
  for (int day = 0; day < 30; ++day) {
    world.log.clear();
    world.run(86400);
  }
  EXPECT_FALSE(world.is_synchronized()) << "16 s are the end";
  EXPECT_LT(std::abs(world.clock.error_s()), 0.1) << "the frequency is still what it was";
  EXPECT_TRUE(world.is_deadline_kept);

  for (std::uint32_t i = 1; i <= 2; ++i) world.server(i).is_silent = false;
  world.run(3600);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
}

TEST(EstimatorCoasts, WhereTwoContradictEachOther) {
  World world(2);
  world.start();
  world.run(3600);
  world.server(1).offset_s = 0.1;
  world.run(2 * 3600);

  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4) << "nobody is followed, least of all the one that moved";
}

TEST(EstimatorJump, ByAnotherProgramIsUndoneByWhatIsKnown) {
  World world;
  world.clock.drift_ppm = 30;
  world.start();
  world.run(3600);
  const double frequency_ppm = world.view().system.frequency_ppm;

  world.clock.jump(3);
  world.run(40);

  EXPECT_EQ(logs_with(world.log, "the clock was moved by +3.000 s"), 1U);
  EXPECT_EQ(world.steps(), 1U);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
  EXPECT_NEAR(world.view().system.frequency_ppm, frequency_ppm, 0.01);
  EXPECT_EQ(world.view().system.discipline, state::DisciplineState::sync) << "nothing has to be learnt again";
}

TEST(EstimatorJump, OfASleepingMachineKeepsTheFrequencyOnly) {
  World world;
  world.clock.drift_ppm = 30;
  world.start();
  world.run(3600);

  world.clock.sleep(7200, 0.4);
  world.run(60);

  EXPECT_EQ(logs_with(world.log, "the clock was moved by"), 1U);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
  EXPECT_NEAR(world.view().system.frequency_ppm, 30, 0.1);
}

TEST(EstimatorJump, OfASleepingMachineThatIsElsewhereNow) {
  World world(2);
  world.start();
  world.run(3600);

  world.clock.sleep(7200, 0.4);
  world.server(1).is_silent = true;
  world.run(300);

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
}

TEST(EstimatorDrift, IsKeptWithItsModel) {
  World first;
  first.clock.drift_ppm = -40;
  first.start();
  first.run(3 * 3600 + 100);
  EXPECT_EQ(count_of<SaveDrift>(first.log), 3U);
  first.stop();
  const DriftRecord drift = all_of<SaveDrift>(first.log).back().drift;
  EXPECT_NEAR(drift.frequency_ppm, -40, 0.01);
  ASSERT_TRUE(drift.model.has_value());
  EXPECT_GT(drift.model->deviation_ppm, 0);
  EXPECT_LT(drift.model->deviation_ppm, 1);

  Settings settings = servers(1);
  settings.drift = drift;
  World second(settings);
  second.clock.drift_ppm = -40;
  second.start();
  second.run(1);

  EXPECT_NEAR(second.view().system.frequency_ppm, -40, 0.1);
}

TEST(EstimatorDrift, ThatIsOnlyAGuessIsNotSaved) {
  World world;
  world.start();
  world.run(1);
  world.stop();

  EXPECT_EQ(count_of<SaveDrift>(world.log), 0U);
}

TEST(EstimatorDrift, IsSavedAtTheEndOfAShortRunWithItsDeviation) {
  int saved_between_1_and_5_ppm = 0;
  for (double seconds = 1; seconds < 40; seconds += 1) {
    World world;
    world.clock.drift_ppm = 40;
    world.start();
    world.run(seconds);
    world.stop();

    for (const SaveDrift& save : all_of<SaveDrift>(world.log)) {
      ASSERT_TRUE(save.drift.model.has_value());
      EXPECT_LE(save.drift.model->deviation_ppm, 5);
      EXPECT_LT(std::abs(save.drift.frequency_ppm - 40), 3 * save.drift.model->deviation_ppm + 0.01);
      if (save.drift.model->deviation_ppm > 1) ++saved_between_1_and_5_ppm;
    }
  }
  EXPECT_GT(saved_between_1_and_5_ppm, 0);
}

TEST(EstimatorBound, GrowsByWhatTwoMeasurementsCanHideOfTheFrequency) {
  World world;
  world.start();
  world.run(120);

  const auto published = all_of<Publish>(world.log);
  EXPECT_GE(published.back().summary.dispersion_rate, 15e-6 + 0.010 / 120) << "10 ms of delay in two minutes";
  world.run(20'000);
  EXPECT_LT(all_of<Publish>(world.log).back().summary.dispersion_rate, 20e-6) << "and hardly anything in hours";
}

TEST(EstimatorDrift, OfTheFileIsHandedOnByARunThatLearnsNothing) {
  const DriftRecord file{.frequency_ppm = 17.25, .model = DriftRecord::Model{.deviation_ppm = 0.01}};
  for (const double seconds : {0.0, 1.0}) {
    Settings settings = servers(1);
    settings.drift = file;
    World world(settings);
    world.clock.drift_ppm = 17.25;
    world.start();
    world.run(seconds);
    world.stop();

    ASSERT_EQ(count_of<SaveDrift>(world.log), 1U) << seconds;
    EXPECT_NEAR(all_of<SaveDrift>(world.log)[0].drift.frequency_ppm, 17.25, 0.01) << seconds;
  }
}

TEST(EstimatorDrift, OfTheFileIsHandedOnAsItWasIfAllThatIsKnownIsWorse) {
  Settings settings = servers(1);
  settings.drift = DriftRecord{.frequency_ppm = 17.25};
  World world(settings);
  world.clock.drift_ppm = 17.25;
  world.start();
  world.run(1);
  world.stop();

  ASSERT_EQ(count_of<SaveDrift>(world.log), 1U);
  EXPECT_EQ(all_of<SaveDrift>(world.log)[0].drift.frequency_ppm, 17.25);
  EXPECT_FALSE(all_of<SaveDrift>(world.log)[0].drift.model.has_value());
}

TEST(EstimatorPoll, IsSubSecondWhereItMayBe) {
  Settings settings = servers(1);
  settings.sources[0].min_poll_log2s = settings.sources[0].max_poll_log2s = -4;
  World world(settings);
  world.start();
  world.run(100);
  const std::size_t before = count_of<Send>(world.log);
  world.run(10);

  const std::size_t sent = count_of<Send>(world.log) - before;
  EXPECT_GE(sent, 150U);
  EXPECT_LE(sent, 160U);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-5);
}

TEST(EstimatorPoll, OfASixteenthOfASecondBringsTheClockInAsFast) {
  Settings settings = servers(1);
  settings.sources[0].min_poll_log2s = settings.sources[0].max_poll_log2s = -4;
  World world(settings);
  world.clock.jump(0.001);
  world.start();
  world.run(1);

  EXPECT_LT(std::abs(world.clock.error_s()), 1e-5);
}

TEST(EstimatorPoll, DoesNotPileUpRequestsWhereTheDelayIsLonger) {
  Settings settings = servers(1);
  settings.sources[0].min_poll_log2s = -4;
  settings.sources[0].max_poll_log2s = 6;
  World world(settings);
  world.server().delay_s = 0.2;
  world.start();
  world.run(2000);

  EXPECT_NE(world.view().sources[0].reach, 0);
  EXPECT_LE(count_of<Send>(world.log), 5000U);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-3);
}

TEST(EstimatorPoll, GrowsToWhatIsGoodEnough) {
  World world;
  world.start();
  world.run(86400);

  EXPECT_GT(world.view().sources[0].poll_log2s, 6);
  EXPECT_LE(world.view().sources[0].poll_log2s, 10);
  EXPECT_LE(count_of<Send>(world.log), 500U);
}

TEST(EstimatorStatistics, HaveALineASecond) {
  Settings settings = servers(1);
  settings.statistics.has_error = true;
  World world(settings);
  world.clock.jump(0.05);
  world.start();
  world.run(100.5);

  const auto lines = all_of<WriteStatistics>(world.log);
  ASSERT_EQ(lines.size(), 100U);
  const auto& last = std::get<ErrorRecord>(lines.back().record);
  EXPECT_EQ(last.leap, wire::Leap::none);
  EXPECT_LT(std::abs(last.offset_s), 1e-4);
  EXPECT_GT(last.deviation_s, 0);
  EXPECT_GT(last.root_distance_s, 0.005) << "half of the server's root delay at least";
  EXPECT_NEAR((lines[1].at - lines[0].at).seconds(), 1, 0.1);
}

TEST(EstimatorStatistics, HaveALineForEachExchange) {
  Settings settings = servers(1);
  settings.statistics.has_raw = true;
  World world(settings);
  world.server().offset_s = 0.001;
  world.server().delay_s = 0.02;
  world.start();
  world.run(0.5);

  const auto lines = all_of<WriteStatistics>(world.log);
  ASSERT_EQ(lines.size(), 1U);
  const auto& exchange = std::get<ExchangeRecord>(lines[0].record);
  EXPECT_EQ(exchange.remote, (Endpoint{address(1), 123}));
  EXPECT_NEAR((exchange.t4 - exchange.t1).seconds(), 0.02, 1e-6);
  EXPECT_NEAR((exchange.t2 - exchange.t1).seconds(), 0.011, 1e-6);
  EXPECT_EQ(exchange.t3, exchange.t2);
  EXPECT_EQ(exchange.header.stratum, 2);
  EXPECT_EQ(exchange.tail.length, 0);
}

TEST(EstimatorView, ShowsWhatItKnowsAndHowWell) {
  World world(2);
  world.server(2).delay_s = 0.03;
  world.start();
  world.run(300);

  const state::View view = world.view();
  EXPECT_LT(std::abs(view.system.estimate_s), 1e-4);
  EXPECT_GT(view.system.deviation_s, 0);
  EXPECT_GT(view.system.root_distance_s, 0.005);
  EXPECT_GT(view.system.clock_wander_ppm, 0);
  EXPECT_NEAR(view.sources[0].delay_floor_s, 0.01, 1e-5);
  EXPECT_NEAR(view.sources[1].delay_floor_s, 0.03, 1e-5);
  EXPECT_GT(view.sources[1].deviation_s, 0);
  EXPECT_EQ(view.system.peer_association_id, view.sources[0].association_id) << "the nearer one has the least bound";
}

TEST(EstimatorWithoutPermission, MeasuresAndSaysHowWrongTheClockIs) {
  Settings settings = servers(1);
  settings.sets_clock = false;
  World world(settings);
  world.clock.jump(0.03);
  world.start();
  world.run(600);

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_NEAR(world.view().system.offset_s, -0.03, 1e-4);
  EXPECT_GE(world.view().system.root_distance_s, 0.03);
  EXPECT_EQ(count_of<SetFrequency>(world.log) + world.steps(), 0U);
}

TEST(EstimatorTemperature, MayBeAnythingThatAFileSays) {
  World world;
  world.start();
  for (const double celsius : {25.0, std::nan(""), 1e300, -HUGE_VAL}) {
    world.deliver(TemperatureRead{.celsius = celsius});
    world.run(60);
  }

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
}

}  // namespace
}  // namespace ntp::engine
