// SPDX-License-Identifier: BSD-2-Clause
#include "engine/engine.h"

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
using test::logs_with;

using Algorithm = DisciplineSettings::Algorithm;

Settings one_server(bool has_drift_file = true, Algorithm algorithm = Algorithm::classic) {
  Settings settings;
  settings.discipline.algorithm = algorithm;
  SourceSettings source = test::server(1);
  source.has_iburst = true;
  settings.sources = {source};
  if (has_drift_file) settings.drift = DriftRecord{.frequency_ppm = 0};
  return settings;
}

/// Engine and world with one server; not started.
struct World : Driver {
  explicit World(Settings settings = one_server()) : Driver(std::move(settings)) { servers[address(1)]; }
  state::SourceView source() { return view().sources.at(0); }
  std::size_t sent() { return count_of<Send>(log); }
};

/// What both kinds of clock control do alike.
class BothControls : public ::testing::TestWithParam<Algorithm> {};
class EngineRun : public BothControls {};
class EngineStep : public BothControls {};
class EngineQuit : public BothControls {};
class EngineWithoutPermission : public BothControls {};
class EngineDrift : public BothControls {};
class EngineView : public BothControls {};

std::size_t index_of_first_step(const Effects& log) {
  for (std::size_t i = 0; i < log.size(); ++i)
    if (std::holds_alternative<StepClock>(log[i])) return i;
  return log.size();
}

TEST_P(EngineRun, OpensASocketAndSendsARequestAtTheStart) {
  World world(one_server(true, GetParam()));
  world.start();
  world.run(0.1);

  EXPECT_EQ(count_of<OpenEndpoint>(world.log), 1U);
  ASSERT_GE(world.sent(), 1U);
  EXPECT_EQ(all_of<Send>(world.log)[0].endpoint, all_of<OpenEndpoint>(world.log)[0].endpoint);
  ASSERT_GE(count_of<Publish>(world.log), 1U);
  EXPECT_EQ(all_of<Publish>(world.log)[0].summary.leap, wire::Leap::unsynchronized);
}

TEST_P(EngineRun, IsInSyncWithinFourGoodSamples) {
  World world(one_server(true, GetParam()));
  world.clock.jump(0.010);
  world.start();

  while (!world.is_synchronized() && world.sent() < 10) world.run(0.1);

  EXPECT_LE(world.sent(), 4U);
  EXPECT_EQ(world.view().system.stratum, 3);
  EXPECT_EQ(world.view().system.refid, wire::Refid::v4(address(1)));
  EXPECT_TRUE(world.view().system.waiting_for.empty());
}

TEST_P(EngineRun, IsInSyncEvenIfTheFirstSampleStaysTheBest) {
  World world(one_server(true, GetParam()));
  world.start();
  world.run(1);
  world.servers[address(1)].delay_s = 0.1;
  world.run(7);

  EXPECT_TRUE(world.is_synchronized()) << "later samples make the source's dispersion smaller, if nothing else";
}

TEST_P(EngineRun, BringsTheClockIn) {
  World world(one_server(true, GetParam()));
  world.clock.jump(-0.050);
  world.clock.drift_ppm = 0;
  world.start();
  world.run(3600);

  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
  EXPECT_EQ(world.view().system.discipline, state::DisciplineState::sync);
  EXPECT_TRUE(world.is_deadline_kept);
}

TEST(ClassicEngineRun, MeasuresTheFrequencyWithoutADriftFile) {
  World world(one_server(false));
  world.clock.drift_ppm = 100;
  world.start();
  world.run(30);
  EXPECT_EQ(world.view().system.discipline, state::DisciplineState::freq);
  EXPECT_EQ(all_of<Publish>(world.log).back().summary.dispersion_rate, 500e-6);

  world.run(600);

  EXPECT_EQ(world.view().system.discipline, state::DisciplineState::sync);
  EXPECT_NEAR(world.view().system.frequency_ppm, 100, 2);
  EXPECT_TRUE(world.is_deadline_kept);
}

TEST(ClassicEngineStep, IsAnnouncedAndFollowedByARestart) {
  World world;
  world.clock.jump(5);
  world.start();
  world.run(20);

  const std::size_t at = index_of_first_step(world.log);
  ASSERT_LT(at, world.log.size());
  Effects before(world.log.begin(), world.log.begin() + static_cast<std::ptrdiff_t>(at));
  Effects after(world.log.begin() + static_cast<std::ptrdiff_t>(at), world.log.end());
  EXPECT_EQ(all_of<Publish>(before).back().summary.leap, wire::Leap::unsynchronized);
  EXPECT_EQ(all_of<Publish>(after).front().summary.leap, wire::Leap::unsynchronized);
  EXPECT_EQ(count_of<OpenEndpoint>(after), 1U);
  EXPECT_GE(count_of<Send>(after), 5U) << "a new burst";
  EXPECT_NEAR(all_of<StepClock>(world.log)[0].amount.seconds(), -5, 1e-6);
  EXPECT_EQ(count_of<StepClock>(world.log), 1U);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
}

