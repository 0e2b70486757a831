// SPDX-License-Identifier: BSD-2-Clause
#include "engine/clock_drive.h"

#include <cerrno>
#include <cmath>

namespace ntp::engine {
namespace {

/// The kernel's frequency comes in steps of 2^-16 ppm.
constexpr double kFrequencyStep_ppm = 1.0 / 65536;

}  // namespace

ClockDrive::ClockDrive(const Settings& settings)
    : sets_clock_(settings.sets_clock), kernel_frequency_ppm_(settings.kernel_frequency_ppm) {}

void ClockDrive::start(const Now& now, double own_ppm, Effects& out) {
  record_.start(now.raw, kernel_frequency_ppm_);
  phase_record_.start(now.raw, 0);
  own_ppm_ = own_ppm;
  if (sets_clock_) out.push_back(SetFrequency{next_token_++, own_ppm});
}

void ClockDrive::run(const Now& now, double own_ppm, double slew_ppm, Effects& out) {
  own_ppm_ = own_ppm;
  const double wanted_ppm = own_ppm + slew_ppm;
  if (std::abs(wanted_ppm - record_.frequency_ppm()) >= kFrequencyStep_ppm / 2)
    out.push_back(SetFrequency{next_token_++, wanted_ppm});
  else
    phase_record_.frequency_changed(now.raw, record_.frequency_ppm() - own_ppm_);
}

void ClockDrive::step(double offset_s, Effects& out) {
  step_token_ = next_token_++;
  out.push_back(StepClock{step_token_, Span::from_seconds(offset_s)});
}

void ClockDrive::stop(double own_ppm, Effects& out) {
  if (sets_clock_) out.push_back(SetFrequency{next_token_++, own_ppm});
}

ClockDrive::Outcome ClockDrive::corrected(const ClockCorrected& outcome) {
  const bool is_step = outcome.kind == ClockCorrected::Kind::step;
  if (is_step) step_token_ = 0;
  if (outcome.os_error != 0) {
    if (!sets_clock_) return Outcome::done;
    // Anything but a missing right may go over: the next update tries again.
    if (outcome.os_error != EPERM && outcome.os_error != EACCES) return Outcome::failed;
    sets_clock_ = false;
    return Outcome::permission_lost;
  }
  // It took effect somewhere between the two readings.
  const auto middle = RawTime::from_nanoseconds(
      outcome.before.raw.nanoseconds() + (outcome.after.raw.nanoseconds() - outcome.before.raw.nanoseconds()) / 2);
  if (!is_step) {
    record_.frequency_changed(middle, outcome.frequency_ppm);
    phase_record_.frequency_changed(middle, outcome.frequency_ppm - own_ppm_);
    return Outcome::done;
  }
  record_.stepped(middle, outcome.step);
  phase_record_.stepped(middle, outcome.step);
  return Outcome::stepped;
}

void ClockDrive::jumped(const Now& now, Span amount) {
  record_.stepped(now.raw, amount);
  phase_record_.stepped(now.raw, amount);
}

double ClockDrive::unsteered_ppm() const { return std::abs(record_.frequency_ppm() - own_ppm_); }

}  // namespace ntp::engine
