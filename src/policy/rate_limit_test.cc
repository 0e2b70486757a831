// SPDX-License-Identifier: BSD-2-Clause
#include "policy/rate_limit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::policy {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;

std::int64_t at(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

/// Which packets of these instants pass.
std::vector<bool> passes(const RateLimits& limits, const std::vector<std::int64_t>& instants_ns) {
  RateLevel level = 0;
  std::vector<bool> out;
  out.reserve(instants_ns.size());
  for (const std::int64_t now_ns : instants_ns) out.push_back(passes_bucket(BucketPace(limits), now_ns, level));
  return out;
}

std::vector<Judgement> judged_by_discard(const RateLimits& limits, const std::vector<double>& instants_s) {
  RateLevel level = 0;
  std::vector<Judgement> out = {Judgement::passes};
  for (std::size_t i = 1; i < instants_s.size(); ++i)
    out.push_back(judge_by_discard(limits, at(instants_s[i]) - at(instants_s[i - 1]), level));
  return out;
}

bool all_pass(const std::vector<bool>& judgements) {
  return std::find(judgements.begin(), judgements.end(), false) == judgements.end();
}

TEST(RateBucket, LetsABurstThroughAndThenOneAnInterval) {
  const RateLimits limits{.average_per_s = 2.0, .burst = 5.0};
  std::vector<std::int64_t> instants(7, at(100));
  instants.insert(instants.end(), {at(100.4), at(100.5), at(100.6), at(101.0), at(101.1)});

  EXPECT_EQ(passes(limits, instants), (std::vector<bool>{true, true, true, true, true, false, false,  //
                                                         false, true, false, true, false}));
}

TEST(RateBucket, WithoutAnAverageLetsTheBurstThroughAndNothingMore) {
  const RateLimits limits{.average_per_s = 0, .burst = 20};
  std::vector<std::int64_t> instants(20, at(100));
  instants.insert(instants.end(), {at(101), at(86400), at(365 * 86400.0)});
  std::vector<bool> expected(20, true);
  expected.resize(instants.size(), false);

  EXPECT_EQ(passes(limits, instants), expected);
}

TEST(RateBucket, AlwaysLetsIburstAndWhatFollowsThrough) {
  for (const double spacing_s : {1.0, 2.0}) {
    std::vector<std::int64_t> instants;
    for (int i = 0; i < 8; ++i) instants.push_back(at(1 + i * spacing_s));
    for (int i = 1; i < 50; ++i) instants.push_back(at(1 + 7 * spacing_s + i * 64));

    EXPECT_TRUE(all_pass(passes({}, instants))) << spacing_s;
  }
}

RC_GTEST_PROP(RateBucket, LetsTwentyClientsBehindOneAddressThrough, (const std::array<std::uint16_t, 20>& phases)) {
  std::vector<std::int64_t> instants;
  for (const std::uint16_t phase : phases)
    for (int poll = 0; poll < 20; ++poll) instants.push_back(at(1 + poll * 64 + phase / 1024.0));
  std::sort(instants.begin(), instants.end());

  RC_ASSERT(all_pass(passes({}, instants)));
}

/// Intervals from nothing to some seconds.
std::vector<std::int64_t> instants_of(const std::vector<std::uint32_t>& gaps) {
  std::vector<std::int64_t> instants;
  std::int64_t now_ns = kSecond_ns;
  for (const std::uint32_t gap : gaps)
    instants.push_back(now_ns += gap % 7 == 0 ? 0 : std::int64_t{gap} % (4 * kSecond_ns));
  return instants;
}

RC_GTEST_PROP(RateBucket, NeverLetsMoreThroughThanBurstAndAverage,
              (const std::vector<std::uint32_t>& gaps, std::uint8_t burst, std::uint8_t average)) {
  const RateLimits limits{.average_per_s = (average + 1) / 32.0, .burst = static_cast<double>(1 + burst % 30)};
  const std::vector<std::int64_t> instants = instants_of(gaps);
  const std::vector<bool> passed = passes(limits, instants);

  for (std::size_t begin = 0; begin < instants.size(); ++begin) {
    std::size_t count = 0;
    for (std::size_t end = begin; end < instants.size(); ++end) {
      count += passed[end] ? 1U : 0U;
      const double allowed =
          limits.burst + limits.average_per_s * static_cast<double>(instants[end] - instants[begin]) / 1e9;
      RC_ASSERT(static_cast<double>(count) <= allowed + 1e-6);
    }
  }
}

RC_GTEST_PROP(RateBucket, AgreesWithABucketOfTokens, (const std::vector<std::uint32_t>& gaps, std::uint8_t burst)) {
  const RateLimits limits{.average_per_s = 0.5, .burst = static_cast<double>(1 + burst % 8)};
  const std::vector<std::int64_t> instants = instants_of(gaps);
  const std::vector<bool> passed = passes(limits, instants);

  constexpr std::int64_t kToken_ns = 2 * kSecond_ns;  // in units of waiting time, so that nothing is rounded
  const std::int64_t full_ns = static_cast<std::int64_t>(limits.burst) * kToken_ns;
  std::int64_t held_ns = full_ns;
  for (std::size_t i = 0; i < instants.size(); ++i) {
    if (i > 0) held_ns = std::min(full_ns, held_ns + instants[i] - instants[i - 1]);
    RC_ASSERT(passed[i] == (held_ns >= kToken_ns));
    if (passed[i]) held_ns -= kToken_ns;
  }
}

TEST(RateBucket, KissesAtMostOnceAnInterval) {
  const RateLimits limits{.kiss_interval_s = 2.0};

  EXPECT_TRUE(is_kiss_due(limits, at(5), 0)) << "never kissed";
  EXPECT_FALSE(is_kiss_due(limits, at(5), at(5)));
  EXPECT_FALSE(is_kiss_due(limits, at(6.9), at(5)));
  EXPECT_TRUE(is_kiss_due(limits, at(7), at(5)));
  EXPECT_FALSE(is_kiss_due(limits, at(4.999), at(5))) << "another thread was a little ahead";
  EXPECT_FALSE(is_kiss_due(limits, at(4), at(5)));
  EXPECT_TRUE(is_kiss_due(limits, at(3.999), at(5))) << "a clock that went back";
  EXPECT_FALSE(is_kiss_due({.kiss_interval_s = std::numeric_limits<double>::infinity()}, at(1e6), at(5)));
}

TEST(RateBucket, TakesTheOtherCountersLevelForNothing) {
  RateLevel level = 0;
  for (int i = 0; i < 5; ++i) judge_by_discard({.is_classic = true}, 0, level);

  EXPECT_TRUE(passes_bucket(BucketPace({.burst = 1.0}), at(3), level));
  EXPECT_FALSE(passes_bucket(BucketPace({.burst = 1.0}), at(3), level));
  EXPECT_EQ(judge_by_discard({.is_classic = true}, at(2), level), Judgement::passes);
}

TEST(RateBucket, ForgetsALevelThatItsLimitsCannotReach) {
  RateLevel level = 0;
  EXPECT_TRUE(passes_bucket(BucketPace({.average_per_s = 1e-6, .burst = 1.0}), at(3), level));

  EXPECT_FALSE(passes_bucket(BucketPace({}), at(4), level)) << "from a slower limit, or a clock that went back";
  EXPECT_TRUE(passes_bucket(BucketPace({}), at(5), level)) << "one second later, not in eleven days";
}

// The sequence of the reference implementation's server in the capture kod-rate (tests/data/classic).
TEST(RateDiscard, JudgesAsTheReferenceDidInItsCapture) {
  const std::vector<double> instants = {1.848358, 2.084322, 2.275694, 3.532351, 4.912321, 6.021258, 6.219199, 7.301069};

  const auto judged = judged_by_discard({.is_classic = true}, instants);

  std::vector<Judgement> expected(instants.size(), Judgement::dropped);
  expected[0] = Judgement::passes;
  expected[1] = Judgement::kissed;
  EXPECT_EQ(judged, expected);
}

TEST(RateDiscard, LetsIburstAndPollsThrough) {
  std::vector<double> instants;
  for (int i = 0; i < 8; ++i) instants.push_back(2.0 * i);
  for (int i = 1; i < 200; ++i) instants.push_back(14.0 + 16.0 * i);

  const auto judged = judged_by_discard({.is_classic = true}, instants);

  EXPECT_EQ(judged, std::vector<Judgement>(instants.size(), Judgement::passes));
}

TEST(RateDiscard, CountsEightIntervalsAndKissesOnce) {
  // Every 2 s with average 8 s: 6 in, 2 out, so 4 more each time; the first whose 8 would reach 64 is number 15.
  std::vector<double> instants;
  for (int i = 0; i < 24; ++i) instants.push_back(2.0 * i);

  const auto judged = judged_by_discard({.is_classic = true}, instants);

  const auto first = std::find(judged.begin(), judged.end(), Judgement::kissed);
  ASSERT_EQ(first - judged.begin(), 15);
  EXPECT_EQ(std::count(first, judged.end(), Judgement::kissed), 2) << "the next when 8 s have drained";
  EXPECT_EQ(judged[20], Judgement::kissed);
  EXPECT_EQ(std::count(first, judged.end(), Judgement::passes), 0);
}

TEST(RateDiscard, RoundsIntervalsAndGrantsTheMinimumASecond) {
  const RateLimits limits{.is_classic = true, .minimum_s = 2};
  const auto second = [&](double interval_s) { return judged_by_discard(limits, {0, interval_s})[1]; };

  EXPECT_EQ(second(0.49), Judgement::kissed);
  EXPECT_EQ(second(0.51), Judgement::passes);
  EXPECT_EQ(second(1.0), Judgement::passes);
  EXPECT_EQ(judged_by_discard({.is_classic = true, .minimum_s = 1}, {0, 0})[1], Judgement::passes);
  EXPECT_EQ(judged_by_discard({.is_classic = true, .minimum_s = 4}, {0, 2.4})[1], Judgement::kissed);
}

RC_GTEST_PROP(RateDiscard, NeverLetsMoreThroughThanItsAverageInTheLongRun,
              (const std::vector<std::uint32_t>& gaps, std::uint8_t average)) {
  const RateLimits limits{.is_classic = true, .average_log2s = 2 + average % 4, .minimum_s = 1};
  std::vector<double> instants;
  double now_s = 0;
  for (const std::uint32_t gap : gaps) instants.push_back(now_s += gap % 20);
  if (instants.empty()) return;

  const auto judged = judged_by_discard(limits, instants);

  const auto count = std::count(judged.begin(), judged.end(), Judgement::passes);
  const double cost = std::exp2(limits.average_log2s) - 2.0;
  RC_ASSERT(static_cast<double>(count) <= 9.0 * (cost + 2.0) / cost + (instants.back() - instants[0]) / cost + 1.0);
}

RC_GTEST_PROP(RateLimitProperty, AnyLimitsAndAnyLevelAreJudged,
              (std::int64_t now_ns, std::uint64_t before, double average, double burst, int log2s, int minimum_s)) {
  for (const double odd : {average, burst, 0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    const RateLimits limits{
        .average_log2s = log2s, .minimum_s = minimum_s, .average_per_s = average, .burst = odd, .kiss_interval_s = odd};
    RateLevel level = before;
    passes_bucket(BucketPace(limits), now_ns, level);
    passes_bucket(BucketPace({.average_per_s = odd}), now_ns, level);
    is_kiss_due(limits, now_ns, static_cast<std::int64_t>(before));
    const int poll_log2s = kiss_poll_log2s({.average_per_s = odd});
    RC_ASSERT(poll_log2s >= 3 && poll_log2s <= 17);
    level = before;
    judge_by_discard({.is_classic = true, .average_log2s = log2s, .minimum_s = minimum_s}, now_ns, level);
  }
}

TEST(RateLimits, AKissAsksForWhatTheLimitsAllow) {
  EXPECT_EQ(kiss_poll_log2s({}), 3) << "one a second, but never faster than every 8 s";
  EXPECT_EQ(kiss_poll_log2s({.average_per_s = 1.0 / 64}), 6);
  EXPECT_EQ(kiss_poll_log2s({.average_per_s = 1.0 / 65}), 7);
  EXPECT_EQ(kiss_poll_log2s({.average_per_s = 0}), 17);
  EXPECT_EQ(kiss_poll_log2s({.is_classic = true}), 3);
  EXPECT_EQ(kiss_poll_log2s({.is_classic = true, .average_log2s = 1}), 3);
  EXPECT_EQ(kiss_poll_log2s({.is_classic = true, .average_log2s = 5}), 5);
}

}  // namespace
}  // namespace ntp::policy
