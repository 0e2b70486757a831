// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/path_noise.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <optional>

#include <gtest/gtest.h>

#include "estimator/clock_bank.h"
#include "estimator/test_kit.h"

namespace ntp::estimator {
namespace {

using test::Noise;

constexpr int kSeeds = 20;
constexpr double kPoll_s = 64;

TEST(PathNoise, TakesTheLeastDelayOfItsHistoryForTheFloor) {
  Noise random(1);
  PathNoise path;
  std::deque<double> history;
  for (int i = 0; i < 2000; ++i) {
    history.push_back(0.02 + random.exponential(1e-3) + random.exponential(1e-3));
    if (history.size() > 256) history.pop_front();

    const PathNoise::Exchange exchange = path.add(history.back(), 0, kPoll_s);

    ASSERT_EQ(path.floor_s(), *std::min_element(history.begin(), history.end())) << i;
    ASSERT_GE(exchange.noise.excess_s, history.back() - path.floor_s()) << i;
  }
}

/// Shape of the last exchange of 256.
double shape_of(Noise& random, const std::function<double(Noise&)>& delay_s) {
  PathNoise path;
  double shape = 0;
  for (int i = 0; i < 256; ++i) shape = path.add(delay_s(random), 0, kPoll_s).noise.shape;
  return shape;
}

TEST(PathNoise, FindsTheShapeOfTheWaits) {
  const auto exponential = [](Noise& r) { return 0.02 + r.exponential(1e-3) + r.exponential(1e-3); };
  const auto one_sided = [](Noise& r) { return 0.02 + r.exponential(1e-3); };
  const auto many_queues = [](Noise& r) { return 0.02 + r.gamma(10, 1e-3) + r.gamma(10, 1e-3); };
  const auto normal = [](Noise& r) { return 0.02 + 1e-4 * r.normal(); };
  const auto two_routes = [](Noise& r) { return 0.02 + r.exponential(1e-3) + (r.uniform() < 0.5 ? 5e-3 : 0); };
  int exponentials_taken_for_others = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Noise random(seed);
    // In doubt waits are exponential; a few histories may be far from their law.
    exponentials_taken_for_others += shape_of(random, exponential) > 1.3 ? 1 : 0;
    EXPECT_EQ(shape_of(random, one_sided), 1) << seed;
    EXPECT_GT(shape_of(random, many_queues), 2) << seed;
    EXPECT_GT(shape_of(random, normal), 4) << seed;
    EXPECT_EQ(shape_of(random, two_routes), 1) << seed;
  }
  EXPECT_LE(exponentials_taken_for_others, 2);
}

/// Path and clock learn together, as they do in the ensemble.
class Learner {
 public:
  ExchangeNoise take(const Measurement& m) {
    const double dt = last_ ? m.at - *last_ : 0;
    bank_.advance(dt);
    const ExchangeNoise noise = path_.add(m.delay_s, m.stamp_error_s, dt).noise;
    if (!last_) bank_.reset_path(0, 0.05 * m.delay_s);
    last_ = m.at;
    QueueShares shares;
    bank_.observe(0, m.offset_s, noise, &shares);
    path_.learn(shares);
    return noise;
  }

 private:
  PathNoise path_;
  ClockBank bank_{1};
  std::optional<RawTime> last_;
};

ExchangeNoise learn(const test::Path& path, std::uint64_t seed) {
  Noise random(seed);
  test::WanderingClock clock(0.3, 2e-5, 1e-10);
  Learner learner;
  ExchangeNoise noise;
  for (int i = 0; i < 800; ++i) {
    noise = learner.take(path.exchange(clock, random));
    clock.advance(kPoll_s, random);
  }
  return noise;
}

double mean_wait_s(const Leg& leg) { return leg.usual_s + leg.congested_share * (leg.congested_s - leg.usual_s); }

TEST(PathNoise, LearnsHowLongTheQueuesOfBothLegsAre) {
  for (const auto& [outbound_s, inbound_s] : {std::pair{5e-4, 5e-4}, {1e-3, 2.5e-4}, {2e-4, 1.2e-3}}) {
    double up = 0;
    double down = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const ExchangeNoise noise = learn({.outbound_wait_s = outbound_s, .inbound_wait_s = inbound_s}, seed);
      up += mean_wait_s(noise.up) / 5;
      down += mean_wait_s(noise.down) / 5;
    }

    EXPECT_NEAR(up / outbound_s, 1, 0.25) << outbound_s << " " << inbound_s;
    EXPECT_NEAR(down / inbound_s, 1, 0.25) << outbound_s << " " << inbound_s;
  }
}

