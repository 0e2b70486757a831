// SPDX-License-Identifier: BSD-2-Clause
#include "engine/selection.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::engine {
namespace {

Candidate candidate(double offset_s, double distance_s, std::size_t index = 0) {
  return {.index = index, .offset_s = offset_s, .root_distance_s = distance_s, .jitter_s = 0.001, .stratum = 2};
}

std::vector<Candidate> numbered(std::vector<Candidate> candidates) {
  for (std::size_t i = 0; i < candidates.size(); ++i) candidates[i].index = i;
  return candidates;
}

struct Case {
  const char* what;
  std::vector<Candidate> candidates;
  std::optional<Interval> expected;
};

TEST(Intersect, FindsTheMajorityOrNothing) {
  const Case cases[] = {
      {"nobody", {}, std::nullopt},
      {"one is right", {candidate(1, 0.5)}, Interval{0.5, 1.5}},
      {"two that agree", {candidate(0, 1), candidate(0.5, 1)}, Interval{-0.5, 1}},
      {"two that share no midpoint", {candidate(0, 1), candidate(1.5, 1)}, std::nullopt},
      {"two disjoint", {candidate(0, 1), candidate(5, 1)}, std::nullopt},
      {"three, one falseticker", {candidate(0, 1), candidate(0.2, 1), candidate(9, 1)}, Interval{-0.8, 1}},
      {"three disjoint", {candidate(0, 1), candidate(5, 1), candidate(9, 1)}, std::nullopt},
      {"four, one falseticker",
       {candidate(0, 1), candidate(0.2, 1), candidate(0.4, 1), candidate(-9, 1)},
       Interval{-0.6, 1}},
      {"four, two disjoint lies",
       {candidate(0, 1), candidate(0.2, 1), candidate(9, 1), candidate(-9, 1)},
       std::nullopt},
      {"four, two against two", {candidate(0, 1), candidate(0.2, 1), candidate(9, 1), candidate(9.2, 1)}, std::nullopt},
      {"five, two lies that agree",
       {candidate(0, 1), candidate(0.2, 1), candidate(0.4, 1), candidate(9, 1), candidate(9.2, 1)},
       Interval{-0.6, 1}},
      {"five, two disjoint lies",
       {candidate(0, 1), candidate(0.2, 1), candidate(0.4, 1), candidate(9, 1), candidate(-9, 1)},
       Interval{-0.6, 1}},
      {"five, three disjoint lies",
       {candidate(0, 1), candidate(0.2, 1), candidate(5, 1), candidate(9, 1), candidate(-9, 1)},
       std::nullopt},
  };

  for (const Case& c : cases) {
    const auto found = intersect(c.candidates);
    ASSERT_EQ(found.has_value(), c.expected.has_value()) << c.what;
    if (!found) continue;
    EXPECT_DOUBLE_EQ(found->low_s, c.expected->low_s) << c.what;
    EXPECT_DOUBLE_EQ(found->high_s, c.expected->high_s) << c.what;
  }
}

TEST(IsTruechimer, MeansThatItsIntervalMeetsTheIntersection) {
  const Interval agreed{-1, 1};

  EXPECT_TRUE(is_truechimer(candidate(0, 0.1), agreed));
  EXPECT_TRUE(is_truechimer(candidate(2, 1), agreed));
  EXPECT_TRUE(is_truechimer(candidate(-5, 4), agreed));
  EXPECT_FALSE(is_truechimer(candidate(2, 0.9), agreed));
  EXPECT_FALSE(is_truechimer(candidate(-2, 0.9), agreed));
}

std::vector<Candidate> from_seeds(const std::vector<std::pair<std::int16_t, std::uint8_t>>& seeds) {
  std::vector<Candidate> candidates;
  for (const auto& [offset, distance] : seeds)
    candidates.push_back(candidate((offset % 300) / 1000.0, (distance + 1) / 1000.0));
  return numbered(std::move(candidates));
}

using Seeds = std::vector<std::pair<std::int16_t, std::uint8_t>>;

RC_GTEST_PROP(Intersect, StaysInsideTheConvexHull, (Seeds seeds)) {
  const auto candidates = from_seeds(seeds);
  const auto found = intersect(candidates);
  if (!found) return;

  double low_s = 1e9;
  double high_s = -1e9;
  for (const Candidate& c : candidates) {
    low_s = std::min(low_s, c.offset_s - c.root_distance_s);
    high_s = std::max(high_s, c.offset_s + c.root_distance_s);
  }
  RC_ASSERT(low_s <= found->low_s && found->low_s <= found->high_s && found->high_s <= high_s);
}

RC_GTEST_PROP(Intersect, HoldsAMajority, (Seeds seeds)) {
  const auto candidates = from_seeds(seeds);
  const auto found = intersect(candidates);
  if (!found) return;

  const auto agree =
      std::count_if(candidates.begin(), candidates.end(), [&](const Candidate& c) { return is_truechimer(c, *found); });
  RC_ASSERT(2 * static_cast<std::size_t>(agree) > candidates.size());
}

RC_GTEST_PROP(Intersect, NeverLetsAMinorityOfLiarsWin, (std::uint8_t truths, std::uint8_t lies, std::int16_t lie)) {
  const int honest = truths % 8 + 2;
  const int liars = lies % honest;
  const double lie_s = (lie < 0 ? -3 : 3) + lie / 1000.0;
  std::vector<Candidate> candidates;
  for (int i = 0; i < honest; ++i) candidates.push_back(candidate(i * 0.01, 1));
  for (int i = 0; i < liars; ++i) candidates.push_back(candidate(lie_s, 1));

  const auto found = intersect(candidates);

  RC_ASSERT(found.has_value());
  RC_ASSERT(found->low_s >= -1.0 && found->high_s <= 1.1);
}

RC_GTEST_PROP(Intersect, DoesNotDependOnTheOrder, (Seeds seeds, std::uint8_t turn)) {
  auto candidates = from_seeds(seeds);
  if (candidates.empty()) return;
  const auto one = intersect(candidates);
  std::rotate(candidates.begin(), candidates.begin() + turn % static_cast<std::ptrdiff_t>(candidates.size()),
              candidates.end());
  std::reverse(candidates.begin(), candidates.end());
  const auto other = intersect(candidates);

  RC_ASSERT(one.has_value() == other.has_value());
  if (one) RC_ASSERT(one->low_s == other->low_s && one->high_s == other->high_s);
}

TEST(Cluster, PutsTheBestMeritFirst) {
  auto candidates = numbered({candidate(0, 0.1), candidate(0, 0.01), candidate(0, 0.001)});
  candidates[2].stratum = 3;

  const Cluster result = cluster(candidates, {});

  ASSERT_EQ(result.survivors.size(), 3U);
  EXPECT_EQ(result.survivors[0].index, 1U);
  EXPECT_EQ(result.survivors[1].index, 0U);
  EXPECT_EQ(result.survivors[2].index, 2U) << "a stratum weighs as much as the maximum distance";
}

TEST(Cluster, CastsOffTheWorstAndStopsAtMinClock) {
  const auto candidates = numbered(
      {candidate(0, 0.1), candidate(0.01, 0.1), candidate(-0.01, 0.1), candidate(0.9, 0.1), candidate(0.5, 0.1)});

  const Cluster result = cluster(candidates, {.min_clock = 3});

  EXPECT_EQ(result.survivors.size(), 3U);
  EXPECT_EQ(result.outliers, (std::vector<std::size_t>{3, 4}));
}

TEST(Cluster, StopsWhereItWouldGainNothing) {
  auto candidates = numbered({candidate(0, 0.1), candidate(0.01, 0.1), candidate(-0.01, 0.1), candidate(0.02, 0.1)});
  for (Candidate& c : candidates) c.jitter_s = 0.5;

  EXPECT_EQ(cluster(candidates, {.min_clock = 1}).survivors.size(), 4U)
      << "the sources' own jitter hides the differences";
}

TEST(Cluster, NeverCastsOffAPreferredOrTrueSource) {
  auto candidates = numbered({candidate(0, 0.1), candidate(0.01, 0.1), candidate(-0.01, 0.1), candidate(0.9, 0.1)});

  candidates[3].is_preferred = true;
  EXPECT_EQ(cluster(candidates, {.min_clock = 1}).survivors.size(), 4U);

  candidates[3].is_preferred = false;
  candidates[3].is_always_true = true;
  EXPECT_EQ(cluster(candidates, {.min_clock = 1}).survivors.size(), 4U);
}

TEST(Cluster, LeavesOneAtLeast) {
  EXPECT_EQ(cluster(numbered({candidate(0, 0.1), candidate(1, 0.2)}), {.min_clock = 0}).survivors.size(), 1U);
}

TEST(Combine, WeighsByTheInverseOfTheRootDistance) {
  Cluster two;
  two.survivors = {candidate(0, 0.1), candidate(0.4, 0.3)};

  const Combined combined = combine(two);

  EXPECT_DOUBLE_EQ(combined.offset_s, 0.1);
  EXPECT_DOUBLE_EQ(combined.jitter_s, 0.2) << "sqrt(1/4 of 0.16)";
}

TEST(Combine, AddsTheSelectionJitter) {
  Cluster two;
  two.survivors = {candidate(0, 0.1), candidate(0.4, 0.3)};
  two.select_jitter_s = 0.15;

  EXPECT_DOUBLE_EQ(combine(two).jitter_s, 0.25);
}

TEST(Combine, GivesOneSourceItsOwnOffsetAndJitter) {
  Cluster one;
  one.survivors = {candidate(0.3, 0.1)};

  EXPECT_DOUBLE_EQ(combine(one).offset_s, 0.3);
  EXPECT_DOUBLE_EQ(combine(one).jitter_s, 0.001);
}

RC_GTEST_PROP(Combine, StaysBetweenTheOutermostSurvivors, (Seeds seeds)) {
  if (seeds.empty()) return;
  Cluster all;
  all.survivors = from_seeds(seeds);

  const double offset_s = combine(all).offset_s;

  const auto [least, most] =
      std::minmax_element(all.survivors.begin(), all.survivors.end(),
                          [](const Candidate& a, const Candidate& b) { return a.offset_s < b.offset_s; });
  RC_ASSERT(offset_s >= least->offset_s - 1e-12 && offset_s <= most->offset_s + 1e-12);
}

}  // namespace
}  // namespace ntp::engine
