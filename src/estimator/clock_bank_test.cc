// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/clock_bank.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "estimator/test_kit.h"

namespace ntp::estimator {

struct ClockBankInspector {
  const ClockBank& bank;

  [[nodiscard]] double weight(std::size_t model) const { return bank.weights_[model]; }
  [[nodiscard]] std::size_t size() const { return bank.size_; }
  [[nodiscard]] double covariance(std::size_t model, std::size_t i, std::size_t j) const {
    const auto [low, high] = std::minmax(i, j);
    return bank.covariance(model)[high * (high + 1) / 2 + low];
  }
  [[nodiscard]] double state(std::size_t model, std::size_t i) const { return bank.state(model)[i]; }
};

namespace {

using test::Noise;
using test::WanderingClock;

/// Noise that is as good as normal.
ExchangeNoise normal_noise(double deviation_s) {
  return {.excess_s = 1e-3 * deviation_s,
          .base_variance = deviation_s * deviation_s,
          .up = {deviation_s, 10 * deviation_s, 0.02},
          .down = {deviation_s, 10 * deviation_s, 0.02},
          .outlier_deviation_s = 10 * deviation_s};
}

/// A bank that follows a clock through one symmetric path.
struct Following {
  Following(std::uint64_t seed, double wander, double noise_s, double poll_s)
      : random(seed), clock(1, 3e-5, wander), deviation_s(noise_s), interval_s(poll_s) {}

  void poll() {
    clock.advance(interval_s, random);
    bank.advance(interval_s);
    bank.observe(0, clock.offset_s() + deviation_s * random.normal(), normal_noise(deviation_s));
  }
  void poll(int count) {
    for (int i = 0; i < count; ++i) poll();
  }
  [[nodiscard]] double error_s() const { return bank.estimate(0).offset_s - clock.offset_s(); }

  Noise random;
  WanderingClock clock;
  double deviation_s;
  double interval_s;
  ClockBank bank{1};
};

// For a frequency that walks with q = wander^2 and noise r^2 each T seconds, the stationary variance of the offset is
// sqrt(2) q^(1/4) (r^2 T)^(3/4) (the steady Kalman filter of a double integrator, in continuous time).
TEST(ClockBank, IsAsGoodAsTheFilterThatKnowsTheWander) {
  constexpr double kNoise_s = 1e-4;
  constexpr double kPoll_s = 16;
  // A bank that is ready for another wander with each sample can't average as long as a very calm clock allows.
  for (const auto& [wander, price] : {std::pair{1e-10, 2.0}, {3e-10, 1.5}, {1e-9, 1.2}, {1e-8, 1.15}, {1e-7, 1.1}}) {
    const double best_s = std::sqrt(std::sqrt(2.0) * std::sqrt(wander) * std::pow(kNoise_s * kNoise_s * kPoll_s, 0.75));
    double squares = 0;
    double count = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      Following f(seed, wander, kNoise_s, kPoll_s);
      f.poll(500);
      for (int i = 0; i < 2500; ++i, ++count) {
        f.poll();
        squares += std::pow(f.error_s(), 2);
      }
    }

    const double error_s = std::sqrt(squares / count);
    EXPECT_LT(error_s, price * best_s) << wander;
    EXPECT_GT(error_s, 0.8 * best_s) << wander << ": better than possible, so the simulation is wrong";
  }
}

TEST(ClockBank, KnowsHowWrongItIs) {
  for (const double wander : {1e-11, 1e-10, 1e-9, 1e-8, 1e-7}) {
    int within_three = 0;
    int within_one = 0;
    int count = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Following f(seed, wander, 1e-4, 64);
      f.poll(3);
      for (int i = 0; i < 800; ++i, ++count) {
        f.poll();
        const double deviations = std::abs(f.error_s()) / f.bank.estimate(0).deviation_s;
        within_three += deviations <= 3 ? 1 : 0;
        within_one += deviations <= 1 ? 1 : 0;
      }
    }

    EXPECT_GE(within_three, 0.99 * count) << wander;
    // Nor may it hide behind a large number.
    EXPECT_LE(within_one, 0.9 * count) << wander;
  }
}

TEST(ClockBank, PredictsWithHonestDeviations) {
  int within_three = 0;
  int count = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Following f(seed, 1e-9, 1e-4, 64);
    f.poll(400);
    for (const double ahead_s : {60.0, 1000.0, 5000.0}) {
      const ClockEstimate e = f.bank.estimate(ahead_s);
      WanderingClock later = f.clock;
      later.advance(ahead_s, f.random);
      within_three += std::abs(e.offset_s - later.offset_s()) <= 3 * e.deviation_s ? 1 : 0;
      within_three += std::abs(e.frequency - later.frequency()) <= 3 * e.frequency_deviation ? 1 : 0;
      count += 2;
    }
  }
  EXPECT_GE(within_three, 0.98 * count);
}

