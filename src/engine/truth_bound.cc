// SPDX-License-Identifier: BSD-2-Clause
#include "engine/truth_bound.h"

#include <algorithm>
#include <cmath>

namespace ntp::engine {

void TruthBound::add(const estimator::Measurement& measurement) {
  if (recent_.empty()) first_ = measurement;
  recent_.push(measurement);
}

void TruthBound::clear() { recent_.clear(); }

double TruthBound::offset_s(const DatedEstimate& estimate, RawTime now, double phi) const {
  const double rate = phi + frequency(estimate.value);
  double least_s = kMaxDispersion_s;
  for (std::size_t i = 0; i < recent_.size(); ++i) {
    const estimator::Measurement& m = recent_[i];
    const double apart_s = std::abs(carried_on(estimate, m.at).offset_s - m.offset_s);
    const double aged_s = rate * std::max(now - m.at, 0.0);
    least_s = std::min(least_s, apart_s + m.delay_s / 2 + m.stamp_error_s + aged_s);
  }
  return least_s;
}

double TruthBound::frequency(const estimator::ClockEstimate& estimate) const {
  constexpr double kUnknown = kMaxFrequency_ppm * 1e-6;
  if (recent_.size() < 2) return kUnknown;
  const estimator::Measurement& last = recent_.newest();
  const double span_s = last.at - first_.at;
  const double hidden_s = (first_.delay_s + last.delay_s) / 2;
  if (hidden_s >= kUnknown * span_s) return kUnknown;
  const double slope = (last.offset_s - first_.offset_s) / span_s;
  return hidden_s / span_s + std::abs(estimate.frequency - slope);
}

}  // namespace ntp::engine
