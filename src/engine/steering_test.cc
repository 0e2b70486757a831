// SPDX-License-Identifier: BSD-2-Clause
#include "engine/steering.h"

#include <cerrno>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::FakeClock;

/// Steering with a clock that does what it wants.
class Bench {
 public:
  explicit Bench(Settings settings = trusted()) : steering(settings) {
    Effects out;
    steering.start(clock.read(), out);
    carry_out(out);
  }
  static Settings trusted() {
    Settings settings;
    settings.drift = DriftRecord{.frequency_ppm = 0};
    return settings;
  }

  void carry_out(const Effects& effects) {
    for (const Effect& effect : effects) {
      if (const auto* step = std::get_if<StepClock>(&effect)) report(engine::carry_out(*step, clock));
      if (const auto* set = std::get_if<SetFrequency>(&effect)) report(engine::carry_out(*set, clock));
    }
  }
  Action update(double offset_s) {
    Effects out;
    const Action action = steering.update(clock.read(), offset_s, 0, out);
    if (action == Action::step) steering.step(offset_s, out);
    carry_out(out);
    return action;
  }
  void run(double seconds) {
    const std::int64_t end = clock.elapsed_ns() + test::nanoseconds(seconds);
    while (steering.deadline() <= MonoTime::from_nanoseconds(test::kBoot_ns + end)) {
      clock.advance(std::max<std::int64_t>(0, steering.deadline().nanoseconds() - test::kBoot_ns - clock.elapsed_ns()));
      Effects out;
      steering.tick(clock.read(), out);
      carry_out(out);
    }
    clock.advance(end - clock.elapsed_ns());
  }

  FakeClock clock;
  Steering steering;
  std::vector<Steering::Outcome> outcomes;

 private:
  void report(const ClockCorrected& outcome) {
    Effects out;
    outcomes.push_back(steering.corrected(clock.read(), outcome, out));
    carry_out(out);
  }
};

TEST(Steering, BeginsWithTheFrequencyOfTheDriftFile) {
  Settings settings;
  settings.drift = DriftRecord{.frequency_ppm = 12.5};
  settings.kernel_frequency_ppm = 3;
  Bench bench(settings);

  EXPECT_EQ(bench.clock.frequency_ppm().value(), 12.5);
  EXPECT_EQ(bench.steering.record().frequency_ppm(), 12.5);
}

TEST(Steering, BeginsWithTheKernelsFrequencyWithoutADriftFile) {
  Settings settings;
  settings.kernel_frequency_ppm = 3;
  Bench bench(settings);

  EXPECT_EQ(bench.steering.discipline().frequency_ppm(), 3);
  EXPECT_FALSE(bench.steering.discipline().is_frequency_known());
}

TEST(Steering, SlewsTheWholeOffset) {
  Bench bench;

  EXPECT_EQ(bench.update(0.020), Action::slewed);
  bench.run(400);

  EXPECT_NEAR(bench.clock.error_s(), 0.020, 1e-8);
  EXPECT_EQ(bench.steering.deadline(), MonoTime::never()) << "nothing is left to slew, nothing to wake up for";
}

TEST(Steering, CountsWhatTheKernelRoundedAway) {
  Bench bench;
  bench.update(0.0123456789);

  for (int i = 0; i < 300; ++i) {
    bench.run(1);
    Effects out;
    bench.steering.tick(bench.clock.read(), out);
    bench.carry_out(out);
  }
  bench.run(1000);

  const double moved_s = bench.clock.error_s();
  EXPECT_NEAR(moved_s + bench.steering.discipline().residual_s(), 0.0123456789, 2e-9);
}

TEST(Steering, HasARecordThatAgreesWithTheClock) {
  Bench bench;
  const Correction at_start = bench.steering.correction(bench.clock.read().raw);
  bench.update(0.1);
  bench.run(77.7);
  bench.update(-0.03);
  bench.run(123.4);

  EXPECT_NEAR(bench.steering.correction(bench.clock.read().raw) - at_start, bench.clock.error_s(), 2e-9);
}

TEST(Steering, PutsTheTrueStepIntoTheRecord) {
  Bench bench;
  bench.clock.step_error_units = 4'294'967;  // a millisecond too far
  const Correction at_start = bench.steering.correction(bench.clock.read().raw);

  EXPECT_EQ(bench.update(2.0), Action::step);

  EXPECT_EQ(bench.outcomes.back(), Steering::Outcome::stepped);
  EXPECT_NEAR(bench.steering.correction(bench.clock.read().raw) - at_start, 2.001, 1e-9);
  EXPECT_FALSE(bench.steering.is_step_pending());
}

TEST(Steering, NeverCountsWhatWasNotAllowed) {
  Bench bench;
  bench.clock.os_error = EPERM;
  const Correction at_start = bench.steering.correction(bench.clock.read().raw);

  bench.update(0.020);
  bench.run(100);

  EXPECT_FALSE(bench.steering.sets_clock());
  EXPECT_EQ(bench.outcomes.back(), Steering::Outcome::permission_lost);
  EXPECT_EQ(bench.steering.correction(bench.clock.read().raw) - at_start, 0.0);
  EXPECT_EQ(bench.steering.deadline(), MonoTime::never());
}

TEST(Steering, SaysOnceThatAStepWasRefused) {
  Bench bench;
  bench.clock.os_error = EPERM;

  bench.update(5);
  EXPECT_EQ(bench.outcomes.back(), Steering::Outcome::permission_lost);
  EXPECT_FALSE(bench.steering.is_step_pending());

  Effects out;
  bench.steering.step(5, out);
  bench.carry_out(out);
  EXPECT_EQ(bench.outcomes.back(), Steering::Outcome::done);
}

TEST(Steering, TriesAgainAfterAnErrorThatIsNoMissingRight) {
  Bench bench;
  bench.clock.os_error = EINVAL;

  bench.update(5);

  EXPECT_EQ(bench.outcomes.back(), Steering::Outcome::failed);
  EXPECT_TRUE(bench.steering.sets_clock());
  EXPECT_FALSE(bench.steering.is_step_pending());
}

TEST(Steering, TakesAJumpIntoTheRecordAndDropsTheSlew) {
  Bench bench;
  bench.update(0.1);
  bench.run(10);
  const double before_s = bench.clock.error_s();

  bench.clock.jump(-7);
  Effects out;
  bench.steering.jumped(bench.clock.read(), Span::from_seconds(-7), out);
  bench.carry_out(out);
  bench.run(100);

  EXPECT_NEAR(bench.clock.error_s(), before_s - 7, 1e-9) << "the slew of the time before is over";
}

TEST(Steering, LeavesTheClockAtItsOwnFrequencyAtTheEnd) {
  Settings settings;
  settings.drift = DriftRecord{.frequency_ppm = 4};
  Bench bench(settings);
  bench.update(0.1);
  EXPECT_NE(bench.clock.frequency_ppm().value(), 4);

  Effects out;
  bench.steering.stop(bench.clock.read(), out);
  bench.carry_out(out);

  EXPECT_EQ(bench.clock.frequency_ppm().value(), 4);
}

TEST(Steering, TouchesNothingWhereTheClockIsNotOurs) {
  Settings settings;
  settings.sets_clock = false;
  settings.drift = DriftRecord{.frequency_ppm = 99};
  Steering steering(settings);
  Effects out;

  steering.start(test::now(0), out);
  steering.tick(test::now(10), out);
  steering.jumped(test::now(20), Span::from_seconds(1), out);
  steering.stop(test::now(30), out);

  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace ntp::engine
