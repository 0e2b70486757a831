// SPDX-License-Identifier: BSD-2-Clause
//
// What two measurements of a source prove of the clock's frequency, whatever a model believes: true time lies within half of
// the delay of each (RFC 5905 section 11.2.1).
#pragma once

#include <optional>

#include "estimator/measurement.h"

namespace ntp::estimator {

class ProvenFrequency {
 public:
  /// A measurement of the source, in undisciplined time.
  void add(const Measurement& measurement);
  void clear();

  /// Bound of the error of an estimated frequency, s/s: what the first and the last measurement can hide, and what the
  /// estimate differs from their slope by. Before that says much, any clock may be off by 500 ppm.
  [[nodiscard]] double error_bound(double frequency) const;

 private:
  std::optional<Measurement> first_;
  Measurement last_;
};

}  // namespace ntp::estimator
