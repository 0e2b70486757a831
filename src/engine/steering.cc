// SPDX-License-Identifier: BSD-2-Clause
#include "engine/steering.h"

#include <cerrno>
#include <cmath>

#include "engine/slew.h"

namespace ntp::engine {
namespace {

/// The kernel's frequency comes in steps of 2^-16 ppm.
constexpr double kFrequencyStep_ppm = 1.0 / 65536;

}  // namespace

Steering::Steering(const Settings& settings)
    : discipline_(settings.discipline, exp2_s(settings.precision_log2s)),
      sets_clock_(settings.sets_clock),
      kernel_frequency_ppm_(settings.kernel_frequency_ppm),
      drift_(settings.drift) {
  if (settings.lifts_panic_once) discipline_.lift_panic_once();
  if (settings.steps_once) discipline_.step_first();
}

void Steering::start(const Now& now, Effects& out) {
  // What another daemon left in the kernel is the best guess where there is no drift file.
  const double frequency_ppm = drift_ ? drift_->frequency_ppm : kernel_frequency_ppm_;
  record_.start(now.raw, kernel_frequency_ppm_);
  phase_record_.start(now.raw, 0);
  slice_start_ = now.raw;
  slice_base_ppm_ = frequency_ppm;
  discipline_.start(frequency_ppm, drift_.has_value());
  slice_start_ = now.raw;
  slice_base_ppm_ = discipline_.frequency_ppm();
  if (sets_clock_) request_frequency(discipline_.frequency_ppm(), out);
}

void Steering::request_frequency(double frequency_ppm, Effects& out) {
  out.push_back(SetFrequency{next_token_++, frequency_ppm});
}

void Steering::settle_slice(const Now& now) {
  discipline_.slewed(phase_record_.at(now.raw) - phase_record_.at(slice_start_));
  slice_start_ = now.raw;
}

void Steering::begin_slice(const Now& now, Effects& out) {
  const SlewSlice slice = next_slice(discipline_.residual_s(), discipline_.time_constant_s());
  slice_start_ = now.raw;
  slice_base_ppm_ = discipline_.frequency_ppm();
  slice_end_ = slice.duration_s > 0 ? now.mono + slice.duration_s : MonoTime::never();
  const double wanted_ppm = slice_base_ppm_ + slice.rate_ppm;
  if (std::abs(wanted_ppm - record_.frequency_ppm()) >= kFrequencyStep_ppm / 2)
    request_frequency(wanted_ppm, out);
  else
    phase_record_.frequency_changed(now.raw, record_.frequency_ppm() - slice_base_ppm_);
}

Action Steering::update(const Now& now, double offset_s, double jitter_s, Effects& out) {
  settle_slice(now);
  const Action action = discipline_.update({offset_s, jitter_s, now.raw, record_.at(now.raw)});
  if (action == Action::slewed) begin_slice(now, out);
  return action;
}

void Steering::step(double offset_s, Effects& out) {
  step_token_ = next_token_++;
  out.push_back(StepClock{step_token_, Span::from_seconds(offset_s)});
}

Steering::Outcome Steering::corrected(const Now& now, const ClockCorrected& outcome, Effects& out) {
  const bool is_step = outcome.kind == ClockCorrected::Kind::step;
  if (is_step) step_token_ = 0;
  if (outcome.os_error != 0) {
    if (!sets_clock_) return Outcome::done;
    // Anything but a missing right may go over: the next update tries again.
    if (outcome.os_error != EPERM && outcome.os_error != EACCES) return Outcome::failed;
    sets_clock_ = false;
    slice_end_ = MonoTime::never();
    return Outcome::permission_lost;
  }
  // It took effect somewhere between the two readings.
  const auto middle = RawTime::from_nanoseconds(
      outcome.before.raw.nanoseconds() + (outcome.after.raw.nanoseconds() - outcome.before.raw.nanoseconds()) / 2);
  if (!is_step) {
    record_.frequency_changed(middle, outcome.frequency_ppm);
    phase_record_.frequency_changed(middle, outcome.frequency_ppm - slice_base_ppm_);
    return Outcome::done;
  }
  record_.stepped(middle, outcome.step);
  phase_record_.stepped(middle, outcome.step);
  discipline_.stepped(now.raw, record_.at(now.raw));
  begin_slice(now, out);
  return Outcome::stepped;
}

double Steering::unsteered_ppm() const { return std::abs(record_.frequency_ppm() - slice_base_ppm_); }

void Steering::jumped(const Now& now, Span amount, Effects& out) {
  settle_slice(now);
  record_.stepped(now.raw, amount);
  phase_record_.stepped(now.raw, amount);
  discipline_.phase_lost();
  if (sets_clock_) begin_slice(now, out);
}

void Steering::tick(const Now& now, Effects& out) {
  if (!sets_clock_ || now.mono < slice_end_) return;
  settle_slice(now);
  begin_slice(now, out);
}

void Steering::stop(const Now& now, Effects& out) {
  if (!sets_clock_) return;
  settle_slice(now);
  slice_end_ = MonoTime::never();
  request_frequency(discipline_.frequency_ppm(), out);
}

}  // namespace ntp::engine
