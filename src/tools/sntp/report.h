// SPDX-License-Identifier: BSD-2-Clause
//
// What sntp prints of an answer: the classic's line, or the JSON of NTPsec's ntpdig.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "client/time_exchange.h"

namespace ntp::tools::sntp {

/// A moment by the wall: localtime_r()'s parts, and the microseconds.
struct WallTime {
  std::tm parts{};
  int microseconds = 0;
};

/// "no-leap", "add-leap", "del-leap", "unsync".
[[nodiscard]] const char* leap_text(wire::Leap leap);

/// "2026-11-20 21:24:39.528330 (+0000) -0.001953 +/- 0.011739 time.example 10.77.0.4 s2 no-leap\n"; the name is left out where it
/// is the address. `answer` has a sample.
[[nodiscard]] std::string line_of(const client::TimeServer& server, const client::TimeAnswer& answer,
                                  const WallTime& when);

enum class Adjusted : bool { no, yes };
/// {"time":...,"offset":...,"precision":...,"host":...,"ip":...,"stratum":...,"leap":...,"adjusted":...,"delay":...}
[[nodiscard]] std::string json_of(const client::TimeServer& server, const client::TimeAnswer& answer,
                                  const WallTime& when, Adjusted adjusted);
[[nodiscard]] std::string json_of_failure(const client::TimeServer& server, const std::string& problem);

}  // namespace ntp::tools::sntp
