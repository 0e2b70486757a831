// SPDX-License-Identifier: BSD-2-Clause
//
// A leap second spread over the time before it, for clients that can't do with a jump (leapsmearinterval; the curve is that of
// ntpd's leap smear).
#pragma once

namespace ntp::state {

/// What is added to a clock that is `until_s` before its leap second of `change_s` (+1: inserted), over the last `interval_s`:
///
///                                    1 - cos(pi t / interval)
///       0 until interval before it,  ------------------------ against `change_s` from there on,  all of it at its end
///                                               2
double leap_smear_s(double until_s, int change_s, double interval_s);

}  // namespace ntp::state
