// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/bounded_noise.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "estimator/test_kit.h"

namespace ntp::estimator {
namespace {

using test::Noise;

/// Simpson's rule.
template <class Function>
double integral(double low, double high, int intervals, Function f) {
  const double step = (high - low) / intervals;
  double sum = f(low) + f(high);
  for (int i = 1; i < intervals; ++i) sum += (i % 2 == 1 ? 4 : 2) * f(low + i * step);
  return sum * step / 3;
}

/// The same by quadrature, relative to the density at its greatest, so that nothing underflows.
Truncated truncate_by_quadrature(double low, double high) {
  const double peak = std::clamp(0.0, low, high);
  const double reach = std::min(13.0, 80 / std::max(std::abs(peak), 1e-9));
  const double from = std::max(low - peak, -reach);
  const double to = std::min(high - peak, reach);
  const auto density = [&](double apart) { return std::exp(-apart * (2 * peak + apart) / 2); };
  const double mass = integral(from, to, 4000, density);
  const double first = integral(from, to, 4000, [&](double apart) { return apart * density(apart); }) / mass;
  const double second =
      integral(from, to, 4000, [&](double apart) { return std::pow(apart - first, 2) * density(apart); });
  return {std::log(mass) - peak * peak / 2 - std::log(2 * std::numbers::pi) / 2, peak + first, second / mass};
}

struct Interval {
  double low;
  double high;
};

std::vector<Interval> intervals() {
  std::vector<Interval> all;
  for (const double low : {-1e8, -200.0, -37.9, -8.0, -3.0, -1.0, -0.3, -0.01, 0.0,   1e-9,
                           0.01, 0.5,    2.0,   7.0,  25.0, 29.9, 31.0, 60.0,  200.0, 3000.0})
    for (const double width : {1e-5, 1e-3, 0.0199, 0.021, 0.1, 0.5, 1.0, 4.0, 20.0, 300.0, 2e8})
      all.push_back({low, low + width});
  return all;
}

TEST(TruncateStandardNormal, AgreesWithQuadrature) {
  for (const auto& [low, high] : intervals()) {
    SCOPED_TRACE(testing::Message() << low << " to " << high);
    const Truncated exact = truncate_by_quadrature(low, high);

    const Truncated cut = truncate_standard_normal(low, high);

    // Where the density is taken for a straight line it is bent by at most t^2/24, t < 1/4.
    EXPECT_NEAR(cut.log_mass, exact.log_mass, 3e-3 + 1e-9 * std::abs(exact.log_mass));
    EXPECT_NEAR(cut.mean, exact.mean, 1e-3 * std::sqrt(exact.variance) + 1e-12 * std::abs(low));
    EXPECT_NEAR(cut.variance / std::max(exact.variance, 1e-18), 1, 0.01);
  }
}

TEST(TruncateStandardNormal, IsSymmetric) {
  for (const auto& [low, high] : intervals()) {
    const Truncated cut = truncate_standard_normal(low, high);
    const Truncated mirrored = truncate_standard_normal(-high, -low);

    EXPECT_NEAR(cut.log_mass, mirrored.log_mass, 1e-12 * (1 + std::abs(cut.log_mass)));
    EXPECT_NEAR(cut.mean, -mirrored.mean, 1e-9 * (1 + std::abs(cut.mean)));
    EXPECT_NEAR(cut.variance, mirrored.variance, 1e-6 * cut.variance);
  }
}

TEST(TruncateStandardNormal, HasMoreMassInAWiderInterval) {
  for (const double low : {-60.0, -9.0, -1.0, 0.0, 0.4, 3.0, 20.0, 40.0, 1000.0}) {
    double before = -1e300;
    for (double width = 1e-6; width < 1e4; width *= 1.1) {
      const double log_mass = truncate_standard_normal(low, low + width).log_mass;
      // Across the border of the straight lines the mass may fall back by what these are wrong.
      EXPECT_GE(log_mass, before - 3e-3) << low << " " << width;
      before = std::max(before, log_mass);
    }
    EXPECT_NEAR(truncate_standard_normal(-1e9, 1e9).log_mass, 0, 1e-12);
  }
}

ExchangeNoise random_noise(Noise& random) {
  ExchangeNoise noise;
  const double unit_s = random.magnitude(1e-7, 1e-1);
  noise.up = {.usual_s = unit_s * random.magnitude(0.3, 3), .congested_share = random.magnitude(0.002, 0.4)};
  noise.down = {.usual_s = unit_s * random.magnitude(0.3, 3), .congested_share = random.magnitude(0.002, 0.4)};
  noise.up.congested_s = noise.up.usual_s * random.magnitude(3.3, 100);
  noise.down.congested_s = noise.down.usual_s * random.magnitude(3.3, 100);
  noise.excess_s = unit_s * random.magnitude(0.05, 20);
  noise.base_variance = std::pow(unit_s * random.magnitude(0.02, 0.5), 2);
  noise.outlier_deviation_s = 4 * (noise.excess_s / 2 + noise.up.usual_s + noise.down.usual_s);
  return noise;
}

/// Moments of the posterior by quadrature over the error (outbound minus inbound wait, halved): for each error all is normal.
Posterior apply_by_quadrature(const Gaussian& prior, double measured, const ExchangeNoise& noise) {
  constexpr int kIntervals = 4000;
  const double half = noise.excess_s / 2;
  const double spread = prior.variance + noise.base_variance;
  const double gain = prior.variance / spread;
  const auto normal = [](double x, double variance) {
    return std::exp(-x * x / (2 * variance)) / std::sqrt(2 * std::numbers::pi * variance);
  };
  std::array<double, 3> moment{};
  double likeliest = 0;
  for (const bool up : {false, true}) {
    for (const bool down : {false, true}) {
      const double up_s = up ? noise.up.congested_s : noise.up.usual_s;
      const double down_s = down ? noise.down.congested_s : noise.down.usual_s;
      double share = (up ? noise.up.congested_share : 1 - noise.up.congested_share) *
                     (down ? noise.down.congested_share : 1 - noise.down.congested_share);
      // Congestions of both legs come together more often than by chance.
      if (up && down) share = std::max(share, 0.3 * std::min(noise.up.congested_share, noise.down.congested_share));
      const auto waits = [&](double error) {
        return share / (up_s * down_s) * std::exp(-(half + error) / up_s - (half - error) / down_s);
      };
      likeliest = std::max(likeliest, integral(-half, half, kIntervals, waits));
      const auto add = [&](int power) {
        return integral(-half, half, kIntervals, [&](double error) {
          const double mean = prior.mean + gain * (measured - error - prior.mean);
          const double value = power == 0 ? 1 : power == 1 ? mean : mean * mean + prior.variance * (1 - gain);
          return waits(error) * normal(measured - error - prior.mean, spread) * value;
        });
      };
      for (int power = 0; power < 3; ++power) moment[static_cast<std::size_t>(power)] += add(power);
    }
  }
  const double unexplained = std::pow(measured - prior.mean, 2) - 9 * prior.variance;
  const double outlier_variance = std::max(std::pow(noise.outlier_deviation_s, 2), unexplained);
  const double outlier = 0.003 * likeliest * normal(measured - prior.mean, prior.variance + outlier_variance);
  const double outlier_gain = prior.variance / (prior.variance + outlier_variance);
  const double outlier_mean = prior.mean + outlier_gain * (measured - prior.mean);
  moment[0] += outlier;
  moment[1] += outlier * outlier_mean;
  moment[2] += outlier * (outlier_mean * outlier_mean + prior.variance * (1 - outlier_gain));
  const double mean = moment[1] / moment[0];
  return {std::log(moment[0]), {mean, moment[2] / moment[0] - mean * mean}, outlier / moment[0]};
}

TEST(Observation, AgreesWithQuadratureOfPriorTimesLikelihood) {
  Noise random(1);
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    const ExchangeNoise noise = random_noise(random);
    const double scale_s = noise.excess_s + std::sqrt(noise.base_variance);
    const Gaussian prior{scale_s * random.between(-1, 1), std::pow(scale_s * random.magnitude(0.03, 30), 2)};
    const double measured = prior.mean + (scale_s + std::sqrt(prior.variance)) * random.between(-1.5, 1.5);
    const Posterior exact = apply_by_quadrature(prior, measured, noise);

    const Posterior posterior = Observation(measured, noise).apply(prior);

    // Combinations of legs that weigh less than 1/150 are left out where the others explain the measurement.
    EXPECT_NEAR(posterior.log_evidence, exact.log_evidence, 0.05);
    EXPECT_NEAR(posterior.value.mean, exact.value.mean, 0.06 * std::sqrt(exact.value.variance));
    EXPECT_NEAR(posterior.value.variance / exact.value.variance, 1, 0.15);
    EXPECT_NEAR(posterior.outlier_share, exact.outlier_share, 0.03);
  }
}

TEST(Observation, OfManySmallQueuesHasTheErrorOfABetaDistribution) {
  for (const double shape : {1.2, 1.5, 2.0, 5.0, 20.0}) {
    const ExchangeNoise noise{.excess_s = 2e-3,
                              .shape = shape,
                              .base_variance = 1e-12,
                              .up = {.usual_s = 1e-3, .congested_share = 1e-9},
                              .down = {.usual_s = 1e-3, .congested_share = 1e-9},
                              .outlier_deviation_s = 1e-4};

    const Posterior posterior = Observation(0.5, noise).apply({.mean = 0.5, .variance = 1});

    EXPECT_NEAR(posterior.value.mean, 0.5, 1e-9);
    EXPECT_NEAR(posterior.value.variance * (2 * shape + 1) / 1e-6, 1, 0.08) << shape;
  }
}

TEST(Observation, TellsTheLegThatIsUsuallySlowFromTheOther) {
  const ExchangeNoise noise{
      .excess_s = 1e-2, .base_variance = 1e-12, .up = {.usual_s = 1e-5}, .down = {.usual_s = 3e-3}};
  QueueShares shares;

  const Posterior posterior = Observation(0, noise).apply({.mean = 0, .variance = 1}, &shares);

  // The reply waited: the server seemed further behind than it is.
  EXPECT_GT(posterior.value.mean, 4.5e-3);
  EXPECT_GT(shares.down_usual_s + shares.down_congested_s, 0.95e-2);
}

TEST(Observation, IsMovedLessByAGreaterOutlier) {
  const ExchangeNoise noise{.excess_s = 1e-3, .base_variance = 1e-12, .outlier_deviation_s = 2e-3};
  double before = 1e300;
  for (const double miss_s : {1e-2, 1e-1, 1.0, 1e3}) {
    const Posterior posterior = Observation(miss_s, noise).apply({.mean = 0, .variance = 1e-8});

    EXPECT_GT(posterior.outlier_share, 0.99);
    EXPECT_LT(std::abs(posterior.value.mean), before);
    EXPECT_LT(std::abs(posterior.value.mean), 1e-5);
    before = std::abs(posterior.value.mean);
  }
}

TEST(Observation, DividesTheExcessBetweenTheLegs) {
  Noise random(2);
  for (int i = 0; i < 1000; ++i) {
    const ExchangeNoise noise = random_noise(random);
    const Gaussian prior{0, std::pow(noise.excess_s * random.magnitude(1e-3, 1e3), 2)};
    QueueShares s;

    const Posterior posterior = Observation(noise.excess_s * random.between(-2, 2), noise).apply(prior, &s);

    const double explained = 1 - posterior.outlier_share;
    EXPECT_NEAR(s.up_usual + s.up_congested, explained, 1e-9);
    EXPECT_NEAR(s.down_usual + s.down_congested, explained, 1e-9);
    const double waits_s = s.up_usual_s + s.up_congested_s + s.down_usual_s + s.down_congested_s;
    EXPECT_NEAR(waits_s, noise.excess_s * explained, 1e-9 * noise.excess_s);
    for (const double wait_s : {s.up_usual_s, s.up_congested_s, s.down_usual_s, s.down_congested_s})
      EXPECT_GE(wait_s, 0);
  }
}

TEST(Observation, IsFiniteAndNeverWiderThanItsPartsForWhateverIsMeasured) {
  Noise random(3);
  for (int i = 0; i < 20000; ++i) {
    SCOPED_TRACE(i);
    ExchangeNoise noise;
    noise.excess_s = random.magnitude(1e-10, 1e3);
    noise.shape = i % 3 == 0 ? random.magnitude(1, 40) : 1;
    noise.base_variance = random.magnitude(4e-16, 1e3);
    noise.up = {random.magnitude(1e-9, 1e2), random.magnitude(1e-9, 1e3), random.between(0.002, 0.4)};
    noise.down = {random.magnitude(1e-9, 1e2), random.magnitude(1e-9, 1e3), random.between(0.002, 0.4)};
    noise.outlier_deviation_s = random.magnitude(1e-8, 1e4);
    const Gaussian prior{random.magnitude(1e-9, 1e11) * (i % 2 == 0 ? 1 : -1), random.magnitude(1e-24, 1e22)};
    const double measured = i % 5 == 0 ? prior.mean : random.magnitude(1e-9, 1e11);

    const Posterior posterior = Observation(measured, noise).apply(prior);

    ASSERT_TRUE(std::isfinite(posterior.value.mean));
    ASSERT_GE(posterior.value.variance, 0);
    ASSERT_GE(posterior.outlier_share, 0);
    ASSERT_LE(posterior.outlier_share, 1);
    // No part is wider than the prior, and the mean of each is between the prior's and what can have been measured.
    const double half = noise.excess_s / 2 * std::sqrt(3.0);
    const double low = std::min(prior.mean, measured - half);
    const double high = std::max(prior.mean, measured + half);
    const double steepest =
        1 / std::min({noise.up.usual_s, noise.down.usual_s, noise.up.congested_s, noise.down.congested_s});
    const double rounding = 1e-9 * (std::abs(low) + std::abs(high)) +
                            1e-13 * steepest * (prior.variance + noise.base_variance + noise.excess_s * noise.excess_s);
    ASSERT_GE(posterior.value.mean, low - rounding);
    ASSERT_LE(posterior.value.mean, high + rounding);
    ASSERT_LE(posterior.value.variance, (prior.variance + std::pow(high - low + rounding, 2) / 4) * (1 + 1e-9));
  }
}

TEST(ObserveBounded, IsAHardWallWithoutOtherNoise) {
  const Posterior posterior = observe_bounded({.mean = 0, .variance = 1}, 2.5, 1, 1e-18, 10);

  EXPECT_GE(posterior.value.mean, 1.5 * (1 - posterior.outlier_share));
  EXPECT_LT(posterior.value.mean, 2);
  EXPECT_LT(posterior.outlier_share, 0.01);
}

TEST(ObserveBounded, IsNotMovedByWhatNothingExplains) {
  const Posterior posterior = observe_bounded({.mean = 0, .variance = 1}, 100, 1, 1e-18, 3);

  EXPECT_GT(posterior.outlier_share, 0.99);
  EXPECT_LT(std::abs(posterior.value.mean), 0.2);
}

TEST(ObserveBounded, AgreesWithTheUniformDistributionForABroadPrior) {
  const Posterior posterior = observe_bounded({.mean = 0, .variance = 1e6}, 3, 0.5, 1e-4, 1e9);

  // The chance of an outlier that knows nothing is all that is missing.
  EXPECT_NEAR(posterior.value.mean, 3, 0.01);
  EXPECT_NEAR(posterior.value.variance, 0.25 / 3 + 1e-4, 0.005);
  EXPECT_NEAR(posterior.log_evidence, -0.5 * std::log(2 * std::numbers::pi * 1e6) - 9 / 2e6, 0.01);
}

TEST(ErrorVariance, IsThatOfTheUniformDistributionAndOfTheStamps) {
  EXPECT_DOUBLE_EQ(error_variance({.excess_s = 6, .base_variance = 2}), 5);
  EXPECT_DOUBLE_EQ(error_variance({.excess_s = 6, .base_variance = 2, .slow_variance = 7, .quick_variance = 8}), 17);
}

}  // namespace
}  // namespace ntp::estimator
