// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/proven_frequency.h"

#include <gtest/gtest.h>

#include "estimator/test_kit.h"

namespace ntp::estimator {
namespace {

using test::raw;

Measurement measurement(double at_s, double offset_s) {
  return {.at = raw(at_s), .offset_s = offset_s, .delay_s = 0.020};
}

TEST(ProvenFrequency, IsNothingAtFirst) {
  ProvenFrequency proven;
  EXPECT_EQ(proven.error_bound(0), 500e-6);
  proven.add(measurement(0, 0));
  EXPECT_EQ(proven.error_bound(0), 500e-6);
  proven.add(measurement(2, 0));
  EXPECT_EQ(proven.error_bound(0), 500e-6) << "half a delay over two seconds says less";
}

TEST(ProvenFrequency, GetsBetterWithTime) {
  ProvenFrequency proven;
  for (int i = 0; i <= 20; ++i) proven.add(measurement(100 * i, 0.001 * i));

  EXPECT_NEAR(proven.error_bound(1e-5), 1e-5, 1e-12);
}

TEST(ProvenFrequency, IsHeldAgainstAnEstimateThatDiffers) {
  ProvenFrequency proven;
  proven.add(measurement(0, 0));
  proven.add(measurement(2000, 0.02));

  EXPECT_NEAR(proven.error_bound(8e-5), 8e-5, 1e-12);
}

TEST(ProvenFrequency, BeginsAnewWithThePhase) {
  ProvenFrequency proven;
  proven.add(measurement(0, 0));
  proven.clear();
  proven.add(measurement(2000, 7));

  EXPECT_EQ(proven.error_bound(0), 500e-6);
}

}  // namespace
}  // namespace ntp::estimator
