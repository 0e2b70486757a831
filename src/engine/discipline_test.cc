// SPDX-License-Identifier: BSD-2-Clause
#include "engine/discipline.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using State = state::DisciplineState;
using test::corrected;
using test::raw;

constexpr double kPrecision_s = 1e-6;

Update update(double at_s, double offset_s, double corrected_s = 0) {
  return {.offset_s = offset_s, .jitter_s = 0, .now = raw(at_s), .correction = corrected(corrected_s)};
}

Discipline started(bool has_drift_file, double frequency_ppm = 0) {
  Discipline discipline({}, kPrecision_s);
  discipline.start(frequency_ppm, has_drift_file);
  discipline.set_poll_bounds(6, 10);
  return discipline;
}

/// In state SYNC, its start-up hold over, its last update at t = 1000 s with offset 0.
Discipline synchronized(double frequency_ppm = 0, const DisciplineSettings& settings = {}) {
  Discipline discipline(settings, kPrecision_s);
  discipline.start(frequency_ppm, true);
  discipline.set_poll_bounds(6, 10);
  discipline.update(update(0, 0));
  discipline.update(update(1000, 0));
  return discipline;
}

struct Row {
  const char* what;
  State from;
  double offset_s;
  double after_s;  ///< since the last update in bounds
  Action action;
  State to;
};

Discipline in_state(State state) {
  switch (state) {
    case State::nset:
      return started(false);
    case State::fset:
      return started(true);
    case State::freq: {
      Discipline discipline = started(false);
      discipline.update(update(1000, 0));
      return discipline;
    }
    case State::sync:
      return synchronized();
    case State::spik: {
      Discipline discipline = synchronized();
      discipline.update(update(1001, 1));
      return discipline;
    }
  }
  return started(false);
}

TEST(DisciplineStates, FollowTheChart) {
  const Row rows[] = {
      {"no drift file, small", State::nset, 0.1, 5, Action::slewed, State::freq},
      {"no drift file, large", State::nset, 0.2, 5, Action::step, State::nset},
      {"drift file, small", State::fset, -0.1, 5, Action::slewed, State::sync},
      {"drift file, large", State::fset, -0.2, 5, Action::step, State::fset},
      {"measuring, small, early", State::freq, 0.1, 299, Action::slewed, State::freq},
      {"measuring, small, late", State::freq, 0.1, 300, Action::slewed, State::sync},
      {"measuring, large, early", State::freq, 0.2, 299, Action::ignored, State::freq},
      {"measuring, large, late", State::freq, 0.2, 300, Action::step, State::sync},
      {"in sync, small", State::sync, 0.1, 64, Action::slewed, State::sync},
      {"in sync, large", State::sync, 0.2, 64, Action::ignored, State::spik},
      {"in sync, large, after a long silence", State::sync, 0.2, 5000, Action::ignored, State::spik},
      {"spike, back in bounds", State::spik, 0.1, 128, Action::slewed, State::sync},
      {"spike, still large, early", State::spik, 0.2, 299, Action::ignored, State::spik},
      {"spike, still large, late", State::spik, 0.2, 300, Action::step, State::spik},
      {"the threshold itself is in bounds", State::sync, 0.128, 64, Action::slewed, State::sync},
  };

  for (const Row& row : rows) {
    Discipline discipline = in_state(row.from);
    EXPECT_EQ(discipline.update(update(1000 + row.after_s, row.offset_s)), row.action) << row.what;
    EXPECT_EQ(discipline.state(), row.to) << row.what;
  }
}

TEST(DisciplineStates, AStepLeadsOnByWhetherTheFrequencyIsKnown) {
  const struct {
    State from;
    State to;
  } rows[] = {{State::nset, State::freq}, {State::fset, State::sync}, {State::spik, State::sync}};

  for (const auto& row : rows) {
    Discipline discipline = in_state(row.from);
    ASSERT_EQ(discipline.update(update(1300, 0.2)), Action::step);
    discipline.stepped(raw(1300), corrected(0.2));
    EXPECT_EQ(discipline.state(), row.to) << state::to_text(row.from);
    EXPECT_EQ(discipline.residual_s(), 0.0);
    EXPECT_EQ(discipline.poll_log2s(), 6);
  }
}