TEST(PathNoise, LearnsThatTheQueuesAreOnOneSide) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const ExchangeNoise noise = learn({.outbound_wait_s = 1e-3, .inbound_wait_s = 1e-6}, seed);

    EXPECT_NEAR(mean_wait_s(noise.up) / 1e-3, 1, 0.25) << seed;
    EXPECT_LT(noise.down.usual_s, 0.15e-3) << seed;
  }
}

/// Feeds `count` delays, then others until the path says that its floor moved: how many it took and by how much.
struct Found {
  int after = 0;  ///< 0: never
  double shift_s = 0;
};
Found find_shift(std::uint64_t seed, int limit, const std::function<double(Noise&)>& before,
                 const std::function<double(Noise&)>& after) {
  Noise random(seed);
  PathNoise path;
  for (int i = 0; i < 100; ++i)
    if (path.add(before(random), 0, kPoll_s).floor_shift_s != 0 && i > 40)
      ADD_FAILURE() << "moved before, seed " << seed;
  for (int i = 1; i <= limit; ++i)
    if (const double shift_s = path.add(after(random), 0, kPoll_s).floor_shift_s; shift_s != 0) return {i, shift_s};
  return {};
}

double usual_delay(Noise& r) { return 0.02 + r.exponential(5e-4) + r.exponential(5e-4); }

TEST(PathNoise, FindsANewRouteInAFewSamples) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Found up = find_shift(seed, 20, usual_delay, [](Noise& r) { return usual_delay(r) + 0.01; });
    EXPECT_GE(up.after, 2) << "one sample is no route, seed " << seed;
    EXPECT_LE(up.after, 7) << seed;
    EXPECT_NEAR(up.shift_s, 0.01, 1e-3) << seed;

    const Found down = find_shift(seed, 20, usual_delay, [](Noise& r) { return usual_delay(r) - 0.01; });
    EXPECT_EQ(down.after, 1) << seed;
    EXPECT_LT(down.shift_s, -5e-3) << seed;
  }
}

TEST(PathNoise, TakesACongestionForNoNewRoute) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Found found = find_shift(seed, 10, usual_delay, [](Noise& r) { return usual_delay(r) + r.between(0, 0.04); });
    EXPECT_EQ(found.after, 0) << seed;
  }
}

TEST(PathNoise, FindsQueuesThatDrainSlowly) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Noise random(seed);
    PathNoise path;
    ExchangeNoise noise;
    for (int i = 0; i < 256; ++i) {
      const double swell_s = 2e-3 * (1 + std::sin(2 * std::numbers::pi * i / 40));
      noise = path.add(0.02 + swell_s + random.exponential(1e-4), 0, kPoll_s).noise;
    }

    // A quarter of the sine's variance: only the difference of the legs counts, halved.
    EXPECT_NEAR(noise.slow_variance / (4e-6 / 2 / 4), 1, 0.3) << seed;
    EXPECT_GT(noise.slow_time_s, 5 * kPoll_s) << seed;
  }
}

TEST(PathNoise, FindsNoSlowQueuesInWhiteNoise) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Noise random(seed);
    PathNoise path;
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(path.add(usual_delay(random), 0, kPoll_s).noise.slow_variance, 0) << seed;
  }
}

TEST(PathNoise, IsContentWithAConstantDelay) {
  for (const double delay_s : {0.0, 1e-9, 0.02, 999.0}) {
    PathNoise path;
    for (int i = 0; i < 400; ++i) {
      const PathNoise::Exchange exchange = path.add(delay_s, 0, kPoll_s);
      path.learn({.up_usual = 1, .down_usual = 1});

      ASSERT_EQ(exchange.floor_shift_s, 0);
      ASSERT_GT(exchange.noise.excess_s, 0);
      ASSERT_GT(exchange.noise.base_variance, 0);
      ASSERT_GT(exchange.noise.up.usual_s, 0);
      ASSERT_EQ(exchange.noise.slow_variance, 0);
    }
    EXPECT_EQ(path.floor_s(), delay_s);
    EXPECT_LT(path.jitter_s(), 1e-6 + 0.01 * delay_s);
  }
}

TEST(PathNoise, CountsTheErrorOfTheStamps) {
  PathNoise path;

  EXPECT_GE(path.add(0.02, 3e-3, 0).noise.base_variance, 9e-6);
}

}  // namespace
}  // namespace ntp::estimator
