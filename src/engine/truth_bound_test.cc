// SPDX-License-Identifier: BSD-2-Clause
#include "engine/truth_bound.h"

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::raw;

constexpr double kPhi = 15e-6;

estimator::Measurement measurement(double at_s, double offset_s, double delay_s) {
  return {.at = raw(at_s), .offset_s = offset_s, .delay_s = delay_s};
}

TEST(TruthBound, PromisesNothingWithoutAMeasurement) {
  const TruthBound bound;

  EXPECT_EQ(bound.offset_s({{.offset_s = 0}, raw(0)}, raw(0), kPhi), kMaxDispersion_s);
  EXPECT_EQ(bound.frequency({}), 500e-6);
}

TEST(TruthBound, IsHalfTheDelayAndWhatTheEstimateDiffersBy) {
  TruthBound bound;
  bound.add(measurement(0, 0.001, 0.020));

  EXPECT_DOUBLE_EQ(bound.offset_s({{.offset_s = 0.004}, raw(0)}, raw(0), kPhi), 0.013);
  EXPECT_DOUBLE_EQ(bound.offset_s({{.offset_s = 0.001}, raw(0)}, raw(100), kPhi), 0.010 + 100 * (kPhi + 500e-6))
      << "and it ages";
}

TEST(TruthBound, IsTheTightestOfTheLastEight) {
  TruthBound bound;
  bound.add(measurement(0, 0, 0.002));
  for (int i = 1; i <= 7; ++i) bound.add(measurement(i, 0, 0.1));
  EXPECT_NEAR(bound.offset_s({{.offset_s = 0}, raw(7)}, raw(7), kPhi), 0.001 + 7 * (kPhi + 500e-6), 1e-12);

  bound.add(measurement(8, 0, 0.1));
  EXPECT_NEAR(bound.offset_s({{.offset_s = 0}, raw(8)}, raw(8), kPhi), 0.05, 1e-12);
}

TEST(TruthBound, JudgesAMeasurementByTheEstimateOfItsTime) {
  TruthBound bound;
  bound.add(measurement(0, 0, 0.002));

  EXPECT_NEAR(bound.offset_s({{.offset_s = 0.1, .frequency = 1e-3}, raw(100)}, raw(100), 0), 0.001 + 0.05, 1e-12);
}

TEST(TruthBound, OfTheFrequencyFallsWithTheTimeThatItWasMeasuredFor) {
  TruthBound bound;
  bound.add(measurement(0, 0, 0.020));
  bound.add(measurement(2, 0, 0.020));
  EXPECT_EQ(bound.frequency({}), 500e-6);
  for (int i = 1; i <= 20; ++i) bound.add(measurement(100 * i, 0, 0.020));
  EXPECT_NEAR(bound.frequency({}), 1e-5, 1e-12);
  EXPECT_NEAR(bound.frequency({.frequency = 7e-5}), 8e-5, 1e-12) << "an estimate that differs is no better";
}

}  // namespace
}  // namespace ntp::engine
