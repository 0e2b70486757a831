// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/ensemble.h"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "estimator/test_kit.h"

namespace ntp::estimator {
namespace {

using test::Noise;
using test::Path;
using test::raw;
using test::WanderingClock;

constexpr double kPoll_s = 64;
constexpr int kSeeds = 20;

/// A clock, its sources, and an ensemble that accepts all of them.
class World {
 public:
  World(std::uint64_t seed, std::vector<Path> paths, double wander = 1e-9)
      : random_(seed), clock_(0.2, 2e-5, wander), paths_(std::move(paths)) {
    for (SourceId id = 1; id <= paths_.size(); ++id) {
      ensemble.add_source(id);
      accepted.push_back(id);
    }
  }

  void poll(double interval_s = kPoll_s) {
    for (SourceId id = 1; id <= paths_.size(); ++id) {
      clock_.advance(interval_s / static_cast<double>(paths_.size()), random_);
      ensemble.measured(id, paths_[id - 1].exchange(clock_, random_));
      ensemble.use(accepted);
    }
  }
  void poll(int count) {
    for (int i = 0; i < count; ++i) poll();
  }
  [[nodiscard]] ClockEstimate estimate() const { return *ensemble.estimate(clock_.at()); }
  [[nodiscard]] double error_s() const { return estimate().offset_s - clock_.offset_s(); }
  [[nodiscard]] const WanderingClock& clock() const { return clock_; }
  [[nodiscard]] WanderingClock& clock() { return clock_; }

  Ensemble ensemble;
  std::vector<SourceId> accepted;

 private:
  Noise random_;
  WanderingClock clock_;
  std::vector<Path> paths_;
};

TEST(Ensemble, SaysNothingBeforeItsFirstMeasurement) {
  World w(1, {{}});

  EXPECT_FALSE(w.ensemble.estimate(raw(0)).has_value());
  EXPECT_FALSE(w.ensemble.source_estimate(1, raw(0)).has_value());
  EXPECT_FALSE(w.ensemble.memory(raw(0)).has_value());
  EXPECT_EQ(w.ensemble.measurements(1), 0U);
  EXPECT_EQ(w.ensemble.jitter_s(1), 0);
}

TEST(Ensemble, BoundsTheErrorForCertain) {
  const std::vector<Path> paths = {
      {},
      {.outbound_s = 0.03, .inbound_s = 0.001},
      {.outbound_s = 0, .inbound_s = 0.05, .inbound_wait_s = 5e-3},
      {.outbound_s = 1e-5, .inbound_s = 1e-5, .outbound_wait_s = 1e-5, .inbound_wait_s = 1e-6}};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World w(seed, paths);
    for (int i = 0; i < 150; ++i) {
      w.poll();
      for (SourceId id = 1; id <= paths.size(); ++id) {
        const double error_s =
            std::abs(w.ensemble.source_estimate(id, w.clock().at())->offset_s - w.clock().offset_s());
        const double bound_s = w.ensemble.error_bound_s(id, w.clock().at());
        ASSERT_LE(error_s, bound_s) << "seed " << seed << ", source " << id << ", poll " << i;
        // A bound of seconds would be true, too.
        if (i > 20) {
          ASSERT_LT(bound_s, w.ensemble.delay_floor_s(id) + 5e-3) << id;
        }
      }
    }
  }
}

// Two paths whose asymmetries are alike great but have unlike delays: each source alone is wrong by its asymmetry, together
// the long path is measured by the short one.
TEST(Ensemble, CalibratesALongAsymmetricPathByAShortOne) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World w(seed, {{.outbound_s = 0.001, .inbound_s = 0.001, .outbound_wait_s = 5e-5, .inbound_wait_s = 5e-5},
                   {.outbound_s = 0.055, .inbound_s = 0.045}});
    w.poll(100);
    const double alone_s = std::abs(w.ensemble.source_estimate(2, w.clock().at())->offset_s - w.clock().offset_s());

    EXPECT_GT(alone_s, 4e-3) << seed;
    EXPECT_LT(std::abs(w.error_s()), 1e-4) << seed;
    EXPECT_LE(std::abs(w.error_s()), 3 * w.estimate().deviation_s) << seed;

    // When the short one falls silent, what it taught stays.
    w.accepted = {2};
    for (int i = 0; i < 20; ++i) w.poll();
    EXPECT_GE(w.estimate().deviation_s, 1e-4);
  }
}

