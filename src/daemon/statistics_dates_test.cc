// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics_dates.h"

#include <string>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/calendar.h"
#include "daemon/statistics_test_kit.h"

namespace ntp::daemon {
namespace {

using Period = config::StatisticsFile::Period;
using test::at;
using test::kDay;
using test::kMorning;

TEST(StatisticsSuffix, IsTheClassics) {
  EXPECT_EQ(file_suffix(Period::none, at(kMorning), 0), "");
  EXPECT_EQ(file_suffix(Period::pid, at(kMorning), 0), ".#" + std::to_string(getpid()));
  EXPECT_EQ(file_suffix(Period::day, at(kMorning), 0), ".20270115");
  EXPECT_EQ(file_suffix(Period::week, at(kMorning), 0), ".2027w02");
  EXPECT_EQ(file_suffix(Period::month, at(kMorning), 0), ".202701");
  EXPECT_EQ(file_suffix(Period::year, at(kMorning), 0), ".2027");
  EXPECT_EQ(file_suffix(Period::age, at(kMorning), 86399.9), ".a00000000");
  EXPECT_EQ(file_suffix(Period::age, at(kMorning), 2 * 86400.0 + 1), ".a00172800");
}

TEST(StatisticsSuffix, AWeekBelongsToTheYearOfItsThursday) {
  EXPECT_EQ(file_suffix(Period::week, at(kMorning - 12 * kDay), 0), ".2026w53");  // Sunday, 3 January 2027
  EXPECT_EQ(file_suffix(Period::week, at(kMorning - 11 * kDay), 0), ".2027w01");  // Monday
}

/// Seconds since 1970, of a day of the years 1970 to 2100, by the calendar's own rules alone.
struct Day {
  int year = 1970, month = 1, day = 1;
  std::int64_t number = 0;  ///< since 1 January 1970
};

int days_in(int year, int month) {
  const bool is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (month == 2) return is_leap_year ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

Day any_day() {
  Day day{.year = *rc::gen::inRange(1970, 2101), .month = *rc::gen::inRange(1, 13)};
  day.day = *rc::gen::inRange(1, days_in(day.year, day.month) + 1);
  for (int year = 1970; year < day.year; ++year)
    for (int month = 1; month <= 12; ++month) day.number += days_in(year, month);
  for (int month = 1; month < day.month; ++month) day.number += days_in(day.year, month);
  day.number += day.day - 1;
  return day;
}

RC_GTEST_PROP(StatisticsSuffix, ADayLastsFromMidnightToMidnight, ()) {
  const Day day = any_day();
  const std::int64_t midnight = day.number * 86400;
  const std::string suffix = fmt::format(".{:04}{:02}{:02}", day.year, day.month, day.day);

  RC_ASSERT(file_suffix(Period::day, timestamp_from_unix(midnight, 0), 0) == suffix);
  RC_ASSERT(file_suffix(Period::day, timestamp_from_unix(midnight + 86399, 999'999'999), 0) == suffix);
  RC_ASSERT(file_suffix(Period::day, timestamp_from_unix(midnight - 1, 999'999'999), 0) < suffix);
  RC_ASSERT(file_suffix(Period::month, timestamp_from_unix(midnight, 0), 0) ==
            fmt::format(".{:04}{:02}", day.year, day.month));
  RC_ASSERT(file_suffix(Period::year, timestamp_from_unix(midnight + 86399, 0), 0) == fmt::format(".{:04}", day.year));
}

RC_GTEST_PROP(StatisticsSuffix, AWeekBeginsOnMondayAndHasSevenDays, ()) {
  // 5 January 1970 was a Monday.
  const std::int64_t monday = 4 + 7 * *rc::gen::inRange<std::int64_t>(0, 6800);
  const std::string week = file_suffix(Period::week, timestamp_from_unix(monday * 86400, 0), 0);

  for (std::int64_t day = 0; day < 7; ++day)
    RC_ASSERT(file_suffix(Period::week, timestamp_from_unix((monday + day) * 86400 + 86399, 999'999'999), 0) == week);
  RC_ASSERT(file_suffix(Period::week, timestamp_from_unix((monday + 7) * 86400, 0), 0) > week);
}

RC_GTEST_PROP(MjdTime, CountsOnAcrossTheEra, ()) {
  const auto seconds = *rc::gen::inRange<std::int64_t>(0, 4'133'980'800);  // 1970 to 2100
  const MjdTime time = mjd_time(timestamp_from_unix(seconds, 0));

  RC_ASSERT(time.day == 40587 + seconds / 86400);
  RC_ASSERT(time.second == seconds % 86400);
}

TEST(StatisticsSuffix, TheDayGoesOnThroughALeapSecondAndTheEnd) {
  // The kernel repeats 23:59:59 where a second is inserted: both of them are of the old day.
  const std::int64_t midnight = 1'483'228'800;  // 1 January 2017
  EXPECT_EQ(file_suffix(Period::day, timestamp_from_unix(midnight - 1, 500'000'000), 0), ".20161231");
  EXPECT_EQ(file_suffix(Period::day, timestamp_from_unix(midnight, 0), 0), ".20170101");
  // The seconds of NTP wrap in the morning of 7 February 2036.
  EXPECT_EQ(file_suffix(Period::day, Timestamp::from_bits(~std::uint64_t{0}), 0), ".20360207");
  EXPECT_EQ(file_suffix(Period::day, at(0), 0), ".20360207");
  EXPECT_EQ(file_suffix(Period::week, at(0), 0), file_suffix(Period::week, Timestamp::from_bits(~std::uint64_t{0}), 0));
}

}  // namespace
}  // namespace ntp::daemon
