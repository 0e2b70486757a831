// SPDX-License-Identifier: BSD-2-Clause
#include "server/served_leap.h"

#include <cmath>

#include "state/leap_smear.h"

namespace ntp::server {
namespace {

/// More than the clock can be slewed between two summaries.
constexpr double kLargestDeviation_s = 0.1;

}  // namespace

ClockCourse course_of(const state::ClockSummary& clock, const Instant& now) {
  if (clock.real_as_of.is_unknown()) return ClockCourse::steady;
  const double moved_s = (now.real - clock.real_as_of).seconds() - (now.mono - clock.as_of);
  if (std::abs(moved_s) <= kLargestDeviation_s) return ClockCourse::steady;
  if (clock.leap_change_s == 0) return ClockCourse::jumped;
  // Had it not leapt, the clock would show the midnight or a later time, and lack the second that is left out.
  const double past_s = -(clock.until_leap(now.real).seconds()) + clock.leap_change_s;
  const bool is_leap = std::abs(moved_s + clock.leap_change_s) <= kLargestDeviation_s && past_s >= -kLargestDeviation_s;
  return is_leap ? ClockCourse::leapt : ClockCourse::jumped;
}

wire::Leap leap_indicator(const state::ClockSummary& clock, ClockCourse course, Timestamp now) {
  const bool is_over = clock.leap_change_s != 0 && (course == ClockCourse::leapt || clock.until_leap(now) <= Span());
  return is_over ? wire::Leap::none : clock.leap;
}

Span smear_of(const state::ClockSummary& clock, ClockCourse course, const Instant& now, Timestamp reading) {
  if (clock.leap_change_s == 0 || !(clock.leap_smear_interval_s > 0)) return {};
  // A request that came before the leap and is answered after it: the clock shows an inserted second twice.
  const bool is_from_before =
      clock.leap_change_s > 0 ? reading - now.real > Span() : clock.until_leap(reading) > Span();
  if (course == ClockCourse::leapt && !is_from_before) return {};
  return Span::from_seconds(
      state::leap_smear_s(clock.until_leap(reading).seconds(), clock.leap_change_s, clock.leap_smear_interval_s));
}

}  // namespace ntp::server
