// SPDX-License-Identifier: BSD-2-Clause
#include "engine/slew.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::engine {
namespace {

TEST(Slew, DrainsExponentially) {
  double residual_s = 0.001;
  double passed_s = 0;
  constexpr double kTimeConstant_s = 1024;
  while (passed_s < kTimeConstant_s) {
    const SlewSlice slice = next_slice(residual_s, kTimeConstant_s);
    residual_s -= slice.rate_ppm * 1e-6 * slice.duration_s;
    passed_s += slice.duration_s;
  }

  EXPECT_NEAR(residual_s, 0.001 * std::exp(-passed_s / kTimeConstant_s), 1e-12);
}

TEST(Slew, IsNeverFasterThan500Ppm) {
  EXPECT_EQ(next_slice(10, 16).rate_ppm, 500);
  EXPECT_EQ(next_slice(-10, 16).rate_ppm, -500);
  EXPECT_LT(next_slice(0.001, 16).rate_ppm, 100);
}

TEST(Slew, EndsWhereNothingWorthAWakeUpIsLeft) {
  EXPECT_EQ(next_slice(0, 16).duration_s, 0);
  EXPECT_EQ(next_slice(1e-9, 16).duration_s, 0);
  EXPECT_EQ(next_slice(-1e-9, 16).rate_ppm, 0);
}

TEST(Slew, ComesToItsEnd) {
  double residual_s = -0.1;
  double passed_s = 0;
  while (passed_s < 3600) {
    const SlewSlice slice = next_slice(residual_s, 16);
    if (slice.duration_s == 0) break;
    residual_s -= slice.rate_ppm * 1e-6 * slice.duration_s;
    passed_s += slice.duration_s;
  }

  EXPECT_LT(passed_s, 600) << "200 s at 500 ppm, then some twenty time constants";
}

RC_GTEST_PROP(Slew, GoesTheRightWayAndNotTooFar, (std::int32_t microseconds, std::uint16_t constant)) {
  const double residual_s = microseconds * 1e-6;
  const double time_constant_s = 16.0 + constant;

  const SlewSlice slice = next_slice(residual_s, time_constant_s);
  const double moved_s = slice.rate_ppm * 1e-6 * slice.duration_s;

  RC_ASSERT(moved_s * residual_s >= 0);
  RC_ASSERT(std::abs(moved_s) <= std::abs(residual_s));
  RC_ASSERT(slice.duration_s <= 16);
}

}  // namespace
}  // namespace ntp::engine