TEST_P(EngineStep, IsRefusedBeyondThePanicThreshold) {
  World world(one_server(true, GetParam()));
  world.clock.jump(2000);
  world.start();
  world.run(20);

  ASSERT_GE(count_of<Terminate>(world.log), 1U);
  EXPECT_EQ(all_of<Terminate>(world.log)[0].reason, Terminate::Reason::panic);
  EXPECT_EQ(count_of<StepClock>(world.log), 0U);
}

TEST_P(EngineStep, IsDoneBeyondThePanicThresholdWithG) {
  Settings settings = one_server(true, GetParam());
  settings.lifts_panic_once = true;
  World world(settings);
  world.clock.jump(20 * 365.25 * 86400);
  world.start();
  world.run(30);

  EXPECT_EQ(count_of<Terminate>(world.log), 0U);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-4);
  EXPECT_TRUE(world.is_synchronized());
}

TEST_P(EngineQuit, EndsOnceTheClockIsSet) {
  Settings settings = one_server(true, GetParam());
  settings.quits_after_set = settings.steps_once = true;
  World world(settings);
  world.clock.jump(0.010);
  world.start();
  world.run(20);

  ASSERT_EQ(count_of<Terminate>(world.log), 1U);
  EXPECT_EQ(all_of<Terminate>(world.log)[0].reason, Terminate::Reason::clock_was_set);
}

TEST_P(EngineQuit, GivesUpWithoutASource) {
  Settings settings = one_server(true, GetParam());
  settings.quits_after_set = settings.steps_once = true;
  World world(settings);
  world.servers.clear();
  world.start();
  world.run(600);

  ASSERT_EQ(count_of<Terminate>(world.log), 1U);
  EXPECT_EQ(all_of<Terminate>(world.log)[0].reason, Terminate::Reason::no_source);
  EXPECT_TRUE(world.is_deadline_kept);
}

TEST_P(EngineQuit, SaysThatItMayNotSetTheClock) {
  Settings settings = one_server(true, GetParam());
  settings.quits_after_set = settings.steps_once = true;
  World world(settings);
  world.clock.os_error = EPERM;
  world.start();
  world.run(20);

  ASSERT_GE(count_of<Terminate>(world.log), 1U);
  EXPECT_EQ(all_of<Terminate>(world.log)[0].reason, Terminate::Reason::no_source);
}

TEST_P(EngineWithoutPermission, MeasuresAndSaysSoOnce) {
  World world(one_server(true, GetParam()));
  world.clock.os_error = EPERM;
  world.clock.jump(0.030);
  world.start();
  world.run(600);

  EXPECT_EQ(logs_with(world.log, "the clock can't be set"), 1U);
  EXPECT_FALSE(world.view().system.sets_clock);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_GE(all_of<Publish>(world.log).back().summary.root_dispersion_s, 0.030) << "the uncorrected offset counts";
  EXPECT_NEAR(world.view().system.offset_s, -0.030, 1e-4);
}

TEST_P(EngineWithoutPermission, NeverCallsAWrongClockRight) {
  Settings settings = one_server(true, GetParam());
  settings.sets_clock = false;
  World world(settings);
  world.clock.jump(0.5);
  world.start();
  world.run(600);

  EXPECT_EQ(logs_with(world.log, "the clock is left alone"), 1U);
  EXPECT_FALSE(world.is_synchronized());
  EXPECT_EQ(world.view().system.stratum, 0);
  EXPECT_EQ(world.view().system.refid, wire::kRefidInit);
  EXPECT_NE(world.view().system.waiting_for.find("is not ours to set"), std::string::npos);
  for (const Publish& publish : all_of<Publish>(world.log)) EXPECT_EQ(publish.summary.leap, wire::Leap::unsynchronized);
  EXPECT_EQ(count_of<SetFrequency>(world.log) + count_of<StepClock>(world.log) + count_of<SetKernelStatus>(world.log),
            0U);
}

TEST_P(EngineWithoutPermission, SaysHowWrongTheClockIsRightAfterARefusedStep) {
  World world(one_server(true, GetParam()));
  world.start();
  world.clock.jump(0.3);
  world.clock.os_error = EPERM;
  world.run(8);

  EXPECT_FALSE(world.is_synchronized());
  EXPECT_NE(world.view().system.waiting_for.find("is not ours to set"), std::string::npos);
}

