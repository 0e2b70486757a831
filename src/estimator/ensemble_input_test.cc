// SPDX-License-Identifier: BSD-2-Clause
//
// What no source may do to the estimate, whatever it sends.
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "estimator/ensemble.h"
#include "estimator/test_kit.h"

namespace ntp::estimator {
namespace {

using test::Noise;
using test::Path;
using test::raw;
using test::WanderingClock;
using Fate = Ensemble::Fate;

constexpr double kPoll_s = 64;

/// Everything that an ensemble tells, as numbers.
std::vector<double> all_of(const Ensemble& ensemble, RawTime at) {
  std::vector<double> all;
  const auto add = [&](const std::optional<ClockEstimate>& e) {
    all.push_back(e.has_value() ? 1 : 0);
    if (!e) return;
    all.insert(all.end(), {e->offset_s, e->frequency, e->aging, e->tracking_deviation_s, e->deviation_s,
                           e->frequency_deviation, e->wander});
  };
  add(ensemble.estimate(at));
  for (const SourceId id : {1U, 2U, 3U}) {
    add(ensemble.source_estimate(id, at));
    all.insert(all.end(), {ensemble.error_bound_s(id, at), ensemble.delay_floor_s(id), ensemble.jitter_s(id),
                           static_cast<double>(ensemble.measurements(id)), ensemble.is_drifting(id, at) ? 1.0 : 0.0,
                           static_cast<double>(ensemble.advised_poll_log2s(id, {.min_log2s = -4, .max_log2s = 17}))});
  }
  const auto memory = ensemble.memory(at);
  all.push_back(memory.has_value() ? 1 : 0);
  if (memory) all.insert(all.end(), {memory->frequency, memory->frequency_deviation, memory->wander, memory->aging});
  return all;
}

bool is_finite(const std::vector<double>& all) {
  return std::all_of(all.begin(), all.end(), [](double x) { return std::isfinite(x); });
}

/// Three sources that have been asked for an hour.
struct Running {
  Running() {
    for (const SourceId id : {1U, 2U, 3U}) ensemble.add_source(id);
    for (int i = 0; i < 60; ++i) poll();
  }
  void poll() {
    clock.advance(kPoll_s, random);
    for (const SourceId id : ids) EXPECT_EQ(ensemble.measured(id, path.exchange(clock, random)), Fate::used);
    ensemble.use(ids);
  }

