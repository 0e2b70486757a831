// SPDX-License-Identifier: BSD-2-Clause
//
// What an observer can make of a client's exchanges who knows the noise of oscillator and network but not the delay of the
// single datagram: a Kalman filter with the states phase and frequency of the undisciplined clock. Its error is the ruler
// by which a scenario measures a clock.
//
//   x' = x + f dt      Q = w^2 | dt^3/3  dt^2/2 |      z = x(at) - f age + noise
//   f' = f                     | dt^2/2  dt     |
//
// w is the random walk of the frequency (Brown and Hwang, Introduction to Random Signals, two-state clock model).
#pragma once

#include <optional>

#include "sim/true_time.h"

namespace ntp::sim {

/// One exchange as the reference sees it.
struct ReferenceSample {
  TrueTime at;             ///< when the reply came
  double age_s = 0;        ///< the offset holds for this long before `at`: half the round trip
  double offset_s = 0;     ///< undisciplined clock minus true time, with noise
  double variance_s2 = 0;  ///< of the noise; infinite: says nothing
};

struct ReferenceEstimate {
  double offset_s = 0;
  double frequency_ppm = 0;
  double deviation_s = 0;  ///< standard deviation of offset_s
};

class ReferenceEstimator {
 public:
  /// `wander_ppm`: random walk of the frequency, ppm per square root of a second.
  explicit ReferenceEstimator(double wander_ppm) : wander_(wander_ppm * 1e-6) {}

  /// In the order of `at`.
  void add(const ReferenceSample& sample);
  /// The prediction for `at`, from all samples so far; nothing before the first one.
  [[nodiscard]] std::optional<ReferenceEstimate> at(TrueTime at) const;

 private:
  struct State {
    double offset_s = 0;
    double frequency = 0;
    double p00 = 0;  ///< covariance: offset, offset and frequency, frequency
    double p01 = 0;
    double p11 = 0;
  };
  [[nodiscard]] State predicted(TrueTime at) const;

  double wander_;
  bool has_state_ = false;
  TrueTime as_of_;
  State state_;
};

}  // namespace ntp::sim
