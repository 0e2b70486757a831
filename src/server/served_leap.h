// SPDX-License-Identifier: BSD-2-Clause
//
// A leap second as the data plane sees it: the engine has said when it comes, and may look at the clock only a while after it.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "server/respond.h"
#include "state/clock_state.h"

namespace ntp::server {

/// How the clock went on since the summary was made.
enum class ClockCourse : std::uint8_t {
  steady,
  leapt,   ///< it made the leap second that the summary announced
  jumped,  ///< the machine slept, or another program set it, and the engine has not looked yet
};
ClockCourse course_of(const state::ClockSummary& clock, const Instant& now);

/// What the summary's indicator is by now: nothing is announced any more once the leap second is over or overdue.
wire::Leap leap_indicator(const state::ClockSummary& clock, ClockCourse course, Timestamp now);

/// What a server that spreads the leap second adds to `reading`, taken at `now` or shortly before.
Span smear_of(const state::ClockSummary& clock, ClockCourse course, const Instant& now, Timestamp reading);

}  // namespace ntp::server
