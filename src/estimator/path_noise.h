// SPDX-License-Identifier: BSD-2-Clause
//
// What is learnt of the path to one source: its least delay, how long the queues of each direction are, whether they drain
// slowly, and when the route changed. (docs/design/clock.md, "The noise of one exchange")
#pragma once

#include <array>
#include <cstddef>

#include "base/ring.h"
#include "estimator/bounded_noise.h"

namespace ntp::estimator {

class PathNoise {
 public:
  struct Exchange {
    ExchangeNoise noise;
    /// The path's floor moved by this much with this exchange: how much of it is on which leg, nobody knows. 0: it did not.
    double floor_shift_s = 0;
  };
  /// Takes the next delay in. `interval_s` since the last one.
  Exchange add(double delay_s, double stamp_error_s, double interval_s);
  /// How the estimator divided the last excess between the legs.
  void learn(const QueueShares& shares);

  [[nodiscard]] double floor_s() const { return floor_s_; }
  /// Typical error of one exchange.
  [[nodiscard]] double jitter_s() const;
  [[nodiscard]] std::size_t count() const { return delays_.size(); }

 private:
  struct LegSums {
    double usual = 0;
    double usual_s = 0;
    double congested = 0;
    double congested_s = 0;
    void decay(double factor);
  };
  [[nodiscard]] double mean_wait_s() const;
  void look_for_rise();
  void forget_before_shift(std::size_t kept);
  void update_floor();
  void update_legs();
  [[nodiscard]] Leg leg_of(const LegSums& sums, double typical_s, double unseen) const;
  void look_at_history();
  void find_shape(const std::array<double, 256>& sorted);
  void look_for_slow_queues(double highest_s);
  [[nodiscard]] double floor_gap_s() const;

  static constexpr std::size_t kHistory = 256;
  Ring<double, kHistory> delays_;
  double floor_s_ = 0;
  Leg up_;
  Leg down_;
  LegSums up_sums_;
  LegSums down_sums_;
  /// Mean waits as they were before the latest exchanges: a new route must not pass for a usual wait.
  static constexpr std::size_t kShiftCount = 6;
  Ring<double, kShiftCount> waits_s_;
  double learnt_ = 0;  ///< exchanges
  double interval_s_ = 64;
  std::size_t until_look_ = 32;
  double shape_ = 1;           ///< of the usual waits
  double shape_gap_s_ = 0;     ///< how far below the least delay the floor is, by the shape
  double slow_variance_ = 0;   ///< of the lasting part of the delay
  double quick_variance_ = 0;  ///< of the rest
  double slow_time_s_ = 0;
  double slow_highest_s_ = 0;  ///< delays beyond are congestions
};

}  // namespace ntp::estimator
