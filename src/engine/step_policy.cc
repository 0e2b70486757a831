// SPDX-License-Identifier: BSD-2-Clause
#include "engine/step_policy.h"

#include <cmath>

namespace ntp::engine {

StepThresholds::StepThresholds(const DisciplineSettings& settings)
    : step_s_(settings.step_threshold_s),
      step_back_s_(settings.step_back_threshold_s),
      panic_s_(settings.panic_threshold_s) {}

void StepThresholds::reconfigure(const DisciplineSettings& settings) {
  step_s_ = settings.step_threshold_s;
  step_back_s_ = settings.step_back_threshold_s;
  panic_s_ = settings.panic_threshold_s;
}

void StepThresholds::corrected(bool was_step) {
  is_panic_lifted_ = false;
  if (was_step) is_step_forced_ = false;
}

bool StepThresholds::is_beyond_step(double offset_s) const {
  const double threshold_s = offset_s < 0 ? step_back_s_ : step_s_;
  return threshold_s > 0 && std::abs(offset_s) > threshold_s;
}

bool StepThresholds::is_beyond_panic(double offset_s) const {
  return panic_s_ > 0 && !is_panic_lifted_ && std::abs(offset_s) > panic_s_;
}

StepPolicy::StepPolicy(const DisciplineSettings& settings) : thresholds_(settings), stepout_s_(settings.stepout_s) {}

void StepPolicy::reconfigure(const DisciplineSettings& settings) {
  thresholds_.reconfigure(settings);
  stepout_s_ = settings.stepout_s;
}

Action StepPolicy::judge(double offset_s, RawTime now) {
  if (thresholds_.is_beyond_panic(offset_s)) return Action::panic;
  if (thresholds_.is_step_forced()) return Action::step;
  if (!thresholds_.is_beyond_step(offset_s)) {
    thresholds_.corrected(false);
    good_at_ = now;
    is_spike_ = false;
    return Action::slewed;
  }
  if (!good_at_) return Action::step;
  // One alone is a spike, however long ago the last good one was.
  const bool is_first = !is_spike_;
  is_spike_ = true;
  return is_first || now - *good_at_ < stepout_s_ ? Action::ignored : Action::step;
}

void StepPolicy::stepped(RawTime now) {
  thresholds_.corrected(true);
  good_at_ = now;
  is_spike_ = false;
}

void StepPolicy::restart() {
  good_at_.reset();
  is_spike_ = false;
}

}  // namespace ntp::engine
