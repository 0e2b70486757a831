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
  static constexpr std::size_t kModels = 9;

  explicit ClockBank(std::size_t paths);

  /// What is known of the clock before the first measurement. wander 0: nothing.
  void begin(const Memory& prior);
  /// Forgets the path's errors; its asymmetry is unknown by this standard deviation.
  void reset_path(std::size_t path, double asymmetry_deviation_s);
  /// The path's constant error may have changed by this standard deviation.
  void loosen_path(std::size_t path, double deviation_s);

  /// From now on the frequency may follow a temperature, by a coefficient that is known to this standard deviation (1/K).
  void follow_temperature(double coefficient, double deviation);
  /// What the frequency changes by, 1/K, and its standard deviation.
  [[nodiscard]] Gaussian temperature_coefficient() const { return summary_.temperature_coefficient; }

  /// Time passes. dt >= 0; heat: the temperature beyond the reference, times the time, K s.
  void advance(double dt_s, double heat_Ks = 0);
  /// One exchange, now.
  void observe(std::size_t path, double offset_s, const ExchangeNoise& noise, QueueShares* shares = nullptr);

  [[nodiscard]] bool has_offset() const { return has_offset_; }
  /// After `ahead_s` more seconds with so much heat; excess_K: the temperature beyond the reference then.
  [[nodiscard]] ClockEstimate estimate(double ahead_s, double heat_Ks = 0, double excess_K = 0) const;
  /// How likely it is that nothing that was known explains the last exchange.
  [[nodiscard]] double outlier_share() const { return outlier_share_; }

  /// What an exchange through the path is expected to measure now.
  [[nodiscard]] double expected_s(std::size_t path) const;

  /// The offset may be wrong by this standard deviation.
  void loosen_offset(double deviation_s);
  void loosen_frequency(double deviation);
  /// The offset is unknown, all else is as it was.
  void lose_offset();

 private:
  friend struct ClockBankInspector;  // of the tests: covariances have laws that no result shows

  static constexpr std::size_t kClockStates = 3;
  /// What an exchange sees: the sum of these states.
  struct Rows {
    std::array<std::size_t, 3> index{};
    std::size_t count = 0;
  };
  /// The lasting error of a path with slow queues. A path that never had any has no such state.
  struct Slow {
    std::size_t row = 0;  ///< 0: none
    double time_s = 1;
    double variance = 0;
  };
  [[nodiscard]] static std::size_t asymmetry_row(std::size_t path) { return kClockStates + path; }
  [[nodiscard]] Rows rows_of(std::size_t path) const;
  std::size_t add_row();
  [[nodiscard]] double* state(std::size_t model) { return states_.data() + model * size_; }
  [[nodiscard]] const double* state(std::size_t model) const { return states_.data() + model * size_; }
  [[nodiscard]] double* covariance(std::size_t model) { return covariances_.data() + model * triangle_; }
  [[nodiscard]] const double* covariance(std::size_t model) const { return covariances_.data() + model * triangle_; }
  void clear_row(std::size_t row);
  void interact();
  void advance_model(std::size_t model, double dt_s);
  void age(std::size_t model, double dt_s);
  [[nodiscard]] Gaussian project(std::size_t model, const Rows& rows) const;
  void apply(std::size_t model, const Rows& rows, const Gaussian& prior, const Gaussian& posterior);
  void begin_offset(std::size_t path, double offset_s, const ExchangeNoise& noise);
  void observe_slow(std::size_t path, double offset_s, const ExchangeNoise& noise);
  void reweigh(const std::array<double, kModels>& log_evidence);
  void summarise();

  std::size_t size_;                 ///< states of a filter
  std::size_t triangle_;             ///< elements of a packed covariance: the lower triangle, row by row
  std::vector<double> states_;       ///< model by model
  std::vector<double> covariances_;  ///< model by model
  std::array<double, kModels> weights_{};
  std::vector<Slow> slow_;    ///< for each path
  std::size_t heat_row_ = 0;  ///< of the temperature coefficient; 0: none
  bool has_offset_ = false;
  double outlier_share_ = 0;
  // Room for interact() and apply(), so that they allocate nothing.
  std::vector<double> moments_;
  std::vector<double> column_;

  // The mixture as of the last measurement.
  struct Summary {
    std::array<double, 3> mean{};
    double offset_variance = 0;
    double offset_frequency = 0;
    double frequency_variance = 0;
    // The same if all asymmetries were known.
    double tracking_variance = 0;
    double tracking_frequency = 0;
    double tracking_frequency_variance = 0;
    double frequency_walk = 0;  ///< variance of the frequency's walk, 1/s
    Gaussian temperature_coefficient;
  };
  Summary summary_;
};

}  // namespace ntp::estimator
