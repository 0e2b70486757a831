// SPDX-License-Identifier: BSD-2-Clause
#include "sim/reference_estimator.h"

#include <algorithm>
#include <cmath>

namespace ntp::sim {
namespace {

/// Before anything is known: what a kernel allows a clock to be wrong by (500 ppm).
constexpr double kFrequencyDeviation = 500e-6;
/// A stamp's unit is 2^-32 s; no sample is better, and a filter without noise is singular.
constexpr double kLeastVariance_s2 = 1e-20;

}  // namespace

ReferenceEstimator::State ReferenceEstimator::predicted(TrueTime at) const {
  const double dt = std::max(at - as_of_, 0.0);
  const double q = wander_ * wander_;
  State next = state_;
  next.offset_s += state_.frequency * dt;
  next.p00 += 2.0 * dt * state_.p01 + dt * dt * state_.p11 + q * dt * dt * dt / 3.0;
  next.p01 += dt * state_.p11 + q * dt * dt / 2.0;
  next.p11 += q * dt;
  return next;
}

void ReferenceEstimator::add(const ReferenceSample& sample) {
  if (!std::isfinite(sample.variance_s2)) return;
  const double noise = std::max(sample.variance_s2, kLeastVariance_s2);
  if (!has_state_) {
    has_state_ = true;
    as_of_ = sample.at;
    const double p11 = kFrequencyDeviation * kFrequencyDeviation;
    state_ = {.offset_s = sample.offset_s,
              .p00 = noise + sample.age_s * sample.age_s * p11,
              .p01 = sample.age_s * p11,
              .p11 = p11};
    return;
  }
  State s = predicted(sample.at);
  as_of_ = sample.at;
  // The row of the measurement is (1, -age).
  const double h = -sample.age_s;
  const double c0 = s.p00 + h * s.p01;
  const double c1 = s.p01 + h * s.p11;
  const double innovation = sample.offset_s - (s.offset_s + h * s.frequency);
  const double variance = c0 + h * c1 + noise;
  s.offset_s += c0 / variance * innovation;
  s.frequency += c1 / variance * innovation;
  s.p00 -= c0 * c0 / variance;
  s.p01 -= c0 * c1 / variance;
  s.p11 -= c1 * c1 / variance;
  state_ = s;
}

std::optional<ReferenceEstimate> ReferenceEstimator::at(TrueTime at) const {
  if (!has_state_) return std::nullopt;
  const State s = predicted(at);
  return ReferenceEstimate{
      .offset_s = s.offset_s, .frequency_ppm = s.frequency * 1e6, .deviation_s = std::sqrt(std::max(s.p00, 0.0))};
}

}  // namespace ntp::sim
