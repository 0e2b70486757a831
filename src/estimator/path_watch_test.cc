// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/path_watch.h"

#include <gtest/gtest.h>

namespace ntp::estimator {
namespace {

constexpr double kPoll_s = 64;

/// One that has seen so many exchanges which were as expected.
PathWatch settled(int exchanges = 100) {
  PathWatch watch;
  for (int i = 0; i < exchanges; ++i) static_cast<void>(watch.after(0, 1e-6, kPoll_s));
  return watch;
}

bool is_nothing(const Doubt& d) { return d.path_s == 0 && d.offset_s == 0 && d.frequency == 0; }

TEST(PathWatch, DoubtsNothingWhileAllIsAsExpected) {
  PathWatch watch;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(is_nothing(watch.before(0)));
    EXPECT_TRUE(is_nothing(watch.after(0.4, 1, kPoll_s)));
  }
}

TEST(PathWatch, DoubtsTheClockAtTheFirstMissOfAnUnknownOne) {
  PathWatch watch = settled(3);

  const Doubt doubt = watch.after(0.9, -0.64, kPoll_s);

  EXPECT_DOUBLE_EQ(doubt.offset_s, 0.64);
  EXPECT_DOUBLE_EQ(doubt.frequency, 0.01);
}

TEST(PathWatch, TakesAJumpWithinAMicrosecondForNoFrequency) {
  PathWatch watch = settled(3);

  EXPECT_LE(watch.after(0.9, 1e9, 1e-6).frequency, 0.01);
}

TEST(PathWatch, BelievesAJumpAtTheFourthMissInARow) {
  PathWatch watch = settled();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_nothing(watch.after(0.9, 1, kPoll_s))) << i;

  const Doubt doubt = watch.after(0.9, 1, kPoll_s);

  EXPECT_DOUBLE_EQ(doubt.offset_s, 1);
  EXPECT_EQ(doubt.frequency, 0);
}

TEST(PathWatch, CountsOnlyMissesInARow) {
  PathWatch watch = settled();
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(is_nothing(watch.after(i % 4 == 3 ? 0.1 : 0.9, 1, kPoll_s))) << i;
}

TEST(PathWatch, DoubtsANewRouteALittleAndAfterTwoMissesByAllItCanHide) {
  PathWatch watch = settled();

  EXPECT_NEAR(watch.before(-0.02).path_s, 1e-4, 1e-12);
  EXPECT_TRUE(is_nothing(watch.after(0.9, 1e-3, kPoll_s)));
  const Doubt doubt = watch.after(0.9, 1e-3, kPoll_s);

  EXPECT_DOUBLE_EQ(doubt.path_s, 0.01);
  EXPECT_EQ(doubt.offset_s, 0);
}

TEST(PathWatch, TrustsANewRouteAfterSixteenHits) {
  PathWatch watch = settled();
  static_cast<void>(watch.before(0.02));
  for (int i = 0; i < 16; ++i) static_cast<void>(watch.after(0, 0, kPoll_s));

  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_nothing(watch.after(0.9, 1, kPoll_s))) << i;
  EXPECT_GT(watch.after(0.9, 1, kPoll_s).offset_s, 0);
}

}  // namespace
}  // namespace ntp::estimator
