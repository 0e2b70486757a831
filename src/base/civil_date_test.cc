// SPDX-License-Identifier: BSD-2-Clause
#include "base/civil_date.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp {
namespace {

// Days by "date -u -d ... +%s", divided by 86400.
static_assert(civil_date(0) == CivilDate{1970, 1, 1});
static_assert(civil_date(-1) == CivilDate{1969, 12, 31});
static_assert(civil_date(11016) == CivilDate{2000, 2, 29});
static_assert(civil_date(11017) == CivilDate{2000, 3, 1});
static_assert(civil_date(20999) == CivilDate{2027, 6, 30});
static_assert(civil_date(21243) == CivilDate{2028, 2, 29});
static_assert(civil_date(24143) == CivilDate{2036, 2, 7}, "the last day of NTP's era 0");
static_assert(civil_date(47540) == CivilDate{2100, 2, 28});
static_assert(civil_date(47541) == CivilDate{2100, 3, 1}, "2100 is no leap year");
static_assert(civil_date(-25567) == CivilDate{1900, 1, 1});

bool is_leap_year(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

CivilDate day_after(CivilDate date) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int last = kDays[date.month - 1] + (date.month == 2 && is_leap_year(date.year) ? 1 : 0);
  if (++date.day <= last) return date;
  date.day = 1;
  if (++date.month <= 12) return date;
  return {date.year + 1, 1, 1};
}

RC_GTEST_PROP(CivilDate, OfTheNextDayIsTheDayAfter, ()) {
  const std::int64_t day = *rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000);

  RC_ASSERT(civil_date(day + 1) == day_after(civil_date(day)));
}

TEST(CivilDate, OfFourHundredYearsDayByDay) {
  CivilDate date = civil_date(-25567);
  for (std::int64_t day = -25567; day < -25567 + 146097; ++day, date = day_after(date))
    ASSERT_EQ(civil_date(day), date) << day;
}

}  // namespace
}  // namespace ntp
