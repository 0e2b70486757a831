// SPDX-License-Identifier: BSD-2-Clause
#include "state/leap_smear.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::state {
namespace {

constexpr double kDay_s = 86400;

TEST(LeapSmear, IsTheCosineOverTheIntervalThatEndsAtTheLeap) {
  EXPECT_EQ(leap_smear_s(kDay_s + 1, 1, kDay_s), 0);
  EXPECT_EQ(leap_smear_s(kDay_s, 1, kDay_s), 0);
  EXPECT_NEAR(leap_smear_s(kDay_s * 3 / 4, 1, kDay_s), -(1 - std::sqrt(0.5)) / 2, 1e-15);
  EXPECT_NEAR(leap_smear_s(kDay_s / 2, 1, kDay_s), -0.5, 1e-15);
  EXPECT_NEAR(leap_smear_s(kDay_s / 4, 1, kDay_s), -(1 + std::sqrt(0.5)) / 2, 1e-15);
  EXPECT_NEAR(leap_smear_s(1e-6, 1, kDay_s), -1, 1e-12);
  EXPECT_EQ(leap_smear_s(0, 1, kDay_s), -1);
  EXPECT_EQ(leap_smear_s(-0.5, 1, kDay_s), -1) << "the clock is late to leap";
}

TEST(LeapSmear, HurriesWhereASecondIsLeftOut) {
  EXPECT_NEAR(leap_smear_s(kDay_s / 2, -1, kDay_s), 0.5, 1e-15);
  EXPECT_EQ(leap_smear_s(0, -1, kDay_s), 1);
}

TEST(LeapSmear, IsNothingWithoutALeapOrAnInterval) {
  EXPECT_EQ(leap_smear_s(100, 0, kDay_s), 0);
  EXPECT_EQ(leap_smear_s(100, 1, 0), 0);
  EXPECT_EQ(leap_smear_s(-1, 1, 0), 0);
}

RC_GTEST_PROP(LeapSmear, NeverRunsFasterThanHalfPiOverTheInterval, ()) {
  const double interval_s = *rc::gen::inRange(600, 100'000);
  const double until_s = interval_s * *rc::gen::inRange(-100, 1100) / 1000.0;
  const double later_s = until_s - *rc::gen::inRange(1, 1000) / 100.0;

  const double moved_s = leap_smear_s(later_s, 1, interval_s) - leap_smear_s(until_s, 1, interval_s);

  RC_ASSERT(moved_s <= 0.0);
  RC_ASSERT(-moved_s <= std::numbers::pi / 2 / interval_s * (until_s - later_s) * (1 + 1e-9));
}

}  // namespace
}  // namespace ntp::state
