// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/proven_frequency.h"

#include <cmath>

namespace ntp::estimator {
namespace {

/// As far as kernels are steered by frequency alone (adjtimex).
constexpr double kUnknown = 500e-6;

}  // namespace

void ProvenFrequency::add(const Measurement& measurement) {
  if (!first_) first_ = measurement;
  last_ = measurement;
}

void ProvenFrequency::clear() { first_.reset(); }

double ProvenFrequency::error_bound(double frequency) const {
  if (!first_) return kUnknown;
  const double span_s = last_.at - first_->at;
  const double hidden_s = (first_->delay_s + last_.delay_s) / 2;
  if (span_s <= 0) return kUnknown;
  const double apart = std::abs(frequency - (last_.offset_s - first_->offset_s) / span_s);
  // Where they hide more than any clock is off by, they still prove what they differ from the estimate by beyond that.
  if (hidden_s >= kUnknown * span_s) return std::max(kUnknown, apart - hidden_s / span_s);
  return hidden_s / span_s + apart;
}

}  // namespace ntp::estimator
