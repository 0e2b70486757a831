// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/thermometer.h"

#include <cmath>

namespace ntp::estimator {

bool Thermometer::read(RawTime at, double celsius) {
  if (!std::isfinite(celsius)) return false;
  if (!reference_celsius_) reference_celsius_ = celsius;
  const double heat_so_far_Ks = last_ ? heat_Ks(at) : 0.0;
  last_ = Reading{at, celsius - *reference_celsius_, heat_so_far_Ks};
  return true;
}

double Thermometer::heat_Ks(RawTime at) const {
  return last_ ? last_->heat_Ks + last_->excess_K * (at - last_->at) : 0.0;
}

}  // namespace ntp::estimator
