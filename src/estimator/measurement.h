// SPDX-License-Identifier: BSD-2-Clause
//
// What goes into the clock estimator and what comes out.
//
// All offsets are true time minus the UNDISCIPLINED clock, from a base that the caller chooses: no correction of the system
// clock ever changes them (feed-forward; docs/design/clock.md).
#pragma once

#include <cmath>
#include <cstdint>

#include "base/time.h"

namespace ntp::estimator {

/// Names a source for as long as it lives; chosen by the caller, never 0.
using SourceId = std::uint32_t;

/// One exchange with a source. Everything must be finite.
struct Measurement {
  RawTime at;                ///< the middle of the exchange
  double offset_s = 0;       ///< true time minus undisciplined clock, from the base
  double delay_s = 0;        ///< round trip without the server's own time, >= 0
  double held_s = 0;         ///< how long the server says that it kept the request, >= 0
  double stamp_error_s = 0;  ///< standard deviation of the stamps' own error
};

/// What is known of the undisciplined clock at one instant.
struct ClockEstimate {
  double offset_s = 0;              ///< true time minus undisciplined clock, from the base
  double frequency = 0;             ///< d offset / dt, s/s
  double aging = 0;                 ///< d frequency / dt, 1/s
  double tracking_deviation_s = 0;  ///< standard deviation of the offset, if all paths were symmetric
  double deviation_s = 0;           ///< the same with what asymmetric paths may hide
  double frequency_deviation = 0;
  double wander = 0;  ///< strength of the frequency's random walk, 1/sqrt(s)
};

/// A slope of the frequency does not last: temperature brings most of it, and takes it back within the day.
inline constexpr double kAgingMemory_s = 10800;

/// What aging of one unit does in the time t.
struct AgingEffect {
  double frequency = 0;  ///< s
  double offset = 0;     ///< s^2
  double left = 1;       ///< of the aging itself
};
[[nodiscard]] inline AgingEffect aging_effect(double t_s) {
  const double frequency = -kAgingMemory_s * std::expm1(-t_s / kAgingMemory_s);
  return {frequency, kAgingMemory_s * (t_s - frequency), std::exp(-t_s / kAgingMemory_s)};
}

/// What a run hands to the next one (the drift file).
struct Memory {
  double frequency = 0;                ///< s/s
  double frequency_deviation = 0;      ///< as of when it was written
  double wander = 0;                   ///< 1/sqrt(s); 0: not known
  double aging = 0;                    ///< 1/s
  double temperature_coefficient = 0;  ///< 1/K; 0: not known
  double temperature_celsius = 0;      ///< where `frequency` holds
};

}  // namespace ntp::estimator
