// SPDX-License-Identifier: BSD-2-Clause
//
// A leap second from announcement to the time after it, through the engine's door.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/engine.h"
#include "engine/leap_second.h"
#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::all_of;
using test::Driver;
using test::logs_with;
using wire::Leap;

// kEpoch of the test kit is 3,900,000,000: 2 August 2023, 10:40. The end of that day is made the end of a month's by a table
// alone; sources can't.
constexpr policy::LeapSeconds kStart = 3'900'000'000;
constexpr policy::LeapSeconds kMidnight = (kStart / 86400 + 1) * 86400;
constexpr double kToMidnight_s = static_cast<double>(kMidnight - kStart);

std::shared_ptr<const policy::LeapTable> table(int change_s) {
  return std::make_shared<const policy::LeapTable>(
      std::vector<policy::LeapTable::Entry>{{kStart - 86400, 37}, {kMidnight, 37 + change_s}}, kMidnight + 86400 * 90,
      0);
}

Settings settings_of(int change_s) {
  Settings settings;
  settings.sources = {test::server(1)};
  settings.sources[0].has_iburst = true;
  settings.drift = DriftRecord{.frequency_ppm = 0};
  if (change_s != 0) settings.leap_table = table(change_s);
  return settings;
}

/// Engine and world, run until 5 s before midnight.
struct World : Driver {
  explicit World(const Settings& settings) : Driver(settings) {
    servers[test::address(1)];
    start();
    run(kToMidnight_s - 5);
    EXPECT_TRUE(is_synchronized());
  }
  /// Clock and servers leap.
  void leap(int change_s) {
    clock.jump(-change_s);
    servers[test::address(1)].offset_s -= change_s;
  }
  Leap told() { return all_of<Publish>(log).back().summary.leap; }
  Leap kernel() { return all_of<SetKernelStatus>(log).back().leap; }
  double error_s() { return clock.error_s() - servers[test::address(1)].offset_s; }
};

class EngineLeap : public ::testing::TestWithParam<int> {};

TEST_P(EngineLeap, IsToldAndMadeAndOver) {
  const int change_s = GetParam();
  World world(settings_of(change_s));
  EXPECT_EQ(world.told(), leap_of(change_s));
  EXPECT_EQ(world.kernel(), leap_of(change_s));
  EXPECT_EQ(all_of<SetKernelStatus>(world.log).back().tai_offset_s, 37);
  EXPECT_EQ(world.view().system.leap, leap_of(change_s));

  world.run(change_s > 0 ? 5.001 : 4.001);
  world.leap(change_s);
  world.run(0.05);

  EXPECT_EQ(logs_with(world.log, "leap second: the clock moved by"), 1U) << "at once";
  EXPECT_EQ(world.told(), Leap::none);
  EXPECT_EQ(world.kernel(), Leap::none);
  EXPECT_EQ(all_of<SetKernelStatus>(world.log).back().tai_offset_s, 37 + change_s);
  world.run(3600);
  EXPECT_EQ(world.kernel(), Leap::none) << "not armed again in the second that is shown twice";
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.error_s()), 1e-4);
  EXPECT_EQ(test::count_of<StepClock>(world.log), 0U);
}

TEST_P(EngineLeap, ThatTheKernelDoesNotMakeIsCaughtUp) {
  const int change_s = GetParam();
  World world(settings_of(change_s));

  world.run(4);
  world.servers[test::address(1)].offset_s -= change_s;
  world.run(4);
  EXPECT_EQ(logs_with(world.log, "the kernel did not make it"), 1U);
  world.run(600);

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.error_s()), 1e-3);
}

TEST_P(EngineLeap, IsSlewedWhereTheClockIsNotToBeStepped) {
  const int change_s = GetParam();
  Settings settings = settings_of(change_s);
  settings.discipline.step_threshold_s = settings.discipline.step_back_threshold_s = 600;
  World world(settings);
  EXPECT_EQ(world.told(), leap_of(change_s));
  EXPECT_EQ(world.kernel(), Leap::none);

  world.run(4);
  world.servers[test::address(1)].offset_s -= change_s;
  world.run(4 * 3600);

  EXPECT_EQ(test::count_of<StepClock>(world.log), 0U);
  EXPECT_LT(std::abs(world.error_s()), 1e-3);
}

