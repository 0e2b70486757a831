// SPDX-License-Identifier: BSD-2-Clause
//
// The phase is drained by running the clock off its frequency for known times: a slew is a slice with an end, and what a
// slice has really moved is read off the correction record. (RFC 5905 section 12, clock_adjust, made exact.)
#pragma once

#include "engine/constants.h"
#include "engine/correction_record.h"

namespace ntp::engine {

struct SlewSlice {
  double rate_ppm = 0;    ///< to be added to the clock's own frequency
  double duration_s = 0;  ///< 0: nothing is left to slew
};

/// The next slice of an exponential drain with this time constant; never faster than kMaxSlew_ppm.
[[nodiscard]] SlewSlice next_slice(double residual_s, double time_constant_s);

}  // namespace ntp::engine
