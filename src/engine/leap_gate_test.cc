// SPDX-License-Identifier: BSD-2-Clause
#include "engine/leap_gate.h"

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::raw;
using Verdict = LeapGate::Verdict;

TEST(LeapGate, LetsPassWhatTheEstimatorCanJudge) {
  LeapGate gate({});

  EXPECT_EQ(gate.judge(1, 0.128, 0, raw(0)), Verdict::passes);
  EXPECT_EQ(gate.judge(1, 2, 1.9, raw(1)), Verdict::passes) << "a delay that is so much longer explains it";
  EXPECT_EQ(gate.judge(1, 2, 1.8, raw(2)), Verdict::held);
}

TEST(LeapGate, HoldsALeapForAStepoutInterval) {
  LeapGate gate({});
  gate.judge(1, 0, 0, raw(0));

  EXPECT_EQ(gate.judge(1, 2, 0, raw(64)), Verdict::held);
  EXPECT_TRUE(gate.is_held(1));
  EXPECT_EQ(gate.judge(1, 2, 0, raw(299)), Verdict::held);
  EXPECT_EQ(gate.judge(1, 2, 0, raw(300)), Verdict::leapt);
}

TEST(LeapGate, TakesOneMeasurementForASpikeHoweverLate) {
  LeapGate gate({});
  gate.judge(1, 0, 0, raw(0));

  EXPECT_EQ(gate.judge(1, 2, 0, raw(5000)), Verdict::held);
  EXPECT_EQ(gate.judge(1, 2, 0, raw(5064)), Verdict::leapt);
}

TEST(LeapGate, BeginsAnewWithEachGoodMeasurement) {
  LeapGate gate({});
  gate.judge(1, 0, 0, raw(0));
  gate.judge(1, 2, 0, raw(299));
  gate.judge(1, 0, 0, raw(300));

  EXPECT_FALSE(gate.is_held(1));
  EXPECT_EQ(gate.judge(1, 2, 0, raw(400)), Verdict::held);
  EXPECT_EQ(gate.judge(1, 2, 0, raw(500)), Verdict::held);
}

TEST(LeapGate, KeepsSourcesApart) {
  LeapGate gate({});
  gate.judge(1, 0, 0, raw(0));
  gate.judge(2, 2, 0, raw(0));

  EXPECT_FALSE(gate.is_held(1));
  EXPECT_TRUE(gate.is_held(2));
  gate.forget(2);
  EXPECT_FALSE(gate.is_held(2));
}

}  // namespace
}  // namespace ntp::engine
