// SPDX-License-Identifier: BSD-2-Clause
#include "sim/metrics.h"

#include <gtest/gtest.h>

namespace ntp::sim {
namespace {

TrueTime at(double seconds) { return TrueTime::from_seconds(seconds); }

TEST(Metrics, StatisticsStartAfterSettlingButThePeakDoesNot) {
  Metrics metrics(at(10), 1.0);

  metrics.add(at(5), {.offset_s = -8, .frequency_error_ppm = 100});
  metrics.add(at(10), {.offset_s = 3, .frequency_error_ppm = 1});
  metrics.add(at(15), {.offset_s = -4, .frequency_error_ppm = -1});

  EXPECT_DOUBLE_EQ(metrics.rms_offset_s(), 3.5355339059327378);
  EXPECT_DOUBLE_EQ(metrics.max_offset_s(), 4.0);
  EXPECT_DOUBLE_EQ(metrics.rms_frequency_error_ppm(), 1.0);
  EXPECT_DOUBLE_EQ(metrics.peak_offset_s(), 8.0);
}

TEST(Metrics, BelowMeansStayingBelow) {
  Metrics metrics(at(0), 1.0);

  metrics.add(at(1), {.offset_s = 0.5});
  metrics.add(at(2), {.offset_s = 2.0});
  EXPECT_EQ(metrics.below_since(), TrueTime::never());
  metrics.add(at(3), {.offset_s = 0.5});
  metrics.add(at(4), {.offset_s = -0.5});

  EXPECT_EQ(metrics.below_since(), at(3));
}

TEST(Metrics, AWindowCountsFromItsStartToBeforeItsEndEvenBeforeSettling) {
  Metrics metrics(at(100), 1.0, {{.from = at(10), .to = at(20)}, {.from = at(20), .to = at(30)}});

  metrics.add(at(9), {.offset_s = 100});
  metrics.add(at(10), {.offset_s = -3});
  metrics.add(at(19), {.offset_s = 1});
  metrics.add(at(20), {.offset_s = 7});
  metrics.add(at(30), {.offset_s = 100});

  EXPECT_DOUBLE_EQ(metrics.window(0).rms(), 2.2360679774997898);
  EXPECT_DOUBLE_EQ(metrics.window(0).max(), 3.0);
  EXPECT_DOUBLE_EQ(metrics.window(1).max(), 7.0);
  EXPECT_EQ(metrics.window(1).count(), 1U);
}

TEST(Metrics, ClaimsAreCounted) {
  Metrics metrics(at(2), 1.0);

  metrics.add(at(1), {.offset_s = 9.0});
  metrics.add(at(2), {.offset_s = 1.5, .is_synchronized = true});
  metrics.add(at(3), {.offset_s = 0.5});

  EXPECT_EQ(metrics.first_synchronized(), at(2));
  EXPECT_DOUBLE_EQ(metrics.synchronized_fraction(), 0.5);
  EXPECT_DOUBLE_EQ(metrics.max_claimed_offset_s(), 1.5);
}

}  // namespace
}  // namespace ntp::sim
