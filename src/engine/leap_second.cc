// SPDX-License-Identifier: BSD-2-Clause
#include "engine/leap_second.h"

#include <cmath>
#include <cstdint>

#include "base/calendar.h"

namespace ntp::engine {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
/// A Timestamp has no era: dates are taken to lie within 68 years of 2090, that is from 2022 on.
constexpr std::int64_t kNearUnix = 3'786'912'000;
/// The next look at the clock may come this much later than midnight (the engine looks every 16 s at least).
constexpr std::int64_t kLateLook_s = 20;
constexpr double kTolerance_s = 0.1;

constexpr bool is_leap_year(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

constexpr int days_of_month(std::int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month] + (month == 1 && is_leap_year(year) ? 1 : 0);
}

/// Days since 1 January 1970. Months are walked: at most some 200 years of them, and only while a leap is announced.
constexpr bool is_last_of_month(std::int64_t day) {
  std::int64_t year = 1970;
  int month = 0;
  while (day >= days_of_month(year, month)) {
    day -= days_of_month(year, month);
    month = (month + 1) % 12;
    if (month == 0) ++year;
  }
  return day == days_of_month(year, month) - 1;
}
static_assert(is_last_of_month(30) && !is_last_of_month(31) && is_last_of_month(58));

std::int64_t unix_seconds(Timestamp now) { return unix_from_timestamp(now, kNearUnix).seconds; }

}  // namespace

wire::Leap leap_due(wire::Leap announced, Timestamp now) {
  if (announced != wire::Leap::insert && announced != wire::Leap::remove) return announced;
  return is_last_of_month(unix_seconds(now) / kSecondsPerDay) ? announced : wire::Leap::none;
}

bool is_leap_second(Span jump, wire::Leap armed, Timestamp now) {
  if (armed != wire::Leap::insert && armed != wire::Leap::remove) return false;
  const double expected_s = armed == wire::Leap::insert ? -1.0 : 1.0;
  const std::int64_t since_midnight_s = unix_seconds(now) % kSecondsPerDay;
  const bool is_about_midnight = since_midnight_s <= kLateLook_s || since_midnight_s >= kSecondsPerDay - 2;
  return is_about_midnight && std::abs(jump.seconds() - expected_s) < kTolerance_s;
}

}  // namespace ntp::engine
