// SPDX-License-Identifier: BSD-2-Clause
#include "engine/feed_forward.h"

#include <algorithm>
#include <cmath>

#include "engine/constants.h"

namespace ntp::engine {
namespace {

/// Less than this isn't worth a wake-up.
constexpr double kNegligible_s = 2e-9;
constexpr double kShortestDrain_s = 1;
/// What a late wake-up left over is drained within this.
constexpr double kRestDrain_s = 16;
/// A daemon that hangs leaves no fast slew behind for longer than this.
constexpr double kLongestFastSlew_s = 16;
constexpr double kFast_ppm = 10;

/// A frequency that only a broken clock has must be known this well.
constexpr double kKnownOwn_ppm = 100;

double own_ppm_of(const estimator::ClockEstimate& estimate) {
  // Two answers of a bad path, a second apart, can say anything.
  const bool is_known = estimate.frequency_deviation * 1e6 <= kKnownOwn_ppm;
  const double most_ppm = is_known ? FeedForward::kMaxOwn_ppm : kMaxFrequency_ppm;
  return std::clamp(estimate.frequency * 1e6, -most_ppm, most_ppm);
}

}  // namespace

estimator::ClockEstimate carried_on(const DatedEstimate& estimate, RawTime to) {
  estimator::ClockEstimate e = estimate.value;
  const double t = to - estimate.at;
  const double aged = std::abs(t);
  // A random walk of the frequency, twice integrated: wander^2 t^3 / 3.
  const double grown = std::pow(e.frequency_deviation * t, 2) + e.wander * e.wander * aged * aged * aged / 3;
  const estimator::AgingEffect aging = estimator::aging_effect(t);
  e.offset_s += e.frequency * t + e.aging * aging.offset;
  e.frequency += e.aging * aging.frequency;
  e.aging *= aging.left;
  e.tracking_deviation_s = std::sqrt(e.tracking_deviation_s * e.tracking_deviation_s + grown);
  e.deviation_s = std::sqrt(e.deviation_s * e.deviation_s + grown);
  e.frequency_deviation = std::sqrt(e.frequency_deviation * e.frequency_deviation + e.wander * e.wander * aged);
  return e;
}

void FeedForward::start(const Now& now, double own_ppm, Effects& out) {
  own_ppm_ = std::clamp(own_ppm, -kMaxOwn_ppm, kMaxOwn_ppm);
  drive_.start(now, own_ppm_, out);
}

void FeedForward::set_base(Correction at, double offset_s) {
  const Span whole = Span::from_seconds(offset_s);
  base_ = Correction{at.units + Int128{whole.units()} * (std::int64_t{1} << 32)};
}

double FeedForward::offset_s(const DatedEstimate& estimate, RawTime at) const {
  return carried_on(estimate, at).offset_s - corrected_s(at);
}

void FeedForward::follow(const Now& now, const DatedEstimate& estimate, double drain_s, Effects& out) {
  if (!fast_until_) fast_until_ = now.mono + kFastStart_s;
  followed_ = estimate;
  is_phase_known_ = true;
  drain_s_ = now.mono < *fast_until_ ? std::min(drain_s, kShortestDrain_s) : std::max(drain_s, kShortestDrain_s);
  drained_at_ = now.mono + drain_s_;
  plan(now, out);
}

void FeedForward::adjust(const Now& now, const DatedEstimate& estimate, Effects& out) {
  if (!followed_) return;
  followed_ = estimate;
  plan(now, out);
}

void FeedForward::keep_pace(const Now& now, const DatedEstimate& estimate, Effects& out) {
  followed_ = estimate;
  is_phase_known_ = false;
  plan(now, out);
}

void FeedForward::release(const Now& now, Effects& out) {
  is_phase_known_ = false;
  plan(now, out);
}

void FeedForward::forget_phase(const Now& now) {
  is_phase_known_ = false;
  base_.reset();
  look_at_ = now.mono;
}

void FeedForward::tick(const Now& now, Effects& out) {
  if (now.mono >= look_at_) plan(now, out);
}

void FeedForward::plan(const Now& now, Effects& out) {
  look_at_ = MonoTime::never();
  if (followed_) own_ppm_ = own_ppm_of(carried_on(*followed_, now.raw));
  if (!drive_.sets_clock()) return;
  const double rest_s = followed_ && is_phase_known_ ? offset_s(*followed_, now.raw) : 0.0;
  if (std::abs(rest_s) < kNegligible_s) {
    look_at_ = now.mono + kLongestLook_s;
    drive_.run(now, own_ppm_, 0, out);
    return;
  }
  // Past its end a drain has only left what a late wake-up made.
  const double left_s = drained_at_ > now.mono ? drained_at_ - now.mono : std::min(drain_s_, kRestDrain_s);
  const bool may_be_fast = fast_until_ && now.mono < *fast_until_ && std::abs(rest_s) <= kStepThreshold_s;
  const double limit_ppm = may_be_fast ? kFastSlew_ppm : kMaxSlew_ppm;
  // Together they stay within what the kernel's tick allows.
  const double most_ppm = std::min(limit_ppm, kFastSlew_ppm - own_ppm_);
  const double least_ppm = std::max(-limit_ppm, -kFastSlew_ppm - own_ppm_);
  const double slew_ppm = std::clamp(rest_s / left_s * 1e6, least_ppm, most_ppm);
  const double slice_s = std::abs(rest_s / slew_ppm * 1e6);
  look_at_ = now.mono + std::min(slice_s, std::abs(slew_ppm) > kFast_ppm ? kLongestFastSlew_s : kLongestLook_s);
  drive_.run(now, own_ppm_, slew_ppm, out);
}

void FeedForward::stop(Effects& out) {
  look_at_ = MonoTime::never();
  drive_.stop(own_ppm_, out);
}

ClockDrive::Outcome FeedForward::corrected(const ClockCorrected& correction) {
  const ClockDrive::Outcome outcome = drive_.corrected(correction);
  if (outcome == ClockDrive::Outcome::permission_lost) look_at_ = MonoTime::never();
  return outcome;
}

}  // namespace ntp::engine