TEST(ClockBank, RecoversFromAStepOfTheFrequency) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Following f(seed, 1e-10, 1e-4, 64);
    f.poll(200);
    f.clock.step_frequency(1e-6);
    f.poll(60);

    EXPECT_NEAR(f.bank.estimate(0).frequency, f.clock.frequency(), 2e-7) << seed;
    EXPECT_LT(std::abs(f.error_s()), 2e-4) << seed;
  }
}

TEST(ClockBank, BeginsWithTheDoubtOfTheAsymmetry) {
  ClockBank bank(1);
  bank.reset_path(0, 3e-3);
  bank.observe(0, 0.25, normal_noise(1e-4));
  for (int i = 0; i < 50; ++i) {
    bank.advance(64);
    bank.observe(0, 0.25, normal_noise(1e-4));
    const ClockEstimate e = bank.estimate(0);

    // No number of exchanges through one path tells its asymmetry.
    ASSERT_NEAR(e.deviation_s / std::hypot(e.tracking_deviation_s, 3e-3), 1, 1e-3) << i;
    ASSERT_LT(e.tracking_deviation_s, 2e-4) << i;
    ASSERT_NEAR(e.offset_s, 0.25, 1e-9) << i;
  }
}

TEST(ClockBank, WeighsPathsByWhatTheirAsymmetriesMayHide) {
  ClockBank bank(2);
  bank.reset_path(0, 1e-3);
  bank.reset_path(1, 2e-3);
  for (int i = 0; i < 100; ++i) {
    bank.advance(1);
    bank.observe(0, 0, normal_noise(1e-5));
    bank.observe(1, 5e-3, normal_noise(1e-5));
  }

  // Weights 1/1 and 1/4, and the deviation of the weighted mean.
  EXPECT_NEAR(bank.estimate(0).offset_s, 1e-3, 5e-5);
  EXPECT_NEAR(bank.estimate(0).deviation_s, 1e-3 / std::sqrt(1.25), 5e-5);
  EXPECT_NEAR(bank.expected_s(0), 0, 1e-5);
  EXPECT_NEAR(bank.expected_s(1), 5e-3, 1e-5);
}

TEST(ClockBank, KeepsTheFrequencyWhenTheOffsetIsLost) {
  Following f(1, 1e-10, 1e-4, 64);
  f.poll(200);
  const ClockEstimate before = f.bank.estimate(0);

  f.bank.lose_offset();

  EXPECT_FALSE(f.bank.has_offset());
  f.clock.step_offset(12345);
  f.bank.observe(0, f.clock.offset_s(), normal_noise(1e-4));
  const ClockEstimate after = f.bank.estimate(0);
  EXPECT_NEAR(after.offset_s, f.clock.offset_s(), 1e-9);
  EXPECT_DOUBLE_EQ(after.frequency, before.frequency);
  EXPECT_NEAR(after.frequency_deviation / before.frequency_deviation, 1, 1e-9);
}

TEST(ClockBank, BeginsWithWhatAnEarlierRunKnew) {
  ClockBank bank(1);
  bank.begin({.frequency = -4e-5, .frequency_deviation = 1e-8, .wander = 1e-8});
  bank.observe(0, 3, normal_noise(1e-4));

  const ClockEstimate e = bank.estimate(100);

  EXPECT_NEAR(e.offset_s, 3 - 4e-3, 1e-9);
  EXPECT_NEAR(e.frequency, -4e-5, 1e-15);
  EXPECT_GT(e.wander, 3e-9);
  EXPECT_LT(e.wander, 1e-7);
}

TEST(ClockBank, TakesEveryDoubtIntoItsNextEstimate) {
  Following f(1, 1e-10, 1e-4, 64);
  f.poll(200);

  f.bank.loosen_offset(1);
  f.poll();
  // Now the offset is what was measured last.
  EXPECT_NEAR(f.bank.estimate(0).tracking_deviation_s, 1e-4, 2e-5);

  f.bank.loosen_frequency(1e-4);
  f.poll();
  EXPECT_NEAR(f.bank.estimate(0).frequency_deviation, std::sqrt(2.0) * 1e-4 / 64, 1e-6);
}

TEST(ClockBank, StaysACovarianceWhenAnExchangeTellsAMillionTimesMoreThanWasKnown) {
  ClockBank bank(1);
  bank.observe(0, 0, normal_noise(2e-8));
  bank.advance(1e6);
  bank.observe(0, 7, normal_noise(2e-8));

  EXPECT_GT(bank.estimate(0).deviation_s, 1e-9);
  EXPECT_LT(bank.estimate(0).deviation_s, 1e-3);
  EXPECT_NEAR(bank.estimate(0).offset_s, 7, 1e-6);
}

