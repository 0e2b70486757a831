// SPDX-License-Identifier: BSD-2-Clause
#include "engine/feed_forward.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::FakeClock;
using test::raw;

/// A clock that follows what it is told of true time.
class Bench {
 public:
  explicit Bench(const Settings& settings = {}) : clock_follows(settings) {
    Effects out;
    clock_follows.start(clock.read(), 0, out);
    carry_out(out);
    clock_follows.set_base(clock_follows.drive().record().at(clock.read().raw), 0);
  }
  /// True time is ahead of the undisciplined clock by this, and by `frequency` more each second.
  void tell(double offset_s, double frequency, double drain_s, double aging = 0) {
    Effects out;
    const Now now = clock.read();
    clock_follows.follow(now, {{.offset_s = offset_s, .frequency = frequency, .aging = aging}, now.raw}, drain_s, out);
    carry_out(out);
  }
  void run(double seconds) {
    const std::int64_t end = clock.elapsed_ns() + test::nanoseconds(seconds);
    while (clock_follows.deadline() <= MonoTime::from_nanoseconds(test::kBoot_ns + end)) {
      const std::int64_t due = clock_follows.deadline().nanoseconds() - test::kBoot_ns;
      clock.advance(std::max<std::int64_t>(0, due - clock.elapsed_ns()));
      Effects out;
      clock_follows.tick(clock.read(), out);
      carry_out(out);
    }
    clock.advance(end - clock.elapsed_ns());
  }
  void carry_out(const Effects& effects) {
    for (const Effect& effect : effects) {
      if (const auto* step = std::get_if<StepClock>(&effect)) clock_follows.corrected(engine::carry_out(*step, clock));
      if (const auto* set = std::get_if<SetFrequency>(&effect)) {
        clock_follows.corrected(engine::carry_out(*set, clock));
        ++frequencies_set;
        fastest_ppm = std::max(fastest_ppm, std::abs(set->frequency_ppm));
      }
    }
  }
  /// System clock minus undisciplined clock.
  [[nodiscard]] double moved_s() { return clock_follows.corrected_s(clock.read().raw); }

  FakeClock clock;
  FeedForward clock_follows;
  int frequencies_set = 0;
  double fastest_ppm = 0;
};

TEST(CarriedOn, GoesOnWithFrequencyAndAging) {
  const DatedEstimate estimate{{.offset_s = 1, .frequency = 1e-5, .aging = 1e-9}, raw(100)};

  const estimator::ClockEstimate later = carried_on(estimate, raw(1100));

  // Aging fades within hours: in 1000 s it does a little less than if it stayed.
  EXPECT_NEAR(later.offset_s, 1 + 1e-2 + 0.5e-3, 2e-5);
  EXPECT_NEAR(later.frequency, 1.1e-5, 5e-8);
  EXPECT_LT(later.frequency, 1.1e-5);
  EXPECT_LT(later.aging, 1e-9);
}

TEST(FeedForward, TakesNoFrequencyThatOnlyABrokenClockHasBeforeItIsKnown) {
  for (const double sign : {1.0, -1.0}) {
    Bench bench;
    Effects out;
    Now now = bench.clock.read();
    bench.clock_follows.follow(now, {{.frequency = sign * 0.3, .frequency_deviation = 0.1}, now.raw}, 1, out);
    EXPECT_EQ(bench.clock_follows.own_ppm(), sign * 500);

    bench.clock_follows.follow(now, {{.frequency = sign * 0.004, .frequency_deviation = 5e-5}, now.raw}, 1, out);
    EXPECT_EQ(bench.clock_follows.own_ppm(), sign * 4000);
  }
}

TEST(FeedForward, NeverSteersFartherThanTheKernelsTick) {
  for (const double sign : {1.0, -1.0}) {
    Bench bench;
    bench.tell(sign * 0.1, sign * 0.005, 1);

    EXPECT_EQ(bench.fastest_ppm, FeedForward::kFastSlew_ppm);
  }
}

TEST(CarriedOn, KnowsLessTheFartherItLooks) {
  const DatedEstimate estimate{{.tracking_deviation_s = 3e-6, .deviation_s = 3e-6, .wander = 1e-9}, raw(0)};
  const DatedEstimate drifting{{.frequency_deviation = 1e-6}, raw(0)};

  EXPECT_NEAR(carried_on(estimate, raw(3e4)).deviation_s, std::hypot(3e-6, 1e-9 * std::sqrt(9e12)), 1e-12);
  EXPECT_DOUBLE_EQ(carried_on(drifting, raw(100)).tracking_deviation_s, 1e-4);
}

