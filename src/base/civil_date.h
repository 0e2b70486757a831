// SPDX-License-Identifier: BSD-2-Clause
//
// Days of the Gregorian calendar, also before its time and for any year.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ntp {

inline constexpr std::int64_t kSecondsPerDay = 86400;

struct CivilDate {
  std::int64_t year = 1970;
  int month = 1;  ///< 1 to 12
  int day = 1;    ///< 1 to 31

  friend constexpr bool operator==(const CivilDate&, const CivilDate&) = default;
};

/// The date of a day that is counted from 1 January 1970.
constexpr CivilDate civil_date(std::int64_t days_since_1970) {
  // From 1 March 2000 on: then a leap day is the last one of 4, 100 and 400 years.
  constexpr std::int64_t kMarch2000 = 11017;
  constexpr std::int64_t kDaysOf400Years = 146097;
  constexpr std::int64_t kDaysOf100Years = 36524;
  constexpr std::int64_t kDaysOf4Years = 1461;
  constexpr int kDaysFromMarch[] = {31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29};
  std::int64_t day = days_since_1970 - kMarch2000;
  const std::int64_t cycles = (day >= 0 ? day : day - (kDaysOf400Years - 1)) / kDaysOf400Years;
  day -= cycles * kDaysOf400Years;
  const std::int64_t centuries = std::min<std::int64_t>(day / kDaysOf100Years, 3);
  day -= centuries * kDaysOf100Years;
  const std::int64_t fours = day / kDaysOf4Years;
  day -= fours * kDaysOf4Years;
  const std::int64_t years = std::min<std::int64_t>(day / 365, 3);
  day -= years * 365;
  int month = 0;
  while (day >= kDaysFromMarch[month]) day -= kDaysFromMarch[month++];
  const bool is_next_year = month >= 10;
  return {.year = 2000 + 400 * cycles + 100 * centuries + 4 * fours + years + (is_next_year ? 1 : 0),
          .month = is_next_year ? month - 9 : month + 3,
          .day = static_cast<int>(day) + 1};
}

}  // namespace ntp
