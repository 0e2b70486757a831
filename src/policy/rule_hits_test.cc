// SPDX-License-Identifier: BSD-2-Clause
#include "policy/rule_hits.h"

#include <gtest/gtest.h>

namespace ntp::policy {
namespace {

TEST(RuleHits, WorkersAreSummedRuleByRule) {
  RuleHits hits(3, 2);
  hits.count(0, 0);
  hits.count(1, 0);
  hits.count(1, 2);

  EXPECT_EQ(hits.sums(), (std::vector<std::uint64_t>{2, 0, 1}));
  for (std::size_t rule = 0; rule < 3; ++rule) EXPECT_EQ(hits.sum(rule), hits.sums()[rule]) << rule;
  EXPECT_EQ(hits.sum(3), 0U);
}

TEST(RuleHits, GoOnFromWhatWasCountedBefore) {
  RuleHits hits(3, 2);
  hits.begin_with({5, 6});
  hits.count(1, 0);

  EXPECT_EQ(hits.sums(), (std::vector<std::uint64_t>{6, 6, 0}));
}

TEST(RuleHits, RowsDontOverlap) {
  constexpr std::size_t kRules = 9;
  RuleHits hits(kRules, 4);
  for (std::size_t worker = 0; worker < 4; ++worker)
    for (std::size_t rule = 0; rule < kRules; ++rule)
      for (std::size_t times = 0; times <= rule; ++times) hits.count(worker, rule);

  for (std::size_t rule = 0; rule < kRules; ++rule) EXPECT_EQ(hits.sums()[rule], 4 * (rule + 1));
}

TEST(RuleHits, WhoHasNoRowIsNotCounted) {
  RuleHits hits(2, 1);
  hits.count(1, 0);
  hits.count(0, 2);
  EXPECT_EQ(hits.sums(), (std::vector<std::uint64_t>{0, 0}));
  EXPECT_TRUE(RuleHits(0, 1).sums().empty());
}

}  // namespace
}  // namespace ntp::policy
