// SPDX-License-Identifier: BSD-2-Clause
#include "engine/clock_filter.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::corrected;
using test::raw;

FilterContext context(double now_s) {
  return {.now = raw(now_s), .correction = {}, .dispersion_rate = 0, .precision_s = 1e-6, .poll_interval_s = 64};
}

Sample sample(double at_s, double offset_s, double delay_s, double dispersion_s = 0.001) {
  return {offset_s, delay_s, dispersion_s, raw(at_s), {}};
}

/// Eight samples, 64 s apart, at these offsets around zero; all delays alike.
ClockFilter steady(double& t_s) {
  ClockFilter filter;
  for (int i = 0; i < 8; ++i, t_s += 64) filter.add(sample(t_s, i % 2 == 0 ? 1e-4 : -1e-4, 0.010), context(t_s));
  return filter;
}

TEST(ClockFilter, TakesTheSampleWithTheLeastDelay) {
  ClockFilter filter;

  filter.add(sample(0, 0.5, 0.030), context(0));
  filter.add(sample(64, 0.1, 0.010), context(64));
  const FilterResult result = filter.add(sample(128, 0.7, 0.020), context(128));

  EXPECT_EQ(result.offset_s, 0.1);
  EXPECT_EQ(result.delay_s, 0.010);
  EXPECT_EQ(result.at, raw(64));
}

TEST(ClockFilter, WeighsEmptyStagesWithTheMaximumDispersion) {
  ClockFilter filter;
  // Section 10: the sum of epsilon_i / 2^(i+1).
  const double expected_s[] = {8 - 16.0 / 256,   4 - 16.0 / 256,    2 - 16.0 / 256,     1 - 16.0 / 256,
                               0.5 - 16.0 / 256, 0.25 - 16.0 / 256, 0.125 - 16.0 / 256, 0};

  for (int i = 0; i < 8; ++i) {
    const FilterResult result = filter.add(sample(i, 0, 0.01, 0), context(i));
    EXPECT_DOUBLE_EQ(result.dispersion_s, expected_s[i]) << i;
  }
}

TEST(ClockFilter, SumsDispersionsInTheOrderOfDelay) {
  ClockFilter filter;
  filter.fill(sample(0, 0, 0.5, 0), context(0));

  filter.add(sample(1, 0, 0.02, 0.04), context(1));
  const FilterResult result = filter.add(sample(2, 0, 0.01, 0.08), context(2));

  EXPECT_DOUBLE_EQ(result.dispersion_s, 0.08 / 2 + 0.04 / 4);
}

TEST(ClockFilter, GivesTheSpreadAboutTheBestSampleAsJitter) {
  ClockFilter filter;

  filter.add(sample(0, 0.3, 0.03), context(0));
  filter.add(sample(1, -0.4, 0.02), context(1));
  const FilterResult result = filter.add(sample(2, 0.0, 0.01), context(2));

  EXPECT_DOUBLE_EQ(result.jitter_s, std::sqrt((0.09 + 0.16) / 2));
}

TEST(ClockFilter, HasNoJitterBelowThePrecision) {
  ClockFilter filter;

  filter.add(sample(0, 0.1, 0.01), context(0));

  EXPECT_EQ(filter.add(sample(1, 0.1, 0.01), context(1)).jitter_s, 1e-6);
}

TEST(ClockFilter, UsesASampleOnce) {
  ClockFilter filter;

  EXPECT_TRUE(filter.add(sample(0, 0, 0.010), context(0)).is_new);
  EXPECT_FALSE(filter.add(sample(64, 0, 0.020), context(64)).is_new) << "the best is the one used already";
  EXPECT_TRUE(filter.add(sample(128, 0, 0.005), context(128)).is_new);
}

TEST(ClockFilter, NeverGoesBackToASampleOlderThanTheOneUsedLast) {
  ClockFilter filter;
  filter.add(sample(0, 0, 0.010), context(0));
  filter.add(sample(64, 0, 0.020), context(64));
  for (int i = 2; i < 9; ++i) filter.add(sample(64 * i, 0, 0.015), context(64 * i));

  // The sample of t = 0 has gone by now; what is best is newer.
  EXPECT_GT(filter.add(sample(640, 0, 0.5), context(640)).at, raw(0));
}

TEST(ClockFilter, LetsDispersionGrowWithAge) {
  ClockFilter filter;
  FilterContext aging = context(0);
  aging.dispersion_rate = 15e-6;
  const double young_s = filter.fill(sample(0, 0, 0.01, 0), aging).dispersion_s;

  aging.now = raw(1000);
  const double old_s = filter.add(sample(1000, 0, 1.0, 0), aging).dispersion_s;

  EXPECT_EQ(young_s, 0);
  EXPECT_NEAR(old_s, 0.015 * (1 - 2.0 / 256), 1e-12);
}

