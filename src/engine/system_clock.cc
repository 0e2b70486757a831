// SPDX-License-Identifier: BSD-2-Clause
#include "engine/system_clock.h"

namespace ntp::engine {

ClockCorrected carry_out(const StepClock& effect, SystemClock& clock) {
  ClockCorrected outcome{.token = effect.token, .kind = ClockCorrected::Kind::step, .before = clock.read()};
  const auto done = clock.step(effect.amount);
  if (done)
    outcome.step = *done;
  else
    outcome.os_error = done.error().os_error;
  outcome.after = clock.read();
  return outcome;
}

ClockCorrected carry_out(const SetFrequency& effect, SystemClock& clock) {
  ClockCorrected outcome{.token = effect.token, .kind = ClockCorrected::Kind::frequency, .before = clock.read()};
  const auto done = clock.set_frequency(effect.frequency_ppm);
  if (done)
    outcome.frequency_ppm = *done;
  else
    outcome.os_error = done.error().os_error;
  outcome.after = clock.read();
  return outcome;
}

}  // namespace ntp::engine
