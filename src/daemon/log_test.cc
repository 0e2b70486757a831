// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/log.h"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::daemon {
namespace {

TEST(Log, SurvivesAStreamThatCantBeWritten) {
  Log log;
  ASSERT_TRUE(log.to_file("/dev/full"));

  EXPECT_NO_THROW(log.write(Log::Level::warning, "the disk is full"));

  EXPECT_EQ(log.last(), "the disk is full");
}

TEST(LogBudget, TenLinesAtOnceAndNoneMoreForASecond) {
  LogBudget budget;
  const MonoTime start{};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.take(start));

  EXPECT_FALSE(budget.take(start + 0.5));
  EXPECT_FALSE(budget.take(start + 0.999));
  EXPECT_TRUE(budget.take(start + 1.0));
}

RC_GTEST_PROP(LogBudget, NoSecondHoldsMoreThanTenLinesWhereverItBegins, ()) {
  LogBudget budget;
  MonoTime now{};
  std::vector<MonoTime> taken;
  const int events = *rc::gen::inRange(0, 300);
  for (int i = 0; i < events; ++i) {
    now = now + *rc::gen::inRange(0, 300) * 1e-3;
    if (budget.take(now)) taken.push_back(now);
  }
  for (std::size_t i = LogBudget::kLinesPerSecond; i < taken.size(); ++i)
    RC_ASSERT(taken[i] - taken[i - LogBudget::kLinesPerSecond] >= 1.0);
}

}  // namespace
}  // namespace ntp::daemon
