// SPDX-License-Identifier: BSD-2-Clause
#include "sim/world_leap.h"

#include <cmath>

#include "base/calendar.h"
#include "state/leap_smear.h"

namespace ntp::sim {
namespace {

constexpr double kNear_s = 1;

}  // namespace

double WorldLeap::lead_s(TrueTime now) const {
  if (change_s == 0) return 0;
  if (now >= at) return -change_s;
  return state::leap_smear_s(at - now, change_s, smear_interval_s);
}

bool WorldLeap::is_near(TrueTime now) const {
  // Spread time has no edge.
  return change_s != 0 && !(smear_interval_s > 0) && std::abs(at - now) < kNear_s;
}

WorldLeap world_leap(int change_s, std::int64_t midnight_unix_s, std::int64_t start_unix_s) {
  const std::int64_t at_s = midnight_unix_s - start_unix_s - (change_s < 0 ? 1 : 0);
  return {.change_s = change_s,
          .midnight = timestamp_from_unix(midnight_unix_s, 0),
          .at = TrueTime::from_seconds(static_cast<double>(at_s))};
}

}  // namespace ntp::sim
