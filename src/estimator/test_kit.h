// SPDX-License-Identifier: BSD-2-Clause
//
// What the estimator's tests share: a clock that wanders, paths with queues, and random numbers of known distributions.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "base/random.h"
#include "base/time.h"
#include "estimator/measurement.h"

namespace ntp::estimator::test {

inline RawTime raw(double seconds) { return RawTime::from_nanoseconds(1'000'000'000) + seconds; }

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : random_(seed) {}

  /// Uniform in (0, 1).
  double uniform() { return random_.uniform() + 0x1.0p-54; }
  double between(double low, double high) { return low + (high - low) * uniform(); }
  /// Every order of magnitude alike.
  double magnitude(double low, double high) { return low * std::pow(high / low, uniform()); }
  double exponential(double mean) { return -mean * std::log(uniform()); }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform()); }
  /// For whole and half shapes the sum of exponentials, and of half a squared normal.
  double gamma(double shape, double mean) {
    double sum = 0;
    double left = shape;
    for (; left >= 1; left -= 1) sum += exponential(1);
    if (left > 0) sum += std::pow(normal(), 2) / 2;
    return sum * mean / shape;
  }

 private:
  SeededRandom random_;
};

/// True time minus the undisciplined clock; its frequency is a random walk, integrated exactly.
class WanderingClock {
 public:
  WanderingClock(double offset_s, double frequency, double wander)
      : offset_s_(offset_s), frequency_(frequency), wander_(wander) {}

  void advance(double dt_s, Noise& noise) {
    const double first = noise.normal();
    const double second = noise.normal();
    offset_s_ += frequency_ * dt_s + wander_ * std::pow(dt_s, 1.5) * (first / 2 + second / std::sqrt(12.0));
    frequency_ += wander_ * std::sqrt(dt_s) * first;
    now_s_ += dt_s;
  }
  void step_frequency(double amount) { frequency_ += amount; }
  void step_offset(double amount_s) { offset_s_ += amount_s; }

  [[nodiscard]] double offset_s() const { return offset_s_; }
  [[nodiscard]] double frequency() const { return frequency_; }
  [[nodiscard]] double now_s() const { return now_s_; }
  [[nodiscard]] RawTime at() const { return raw(now_s_); }

 private:
  double offset_s_;
  double frequency_;
  double wander_;
  double now_s_ = 0;
};

/// A path: least delays, and gamma distributed waits of these means.
struct Path {
  double outbound_s = 0.01;  ///< from us to the server
  double inbound_s = 0.01;
  double outbound_wait_s = 5e-4;
  double inbound_wait_s = 5e-4;
  double shape = 1;
  double server_error_s = 0;  ///< what its server's time is ahead of true time

  /// Outbound waits make the measured offset too great, inbound ones too small (RFC 5905 section 8).
  [[nodiscard]] Measurement exchange(const WanderingClock& clock, Noise& noise) const {
    const double out_s = outbound_s + noise.gamma(shape, outbound_wait_s);
    const double in_s = inbound_s + noise.gamma(shape, inbound_wait_s);
    return {.at = clock.at(),
            .offset_s = clock.offset_s() + server_error_s + (out_s - in_s) / 2,
            .delay_s = out_s + in_s,
            .stamp_error_s = 0};
  }
};

}  // namespace ntp::estimator::test
