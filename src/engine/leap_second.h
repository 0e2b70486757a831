// SPDX-License-Identifier: BSD-2-Clause
//
// When a leap second may happen: only at the end of a UTC month (ITU-R TF.460). A server that says otherwise is not believed.
#pragma once

#include "base/time.h"
#include "policy/leap_table.h"
#include "wire/header.h"

namespace ntp::engine {

/// Seconds since 1900 of a time in this century or the next.
[[nodiscard]] policy::LeapSeconds leap_seconds_of(Timestamp now);
[[nodiscard]] Timestamp timestamp_of(policy::LeapSeconds at);

/// True on the last day of a UTC month.
[[nodiscard]] bool is_leap_day(policy::LeapSeconds now);

/// +1: insert, -1: remove, else 0; and back.
[[nodiscard]] constexpr int change_of(wire::Leap leap) {
  return leap == wire::Leap::insert ? 1 : leap == wire::Leap::remove ? -1 : 0;
}
[[nodiscard]] constexpr wire::Leap leap_of(int change_s) {
  return change_s > 0 ? wire::Leap::insert : change_s < 0 ? wire::Leap::remove : wire::Leap::none;
}

/// True if a jump of the clock is the leap second that was announced: one second, right after midnight UTC (before it in
/// the case of an insertion, for the clock was set back).
[[nodiscard]] bool is_leap_second(Span jump, wire::Leap announced, Timestamp now);

}  // namespace ntp::engine
