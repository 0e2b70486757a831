// SPDX-License-Identifier: BSD-2-Clause
#include "sim/oscillator.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/calendar.h"

namespace ntp::sim {
namespace {

const Timestamp kStart = timestamp_from_unix(1'800'000'000, 0);

TrueTime at(double seconds) { return TrueTime::from_seconds(seconds); }

TEST(Oscillator, PerfectClockShowsTrueTimeToTheUnitAfterDecades) {
  Oscillator clock({}, kStart, 1);
  const double twenty_years_s = 20.0 * 365.25 * 86400.0;

  clock.advance_to(at(twenty_years_s) + 0.25);

  EXPECT_EQ(clock.real(), kStart + Span::from_seconds(twenty_years_s) + Span::from_seconds(0.25));
  EXPECT_EQ(clock.true_offset_s(), 0.0);
}

TEST(Oscillator, FrequencyErrorBecomesOffset) {
  Oscillator clock({.frequency_ppm = 50}, kStart, 1);

  clock.advance_to(at(10000));

  EXPECT_NEAR(clock.true_offset_s(), 0.5, 1e-9);
  EXPECT_NEAR(clock.read().raw - RawTime{}, 10000.5, 1e-6);
}

TEST(Oscillator, SteeringMovesSystemAndMonotonicClockButNotTheRawOne) {
  Oscillator clock({.frequency_ppm = 50}, kStart, 1);
  ASSERT_TRUE(clock.set_frequency(-50).has_value());

  clock.advance_to(at(10000));

  EXPECT_NEAR(clock.true_offset_s(), 10000 * -50e-6 * 50e-6, 1e-9);
  EXPECT_NEAR(clock.mono() - MonoTime{}, 10000.0, 1e-4);
  EXPECT_NEAR(clock.read().raw - RawTime{}, 10000.5, 1e-6);
}

TEST(Oscillator, RoundsTheFrequencyAsTheKernelDoes) {
  Oscillator clock({}, kStart, 1);

  const auto set = clock.set_frequency(0.1);

  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(*set * 65536.0, std::nearbyint(*set * 65536.0));
  EXPECT_NEAR(*set, 0.1, 1.0 / 65536.0);
  EXPECT_EQ(clock.frequency_ppm().value(), *set);
}

TEST(Oscillator, RefusesEveryCorrectionWithoutPermission) {
  Oscillator clock({.may_be_set = false}, kStart, 1);

  EXPECT_EQ(clock.step(Span::from_seconds(1)).error().os_error, 1);
  EXPECT_EQ(clock.set_frequency(1).error().os_error, 1);
  EXPECT_EQ(clock.set_status({}).error().os_error, 1);
  EXPECT_EQ(clock.true_offset_s(), 0.0);
  EXPECT_EQ(clock.frequency_ppm().value(), 0.0);
}

TEST(Oscillator, StepMovesTheSystemClockAlone) {
  Oscillator clock({}, kStart, 1);
  clock.advance_to(at(5));
  const engine::Now before = clock.read();

  clock.step_by_other(Span::from_seconds(-3.5));

  EXPECT_EQ(clock.read().real - before.real, Span::from_seconds(-3.5));
  EXPECT_EQ(clock.read().mono, before.mono);
  EXPECT_EQ(clock.read().raw, before.raw);
}

TEST(Oscillator, SuspensionStopsMonotonicAndRawClockWhileTheSystemClockGoesOn) {
  Oscillator clock({}, kStart, 1);
  clock.advance_to(at(100));
  clock.suspend();
  clock.advance_to(at(3700));
  clock.resume(0.25);

  clock.advance_to(at(3710));

  EXPECT_NEAR(clock.mono() - MonoTime{}, 110.0, 1e-6);
  EXPECT_NEAR(clock.read().raw - RawTime{}, 110.0, 1e-6);
  EXPECT_NEAR(clock.true_offset_s(), 0.25, 1e-9);
}

TEST(Oscillator, WanderGrowsWithTheRootOfTime) {
  double sum_squares = 0;
  constexpr int kClocks = 400;
  for (std::uint64_t seed = 1; seed <= kClocks; ++seed) {
    Oscillator clock({.wander_ppm = 0.01}, kStart, seed);
    clock.advance_to(at(900.5));
    const double error_ppm = clock.true_frequency_error_ppm();
    sum_squares += error_ppm * error_ppm;
  }

  // 900 draws of 0.01 ppm: 0.3 ppm; the estimate of a deviation from 400 is good to 3.5 %.
  EXPECT_NEAR(std::sqrt(sum_squares / kClocks), 0.3, 0.04);
}

TEST(Oscillator, TemperatureComesBackAfterItsPeriod) {
  Oscillator clock({.temperature_ppm = 0.5, .temperature_period_s = 86400}, kStart, 1);

  clock.advance_to(at(43200));
  const double half_s = clock.true_offset_s();
  clock.advance_to(at(86400));

  // The integral of half a sine: amplitude times period over pi.
  EXPECT_NEAR(half_s, 0.5e-6 * 86400 / 3.14159265, 1e-5);
  EXPECT_NEAR(clock.true_offset_s(), 0.0, 1e-6);
}

TEST(Oscillator, RippleIsATriangleThatStartsAtZeroAndRises) {
  Oscillator clock({.frequency_ppm = 10, .ripple_ppm = 0.05, .ripple_period_s = 2400}, kStart, 1);
  const auto effect_at = [&](double seconds) {
    clock.advance_to(at(seconds));
    return clock.temperature_effect_ppm();
  };

  EXPECT_NEAR(effect_at(0), 0.0, 1e-12);
  EXPECT_NEAR(effect_at(300), 0.025, 1e-12);
  EXPECT_NEAR(effect_at(600), 0.05, 1e-12);
  EXPECT_NEAR(effect_at(1200), 0.0, 1e-12);
  EXPECT_NEAR(effect_at(1800), -0.05, 1e-12);
  EXPECT_NEAR(clock.raw_frequency_error_ppm(), 9.95, 1e-9);
  EXPECT_NEAR(effect_at(3000), 0.05, 1e-12);
}

TEST(Oscillator, WhatTemperatureAddsIsSineAndTriangleTogether) {
  Oscillator clock({.temperature_ppm = 0.5, .temperature_period_s = 4800, .ripple_ppm = 0.1, .ripple_period_s = 2400},
                   kStart, 1);

  clock.advance_to(at(1200));
  EXPECT_NEAR(clock.temperature_effect_ppm(), 0.5, 1e-9);
  clock.advance_to(at(1800));
  EXPECT_NEAR(clock.temperature_effect_ppm(), 0.5 * std::sqrt(0.5) - 0.1, 1e-9);
}

TEST(Oscillator, TheRawOffsetIsThatOfTheClockThatNobodySteers) {
  Oscillator clock({.offset_s = 3, .frequency_ppm = 50}, kStart, 1);
  ASSERT_TRUE(clock.set_frequency(-50).has_value());

  clock.advance_to(at(10000));

  EXPECT_NEAR(clock.raw_offset_s(), 0.5, 1e-9);
  EXPECT_NEAR(clock.raw_frequency_error_ppm(), 50, 1e-9);
}

TEST(Oscillator, AnotherFrequencyKeepsTheWanderOnTop) {
  Oscillator same({.frequency_ppm = 5, .wander_ppm = 0.01}, kStart, 9);
  Oscillator changed({.frequency_ppm = 5, .wander_ppm = 0.01}, kStart, 9);
  same.advance_to(at(1000));
  changed.advance_to(at(1000));

  changed.change_oscillator(6);

  EXPECT_NEAR(changed.raw_frequency_error_ppm() - same.raw_frequency_error_ppm(), 1.0, 1e-9);
}

TEST(Oscillator, ResolutionHidesTheLowBits) {
  Oscillator clock({.resolution_s = 0.01}, kStart, 1);
  clock.advance_to(at(1.23456));

  const double shown_s = (clock.read().real - kStart).seconds();

  EXPECT_LE(shown_s, 1.23456);
  EXPECT_GT(shown_s, 1.23456 - 0.0101);
}

RC_GTEST_PROP(Oscillator, PhysicsDoesNotDependOnWhenItIsRead, (const std::vector<std::uint32_t>& reads)) {
  const OscillatorSettings settings{
      .frequency_ppm = 12, .wander_ppm = 0.05, .temperature_ppm = 1, .temperature_period_s = 600};
  Oscillator often(settings, kStart, 7);
  Oscillator once(settings, kStart, 7);
  std::vector<std::uint32_t> order = reads;
  std::sort(order.begin(), order.end());

  for (const std::uint32_t read : order) often.advance_to(TrueTime::from_units(std::int64_t{read} * 1000));
  const TrueTime end = TrueTime::from_units((std::int64_t{1} << 32U) * 1001);
  often.advance_to(end);
  once.advance_to(end);

  RC_ASSERT(often.real() == once.real());
  RC_ASSERT(often.mono() == once.mono());
}

RC_GTEST_PROP(Oscillator, AnAlarmIsNeverEarlyAndAtMostANanosecondLate, ()) {
  const auto frequency_ppm = *rc::gen::inRange(-900, 900);
  const auto start_ms = *rc::gen::inRange(0, 1'000'000'000);
  const auto wait_ns = *rc::gen::inRange<std::int64_t>(1, 200'000'000'000'000);
  Oscillator clock({.frequency_ppm = static_cast<double>(frequency_ppm)}, kStart, 3);
  clock.advance_to(at(start_ms / 1000.0));
  const MonoTime due = MonoTime::from_nanoseconds(clock.mono().nanoseconds() + wait_ns);

  clock.advance_to(clock.when_mono_shows(due));

  // A double carries the wait to 1e-16 of it.
  RC_ASSERT(clock.mono().nanoseconds() >= due.nanoseconds() - 1);
  RC_ASSERT(clock.mono().nanoseconds() <= due.nanoseconds() + 2);
}

RC_GTEST_PROP(Oscillator, StepsAddUpExactly, (const std::vector<std::int32_t>& steps)) {
  Oscillator clock({}, kStart, 1);
  std::int64_t sum = 0;

  for (const std::int32_t step : steps) {
    RC_ASSERT(clock.step(Span::from_units(step)).value() == Span::from_units(step));
    sum += step;
  }

  RC_ASSERT(clock.real() == kStart + Span::from_units(sum));
}

/// A right clock 10 s before the end of June 2027, in a world that leaps there.
struct LeapingClock {
  explicit LeapingClock(int change_s)
      : clock({.leap = world_leap(change_s, kJuly2027, kJuly2027 - 10)}, timestamp_from_unix(kJuly2027 - 10, 0), 1) {}

  double shows_s(double at_s) {
    clock.advance_to(TrueTime::from_seconds(at_s));
    return (clock.real() - timestamp_from_unix(kJuly2027, 0)).seconds();
  }
  void tell(wire::Leap leap) { ASSERT_TRUE(clock.set_status({.is_synchronized = true, .leap = leap})); }

  static constexpr std::int64_t kJuly2027 = 1'814'400'000;
  Oscillator clock;
};

TEST(OscillatorLeap, ShowsAnInsertedSecondTwice) {
  LeapingClock c(1);
  c.tell(wire::Leap::insert);

  EXPECT_NEAR(c.shows_s(9.5), -0.5, 1e-9);
  EXPECT_NEAR(c.shows_s(10), -1, 1e-6);
  EXPECT_NEAR(c.shows_s(10.5), -0.5, 1e-6);
  EXPECT_NEAR(c.shows_s(11.5), 0.5, 1e-6);
  EXPECT_NEAR(c.clock.true_offset_s(), 0, 1e-6);
  EXPECT_EQ(c.clock.leaps(), 1);
}

TEST(OscillatorLeap, NeverShowsASecondThatIsLeftOut) {
  LeapingClock c(-1);
  c.tell(wire::Leap::remove);

  EXPECT_NEAR(c.shows_s(8.999), -1.001, 1e-6);
  EXPECT_NEAR(c.shows_s(9.001), 0.001, 1e-6);
  EXPECT_NEAR(c.clock.true_offset_s(), 0, 1e-6);
}

TEST(OscillatorLeap, IsMadeOnceUntilItIsCalledOff) {
  LeapingClock c(1);
  c.tell(wire::Leap::insert);
  c.shows_s(10.2);
  c.tell(wire::Leap::insert);
  c.shows_s(20);
  EXPECT_EQ(c.clock.leaps(), 1);

  c.tell(wire::Leap::none);
  c.tell(wire::Leap::insert);
  EXPECT_NEAR(c.shows_s(86411 + 1.5), 86400 + 0.5, 1e-6) << "the next midnight";
  EXPECT_EQ(c.clock.leaps(), 2);
}

TEST(OscillatorLeap, IsNotMadeByAKernelThatWasNotTold) {
  LeapingClock c(1);
  c.tell(wire::Leap::insert);
  c.tell(wire::Leap::none);

  EXPECT_NEAR(c.shows_s(12), 2, 1e-9);
  EXPECT_NEAR(c.clock.true_offset_s(), 1, 1e-9);
}

TEST(WorldLeapTime, IsSpreadWhereClocksAreJudgedByIt) {
  WorldLeap leap = world_leap(1, 1000, 0);
  EXPECT_EQ(leap.lead_s(TrueTime::from_seconds(999)), 0);
  EXPECT_EQ(leap.lead_s(TrueTime::from_seconds(1000)), -1);
  leap.smear_interval_s = 1000;

  EXPECT_NEAR(leap.lead_s(TrueTime::from_seconds(500)), -0.5, 1e-12);
  EXPECT_NEAR(leap.lead_s(TrueTime::from_seconds(999.9)), -1, 1e-6);
  EXPECT_EQ(leap.lead_s(TrueTime::from_seconds(1001)), -1);
}

}  // namespace
}  // namespace ntp::sim