TEST(Ensemble, HasHonestDeviationsWithAsymmetricPaths) {
  int within_three = 0;
  int count = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Noise random(100 + seed);
    std::vector<Path> paths(3);
    for (Path& path : paths) {
      // Asymmetries of a tenth of the half delay, as the prior has it.
      const double half_s = random.magnitude(1e-3, 5e-2);
      const double asymmetry_s = 0.1 * half_s * random.normal();
      path = {.outbound_s = half_s + asymmetry_s, .inbound_s = half_s - asymmetry_s};
    }
    World w(seed, paths);
    for (int i = 0; i < 100; ++i, ++count) {
      w.poll();
      within_three += std::abs(w.error_s()) <= 3 * w.estimate().deviation_s ? 1 : 0;
    }
  }
  EXPECT_GE(within_three, 0.98 * count);
}

TEST(Ensemble, ForgetsAllThatASourceSaidWhenItIsNoLongerAccepted) {
  const Path good{};
  const Path wrong{.server_error_s = 0.3};
  World with(1, {good, good, wrong});
  World without(1, {good, good, wrong});
  without.accepted = {1, 2};
  with.poll(60);
  without.poll(60);
  ASSERT_GT(std::abs(with.error_s() - without.error_s()), 1e-5) << "it had no influence";

  with.accepted = {1, 2};
  with.poll();
  without.poll();

  EXPECT_NEAR(with.estimate().offset_s, without.estimate().offset_s, 1e-9);
  EXPECT_NEAR(with.estimate().frequency, without.estimate().frequency, 1e-12);
  EXPECT_NEAR(with.estimate().deviation_s / without.estimate().deviation_s, 1, 1e-6);
}

TEST(Ensemble, TakesNoExchangeTwiceWhenASourceIsRemovedBeforeTheChoice) {
  World removed(1, {{}, {}});
  World never(1, {{}, {}});
  removed.accepted = never.accepted = {1};
  removed.poll(50);
  never.poll(50);
  // Source 2 is measured, and gone before anybody asked which sources are accepted.
  removed.ensemble.measured(2, {removed.clock().at() + 1.0, removed.clock().offset_s(), 0.021, 0});
  removed.ensemble.remove_source(2);
  removed.ensemble.use(removed.accepted);
  never.ensemble.use(never.accepted);

  EXPECT_EQ(removed.estimate().offset_s, never.estimate().offset_s);
  EXPECT_EQ(removed.estimate().deviation_s, never.estimate().deviation_s);
}

TEST(Ensemble, KeepsTheEstimateWhenASourceGoes) {
  World w(1, {{}, {}});
  w.poll(60);
  const double before_s = w.estimate().offset_s;

  w.ensemble.remove_source(2);
  w.ensemble.use(std::array<SourceId, 1>{1});

  EXPECT_NEAR(w.estimate().offset_s, before_s, 1e-4);
  EXPECT_FALSE(w.ensemble.source_estimate(2, w.clock().at()).has_value());
}

TEST(Ensemble, ForgetsWhatItLearntOfAHostThatIsAnotherOne) {
  World w(1, {{}});
  w.poll(60);

  w.ensemble.add_source(1);

  EXPECT_EQ(w.ensemble.measurements(1), 0U);
  EXPECT_EQ(w.ensemble.delay_floor_s(1), 0);
  EXPECT_FALSE(w.ensemble.source_estimate(1, w.clock().at()).has_value());
}

TEST(Ensemble, TakesAnExchangeThatOverlapsAnotherSources) {
  World w(1, {{}, {}}, 1e-11);
  w.poll(100);
  const double frequency = w.estimate().frequency;
  // Its middle is a second older than the newest one of the other source.
  w.ensemble.measured(2, {w.clock().at() + 60.0, w.clock().offset_s() + 60 * frequency, 0.0201, 0});
  w.ensemble.use(w.accepted);
  w.ensemble.measured(1, {w.clock().at() + 59.0, w.clock().offset_s() + 59 * frequency, 0.0201, 0});
  w.ensemble.use(w.accepted);

  EXPECT_NEAR(w.ensemble.estimate(w.clock().at() + 60.0)->offset_s, w.clock().offset_s() + 60 * frequency, 1e-4);
}

TEST(Ensemble, HandsTheNextRunWhatItLearnt) {
  World first(1, {{}}, 1e-10);
  EXPECT_FALSE(first.ensemble.memory(first.clock().at()).has_value());
  first.poll(400);
  const auto memory = first.ensemble.memory(first.clock().at());
  ASSERT_TRUE(memory.has_value());
  EXPECT_NEAR(memory->frequency, first.clock().frequency(), 4 * memory->frequency_deviation);
  EXPECT_LT(memory->frequency_deviation, 1e-7);

  Ensemble next;
  next.remember(*memory);
  next.add_source(1);
  next.measured(1, {first.clock().at(), 5, 0.02, 0});
  next.use(std::array<SourceId, 1>{1});

  const ClockEstimate e = *next.estimate(first.clock().at());
  EXPECT_NEAR(e.frequency, memory->frequency, 1e-15);
  // The clock was off in between.
  EXPECT_NEAR(e.frequency_deviation, std::hypot(memory->frequency_deviation, 1e-7), 1e-9);
}

