// SPDX-License-Identifier: BSD-2-Clause
#include "sim/reference_estimator.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"
#include "sim/noise.h"

namespace ntp::sim {
namespace {

TrueTime at(double seconds) { return TrueTime::from_seconds(seconds); }

TEST(ReferenceEstimator, KnowsNothingBeforeTheFirstSample) {
  ReferenceEstimator reference(0.001);
  EXPECT_FALSE(reference.at(at(10)).has_value());

  reference.add({.at = at(10), .offset_s = 0.25, .variance_s2 = 1e-6});

  ASSERT_TRUE(reference.at(at(10)).has_value());
  EXPECT_DOUBLE_EQ(reference.at(at(10))->offset_s, 0.25);
  EXPECT_DOUBLE_EQ(reference.at(at(10))->deviation_s, 1e-3);
}

TEST(ReferenceEstimator, FollowsAFrequencyWithoutNoiseExactly) {
  ReferenceEstimator reference(0);
  for (int i = 0; i < 100; ++i) reference.add({.at = at(64 * i), .age_s = 0.5, .offset_s = 1 + 50e-6 * (64 * i - 0.5)});

  EXPECT_NEAR(reference.at(at(10000))->offset_s, 1.5, 1e-9);
  EXPECT_NEAR(reference.at(at(10000))->frequency_ppm, 50, 1e-6);
}

// Without wander the filter is the least-squares line: the variance of its level at the last of n equal samples is
// 2 (2n - 1) / (n (n + 1)) of one's.
TEST(ReferenceEstimator, WithoutWanderItIsTheLeastSquaresLine) {
  ReferenceEstimator reference(0);
  constexpr int kSamples = 50;
  constexpr double kNoise_s = 1e-4;
  for (int i = 0; i < kSamples; ++i)
    reference.add({.at = at(64 * i), .offset_s = 0, .variance_s2 = kNoise_s * kNoise_s});

  const double expected = 2.0 * (2 * kSamples - 1) / (kSamples * (kSamples + 1.0));
  EXPECT_NEAR(reference.at(at(64 * (kSamples - 1)))->deviation_s / kNoise_s, std::sqrt(expected), 1e-3);
}

// Steady state of the two-state filter (Kalata's tracking index, alpha-beta filter, continuous wander): the mean of many
// runs' squared errors must be the variance that the filter claims.
TEST(ReferenceEstimator, ItsErrorIsWhatItClaims) {
  constexpr double kWander = 1e-9;
  constexpr double kNoise_s = 1e-5;
  constexpr double kPoll_s = 64;
  double sum_s2 = 0;
  double claimed_s2 = 0;
  int count = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    ReferenceEstimator reference(kWander * 1e6);
    double frequency = 20e-6;
    double offset_s = 0;
    for (int i = 1; i <= 2000; ++i) {
      for (int second = 0; second < static_cast<int>(kPoll_s); ++second) {
        frequency += kWander * normal(random);
        offset_s += frequency;
      }
      if (i > 200) {
        const ReferenceEstimate estimate = *reference.at(at(i * kPoll_s));
        sum_s2 += (estimate.offset_s - offset_s) * (estimate.offset_s - offset_s);
        claimed_s2 += estimate.deviation_s * estimate.deviation_s;
        ++count;
      }
      reference.add({.at = at(i * kPoll_s),
                     .offset_s = offset_s + kNoise_s * normal(random),
                     .variance_s2 = kNoise_s * kNoise_s});
    }
  }

  EXPECT_NEAR(std::sqrt(sum_s2 / claimed_s2), 1.0, 0.03);
  EXPECT_LT(std::sqrt(sum_s2 / count), kNoise_s);
}

TEST(ReferenceEstimator, WeighsSamplesByTheirNoise) {
  ReferenceEstimator reference(0);
  reference.add({.at = at(0), .offset_s = 0, .variance_s2 = 1e-6});
  reference.add({.at = at(0), .offset_s = 1e-3, .variance_s2 = 3e-6});

  EXPECT_NEAR(reference.at(at(0))->offset_s, 0.25e-3, 1e-12);
}

TEST(ReferenceEstimator, IgnoresSamplesThatSayNothing) {
  ReferenceEstimator reference(0);
  const double infinite = std::numeric_limits<double>::infinity();
  reference.add({.at = at(0), .offset_s = 5, .variance_s2 = infinite});
  EXPECT_FALSE(reference.at(at(0)).has_value());

  reference.add({.at = at(1), .offset_s = 1, .variance_s2 = 1e-6});
  reference.add({.at = at(2), .offset_s = 5, .variance_s2 = infinite});

  EXPECT_DOUBLE_EQ(reference.at(at(2))->offset_s, 1.0);
}

}  // namespace
}  // namespace ntp::sim
