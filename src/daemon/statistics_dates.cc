// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics_dates.h"

#include <chrono>

#include <unistd.h>

#include <fmt/format.h>

#include "base/wide.h"

namespace ntp::daemon {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kMjdOf1900 = 15020;
constexpr std::int64_t kUnixDayOfMjd0 = -40587;

/// Seconds since 1900 without wrap.
std::int64_t seconds_since_1900(Timestamp at) {
  constexpr std::uint32_t kHalf = 0x80000000U;
  constexpr std::int64_t kEra = std::int64_t{1} << 32U;
  return at.seconds() >= kHalf ? at.seconds() : at.seconds() + kEra;
}

std::chrono::sys_days day_of(Timestamp at) {
  return std::chrono::sys_days(std::chrono::days(mjd_time(at).day + kUnixDayOfMjd0));
}

std::string iso_week(std::chrono::sys_days day) {
  // The week's Thursday decides which year it belongs to.
  const std::chrono::weekday weekday(day);
  const std::chrono::sys_days thursday = day - std::chrono::days(weekday.iso_encoding()) + std::chrono::days(4);
  const std::chrono::year year = std::chrono::year_month_day(thursday).year();
  const std::chrono::sys_days first_day(year / std::chrono::January / 1);
  return fmt::format(".{:04}w{:02}", static_cast<int>(year), (thursday - first_day).count() / 7 + 1);
}

}  // namespace

std::uint64_t nanoseconds(Timestamp at) { return (std::uint64_t{at.fraction()} * kNanosecondsPerSecond) >> 32U; }

MjdTime mjd_time(Timestamp at) {
  const std::int64_t seconds = seconds_since_1900(at);
  return {.day = kMjdOf1900 + seconds / kSecondsPerDay, .second = seconds % kSecondsPerDay, .ns = nanoseconds(at)};
}

std::string file_suffix(config::StatisticsFile::Period period, Timestamp at, double age_s) {
  using Period = config::StatisticsFile::Period;
  const std::chrono::sys_days day = day_of(at);
  const std::chrono::year_month_day date(day);
  const auto year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  switch (period) {
    case Period::none:
      return "";
    case Period::pid:
      return fmt::format(".#{}", getpid());
    case Period::day:
      return fmt::format(".{:04}{:02}{:02}", year, month, static_cast<unsigned>(date.day()));
    case Period::week:
      return iso_week(day);
    case Period::month:
      return fmt::format(".{:04}{:02}", year, month);
    case Period::year:
      return fmt::format(".{:04}", year);
    case Period::age:
      return fmt::format(".a{:08}", static_cast<std::int64_t>(age_s) / kSecondsPerDay * kSecondsPerDay);
  }
  return "";
}

}  // namespace ntp::daemon
