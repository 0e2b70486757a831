// SPDX-License-Identifier: BSD-2-Clause
#include "engine/discipline.h"

#include <algorithm>
#include <cmath>

namespace ntp::engine {

using State = state::DisciplineState;

Discipline::Discipline(const DisciplineSettings& settings, double precision_s)
    : settings_(settings), thresholds_(settings), precision_s_(precision_s), jitter_s_(precision_s) {}

void Discipline::reconfigure(const DisciplineSettings& settings) {
  settings_ = settings;
  thresholds_.reconfigure(settings);
}

void Discipline::start(double frequency_ppm, bool is_trusted) {
  frequency_ppm_ = std::clamp(frequency_ppm, -kMaxFrequency_ppm, kMaxFrequency_ppm);
  state_ = is_trusted ? State::fset : State::nset;
}

bool Discipline::is_frequency_known() const { return state_ != State::nset && state_ != State::freq; }

double Discipline::dispersion_rate() const {
  return is_frequency_known() ? settings_.dispersion_rate : kMaxFrequency_ppm * 1e-6;
}

double Discipline::time_constant_s() const {
  return hold_until_ ? kHoldTimeConstant_s : kPllGain * exp2_s(poll_log2s_);
}

void Discipline::set_poll_bounds(std::int8_t min_log2s, std::int8_t max_log2s) {
  min_poll_log2s_ = min_log2s;
  max_poll_log2s_ = std::max(min_log2s, max_log2s);
  poll_log2s_ = std::clamp(poll_log2s_, min_poll_log2s_, max_poll_log2s_);
}

Action Discipline::update(const Update& update) {
  if (thresholds_.is_beyond_panic(update.offset_s)) return Action::panic;
  last_offset_s_ = update.offset_s;
  if (thresholds_.is_step_forced()) return Action::step;
  const double elapsed_s = update.now - base_at_;
  const bool is_beyond = thresholds_.is_beyond_step(update.offset_s);
  return is_beyond ? update_spike(update, elapsed_s) : update_in_bounds(update, elapsed_s);
}

Action Discipline::update_spike(const Update& update, double elapsed_s) {
  switch (state_) {
    case State::sync:
      // The base stays that of the last good update: elapsed time counts from there.
      state_ = State::spik;
      return Action::ignored;
    case State::spik:
      if (elapsed_s < settings_.stepout_s) return Action::ignored;
      return Action::step;
    case State::freq:
      if (elapsed_s < settings_.stepout_s) return Action::ignored;
      measure_frequency(update, elapsed_s);
      state_ = State::sync;
      return Action::step;
    case State::nset:
    case State::fset:
      return Action::step;
  }
  return Action::ignored;
}

Action Discipline::update_in_bounds(const Update& update, double elapsed_s) {
  thresholds_.corrected(false);
  switch (state_) {
    case State::nset:
      hold_until_ = update.now + settings_.stepout_s;
      aim(update);
      enter(State::freq, update);
      return Action::slewed;
    case State::fset:
      hold_until_ = update.now + settings_.stepout_s;
      aim(update);
      enter(State::sync, update);
      return Action::slewed;
    case State::freq:
      aim(update);
      if (elapsed_s < settings_.stepout_s) return Action::slewed;
      measure_frequency(update, elapsed_s);
      enter(State::sync, update);
      return Action::slewed;
    case State::spik:
    case State::sync:
      adjust_frequency(update, elapsed_s);
      aim(update);
      adjust_poll(update.offset_s);
      enter(State::sync, update);
      return Action::slewed;
  }
  return Action::ignored;
}

void Discipline::enter(State state, const Update& update) {
  state_ = state;
  base_at_ = update.now;
  base_offset_s_ = update.offset_s;
  base_correction_ = update.correction;
}

void Discipline::stepped(RawTime now, Correction correction) {
  thresholds_.corrected(true);
  residual_s_ = 0;
  last_offset_s_ = 0;
  jitter_s_ = precision_s_;
  poll_log2s_ = min_poll_log2s_;
  poll_counter_ = 0;
  hold_until_ = now + settings_.stepout_s;
  const bool was_known = is_frequency_known();
  enter(was_known ? State::sync : State::freq, {.offset_s = 0, .jitter_s = 0, .now = now, .correction = correction});
}

void Discipline::phase_lost() {
  if (is_frequency_known())
    state_ = State::fset;
  else
    state_ = State::nset;
  residual_s_ = 0;
  poll_log2s_ = min_poll_log2s_;
  poll_counter_ = 0;
  hold_until_.reset();
}

void Discipline::measure_frequency(const Update& update, double elapsed_s) {
  // True time against undisciplined time: what the clock was corrected by in between doesn't disturb the measurement.
  const double drifted_s = (update.offset_s - base_offset_s_) + (update.correction - base_correction_);
  set_frequency(drifted_s / elapsed_s * 1e6);
}

void Discipline::adjust_frequency(const Update& update, double elapsed_s) {
  const double interval_s = exp2_s(poll_log2s_);
  const double allan_s = exp2_s(settings_.allan_intercept_log2s);
  const double change_s = std::max(std::abs(update.offset_s - base_offset_s_), precision_s_);
  jitter_s_ = std::sqrt(jitter_s_ * jitter_s_ + (change_s * change_s - jitter_s_ * jitter_s_) / kAverage);

  if (hold_until_ && (update.now >= *hold_until_ || std::abs(update.offset_s) < kHoldFloor_s)) hold_until_.reset();
  if (hold_until_) return;

  // While the slew runs at its limit, an offset says how much is left and nothing about the frequency: the loop would add
  // it up to the frequency's limit, and slew twice as fast as it may. What counts is what came besides the slew.
  if (std::abs(update.offset_s) > kMaxSlew_ppm * 1e-6 * time_constant_s()) {
    const double drifted_s = update.offset_s - residual_s_;
    set_frequency(frequency_ppm_ + kFllGain * drifted_s / std::max(elapsed_s, interval_s) * 1e6);
    return;
  }

  // The phase-locked share grows with the time since the last update, up to where the loop would become unstable. After
  // long silence it alone would take hours to follow: there each update tells the frequency error by itself, and counts so.
  // However long the silence, no more is blamed on the frequency than would explain the whole offset.
  const double pll_gain = 4 * kPllGain * interval_s;
  double share = std::min(elapsed_s, kPllLongestGap * interval_s) / (pll_gain * pll_gain);
  if (elapsed_s > allan_s) share += kFllGain / elapsed_s;
  const double change = update.offset_s * (elapsed_s > 0 ? std::min(share, 1 / elapsed_s) : 0.0);
  set_frequency(frequency_ppm_ + change * 1e6);
}

void Discipline::set_frequency(double frequency_ppm) {
  const double bounded_ppm = std::clamp(frequency_ppm, -kMaxFrequency_ppm, kMaxFrequency_ppm);
  const double change_ppm = bounded_ppm - frequency_ppm_;
  frequency_ppm_ = bounded_ppm;
  wander_ppm_ = std::sqrt(wander_ppm_ * wander_ppm_ + (change_ppm * change_ppm - wander_ppm_ * wander_ppm_) / kAverage);
}

void Discipline::aim(const Update& update) { residual_s_ = update.offset_s; }

void Discipline::adjust_poll(double offset_s) {
  if (hold_until_) return;
  if (std::abs(offset_s) < kPollAdjustGate * jitter_s_) {
    poll_counter_ += poll_log2s_;
    if (poll_counter_ <= kPollAdjustLimit) return;
    // At the bound the counter stays at its limit, so that it takes as many bad offsets to turn back as it took good ones.
    poll_counter_ = poll_log2s_ < max_poll_log2s_ ? 0 : kPollAdjustLimit;
    if (poll_log2s_ < max_poll_log2s_) ++poll_log2s_;
    return;
  }
  poll_counter_ -= 2 * poll_log2s_;
  if (poll_counter_ >= -kPollAdjustLimit) return;
  poll_counter_ = poll_log2s_ > min_poll_log2s_ ? 0 : -kPollAdjustLimit;
  if (poll_log2s_ > min_poll_log2s_) --poll_log2s_;
}

}  // namespace ntp::engine
