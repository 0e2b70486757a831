// SPDX-License-Identifier: BSD-2-Clause
//
// The simulator's own time, which no clock in it shows: units of 2^-32 s (233 ps) since the start of the run.
//
// 64 bits of them reach 68 years and add without rounding, however long a run is. A unit is that of Timestamp, so a perfect
// clock's stamps are exact.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "base/time.h"

namespace ntp::sim {

class TrueTime {
 public:
  constexpr TrueTime() = default;
  static constexpr TrueTime from_units(std::int64_t units) { return TrueTime(units); }
  static constexpr TrueTime from_seconds(double seconds) { return TrueTime(Span::from_seconds(seconds).units()); }
  static constexpr TrueTime never() { return TrueTime(std::numeric_limits<std::int64_t>::max()); }

  [[nodiscard]] constexpr std::int64_t units() const { return units_; }
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(units_) / kTwo32; }

  friend constexpr auto operator<=>(TrueTime, TrueTime) = default;
  /// Seconds from b to a.
  friend constexpr double operator-(TrueTime a, TrueTime b) {
    return static_cast<double>(Int128{a.units_} - Int128{b.units_}) / kTwo32;
  }
  /// Saturates at never().
  friend constexpr TrueTime operator+(TrueTime a, double seconds) {
    const Int128 sum = Int128{a.units_} + Int128{Span::from_seconds(seconds).units()};
    if (sum >= Int128{never().units_}) return never();
    return TrueTime(static_cast<std::int64_t>(sum));
  }

 private:
  constexpr explicit TrueTime(std::int64_t units) : units_(units) {}

  std::int64_t units_ = 0;
};

}  // namespace ntp::sim
