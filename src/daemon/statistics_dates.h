// SPDX-License-Identifier: BSD-2-Clause
//
// Dates of statistics: Modified Julian Day and second for the lines, suffixes for the files.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "config/model.h"

namespace ntp::daemon {

/// The fraction in whole nanoseconds, cut, so that it never carries.
std::uint64_t nanoseconds(Timestamp at);

struct MjdTime {
  std::int64_t day = 0;
  std::int64_t second = 0;  ///< since midnight UTC
  std::uint64_t ns = 0;
};
/// For 1968 to 2104: what a Timestamp leaves open, a date has to say.
MjdTime mjd_time(Timestamp at);

/// When a file begins, and so its suffix: "" (none) or with its dot. `at` by UTC; weeks are those of ISO 8601; an age is told in
/// seconds since the start, in whole days.
std::string file_suffix(config::StatisticsFile::Period period, Timestamp at, double age_s);

}  // namespace ntp::daemon
