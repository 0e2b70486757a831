// SPDX-License-Identifier: BSD-2-Clause
//
// The computer's clock as five functions. The Linux clock and the simulator's oscillator implement it; drivers carry the
// engine's clock effects out through it.
#pragma once

#include <expected>

#include "engine/events.h"

namespace ntp::engine {

struct ClockError {
  int os_error = 0;  ///< errno
};

class SystemClock {
 public:
  SystemClock() = default;
  SystemClock(const SystemClock&) = delete;
  SystemClock& operator=(const SystemClock&) = delete;
  virtual ~SystemClock() = default;

  virtual Now read() = 0;
  /// Adds `amount`; gives what was really added. On error nothing was changed.
  virtual std::expected<Span, ClockError> step(Span amount) = 0;
  /// Gives the frequency that is really set, after the kernel's rounding and limits. On error nothing was changed.
  virtual std::expected<double, ClockError> set_frequency(double frequency_ppm) = 0;
  /// The frequency that is set now, by whoever set it.
  virtual std::expected<double, ClockError> frequency_ppm() = 0;
  virtual std::expected<void, ClockError> set_status(const SetKernelStatus& status) = 0;
};

/// Carries StepClock out and reports the outcome; `clock` is read right before and right after.
ClockCorrected carry_out(const StepClock& effect, SystemClock& clock);
/// The same for SetFrequency.
ClockCorrected carry_out(const SetFrequency& effect, SystemClock& clock);

}  // namespace ntp::engine
