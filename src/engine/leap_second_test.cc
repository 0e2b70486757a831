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
constexpr std::int64_t kEra1 = 2085978496;

Timestamp at(std::int64_t unix_seconds) { return timestamp_from_unix(unix_seconds, 0); }

policy::LeapSeconds seconds(std::int64_t unix_seconds) { return leap_seconds_of(at(unix_seconds)); }

TEST(LeapSecond, MayBeAtTheEndOfTheLastDayOfAMonthAlone) {
  EXPECT_FALSE(is_leap_day(seconds(kJune29_2027Noon)));
  EXPECT_TRUE(is_leap_day(seconds(kJune30_2027Noon)));
  EXPECT_FALSE(is_leap_day(seconds(kFebruary28_2028Noon)));
  EXPECT_TRUE(is_leap_day(seconds(kFebruary29_2028Noon)));
  EXPECT_TRUE(is_leap_day(seconds(kDecember31_2040LastSecond)));
  EXPECT_FALSE(is_leap_day(seconds(kDecember31_2040LastSecond + 1)));
}

TEST(LeapSecond, IsCountedFrom1900AcrossTheEraOf2036) {
  EXPECT_EQ(seconds(kEra1), 4'294'967'296);
  EXPECT_EQ(leap_seconds_of(Timestamp::from_parts(0xffffffffU, 0xffffffffU)), 4'294'967'295) << "rounded down";
  EXPECT_EQ(timestamp_of(4'294'967'297), Timestamp::from_parts(1, 0));
  EXPECT_EQ(leap_seconds_of(timestamp_of(seconds(kDecember31_2040LastSecond))), seconds(kDecember31_2040LastSecond));
}

TEST(LeapSecond, IsTheJumpThatWasAnnounced) {
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
