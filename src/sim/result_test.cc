// SPDX-License-Identifier: BSD-2-Clause
#include "sim/result.h"

#include <limits>

#include <gtest/gtest.h>

namespace ntp::sim {
namespace {

std::vector<RunResult> runs(const std::vector<double>& values, double median_max) {
  std::vector<RunResult> results;
  for (const double value : values) {
    results.emplace_back();
    results.back().figures.push_back({.metric = "ratio", .value = value, .median_max = median_max});
  }
  return results;
}

TEST(Result, MedianIsTheMiddleOrTheMeanOfTwo) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
}

TEST(Result, TheMedianIsBoundedAndNotTheSingleRun) {
  EXPECT_TRUE(are_ok(runs({0.5, 0.7, 9.0}, 0.8)));
  EXPECT_FALSE(are_ok(runs({0.5, 0.9, 0.9}, 0.8)));
  EXPECT_EQ(judge_medians(runs({0.5, 0.7, 9.0}, 0.8)).at(0).value, "0.7");
  EXPECT_EQ(judge_medians(runs({0.5, 0.7, 9.0}, 0.8)).at(0).bound, "<= 0.8");
}

TEST(Result, WhatIsNoNumberHoldsNoBound) {
  EXPECT_FALSE(are_ok(runs({std::numeric_limits<double>::quiet_NaN()}, 0.8)));
  EXPECT_FALSE(are_ok(runs({std::numeric_limits<double>::infinity()}, 0.8)));
}

TEST(Result, AViolationIsNotHealedByMedians) {
  auto results = runs({0.5}, 0.8);
  results.front().violation.emplace();

  EXPECT_FALSE(are_ok(results));
}

}  // namespace
}  // namespace ntp::sim