/// Rounding may push the least eigenvalue of the correlations below zero, but not by more than this.
constexpr double kRounding = 1e-5;

/// Cholesky's decomposition of the correlations exists.
bool is_covariance(const ClockBankInspector& inspect, std::size_t model) {
  const std::size_t n = inspect.size();
  std::vector<double> root(n * n);
  const auto scale = [&](std::size_t i) { return std::sqrt(std::max(inspect.covariance(model, i, i), 0.0)); };
  for (std::size_t i = 0; i < n; ++i) {
    if (!(inspect.covariance(model, i, i) >= 0)) return false;
    for (std::size_t j = 0; j <= i; ++j) {
      const double scales = scale(i) * scale(j);
      double left = scales > 0 ? inspect.covariance(model, i, j) / scales : 0.0;
      if (scales == 0 && std::abs(inspect.covariance(model, i, j)) > 1e-25) return false;
      if (i == j) left = 1 + kRounding;
      for (std::size_t k = 0; k < j; ++k) left -= root[i * n + k] * root[j * n + k];
      if (i != j)
        root[i * n + j] = left / root[j * n + j];
      else if (left <= 0)
        return false;
      else
        root[i * n + i] = std::sqrt(left);
    }
  }
  return true;
}

/// Any operation, chosen and sized by three numbers.
void operate(ClockBank& bank, std::uint8_t what, std::uint16_t size, std::uint16_t more) {
  const double unit = size / 65536.0;
  const double other = more / 65536.0;
  const double time_s = std::pow(10, 9 * unit - 3);
  const double small_s = std::pow(10, 9 * other - 9);
  const std::size_t path = size % 3;
  ExchangeNoise noise{.excess_s = std::pow(10, 8 * unit - 8),
                      .shape = what % 2 == 0 ? 1 : 1 + 10 * unit,
                      .base_variance = std::pow(10, 10 * other - 15.4),
                      .up = {1e-6 + 1e-3 * other, 1e-2, 0.02},
                      .down = {1e-6 + 1e-3 * unit, 1e-2, 0.1},
                      .outlier_deviation_s = 1e-2 + unit};
  switch (what % 10) {
    case 0:
      bank.reset_path(path, small_s);
      return;
    case 1:
      bank.loosen_path(path, small_s);
      return;
    case 2:
      bank.loosen_offset(small_s);
      return;
    case 3:
      bank.loosen_frequency(small_s * 1e-4);
      return;
    case 4:
      bank.follow_temperature(0, small_s * 1e-4);
      return;
    case 5:
      if (what > 230) bank.lose_offset();
      return;
    case 6:
      noise.slow_variance = small_s * small_s;
      noise.quick_variance = noise.slow_variance / 3;
      noise.slow_time_s = time_s;
      [[fallthrough]];
    default:
      bank.advance(time_s);
      bank.observe(path, other - 0.5, noise);
  }
}

RC_GTEST_PROP(ClockBank, KeepsCovariancesAndWeightsWhateverIsDone,
              (std::vector<std::tuple<std::uint8_t, std::uint16_t, std::uint16_t>> operations)) {
  ClockBank bank(3);
  const ClockBankInspector inspect{bank};
  for (const auto& [what, size, more] : operations) {
    operate(bank, what, size, more);

    double weights = 0;
    for (std::size_t m = 0; m < ClockBank::kModels; ++m) {
      RC_ASSERT(inspect.weight(m) >= 0);
      weights += inspect.weight(m);
      for (std::size_t i = 0; i < inspect.size(); ++i) RC_ASSERT(std::isfinite(inspect.state(m, i)));
      RC_ASSERT(is_covariance(inspect, m));
    }
    RC_ASSERT(std::abs(weights - 1) < 1e-12);
    for (const double ahead_s : {0.0, 1.0, 1e6}) {
      const ClockEstimate e = bank.estimate(ahead_s);
      RC_ASSERT(std::isfinite(e.offset_s) && std::isfinite(e.frequency) && std::isfinite(e.aging));
      RC_ASSERT(e.tracking_deviation_s >= 0 && e.deviation_s >= e.tracking_deviation_s * (1 - kRounding));
      RC_ASSERT(std::isfinite(e.deviation_s) && e.frequency_deviation >= 0 && e.wander > 0);
    }
    RC_ASSERT(bank.outlier_share() >= 0 && bank.outlier_share() <= 1 + 1e-12);
  }
}

}  // namespace
}  // namespace ntp::estimator