TEST(Ensemble, KeepsTheFrequencyThroughASuspend) {
  World w(1, {{}}, 1e-10);
  w.poll(300);
  const ClockEstimate before = w.estimate();

  w.ensemble.phase_lost(w.clock().at());
  EXPECT_FALSE(w.ensemble.estimate(w.clock().at()).has_value());
  w.clock().step_offset(1e4);
  w.poll(1);

  EXPECT_NEAR(w.estimate().offset_s, w.clock().offset_s(), 5e-3);
  EXPECT_NEAR(w.estimate().frequency, before.frequency, 1e-7);
  EXPECT_LT(w.estimate().frequency_deviation, 3e-7);
}

TEST(Ensemble, AdvisesPollsWithinTheBoundsAndSeldomerAsItLearns) {
  for (const auto& [min, max] : {std::pair{6, 10}, {-4, 10}, {-4, -4}, {3, 17}, {10, 10}}) {
    World w(1, {{}}, 1e-11);
    EXPECT_EQ(w.ensemble.advised_poll_log2s(1, {.min_log2s = min, .max_log2s = max}), min);
    int before = min;
    for (int i = 0; i < 300; ++i) {
      const int poll = w.ensemble.advised_poll_log2s(1, {.min_log2s = min, .max_log2s = max});
      ASSERT_GE(poll, min);
      ASSERT_LE(poll, max);
      // The first exchanges are budgeted by their number alone.
      if (i < 48) {
        ASSERT_GE(poll, before) << i;
      }
      before = poll;
      w.poll(std::ldexp(1.0, poll));
    }
    EXPECT_GE(before, std::min(min + 3, max)) << "in the long run an eighth of the packets, min " << min;
  }
  EXPECT_EQ(World(1, {{}}).ensemble.advised_poll_log2s(99, {.min_log2s = 5, .max_log2s = 9}), 5);
}

TEST(Ensemble, ConvictsTheSourceThatDriftsAgainstTheOthers) {
  World w(1, {{}, {}, {}});
  for (int i = 0; i < 100; ++i) {
    w.poll();
    EXPECT_FALSE(w.ensemble.is_drifting(1, w.clock().at()));
  }
  World drifting(1, {{}, {}});
  drifting.ensemble.add_source(3);
  Noise random(9);
  for (int i = 0; i < 100; ++i) {
    drifting.poll();
    Measurement m = Path{}.exchange(drifting.clock(), random);
    m.offset_s += 2e-6 * drifting.clock().now_s();
    drifting.ensemble.measured(3, m);
  }

  EXPECT_TRUE(drifting.ensemble.is_drifting(3, drifting.clock().at()));
  EXPECT_FALSE(drifting.ensemble.is_drifting(1, drifting.clock().at()));
  EXPECT_FALSE(drifting.ensemble.is_drifting(2, drifting.clock().at()));
}

TEST(Ensemble, LearnsWhatTheTemperatureDoesAndKeepsIt) {
  World w(1, {{}}, 1e-11);
  constexpr double kCoefficient = 2e-7;
  double excess_K = 0;
  for (int i = 0; i < 600; ++i) {
    // A room that warms and cools by 5 K in 3 h.
    const double next_K = 5 * std::sin(2 * std::numbers::pi * i / 170);
    w.clock().step_frequency(kCoefficient * (next_K - excess_K));
    excess_K = next_K;
    w.ensemble.temperature(w.clock().at(), 40 + excess_K);
    w.poll();
  }

  EXPECT_NEAR(w.estimate().frequency, w.clock().frequency(), 2e-8);
  const auto memory = w.ensemble.memory(w.clock().at());
  ASSERT_TRUE(memory);
  EXPECT_NEAR(memory->temperature_coefficient / kCoefficient, 1, 0.1);
  EXPECT_EQ(memory->temperature_celsius, 40);
  EXPECT_NEAR(memory->frequency, w.clock().frequency() - kCoefficient * excess_K, 5e-8);
}

TEST(Ensemble, KeepsNoCoefficientOfASensorThatKnowsNothing) {
  World w(1, {{}}, 1e-11);
  Noise random(7);
  for (int i = 0; i < 600; ++i) {
    w.ensemble.temperature(w.clock().at(), 40 + 5 * random.normal());
    w.poll();
  }

  const auto memory = w.ensemble.memory(w.clock().at());
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->temperature_coefficient, 0);
}

}  // namespace
}  // namespace ntp::estimator
