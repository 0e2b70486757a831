// SPDX-License-Identifier: BSD-2-Clause
#include "engine/leap_second.h"

#include <gtest/gtest.h>

#include "base/calendar.h"

namespace ntp::engine {
namespace {

// POSIX times by "date -u -d ... +%s".
constexpr std::int64_t kJune29_2027Noon = 1814270400;
constexpr std::int64_t kJune30_2027Noon = 1814356800;
constexpr std::int64_t kFebruary29_2028Noon = 1835438400;
constexpr std::int64_t kFebruary28_2028Noon = 1835352000;
constexpr std::int64_t kDecember31_2040LastSecond = 2240611199;

Timestamp at(std::int64_t unix_seconds) { return timestamp_from_unix(unix_seconds, 0); }

TEST(LeapSecond, IsDueOnTheLastDayOfAMonthAlone) {
  EXPECT_EQ(leap_due(wire::Leap::insert, at(kJune29_2027Noon)), wire::Leap::none);
  EXPECT_EQ(leap_due(wire::Leap::insert, at(kJune30_2027Noon)), wire::Leap::insert);
  EXPECT_EQ(leap_due(wire::Leap::remove, at(kJune30_2027Noon)), wire::Leap::remove);
  EXPECT_EQ(leap_due(wire::Leap::insert, at(kFebruary28_2028Noon)), wire::Leap::none);
  EXPECT_EQ(leap_due(wire::Leap::insert, at(kFebruary29_2028Noon)), wire::Leap::insert);
}

TEST(LeapSecond, IsDueInTheNextEraToo) {
  EXPECT_EQ(leap_due(wire::Leap::insert, at(kDecember31_2040LastSecond)), wire::Leap::insert);
  EXPECT_EQ(leap_due(wire::Leap::insert, at(kDecember31_2040LastSecond + 1)), wire::Leap::none);
}

TEST(LeapSecond, LeavesOtherIndicatorsAlone) {
  EXPECT_EQ(leap_due(wire::Leap::none, at(kJune30_2027Noon)), wire::Leap::none);
  EXPECT_EQ(leap_due(wire::Leap::unsynchronized, at(kJune29_2027Noon)), wire::Leap::unsynchronized);
}

TEST(LeapSecond, IsTheJumpThatTheKernelWasToldToMake) {
  const Timestamp after_midnight = at(kDecember31_2040LastSecond + 5);
  const Span back = Span::from_seconds(-1.0004);

  EXPECT_TRUE(is_leap_second(back, wire::Leap::insert, after_midnight));
  EXPECT_FALSE(is_leap_second(back, wire::Leap::remove, after_midnight));
  EXPECT_FALSE(is_leap_second(back, wire::Leap::none, after_midnight));
  EXPECT_FALSE(is_leap_second(Span::from_seconds(-2), wire::Leap::insert, after_midnight));
  EXPECT_FALSE(is_leap_second(back, wire::Leap::insert, at(kJune30_2027Noon)));
  EXPECT_TRUE(is_leap_second(Span::from_seconds(1), wire::Leap::remove, after_midnight));
}

}  // namespace
}  // namespace ntp::engine
