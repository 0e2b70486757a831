// SPDX-License-Identifier: BSD-2-Clause
#include "engine/steering.h"

#include "engine/slew.h"

namespace ntp::engine {

Steering::Steering(const Settings& settings)
    : discipline_(settings.discipline, exp2_s(settings.precision_log2s)),
      drive_(settings),
      kernel_frequency_ppm_(settings.kernel_frequency_ppm),
      drift_(settings.drift) {
  if (settings.lifts_panic_once) discipline_.lift_panic_once();
  if (settings.steps_once) discipline_.step_first();
}

void Steering::start(const Now& now, Effects& out) {
  // What another daemon left in the kernel is the best guess where there is no drift file.
  discipline_.start(drift_ ? drift_->frequency_ppm : kernel_frequency_ppm_, drift_.has_value());
  drive_.start(now, discipline_.frequency_ppm(), out);
  slice_start_ = now.raw;
}

void Steering::settle_slice(const Now& now) {
  discipline_.slewed(drive_.phase(now.raw) - drive_.phase(slice_start_));
  slice_start_ = now.raw;
}

void Steering::begin_slice(const Now& now, Effects& out) {
  const SlewSlice slice = next_slice(discipline_.residual_s(), discipline_.time_constant_s());
  slice_start_ = now.raw;
  slice_end_ = slice.duration_s > 0 ? now.mono + slice.duration_s : MonoTime::never();
  drive_.run(now, discipline_.frequency_ppm(), slice.rate_ppm, out);
}

Action Steering::update(const Now& now, double offset_s, double jitter_s, Effects& out) {
  settle_slice(now);
  const Action action = discipline_.update({offset_s, jitter_s, now.raw, record().at(now.raw)});
  if (action == Action::slewed) begin_slice(now, out);
  return action;
}

Steering::Outcome Steering::corrected(const Now& now, const ClockCorrected& correction, Effects& out) {
  const Outcome outcome = drive_.corrected(correction);
  if (outcome == Outcome::permission_lost) slice_end_ = MonoTime::never();
  if (outcome != Outcome::stepped) return outcome;
  discipline_.stepped(now.raw, record().at(now.raw));
  begin_slice(now, out);
  return outcome;
}

void Steering::jumped(const Now& now, Span amount, Effects& out) {
  settle_slice(now);
  drive_.jumped(now, amount);
  discipline_.phase_lost();
  if (sets_clock()) begin_slice(now, out);
}

void Steering::tick(const Now& now, Effects& out) {
  if (!sets_clock() || now.mono < slice_end_) return;
  settle_slice(now);
  begin_slice(now, out);
}

void Steering::stop(const Now& now, Effects& out) {
  if (!sets_clock()) return;
  settle_slice(now);
  slice_end_ = MonoTime::never();
  drive_.stop(discipline_.frequency_ppm(), out);
}

}  // namespace ntp::engine