TEST_P(EngineLeap, OfAnotherProgramsMakingIsNoForeignJump) {
  const int change_s = GetParam();
  Settings settings = settings_of(change_s);
  settings.sets_clock = false;
  World world(settings);
  EXPECT_EQ(world.told(), leap_of(change_s));

  world.run(change_s > 0 ? 5.001 : 4.001);
  world.leap(change_s);
  world.run(10);

  EXPECT_EQ(logs_with(world.log, "leap second: the clock moved by"), 1U);
  EXPECT_EQ(logs_with(world.log, "by another program"), 0U);
  EXPECT_TRUE(world.is_synchronized());
}

INSTANTIATE_TEST_SUITE_P(InsertedOrLeftOut, EngineLeap, ::testing::Values(1, -1),
                         [](const auto& instance) { return instance.param > 0 ? "Insertion" : "Deletion"; });

TEST(EngineLeapTable, ThatIsReadLaterCounts) {
  World world(settings_of(0));
  EXPECT_EQ(world.told(), Leap::none);

  world.deliver(LeapTableRead{table(1)});
  EXPECT_EQ(world.told(), Leap::insert);
  world.deliver(LeapTableRead{nullptr});
  EXPECT_EQ(world.told(), Leap::none);
  EXPECT_EQ(world.kernel(), Leap::none) << "disarmed";
  EXPECT_EQ(logs_with(world.log, "called off"), 1U);
}

TEST(EngineLeapTable, IsNotBelievedByAClockThatIsNotRight) {
  World world(settings_of(1));
  ASSERT_EQ(world.told(), Leap::insert);

  const std::size_t published = test::count_of<Publish>(world.log);
  const std::size_t told_kernel = test::count_of<SetKernelStatus>(world.log);
  world.clock.jump(3);
  world.run(6);

  EXPECT_EQ(logs_with(world.log, "leap second: the clock moved by"), 0U);
  EXPECT_EQ(all_of<Publish>(world.log)[published].summary.leap, Leap::unsynchronized);
  EXPECT_FALSE(all_of<SetKernelStatus>(world.log)[told_kernel].is_synchronized);
}

TEST(EngineLeapSmear, OfTheSourcesKeepsTheClockFromLeapingToo) {
  World world(settings_of(1));
  ASSERT_EQ(world.kernel(), Leap::insert);
  Settings settings = settings_of(1);
  Driver client(settings);
  client.servers[test::address(1)].header.refid = wire::Refid::smear(Span::from_seconds(-0.25));
  client.start();
  client.run(kToMidnight_s - 5);

  EXPECT_TRUE(client.is_synchronized());
  EXPECT_EQ(all_of<SetKernelStatus>(client.log).back().leap, Leap::none);
  EXPECT_EQ(all_of<Publish>(client.log).back().summary.leap, Leap::none);
  EXPECT_EQ(logs_with(client.log, "the source that is followed spreads it"), 1U);
  // The curve has brought the clock to where the servers' clocks leap: nothing is missing.
  client.run(600);
  EXPECT_EQ(logs_with(client.log, "the kernel did not make it"), 0U);
  EXPECT_TRUE(client.is_synchronized());
}

TEST(EngineLeapSmear, IsSaidAtTheStartAndPublished) {
  Settings settings = settings_of(1);
  settings.leap_smear_interval_s = 3600;
  World world(settings);

  EXPECT_EQ(logs_with(world.log, "must not mix this server"), 1U);
  const state::ClockSummary summary = all_of<Publish>(world.log).back().summary;
  EXPECT_EQ(summary.leap_smear_interval_s, 3600);
  EXPECT_EQ(summary.leap_at, timestamp_of(kMidnight));
  EXPECT_EQ(world.kernel(), Leap::insert) << "our own clock leaps";
  EXPECT_NEAR(world.view().system.leap_smear_offset_s, -1, 1e-3);
}

}  // namespace
}  // namespace ntp::engine