TEST(EngineJump, VoidsAllSamplesAndMeasuresAnew) {
  World world;
  world.start();
  world.run(1000);
  ASSERT_TRUE(world.is_synchronized());
  const std::size_t published = count_of<Publish>(world.log);

  world.clock.jump(3);
  world.run(17);

  EXPECT_EQ(logs_with(world.log, "the clock was moved by +3.000 s"), 1U);
  EXPECT_EQ(all_of<Publish>(world.log)[published].summary.leap, wire::Leap::unsynchronized);
  world.run(60);
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-3);
  EXPECT_TRUE(world.is_synchronized());
}

TEST_P(EngineDrift, IsSavedHourly) {
  World world(one_server(true, GetParam()));
  world.start();
  world.run(3 * 3600 + 100);

  EXPECT_EQ(count_of<SaveDrift>(world.log), 3U);
}

TEST_P(EngineDrift, IsSavedAtTheEndIfItIsKnown) {
  Settings settings = one_server(true, GetParam());
  settings.drift = DriftRecord{.frequency_ppm = 17.25};
  World world(settings);
  world.start();
  world.stop();

  ASSERT_EQ(count_of<SaveDrift>(world.log), 1U);
  EXPECT_EQ(all_of<SaveDrift>(world.log)[0].drift.frequency_ppm, 17.25);
}

TEST_P(EngineDrift, OfTheFileIsSavedEvenIfTheClockIsNotOurs) {
  Settings settings = one_server(true, GetParam());
  settings.drift = DriftRecord{.frequency_ppm = 17.25};
  settings.kernel_frequency_ppm = 3;
  settings.sets_clock = false;
  World world(settings);
  world.start();
  world.stop();

  ASSERT_EQ(count_of<SaveDrift>(world.log), 1U);
  EXPECT_EQ(all_of<SaveDrift>(world.log)[0].drift.frequency_ppm, 17.25);
}

TEST_P(EngineDrift, OfTheKernelIsNotSavedIfTheClockIsNotOurs) {
  Settings settings = one_server(false, GetParam());
  settings.kernel_frequency_ppm = -8.5;
  World world(settings);
  world.clock.os_error = EPERM;
  world.start();
  world.run(30);
  world.stop();

  EXPECT_EQ(count_of<SaveDrift>(world.log), 0U) << "whoever sets the clock may change it any time";
}

TEST(ClassicEngineDrift, ThatIsOnlyAGuessIsNotSaved) {
  World world(one_server(false));
  world.start();
  world.run(30);
  world.stop();

  EXPECT_EQ(count_of<SaveDrift>(world.log), 0U) << "the next start would trust it";
}

TEST_P(EngineView, SaysWhatItWaitsFor) {
  Settings nothing;
  nothing.discipline.algorithm = GetParam();
  Driver idle(nothing);
  idle.start();
  EXPECT_EQ(idle.view().system.waiting_for, "a source: none is configured");

  Settings by_name;
  by_name.discipline.algorithm = GetParam();
  SourceSettings source;
  source.name = "ntp.example";
  by_name.sources = {source};
  Driver nameless(by_name);
  nameless.start();
  nameless.run(10);
  EXPECT_EQ(nameless.view().system.waiting_for, "an address for ntp.example (name server or network not there yet)");

  World world(one_server(true, GetParam()));
  world.start();
  EXPECT_EQ(world.view().system.waiting_for, "the first answer of a source");
}

TEST(ClassicEngineView, SaysThatOneSampleIsNotEnough) {
  World world;
  world.start();
  world.run(1);

  EXPECT_EQ(world.view().system.waiting_for, "no source is fit to be followed");
}

TEST_P(EngineView, ShowsTheSources) {
  World world(one_server(true, GetParam()));
  world.servers[address(1)].offset_s = 0.02;
  world.start();
  world.run(8);

  const state::SourceView source = world.source();
  EXPECT_EQ(source.remote, (Endpoint{address(1), 123}));
  EXPECT_EQ(source.stratum, 2);
  EXPECT_EQ(source.reach, 1);
  EXPECT_NEAR(source.delay_s, 0.010, 1e-4);
  EXPECT_EQ(source.selection, state::Selection::system_peer);
  EXPECT_EQ(source.flash, 0U);
  EXPECT_GE(source.since_received_s, 0);
  EXPECT_EQ(source.sent, world.sent());
}

const auto kBoth = ::testing::Values(Algorithm::estimator, Algorithm::classic);
constexpr auto name_of = [](const auto& info) {
  return info.param == Algorithm::estimator ? std::string("Estimator") : std::string("Classic");
};
INSTANTIATE_TEST_SUITE_P(With, EngineRun, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineStep, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineQuit, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineWithoutPermission, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineDrift, kBoth, name_of);
INSTANTIATE_TEST_SUITE_P(With, EngineView, kBoth, name_of);

}  // namespace
}  // namespace ntp::engine
