// SPDX-License-Identifier: BSD-2-Clause
#include "engine/step_policy.h"

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::raw;

TEST(StepThresholds, HaveASideEach) {
  DisciplineSettings settings;
  settings.step_threshold_s = 0.5;
  settings.step_back_threshold_s = 0;
  const StepThresholds thresholds(settings);

  EXPECT_FALSE(thresholds.is_beyond_step(0.5));
  EXPECT_TRUE(thresholds.is_beyond_step(0.501));
  EXPECT_FALSE(thresholds.is_beyond_step(-1e6)) << "zero: never";
}

TEST(StepPolicy, StepsTheFirstOffsetAtOnce) {
  StepPolicy policy({});

  EXPECT_EQ(policy.judge(-10, raw(0)), Action::step);
  policy.stepped(raw(0));
  EXPECT_EQ(policy.judge(0.001, raw(1)), Action::slewed);
}

TEST(StepPolicy, WaitsForAStepoutIntervalOnceTheClockWasRight) {
  StepPolicy policy({});
  ASSERT_EQ(policy.judge(0.001, raw(0)), Action::slewed);

  EXPECT_EQ(policy.judge(1, raw(10)), Action::ignored);
  EXPECT_TRUE(policy.is_spike());
  EXPECT_EQ(policy.judge(1, raw(299)), Action::ignored);
  EXPECT_EQ(policy.judge(1, raw(300)), Action::step);
}

TEST(StepPolicy, TakesOneOffsetAfterALongSilenceForASpike) {
  StepPolicy policy({});
  ASSERT_EQ(policy.judge(0.001, raw(0)), Action::slewed);

  EXPECT_EQ(policy.judge(1, raw(5000)), Action::ignored);
  EXPECT_EQ(policy.judge(1, raw(5064)), Action::step);
}

TEST(StepPolicy, ForgetsASpikeWithTheNextGoodOffset) {
  StepPolicy policy({});
  policy.judge(0.001, raw(0));
  policy.judge(1, raw(10));

  EXPECT_EQ(policy.judge(0.001, raw(400)), Action::slewed);
  EXPECT_FALSE(policy.is_spike());
  EXPECT_EQ(policy.judge(1, raw(500)), Action::ignored);
}

TEST(StepPolicy, BeginsAnewAfterAnotherProgramsJump) {
  StepPolicy policy({});
  policy.judge(0.001, raw(0));
  policy.restart();

  EXPECT_EQ(policy.judge(1, raw(10)), Action::step);
}

TEST(StepPolicy, LiftsThePanicThresholdForOneCorrection) {
  StepPolicy policy({});
  EXPECT_EQ(policy.judge(1001, raw(0)), Action::panic);

  policy.thresholds().lift_panic_once();
  EXPECT_EQ(policy.judge(1001, raw(1)), Action::step);
  policy.stepped(raw(1));
  EXPECT_EQ(policy.judge(1001, raw(2)), Action::panic);
}

TEST(StepPolicy, StepsFirstWhateverTheOffset) {
  StepPolicy policy({});
  policy.thresholds().step_first();

  EXPECT_EQ(policy.judge(1e-9, raw(0)), Action::step);
  policy.stepped(raw(0));
  EXPECT_EQ(policy.judge(1e-9, raw(1)), Action::slewed);
}

}  // namespace
}  // namespace ntp::engine
