// SPDX-License-Identifier: BSD-2-Clause
//
// What one exchange says about the clock, exactly: queues only ever add delay, so the error of the offset lies within half
// of the delay's excess over its floor, and how it is spread in there follows from how long the queues of the two
// directions usually are. (docs/design/clock.md, "The noise of one exchange")
#pragma once

#include <array>
#include <cstddef>

namespace ntp::estimator {

/// How long datagrams wait on one leg of a path: mostly exponential with a short mean, now and then with a long one.
struct Leg {
  double usual_s = 1e-4;          ///< mean of the usual wait
  double congested_s = 1e-3;      ///< mean of the wait in a congestion
  double congested_share = 0.02;  ///< how often that is
};

/// Everything that is known of the noise of one exchange.
struct ExchangeNoise {
  double excess_s = 0;       ///< round trip beyond the path's floor, > 0
  double shape = 1;          ///< of the usual waits: 1 exponential, greater: many small queues, all waits much alike
  double base_variance = 0;  ///< of what no queue explains (stamps, resolution), s^2
  Leg up;
  Leg down;
  double outlier_deviation_s =
      1;  ///< of what nothing explains, at least: more if the prior can't explain the miss either
  // Queues that drain slower than the polls come: part of the error stays for many samples.
  double slow_variance = 0;   ///< of the lasting part of the error, s^2; 0: all is new each time
  double slow_time_s = 0;     ///< its correlation time
  bool is_congested = false;  ///< this one waited longer than slow queues explain
  double quick_variance = 0;  ///< the rest, where slow_variance > 0
};

struct Gaussian {
  double mean = 0;
  double variance = 0;
};

/// A Gaussian that was multiplied by a likelihood and matched by its moments.
struct Posterior {
  double log_evidence = 0;
  Gaussian value;
  double outlier_share = 0;  ///< how likely it is that the noise model does not explain the measurement
};

/// The waits on the two legs, as the posterior splits the excess.
struct QueueShares {
  // Responsibilities and, times them, mean waits.
  double up_usual = 0;
  double up_usual_s = 0;
  double up_congested = 0;
  double up_congested_s = 0;
  double down_usual = 0;
  double down_usual_s = 0;
  double down_congested = 0;
  double down_congested_s = 0;

  void add(const QueueShares& other, double weight);
};

/// The normal distribution cut to [low, high]: logarithm of the mass, mean and variance, all of the standard normal.
struct Truncated {
  double log_mass = 0;
  double mean = 0;
  double variance = 0;
};
[[nodiscard]] Truncated truncate_standard_normal(double low, double high);

/// The noise of one exchange, ready to be applied to any number of priors.
class Observation {
 public:
  Observation(double measured, const ExchangeNoise& noise);

  /// `prior` is what is known of the offset that was measured. The noise's density is the sum over usual and congested
  /// legs, and a rare outlier. Fills `shares` in if it is given.
  [[nodiscard]] Posterior apply(const Gaussian& prior, QueueShares* shares = nullptr) const;

 private:
  struct Combination {
    double log_weight = 0;  ///< of these two waits, without the part that depends on the error
    double half_s = 0;      ///< the error is within +-half_s,
    double variance = 0;    ///< besides a normal one
    double tilt = 0;        ///< the error's density goes as exp(tilt * error)
    bool is_up_congested = false;
    bool is_down_congested = false;
  };
  static void narrow(Combination& usual, double shape, double log_total);

  double measured_;
  double excess_s_;
  double outlier_variance_;
  double outlier_log_weight_;
  std::array<Combination, 4> combinations_{};
  std::size_t likely_ = 0;  ///< the first ones; the others are looked at where those don't explain the measurement
  std::size_t count_ = 0;
};

/// For a noise that is only known to lie within +-half_width, besides base_variance, or to be an outlier of that deviation.
[[nodiscard]] Posterior observe_bounded(const Gaussian& prior, double measured, double half_width, double base_variance,
                                        double outlier_deviation_s);

/// Variance of the error that the legs make for this excess, before anything is known of the clock.
[[nodiscard]] double error_variance(const ExchangeNoise& noise);

}  // namespace ntp::estimator
