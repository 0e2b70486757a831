// SPDX-License-Identifier: BSD-2-Clause
//
// One correction of the system clock, for programs that set it and end.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace ntp::clock {

enum class OneCorrection : std::uint8_t {
  step,
  slew,  ///< by the kernel, at 500 ppm, after the program has ended
};

/// More than this would take a slew a month.
inline constexpr double kMaxSlewOnce_s = 2000;

/// Adds `amount_s` to the clock. An error is for the user: what the kernel said, and what it needs.
[[nodiscard]] std::expected<void, std::string> correct_once(OneCorrection how, double amount_s);

}  // namespace ntp::clock
