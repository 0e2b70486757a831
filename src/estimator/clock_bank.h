// SPDX-License-Identifier: BSD-2-Clause
//
// A bank of interacting Kalman filters of the undisciplined clock: all share the measurements, each believes in another
// strength of the clock's wander, and the measurements tell which of them to believe. (docs/design/clock.md, "The bank")
//
// State of each filter: offset, frequency, aging of the clock; for each path a constant error (asymmetry) and a lasting one
// (slow queues).
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "estimator/bounded_noise.h"
#include "estimator/measurement.h"

namespace ntp::estimator {

class ClockBank {
 public:
  static constexpr std::size_t kModels = 13;

  explicit ClockBank(std::size_t paths);

  /// What is known of the clock before the first measurement. wander 0: nothing.
  void begin(const Memory& prior);
  /// Forgets the path's errors; its asymmetry is unknown by this standard deviation.
  void reset_path(std::size_t path, double asymmetry_deviation_s);
  /// The path's constant error may have changed by up to +-half_s.
  void loosen_path(std::size_t path, double half_s);

  /// Time passes. dt >= 0.
  void advance(double dt_s);
  /// One exchange, now.
  void observe(std::size_t path, double offset_s, const ExchangeNoise& noise, QueueShares* shares = nullptr);

  [[nodiscard]] bool has_offset() const { return has_offset_; }
  /// After `ahead_s` more seconds.
  [[nodiscard]] ClockEstimate estimate(double ahead_s) const;
  /// Weighted mean and standard deviation of offset plus the path's constant error, `ahead_s` seconds on.
  [[nodiscard]] Gaussian seen_through(std::size_t path, double ahead_s) const;

  void shift(double amount_s);
  /// The offset is unknown, all else is as it was.
  void lose_offset();

 private:
  static constexpr std::size_t kClockStates = 3;
  struct Filter {
    std::vector<double> state;
    std::vector<double> covariance;  ///< n x n, symmetric
    double weight = 1.0 / kModels;
  };
  void interact();
  void advance(Filter& filter, std::size_t model, double dt_s);
  struct Projection {
    Gaussian seen;
    double log_evidence = 0;
  };
  void apply(Filter& filter, const std::vector<std::size_t>& rows, const Gaussian& prior, const Gaussian& posterior);
  [[nodiscard]] Gaussian project(const Filter& filter, const std::vector<std::size_t>& rows) const;
  void reweigh(const std::array<double, kModels>& log_evidence);
  void summarise();

  std::size_t size_;
  std::array<Filter, kModels> filters_;
  std::vector<double> slow_time_s_;  ///< for each path
  std::vector<double> slow_variance_;
  bool has_offset_ = false;

  // The mixture as of the last measurement.
  std::vector<double> mean_;
  std::vector<double> covariance_;
  std::array<double, 3> tracking_{};  ///< variance of offset, covariance with frequency, of frequency; biases known
  double frequency_walk_ = 0;         ///< variance of the frequency's walk, 1/s
};

}  // namespace ntp::estimator
