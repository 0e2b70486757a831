// SPDX-License-Identifier: BSD-2-Clause
#include "client/time_choice.h"

#include <vector>

#include <gtest/gtest.h>

namespace ntp::client {
namespace {

TimeOutcome server(double offset_s, double distance_s = 0.01, std::uint8_t stratum = 2) {
  TimeOutcome out;
  out.answers.push_back({.header = {.stratum = stratum},
                         .sample = TimeSample{.offset_s = offset_s, .delay_s = 0.01, .root_distance_s = distance_s}});
  return out;
}

TimeOutcome silent() {
  TimeOutcome out;
  out.answers.push_back({.fault = TimeFault::timeout});
  return out;
}

std::expected<TimeChoice, NoChoice> choice(const std::vector<TimeOutcome>& outcomes) { return choose(outcomes); }

TEST(TimeChoice, OneServerIsBelieved) {
  EXPECT_EQ(choice({silent(), server(5)})->index, 1U);
  EXPECT_FALSE(choice({server(5)})->is_disputed);
}

TEST(TimeChoice, WithoutAnAnswerThereIsNone) {
  EXPECT_EQ(choice({}).error(), NoChoice::none_usable);
  EXPECT_EQ(choice({silent(), silent()}).error(), NoChoice::none_usable);
}

TEST(TimeChoice, ALiarIsOutvotedHoweverGoodItSaysToBe) {
  EXPECT_EQ(choice({server(100, 1e-6, 1), server(0.001, 0.02, 3), server(0.002, 0.01, 3)})->index, 2U);
}

TEST(TimeChoice, LowStratumThenNearness) {
  EXPECT_EQ(choice({server(0, 0.02, 3), server(0.001, 0.03, 2), server(0.002, 0.025, 2)})->index, 2U);
}

TEST(TimeChoice, ThreeThatContradictEachOtherAreNotBelieved) {
  EXPECT_EQ(choice({server(0), server(5), server(10)}).error(), NoChoice::no_majority);
  EXPECT_EQ(choice({server(0), server(0), server(10), server(10)}).error(), NoChoice::no_majority);
}

TEST(TimeChoice, OfTwoThatContradictEachOtherTheBetterIsTakenAndItIsSaid) {
  const auto of_two = choice({server(0, 0.01, 3), server(5, 0.02, 2)});

  EXPECT_EQ(of_two->index, 1U);
  EXPECT_TRUE(of_two->is_disputed);
}

TEST(TimeChoice, ReferenceClocksThatDifferByTheirPathsAgree) {
  EXPECT_FALSE(choice({server(0.0000, 1e-5, 1), server(0.0005, 1e-5, 1)})->is_disputed);
}

}  // namespace
}  // namespace ntp::client
