// SPDX-License-Identifier: BSD-2-Clause
//
// What can be promised of an estimate, whatever its model believes: true time lies within half the delay of each measurement
// of a true source (RFC 5905 section 11.2.1), and the clock wanders no faster than phi.
#pragma once

#include "base/ring.h"
#include "engine/constants.h"
#include "engine/feed_forward.h"
#include "estimator/measurement.h"

namespace ntp::engine {

class TruthBound {
 public:
  /// A measurement of the source, in undisciplined time.
  void add(const estimator::Measurement& measurement);
  void clear();

  /// Bound of |estimate - what the source calls true time| at `now`: the tightest of what the last measurements allow.
  [[nodiscard]] double offset_s(const DatedEstimate& estimate, RawTime now, double phi) const;
  /// Bound of the estimate's frequency error: what the first and the last measurement can hide, and what the estimate differs
  /// from their slope by. Before that says much, any clock may be off by 500 ppm.
  [[nodiscard]] double frequency(const estimator::ClockEstimate& estimate) const;

 private:
  Ring<estimator::Measurement, kFilterStages> recent_;
  estimator::Measurement first_;
};

}  // namespace ntp::engine