TEST(DisciplineStates, AJumpByOthersKeepsTheFrequencyAlone) {
  Discipline known = in_state(State::sync);
  Discipline unknown = in_state(State::freq);

  known.phase_lost();
  unknown.phase_lost();

  EXPECT_EQ(known.state(), State::fset);
  EXPECT_EQ(unknown.state(), State::nset);
}

TEST(DisciplinePanic, RefusesWhatIsBeyondTheThreshold) {
  for (const State state : {State::nset, State::fset, State::freq, State::sync, State::spik}) {
    Discipline discipline = in_state(state);
    EXPECT_EQ(discipline.update(update(1500, -1000.5)), Action::panic) << state::to_text(state);
    EXPECT_EQ(discipline.state(), state);
  }
}

TEST(DisciplinePanic, IsLiftedOnceByG) {
  Discipline discipline = started(true);
  discipline.lift_panic_once();

  EXPECT_EQ(discipline.update(update(0, 5000)), Action::step);
  discipline.stepped(raw(0), corrected(5000));

  EXPECT_EQ(discipline.update(update(64, 5000)), Action::panic);
}

TEST(DisciplinePanic, IsLiftedNoLongerAfterAGoodFirstOffset) {
  Discipline discipline = started(true);
  discipline.lift_panic_once();
  discipline.update(update(0, 0.01));

  EXPECT_EQ(discipline.update(update(64, 5000)), Action::panic);
}

TEST(DisciplinePanic, CanBeSwitchedOff) {
  Discipline discipline({.panic_threshold_s = 0}, kPrecision_s);
  discipline.start(0, true);

  EXPECT_EQ(discipline.update(update(0, 1e6)), Action::step);
}

TEST(DisciplineStep, IsForcedOnceByBigG) {
  Discipline discipline = started(true);
  discipline.step_first();

  EXPECT_EQ(discipline.update(update(0, 1e-6)), Action::step);
  discipline.stepped(raw(0), corrected(1e-6));

  EXPECT_EQ(discipline.update(update(64, 1e-6)), Action::slewed);
}

TEST(DisciplineStep, NeverHappensAtThresholdZero) {
  Discipline discipline({.step_threshold_s = 0, .step_back_threshold_s = 0}, kPrecision_s);
  discipline.start(0, true);

  EXPECT_EQ(discipline.update(update(0, 900)), Action::slewed);
  EXPECT_EQ(discipline.residual_s(), 900);
}

TEST(DisciplineStep, HasAThresholdOfItsOwnBackwards) {
  Discipline discipline({.step_threshold_s = 0.1, .step_back_threshold_s = 2}, kPrecision_s);
  discipline.start(0, true);

  EXPECT_EQ(discipline.update(update(0, -1.5)), Action::slewed);
  EXPECT_EQ(in_state(State::fset).update(update(0, 1.5)), Action::step);
}

TEST(DisciplineFrequency, IsMeasuredInUndisciplinedTime) {
  Discipline discipline = started(false);
  discipline.update(update(0, 0.100));

  // 40 ppm slow, while a slew moved the clock by 90 ms: only the drift is measured.
  discipline.update(update(150, 0.100 + 0.006 - 0.050, 0.050));
  discipline.update(update(400, 0.100 + 0.016 - 0.090, 0.090));

  EXPECT_EQ(discipline.state(), State::sync);
  EXPECT_NEAR(discipline.frequency_ppm(), 40, 1e-6);
}

TEST(DisciplineFrequency, IsMeasuredBeforeALateStep) {
  Discipline discipline = started(false);
  discipline.update(update(0, 0));

  EXPECT_EQ(discipline.update(update(1000, 0.300)), Action::step);

  EXPECT_NEAR(discipline.frequency_ppm(), 300, 1e-6);
}

