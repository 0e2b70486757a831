// SPDX-License-Identifier: BSD-2-Clause
//
// The leap second of a simulated world: what right clocks make of it, and what the time is that all clocks are judged by.
#pragma once

#include "base/time.h"
#include "sim/true_time.h"

namespace ntp::sim {

struct WorldLeap {
  int change_s = 0;             ///< +1: a second is inserted, -1: one is left out, 0: there is none
  Timestamp midnight;           ///< at whose edge
  TrueTime at;                  ///< when a right clock jumps
  double smear_interval_s = 0;  ///< > 0: clocks are judged by time that spreads it over so long before it

  /// The time that clocks are judged by minus a count that knows no leap seconds.
  [[nodiscard]] double lead_s(TrueTime now) const;
  /// So close that a right clock may have made the jump already or not yet.
  [[nodiscard]] bool is_near(TrueTime now) const;
};

/// The leap second at `midnight_unix_s` in a world that starts at `start_unix_s`.
WorldLeap world_leap(int change_s, std::int64_t midnight_unix_s, std::int64_t start_unix_s);

}  // namespace ntp::sim
