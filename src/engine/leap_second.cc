// SPDX-License-Identifier: BSD-2-Clause
#include "engine/leap_second.h"

#include <cmath>
#include <cstdint>

#include "base/calendar.h"
#include "base/civil_date.h"

namespace ntp::engine {
namespace {

/// A Timestamp has no era: dates are taken to lie within 68 years of 2090, that is from 2022 on.
constexpr std::int64_t kNearUnix = 3'786'912'000;
/// The next look at the clock may come this much later than midnight (the engine looks every 16 s at least).
constexpr std::int64_t kLateLook_s = 20;
constexpr double kTolerance_s = 0.1;

std::int64_t unix_seconds(Timestamp now) { return unix_from_timestamp(now, kNearUnix).seconds; }

}  // namespace

policy::LeapSeconds leap_seconds_of(Timestamp now) {
  // Rounded down: a nanosecond before midnight is not midnight.
  return unix_seconds(Timestamp::from_parts(now.seconds(), 0)) + kUnixEpochInNtp;
}

Timestamp timestamp_of(policy::LeapSeconds at) { return timestamp_from_unix(at - kUnixEpochInNtp, 0); }

bool is_leap_day(policy::LeapSeconds now) { return civil_date((now - kUnixEpochInNtp) / kSecondsPerDay + 1).day == 1; }

bool is_leap_second(Span jump, wire::Leap announced, Timestamp now) {
  const int change_s = change_of(announced);
  if (change_s == 0) return false;
  const std::int64_t since_midnight_s = unix_seconds(now) % kSecondsPerDay;
  const bool is_about_midnight = since_midnight_s <= kLateLook_s || since_midnight_s >= kSecondsPerDay - 2;
  return is_about_midnight && std::abs(jump.seconds() + change_s) < kTolerance_s;
}

}  // namespace ntp::engine