TEST(DisciplineFrequency, IsNeverBeyond500Ppm) {
  EXPECT_EQ(started(true, 1e9).frequency_ppm(), 500);
  EXPECT_EQ(started(true, -501).frequency_ppm(), -500);
  Discipline discipline = started(false);
  discipline.update(update(0, 0));
  discipline.update(update(300, -0.9));
  EXPECT_EQ(discipline.frequency_ppm(), -500);
}

TEST(DisciplineFrequency, FollowsThePhaseLockedLoop) {
  Discipline discipline = synchronized(10);

  discipline.update(update(1064, 0.008));

  // theta * mu / (4 * 4 * 2^6)^2
  EXPECT_NEAR(discipline.frequency_ppm(), 10 + 1e6 * 0.008 * 64 / (1024.0 * 1024.0), 1e-9);
}

TEST(DisciplineFrequency, BlamesNoMoreThanTheWholeOffsetAfterASilence) {
  Discipline discipline = synchronized();

  discipline.update(update(1000 + 100000, 0.008));

  EXPECT_NEAR(discipline.frequency_ppm(), 1e6 * 0.008 / 100000, 1e-9);
}

TEST(DisciplineFrequency, FollowsTheFrequencyLockedLoopAtLongIntervals) {
  Discipline discipline = synchronized(0, {.allan_intercept_log2s = 6});
  discipline.update(update(1064, 0.010));
  const double before_ppm = discipline.frequency_ppm();
  discipline.slewed(0.004);

  discipline.update(update(1164, 0.009));

  // 1/4 theta / mu, and the phase-locked term.
  const double fll_ppm = 1e6 * 0.25 * 0.009 / 100;
  const double pll_ppm = 1e6 * 0.009 * 100 / (1024.0 * 1024.0);
  EXPECT_NEAR(discipline.frequency_ppm() - before_ppm, fll_ppm + pll_ppm, 1e-9);
}

TEST(DisciplineFrequency, IsLeftAloneWhileTheHoldTimerRuns) {
  Discipline discipline = started(true, 7);
  discipline.update(update(0, 0.050));
  EXPECT_EQ(discipline.time_constant_s(), 16);

  discipline.update(update(64, 0.020));
  EXPECT_EQ(discipline.frequency_ppm(), 7);

  discipline.update(update(300, 0.020));
  EXPECT_NE(discipline.frequency_ppm(), 7) << "the hold lasts for a stepout interval";
  EXPECT_EQ(discipline.time_constant_s(), 4 * 64);
}

TEST(DisciplineFrequency, IsFollowedEarlyOnceThePhaseIsIn) {
  Discipline discipline = started(true, 7);
  discipline.update(update(0, 0.050));

  discipline.update(update(64, 0.0004));

  EXPECT_NE(discipline.frequency_ppm(), 7);
}

TEST(DisciplineFrequency, HasAWideBoundWhileItIsUnknown) {
  EXPECT_EQ(in_state(State::nset).dispersion_rate(), 500e-6);
  EXPECT_EQ(in_state(State::freq).dispersion_rate(), 500e-6);
  EXPECT_EQ(in_state(State::fset).dispersion_rate(), 15e-6);
  EXPECT_EQ(in_state(State::sync).dispersion_rate(), 15e-6);
}

TEST(DisciplineJitter, IsAnExponentialAverageOfChanges) {
  Discipline discipline = synchronized();
  const double before_s = discipline.jitter_s();

  discipline.update(update(1064, 0.008));

  EXPECT_NEAR(discipline.jitter_s(), std::sqrt(before_s * before_s * 7 / 8 + 0.008 * 0.008 / 8), 1e-12);
}