TEST(FeedForward, IsThereWhenTheTimeIsUpAndStays) {
  Bench bench;
  bench.tell(0.0001, 2e-5, 64);
  bench.run(200);
  const double start_s = bench.moved_s();
  EXPECT_NEAR(start_s, 0.0001 + 200 * 2e-5, 1e-8);

  bench.tell(bench.moved_s() + 0.0005, 2e-5, 64);
  bench.run(32);
  EXPECT_NEAR(bench.moved_s(), start_s + 32 * 2e-5 + 0.00025, 1e-8) << "half of it";
  bench.run(32);
  EXPECT_NEAR(bench.moved_s(), start_s + 64 * 2e-5 + 0.0005, 1e-8);
  bench.run(10000);
  EXPECT_NEAR(bench.moved_s(), start_s + 10064 * 2e-5 + 0.0005, 1e-8);
}

TEST(FeedForward, SlewsATenthOfASecondInUnderTwoSecondsAtTheStart) {
  Bench bench;
  bench.tell(0.1, 0, 64);
  bench.run(1.5);

  EXPECT_NEAR(bench.moved_s(), 0.1, 1e-8);
  EXPECT_LE(bench.fastest_ppm, FeedForward::kFastSlew_ppm);
}

TEST(FeedForward, SlewsNoFasterThan500PpmAfterTheFirstMinute) {
  Bench bench;
  bench.tell(0, 0, 64);
  bench.run(61);
  bench.tell(0.1, 0, 64);
  bench.run(100);
  EXPECT_NEAR(bench.moved_s(), 0.05, 1e-6);
  bench.run(110);

  EXPECT_NEAR(bench.moved_s(), 0.1, 1e-8);
  EXPECT_LE(bench.fastest_ppm, kMaxSlew_ppm);
}

TEST(FeedForward, NeverSlewsLargeOffsetsFast) {
  Bench bench;
  bench.tell(1, 0, 64);
  bench.run(50);

  EXPECT_LE(bench.fastest_ppm, kMaxSlew_ppm) << "where nothing may be stepped, programs still want a steady clock";
}

TEST(FeedForward, FollowsTheAging) {
  Bench bench;
  bench.tell(0, 1e-6, 64, 1e-12);
  bench.run(86400);

  EXPECT_NEAR(bench.moved_s(), 86400 * 1e-6 + 1e-12 * estimator::aging_effect(86400).offset, 2e-7);
  EXPECT_LE(bench.frequencies_set, 2 * 86400 / 64);
}

TEST(FeedForward, LeavesAKnownClockAlone) {
  Bench bench;
  bench.tell(0, 1e-6, 64);
  bench.run(10);
  const int before = bench.frequencies_set;
  bench.run(60);

  EXPECT_EQ(bench.frequencies_set, before);
}

TEST(FeedForward, KeepsTheFrequencyAndDropsTheSlewWhereThePhaseIsLost) {
  Bench bench;
  bench.tell(0, 3e-6, 64);
  bench.run(61);
  bench.tell(0.05, 3e-6, 64);
  Effects out;
  bench.clock_follows.release(bench.clock.read(), out);
  bench.carry_out(out);
  const double before_s = bench.moved_s();
  bench.run(1000);

  EXPECT_NEAR(bench.moved_s(), before_s + 1000 * 3e-6, 1e-8);
}

TEST(FeedForward, NeverAsksForMoreThanAClockCanBeOff) {
  Bench bench;
  bench.tell(0, 1, 64);
  bench.run(200);

  EXPECT_LE(bench.fastest_ppm, FeedForward::kMaxOwn_ppm + FeedForward::kFastSlew_ppm);
}

TEST(FeedForward, StaysExactWhereTheClockIsDecadesOff) {
  Bench bench;
  const double wrong_s = 20 * 365.25 * 86400;
  bench.clock_follows.set_base(bench.clock_follows.drive().record().at(bench.clock.read().raw), wrong_s);
  Effects out;
  bench.clock_follows.step(wrong_s, out);
  bench.carry_out(out);

  EXPECT_NEAR(bench.moved_s(), 0, 1e-9);
}

}  // namespace
}  // namespace ntp::engine
