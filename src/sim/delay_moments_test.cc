// SPDX-License-Identifier: BSD-2-Clause
#include "sim/delay_moments.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace ntp::sim {
namespace {

/// Mean and variance of many datagrams that leave between from_s and from_s + 10000 s.
DelayMoments measured(const LinkSettings& settings, double from_s) {
  constexpr int kDatagrams = 400000;
  constexpr double kSpan_s = 10000;
  Link link(settings, 17);
  double sum_s = 0;
  double sum_squares_s2 = 0;
  for (int i = 0; i < kDatagrams; ++i) {
    const TrueTime departure = TrueTime::from_seconds(from_s + kSpan_s * i / kDatagrams);
    const double delay_s = link.transit(departure, 48).arrivals[0] - departure;
    sum_s += delay_s;
    sum_squares_s2 += delay_s * delay_s;
  }
  const double mean_s = sum_s / kDatagrams;
  return {.mean_s = mean_s, .variance_s2 = sum_squares_s2 / kDatagrams - mean_s * mean_s};
}

void expect_moments(const LinkSettings& settings, double from_s, double tolerance) {
  const DelayMoments expected = delay_moments(settings, TrueTime::from_seconds(from_s));
  const DelayMoments found = measured(settings, from_s);

  EXPECT_NEAR(found.mean_s, expected.mean_s, tolerance * (expected.mean_s - settings.delay_s) + 1e-9);
  EXPECT_NEAR(found.variance_s2, expected.variance_s2, tolerance * expected.variance_s2 + 1e-12);
}

TEST(DelayMoments, AreThoseOfTheDelaysThatALinkDraws) {
  const auto link = [](DelayShape shape, double parameter) {
    return LinkSettings{.delay_s = 0.02, .jitter_s = 0.005, .shape = shape, .shape_parameter = parameter};
  };

  expect_moments(link(DelayShape::fixed, 1), 0, 0.02);
  expect_moments(link(DelayShape::exponential, 1), 0, 0.02);
  expect_moments(link(DelayShape::uniform, 1), 0, 0.02);
  expect_moments(link(DelayShape::gamma, 3), 0, 0.02);
  expect_moments(link(DelayShape::lognormal, 0.5), 0, 0.02);
  expect_moments(link(DelayShape::heavy_tail, 8), 0, 0.05);
  expect_moments(link(DelayShape::exponential_product, 3), 0, 0.1);
}

TEST(DelayMoments, AWaveIsNoiseOverItsPeriod) {
  expect_moments({.delay_s = 0.01, .wave = {.amplitude_s = 0.001, .period_s = 2500}}, 0, 0.01);
}

TEST(DelayMoments, CongestionCountsWhileItIsThere) {
  const LinkSettings link{.delay_s = 0.01,
                          .jitter_s = 0.001,
                          .congestion = {.least_s = 0.03, .most_s = 0.07, .first_at_s = 20000, .duration_s = 20000}};

  expect_moments(link, 0, 0.02);
  expect_moments(link, 20000, 0.02);
  EXPECT_NEAR(delay_moments(link, TrueTime::from_seconds(25000)).mean_s, 0.061, 1e-9);
}

TEST(DelayMoments, ATailThatIsTooHeavyHasNoVariance) {
  const LinkSettings link{.jitter_s = 0.001, .shape = DelayShape::heavy_tail, .shape_parameter = 1.5};

  EXPECT_EQ(delay_moments(link, {}).variance_s2, std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace ntp::sim