TEST(ClockFilter, SortsAnOldSampleByItsDispersionToo) {
  ClockFilter filter;
  FilterContext aging = context(0);
  aging.dispersion_rate = 15e-6;
  filter.add(sample(0, 0.5, 0.010), aging);

  aging.now = raw(3000);
  const FilterResult result = filter.add(sample(3000, 0.1, 0.040), aging);

  EXPECT_EQ(result.offset_s, 0.1) << "10 ms and 46 ms of age are more than 40 ms";
}

TEST(ClockFilter, StatesOffsetsForTheClockAsItIsNow) {
  ClockFilter filter;
  filter.add(sample(0, 0.050, 0.010), context(0));

  FilterContext later = context(64);
  later.correction = corrected(0.020);
  const FilterResult result = filter.add(
      {.offset_s = 0.9, .delay_s = 0.5, .dispersion_s = 0, .at = raw(64), .correction = corrected(0.020)}, later);

  EXPECT_NEAR(result.offset_s, 0.030, 0x1p-32);
}

TEST(ClockFilter, PassesALoneSpikeOver) {
  double t_s = 0;
  ClockFilter filter = steady(t_s);

  const FilterResult spike = filter.add(sample(t_s, 0.050, 0.005), context(t_s));
  const FilterResult after = filter.add(sample(t_s + 64, 1e-4, 0.010), context(t_s + 64));

  EXPECT_TRUE(spike.is_popcorn);
  EXPECT_FALSE(spike.is_new);
  EXPECT_LT(std::abs(spike.offset_s), 0.001) << "the other samples still say what they said";
  EXPECT_TRUE(after.is_new);
  EXPECT_EQ(after.offset_s, 1e-4) << "the spike has the least delay, and must not come in by the back door";
}

TEST(ClockFilter, FollowsASpikeThatPersists) {
  double t_s = 0;
  ClockFilter filter = steady(t_s);

  const FilterResult first = filter.add(sample(t_s, 0.050, 0.009), context(t_s));
  const FilterResult second = filter.add(sample(t_s + 64, 0.050, 0.009), context(t_s + 64));

  EXPECT_TRUE(first.is_popcorn);
  EXPECT_TRUE(second.is_new);
  EXPECT_EQ(second.offset_s, 0.050);
}

TEST(ClockFilter, TakesNoSpikeForOneAfterASilence) {
  double t_s = 0;
  ClockFilter filter = steady(t_s);

  EXPECT_TRUE(filter.add(sample(t_s + 64, 0.050, 0.009), context(t_s + 64)).is_new)
      << "two intervals since the last one used";
}

TEST(ClockFilter, LosesAStageForAMissingSample) {
  double t_s = 0;
  ClockFilter filter = steady(t_s);

  double before_s = 0;
  for (int i = 0; i < 8; ++i) {
    const double dispersion_s = filter.add_missing(context(t_s)).dispersion_s;
    EXPECT_GT(dispersion_s, before_s) << i;
    before_s = dispersion_s;
  }
  EXPECT_EQ(before_s, kMaxDispersion_s) << "nothing is left";
}

TEST(ClockFilter, IsFullAtOnceForAClockThatIsRead) {
  ClockFilter filter;

  const FilterResult result = filter.fill(sample(0, 0, 0, 1e-6), context(0));

  EXPECT_TRUE(result.is_new);
  EXPECT_NEAR(result.dispersion_s, 1e-6, 1e-8);
}

TEST(ClockFilter, ForgetsAllWhenCleared) {
  double t_s = 0;
  ClockFilter filter = steady(t_s);

  filter.clear();

  const FilterResult result = filter.add(sample(0, 5, 0.01, 0), context(t_s));
  EXPECT_TRUE(result.is_new);
  EXPECT_NEAR(result.dispersion_s, 8, 0.1);
}

RC_GTEST_PROP(ClockFilter, UsesEachSampleAtMostOnceAndInOrder, (std::vector<std::uint16_t> delays)) {
  ClockFilter filter;
  std::optional<RawTime> last;
  double t_s = 0;
  for (const std::uint16_t delay : delays) {
    t_s += 64;
    const FilterResult result = filter.add(sample(t_s, delay * 1e-6, delay * 1e-5), context(t_s));
    RC_ASSERT(std::isfinite(result.offset_s) && std::isfinite(result.jitter_s) && std::isfinite(result.dispersion_s));
    if (!result.is_new) continue;
    if (last) RC_ASSERT(result.at > *last);
    last = result.at;
  }
}

}  // namespace
}  // namespace ntp::engine