/// Updates until the poll interval changes; how many it took.
int updates_until_poll_changes(Discipline& discipline, double& t_s, double offset_s) {
  const std::int8_t before = discipline.poll_log2s();
  for (int count = 1; count <= 40; ++count) {
    // Alternating offsets keep the jitter up, so that a small one is well inside of the gate.
    discipline.update(update(t_s += 64, offset_s));
    if (discipline.poll_log2s() != before) return count;
  }
  return 0;
}

TEST(DisciplinePoll, GoesUpAfterEnoughGoodOffsets) {
  Discipline discipline = synchronized();
  double t_s = 2000;

  // The update in synchronized() counted 6 already: 5 more make 36 > 30.
  EXPECT_EQ(updates_until_poll_changes(discipline, t_s, 0), 5);
  EXPECT_EQ(discipline.poll_log2s(), 7);
  EXPECT_EQ(updates_until_poll_changes(discipline, t_s, 0), 5) << "35 > 30";
}

TEST(DisciplinePoll, ComesDownTwiceAsFast) {
  Discipline discipline = synchronized();
  double t_s = 2000;
  discipline.set_poll_bounds(6, 8);
  while (discipline.poll_log2s() < 8) discipline.update(update(t_s += 64, 0));

  // An offset that stays makes no jitter, and is beyond the gate before long; then it takes four: 30 - 4 * 16 < -30.
  while (0.1 < kPollAdjustGate * discipline.jitter_s() || discipline.jitter_s() < 0.01)
    discipline.update(update(t_s += 64, 0.1));
  int count = 1;
  while (discipline.poll_log2s() == 8 && ++count < 100) discipline.update(update(t_s += 64, 0.1));
  EXPECT_LE(count, 4);
  EXPECT_EQ(discipline.poll_log2s(), 7);
}

TEST(DisciplinePoll, StaysWithinTheLeadersBounds) {
  Discipline discipline = synchronized();
  double t_s = 2000;
  discipline.set_poll_bounds(6, 7);
  for (int i = 0; i < 50; ++i) discipline.update(update(t_s += 64, 0));
  EXPECT_EQ(discipline.poll_log2s(), 7);

  discipline.set_poll_bounds(9, 9);
  EXPECT_EQ(discipline.poll_log2s(), 9);
  discipline.set_poll_bounds(4, 5);
  EXPECT_EQ(discipline.poll_log2s(), 5);
}

TEST(DisciplinePoll, KeepsItsCreditAtTheUpperBound) {
  Discipline discipline = synchronized();
  double t_s = 2000;
  discipline.set_poll_bounds(6, 7);
  for (int i = 0; i < 11; ++i) discipline.update(update(t_s += 64, 0));
  ASSERT_EQ(discipline.poll_log2s(), 7);
  for (int i = 0; i < 30; ++i) discipline.update(update(t_s += 64, 0));

  // 30 - 14 each: 16, 2, -12, -26, and only the fifth is below -30.
  for (int i = 0; i < 4; ++i) {
    discipline.update(update(t_s += 64, 0.12));
    EXPECT_EQ(discipline.poll_log2s(), 7) << i;
  }
}

RC_GTEST_PROP(Discipline, StaysFiniteAndBoundedWhateverTheOffsets,
              (std::vector<std::pair<std::int32_t, std::uint16_t>> updates)) {
  Discipline discipline = started(false);
  double t_s = 0;
  for (const auto& [microseconds, wait] : updates) {
    t_s += wait;
    const Action action = discipline.update(update(t_s, microseconds * 1e-6));
    if (action == Action::step) discipline.stepped(raw(t_s), corrected(microseconds * 1e-6));
    RC_ASSERT(std::abs(discipline.frequency_ppm()) <= kMaxFrequency_ppm);
    RC_ASSERT(std::isfinite(discipline.jitter_s()) && std::isfinite(discipline.wander_ppm()));
    RC_ASSERT(discipline.poll_log2s() >= 6 && discipline.poll_log2s() <= 10);
  }
}

}  // namespace
}  // namespace ntp::engine
