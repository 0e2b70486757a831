// SPDX-License-Identifier: BSD-2-Clause
//
// The drift file's text. Its first line is the classic's, the frequency in ppm; a second line of ours holds what the clock
// estimator knew besides, as named values:
//
//   12.345000
//   meridian 1 deviation_ppm 0.0012 wander_ppm 1e-05 aging_ppm_per_day 0.0004 temperature_ppm_per_K 0 temperature_celsius 0
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "engine/events.h"

namespace ntp::daemon {

struct DriftFile {
  engine::DriftRecord drift;
  std::string notice;  ///< why the second line is not used; empty if it is, or if there is none
};

/// The first number of the file in ppm, and the model of the line after it. An error and a message if the number is none, not
/// finite or beyond the kernel's 500 ppm. A second line that isn't ours, is faulty or holds what no clock has costs the model
/// alone; a value with a name that isn't known is skipped.
std::expected<DriftFile, std::string> parse_drift(std::string_view content);

/// What parse_drift() reads; without the second line if a value of the model is none that a clock has. Empty, for nothing to be
/// written, if the frequency is none.
std::string format_drift(const engine::DriftRecord& drift);

}  // namespace ntp::daemon
