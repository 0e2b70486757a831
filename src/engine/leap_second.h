// SPDX-License-Identifier: BSD-2-Clause
//
// When a leap second may happen: only at the end of a UTC month (ITU-R TF.460). A server that says otherwise is not believed.
#pragma once

#include "base/time.h"
#include "wire/header.h"

namespace ntp::engine {

/// What sources announced, if `now` lies on the last day of a UTC month; else none. Unsynchronised stays what it is.
[[nodiscard]] wire::Leap leap_due(wire::Leap announced, Timestamp now);

/// True if a jump of the clock is the leap second that the kernel was told to make: one second, right after midnight UTC
/// (before it in the case of an insertion, for the clock was set back).
[[nodiscard]] bool is_leap_second(Span jump, wire::Leap armed, Timestamp now);

}  // namespace ntp::engine