  std::vector<SourceId> ids = {1, 2, 3};
  Noise random{1};
  WanderingClock clock{0.1, 2e-5, 1e-10};
  Path path;
  Ensemble ensemble;
};

TEST(EnsembleInput, RefusesWhatIsNotANumberOrNoExchange) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Running r;
  const RawTime next = r.clock.at() + 1.0;
  const std::vector<double> before = all_of(r.ensemble, next);
  const std::vector<Measurement> bad = {
      {next, kNaN, 0.01, 0},
      {next, kInfinity, 0.01, 0},
      {next, -kInfinity, 0.01, 0},
      {next, 1e300, 0.01, 0},
      {next, 0.1, kNaN, 0},
      {next, 0.1, kInfinity, 0},
      {next, 0.1, -1e-9, 0},
      {next, 0.1, -1e300, 0},
      {next, 0.1, 1e300, 0},
      {next, 0.1, 0.01, kNaN},
      {next, 0.1, 0.01, -1},
      {next, 0.1, 0.01, kInfinity},
      {next, 0.1, 0.01, 1e300},
      // A duplicate, the past, and the beginning of time.
      {r.clock.at(), 0.1, 0.01, 0},
      {raw(0), 0.1, 0.01, 0},
      {RawTime::from_nanoseconds(0), 0.1, 0.01, 0},
      {RawTime::from_nanoseconds(std::numeric_limits<std::int64_t>::min()), 0.1, 0.01, 0}};
  for (const Measurement& m : bad) {
    SCOPED_TRACE(&m - bad.data());

    EXPECT_EQ(r.ensemble.measured(1, m), Fate::refused);

    EXPECT_EQ(all_of(r.ensemble, next), before);
  }
  EXPECT_EQ(r.ensemble.measured(77, {next, 0.1, 0.01, 0}), Fate::refused);
  EXPECT_EQ(all_of(r.ensemble, next), before);
}

/// Any bits, any small number, or what an honest exchange may be.
double number(std::uint64_t bits) {
  switch (bits % 4) {
    case 0: {
      double value = 0;
      std::memcpy(&value, &bits, sizeof value);
      return value;
    }
    case 1:
      return static_cast<double>(static_cast<std::int64_t>(bits)) * 0x1p-60;
    case 2:
      return static_cast<double>(bits >> 8U) * 0x1p-70;
    default:
      return std::ldexp(bits % 8 == 3 ? 1.0 : -1.0, static_cast<int>(bits >> 8U) % 64);
  }
}

RC_GTEST_PROP(
    EnsembleInput, StaysFiniteWhateverIsMeasured,
    (std::vector<std::tuple<std::uint8_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>> inputs)) {
  Ensemble ensemble;
  for (const SourceId id : {1U, 2U, 3U}) ensemble.add_source(id);
  RawTime now = raw(0);
  for (const auto& [what, wait, offset, delay, stamp] : inputs) {
    const auto id = static_cast<SourceId>(1 + what % 3);
    const double dt_s = number(wait);
    RawTime at = now + (std::isfinite(dt_s) ? dt_s : 0.0);
    const Measurement m{at, number(offset), std::abs(number(delay)), what % 8 == 0 ? number(stamp) : 1e-7};
    const std::vector<double> before = all_of(ensemble, now);

    const Fate fate = ensemble.measured(id, m);

    if (fate == Fate::refused) {
      RC_ASSERT(all_of(ensemble, now) == before);
      continue;
    }
    now = std::max(now, at);
    const std::array<SourceId, 3> accepted = {1, 2, static_cast<SourceId>(3 - what % 2)};
    ensemble.use(std::span(accepted).first(what % 4));
    if (what % 64 == 62) ensemble.phase_lost(now);
    RC_ASSERT(is_finite(all_of(ensemble, now)));
    RC_ASSERT(is_finite(all_of(ensemble, now + 1e7)));
  }
}

TEST(EnsembleInput, SurvivesASourceThatAlwaysSaysTheSame) {
  // Frozen: its time stands still while our clock goes on, so the measured offset falls by a second each second.
  Running r;
  r.ensemble.add_source(3);
  r.ids = {1, 2};
  for (int i = 0; i < 200; ++i) {
    const double held_s = 1000 - kPoll_s * i;
    r.poll();
    ASSERT_EQ(r.ensemble.measured(3, {r.clock.at(), held_s, 0.02, 0}), Fate::used);

    ASSERT_TRUE(is_finite(all_of(r.ensemble, r.clock.at())));
  }

  EXPECT_TRUE(r.ensemble.is_drifting(3, r.clock.at()));
  EXPECT_FALSE(r.ensemble.is_drifting(1, r.clock.at()));
  EXPECT_FALSE(r.ensemble.is_drifting(2, r.clock.at()));
  EXPECT_NEAR(r.ensemble.estimate(r.clock.at())->offset_s, r.clock.offset_s(), 2e-4);
}

/// Source 1 jumps by a second; says after how many exchanges the joint estimate has followed, 0 if it never does in 20.
int follows_jump(std::span<const SourceId> ids) {
  Noise random(3);
  WanderingClock clock(0.1, 2e-5, 1e-10);
  Path path;
  Ensemble ensemble;
  for (const SourceId id : ids) ensemble.add_source(id);
  for (int i = 0; i < 120; ++i) {
    clock.advance(kPoll_s, random);
    for (const SourceId id : ids) {
      Measurement m = path.exchange(clock, random);
      if (id == 1 && i >= 100) m.offset_s += 1;
      static_cast<void>(ensemble.measured(id, m));
    }
    ensemble.use(ids);
    const double error_s = ensemble.estimate(clock.at())->offset_s - clock.offset_s();
    if (i >= 100 && std::abs(error_s - 1) < 0.01) return i - 99;
    EXPECT_LT(std::abs(error_s), 5e-3) << i;
  }
  return 0;
}

TEST(EnsembleInput, BelievesTheOnlySourceThatJumpsAfterFourMisses) {
  const std::array<SourceId, 1> alone = {1};
  const int exchanges = follows_jump(alone);

  EXPECT_GE(exchanges, 4);
  EXPECT_LE(exchanges, 5);
}

TEST(EnsembleInput, DoesNotBelieveOneOfThreeThatJumps) {
  const std::array<SourceId, 3> three = {1, 2, 3};

  EXPECT_EQ(follows_jump(three), 0);
}

TEST(EnsembleInput, KnowsLessAndLessWhenAllSourcesAreGoneForAMonth) {
  Running r;
  constexpr double kDay_s = 86400;
  double before_s = r.ensemble.estimate(r.clock.at())->deviation_s;
  double bound_s = r.ensemble.error_bound_s(1, r.clock.at());
  for (int day = 1; day <= 30; ++day) {
    const RawTime at = r.clock.at() + day * kDay_s;
    const ClockEstimate e = *r.ensemble.estimate(at);
    EXPECT_TRUE(is_finite(all_of(r.ensemble, at)));
    EXPECT_GT(e.deviation_s, before_s);
    EXPECT_GT(r.ensemble.error_bound_s(1, at), bound_s);
    before_s = e.deviation_s;
    bound_s = r.ensemble.error_bound_s(1, at);
  }

  // And when they come back it is as before.
  r.clock.advance(30 * kDay_s, r.random);
  for (int i = 0; i < 30; ++i) r.poll();
  EXPECT_NEAR(r.ensemble.estimate(r.clock.at())->offset_s, r.clock.offset_s(), 1e-3);
  EXPECT_LT(r.ensemble.estimate(r.clock.at())->deviation_s, 2e-3);
}

TEST(EnsembleInput, LearnsAClockThatIsFiveThousandPpmOff) {
  for (const double frequency : {-5e-3, 5e-3}) {
    Noise random(5);
    WanderingClock clock(0, frequency, 1e-10);
    Path path;
    Ensemble ensemble;
    ensemble.add_source(1);
    const std::array<SourceId, 1> ids = {1};
    for (int i = 0; i < 60; ++i) {
      clock.advance(kPoll_s, random);
      EXPECT_EQ(ensemble.measured(1, path.exchange(clock, random)), Fate::used);
      ensemble.use(ids);
      EXPECT_TRUE(is_finite(all_of(ensemble, clock.at())));
    }

    EXPECT_NEAR(ensemble.estimate(clock.at())->frequency, clock.frequency(), 1e-6);
    EXPECT_NEAR(ensemble.estimate(clock.at())->offset_s, clock.offset_s(), 1e-3);
  }
}

/// A path whose queues drain over the hour, and then something else on it.
double error_after_surprise_s(double late_s, double glitch_s) {
  Noise random(7);
  test::WanderingClock clock(0.01, 1e-5, 1e-10);
  Ensemble ensemble;
  ensemble.add_source(1);
  const std::array<SourceId, 1> accepted = {1};
  double up = 0;
  double down = 0;
  const double kept = std::exp(-64.0 / 3000);
  const auto exchange = [&](double more_s, double wrong_s) {
    const double out_s = 0.01 + std::max(0.0, 2e-3 + 1e-3 * up) + random.exponential(1e-4) + more_s;
    const double in_s = 0.01 + std::max(0.0, 2e-3 + 1e-3 * down) + random.exponential(1e-4);
    ensemble.measured(
        1, {.at = clock.at(), .offset_s = clock.offset_s() + (out_s - in_s) / 2 + wrong_s, .delay_s = out_s + in_s});
    ensemble.use(accepted);
  };
  for (int i = 0; i < 400; ++i) {
    clock.advance(64, random);
    up = kept * up + std::sqrt(1 - kept * kept) * random.normal();
    down = kept * down + std::sqrt(1 - kept * kept) * random.normal();
    exchange(0, 0);
  }
  clock.advance(64, random);
  exchange(late_s, glitch_s);
  return ensemble.estimate(clock.at())->offset_s - clock.offset_s();
}

TEST(EnsembleInput, OnAPathWithSlowQueuesALateDatagramMovesNothing) {
  EXPECT_LT(std::abs(error_after_surprise_s(0.2, 0)), 3e-3);
}

TEST(EnsembleInput, OnAPathWithSlowQueuesAGlitchOfTheServerMovesLittle) {
  EXPECT_LT(std::abs(error_after_surprise_s(0, 0.1)), 5e-3);
}

TEST(EnsembleInput, ASlowFirstExchangeDoesNotSpoilTheErrorBar) {
  Noise random(1);
  test::WanderingClock clock(0.01, 1e-5, 1e-10);
  Ensemble ensemble;
  ensemble.add_source(1);
  const std::array<SourceId, 1> accepted = {1};
  ensemble.measured(1, {.at = clock.at(), .offset_s = clock.offset_s() + 0.4, .delay_s = 0.8});
  for (int i = 0; i < 100; ++i) {
    clock.advance(64, random);
    const double wait_s = random.exponential(1e-5);
    ensemble.measured(1, {.at = clock.at(), .offset_s = clock.offset_s() + wait_s / 2, .delay_s = 1e-3 + wait_s});
    ensemble.use(accepted);
  }

  EXPECT_LT(ensemble.estimate(clock.at())->deviation_s, 2e-4) << "a tenth of half a millisecond, and not of 0.4 s";
  EXPECT_NEAR(ensemble.estimate(clock.at())->offset_s, clock.offset_s(), 5e-5);
}

TEST(EnsembleInput, WhoCannotBeFollowedConvictsNobody) {
  Noise random(1);
  test::WanderingClock clock(0.01, 1e-5, 1e-10);
  Ensemble ensemble;
  for (SourceId id = 1; id <= 5; ++id) ensemble.add_source(id, id <= 2);
  const std::array<SourceId, 2> accepted = {1, 2};
  for (int i = 0; i < 200; ++i) {
    for (SourceId id = 1; id <= 5; ++id) {
      clock.advance(64.0 / 5, random);
      const double drift_s = id > 2 ? 1e-6 * clock.now_s() : 0;
      const double wait_s = random.exponential(1e-4);
      ensemble.measured(
          id, {.at = clock.at(), .offset_s = clock.offset_s() + drift_s + wait_s / 2, .delay_s = 0.01 + wait_s});
      ensemble.use(accepted);
    }
    ASSERT_FALSE(ensemble.is_drifting(1, clock.at()));
    ASSERT_FALSE(ensemble.is_drifting(2, clock.at()));
  }
}

}  // namespace
}  // namespace ntp::estimator
