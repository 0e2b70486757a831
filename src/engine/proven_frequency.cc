// SPDX-License-Identifier: BSD-2-Clause
#include "engine/proven_frequency.h"

#include <cmath>

#include "engine/constants.h"

namespace ntp::engine {

void ProvenFrequency::add(const estimator::Measurement& measurement) {
  if (!first_) first_ = measurement;
  last_ = measurement;
}

void ProvenFrequency::clear() { first_.reset(); }

double ProvenFrequency::error_bound(double frequency) const {
  constexpr double kUnknown = kMaxFrequency_ppm * 1e-6;
  if (!first_) return kUnknown;
  const double span_s = last_.at - first_->at;
  const double hidden_s = (first_->delay_s + last_.delay_s) / 2;
  if (span_s <= 0 || hidden_s >= kUnknown * span_s) return kUnknown;
  const double slope = (last_.offset_s - first_->offset_s) / span_s;
  return hidden_s / span_s + std::abs(frequency - slope);
}

}  // namespace ntp::engine
