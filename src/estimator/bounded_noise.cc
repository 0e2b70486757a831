// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/bounded_noise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ntp::estimator {
namespace {

constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kLogSqrtTwoPi = 0.91893853320467274178;
/// A busy link or a new route often shows in both directions.
constexpr double kBothCongested = 0.3;
constexpr double kOutlierShare = 0.003;
/// A miss of up to three standard deviations of the prior is nothing strange.
constexpr double kExplained = 9;
/// Combinations of legs that weigh less than this against the likeliest one change nothing, and those that weigh less than
/// the other change nothing unless the likely ones fail.
constexpr double kNegligibleLog = -12;
constexpr double kUnlikelyLog = -5;
/// They fail where an outlier would explain so much.
constexpr double kDoubtful = 0.01;

/// exp(x^2) erfc(x) for x >= 0.
double scaled_erfc(double x) {
  if (x < 20) return std::exp(x * x) * std::erfc(x);
  const double y = 1 / (2 * x * x);
  return std::numbers::inv_sqrtpi / x * (1 - y * (1 - 3 * y * (1 - 5 * y)));
}

/// So narrow that the density is a straight line in between.
bool is_narrow(double low, double high) {
  const double width = high - low;
  return width < 0.02 && width * std::abs(low + high) < 0.5;
}

Truncated truncate_narrow(double low, double high) {
  const double middle = (low + high) / 2;
  // Far from zero, two ends that differ may be the same number.
  const double width = std::max(high - low, 1e-150);
  const double square = width * width / 12;
  return {std::log(width) - middle * middle / 2 - kLogSqrtTwoPi, middle - middle * square, square};
}

/// Variance of the exponential distribution of this rate, cut off at `width`.
double exponential_variance(double rate, double width) {
  const double t = rate * width;
  const double missing = t < 700 ? t * t * std::exp(-t) / std::pow(std::expm1(-t), 2) : 0.0;
  return (1 - missing) / (rate * rate);
}

/// 0 < low < high: everything relative to the density at low, which may be too small for a double.
Truncated truncate_upper(double low, double high) {
  const double decay = high - low > 1e3 ? 0.0 : std::exp((low - high) * (low + high) / 2);
  const double half_mass = scaled_erfc(low * kSqrtHalf) - (decay > 0 ? decay * scaled_erfc(high * kSqrtHalf) : 0.0);
  const double mass = std::max(half_mass / 2, 1e-300);
  constexpr double kDensity = 0.39894228040143267794;  // 1 / sqrt(2 pi)
  const double at_low = kDensity / mass;
  const double at_high = decay > 0 ? kDensity * decay / mass : 0.0;
  const double mean = std::clamp(at_low - at_high, low, high);
  const double edges = low * at_low - (decay > 0 ? high * at_high : 0.0);
  // Far out the difference of nearly equal numbers is all that is left: there it is an exponential.
  const double variance = low > 30 ? exponential_variance(low, high - low) : 1 + edges - mean * mean;
  return {std::log(mass) - low * low / 2, mean, std::max(variance, 1e-18)};
}

/// log of the integral of exp(tilt e) over +-half.
double log_width(double tilt, double half) {
  const double t = std::abs(tilt) * half;
  if (t < 1e-3) return std::log(2 * half);
  return t + std::log(-std::expm1(-2 * t) / std::abs(tilt));
}

struct TiltedUpdate {
  Posterior posterior;
  double error_s = 0;  ///< mean of the queues' error
};

/// Error density exp(tilt e) on [-half, half], not normalised, plus Gaussian noise of base_variance.
TiltedUpdate observe_tilted(const Gaussian& prior, double measured, double half, double tilt, double base_variance) {
  const double spread = prior.variance + base_variance;
  const double sigma = std::sqrt(spread);
  const double centre = prior.mean - tilt * spread;
  const double low = (measured - half - centre) / sigma;
  const double high = (measured + half - centre) / sigma;
  const Truncated cut = truncate_standard_normal(low, high);
  const double mean = centre + sigma * cut.mean;
  const double gain = prior.variance / spread;
  return {
      {cut.log_mass + tilt * (measured - prior.mean) + tilt * tilt * spread / 2,
       {prior.mean + gain * (mean - prior.mean), prior.variance * (1 - gain) + gain * gain * spread * cut.variance}},
      measured - mean};
}

Posterior observe_normal(const Gaussian& prior, double measured, double variance) {
  const double spread = prior.variance + variance;
  const double miss = measured - prior.mean;
  const double gain = prior.variance / spread;
  return {-0.5 * (std::log(spread) + miss * miss / spread) - kLogSqrtTwoPi,
          {prior.mean + gain * miss, prior.variance * (1 - gain)}};
}

/// Sum of weighted Gaussians, by its moments.
class Mixture {
 public:
  void add(const Posterior& part) { parts_[count_++] = part; }
  [[nodiscard]] double weight(std::size_t i) const { return weights_[i]; }
  [[nodiscard]] Posterior collapse() {
    double best = parts_[0].log_evidence;
    for (std::size_t i = 1; i < count_; ++i) best = std::max(best, parts_[i].log_evidence);
    double sum = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const double below = parts_[i].log_evidence - best;
      weights_[i] = below < -40 ? 0.0 : std::exp(below);
      sum += weights_[i];
    }
    Posterior result{best + std::log(sum), {}};
    for (std::size_t i = 0; i < count_; ++i) {
      weights_[i] /= sum;
      result.value.mean += weights_[i] * parts_[i].value.mean;
    }
    for (std::size_t i = 0; i < count_; ++i) {
      const double apart = parts_[i].value.mean - result.value.mean;
      result.value.variance += weights_[i] * (parts_[i].value.variance + apart * apart);
    }
    return result;
  }

 private:
  std::array<Posterior, 5> parts_{};
  std::array<double, 5> weights_{};
  std::size_t count_ = 0;
};

}  // namespace

void QueueShares::add(const QueueShares& other, double weight) {
  up_usual += weight * other.up_usual;
  up_usual_s += weight * other.up_usual_s;
  up_congested += weight * other.up_congested;
  up_congested_s += weight * other.up_congested_s;
  down_usual += weight * other.down_usual;
  down_usual_s += weight * other.down_usual_s;
  down_congested += weight * other.down_congested;
  down_congested_s += weight * other.down_congested_s;
}

Truncated truncate_standard_normal(double low, double high) {
  if (is_narrow(low, high)) return truncate_narrow(low, high);
  if (low > 0) return truncate_upper(low, high);
  if (high < 0) {
    const Truncated mirrored = truncate_upper(-high, -low);
    return {mirrored.log_mass, -mirrored.mean, mirrored.variance};
  }
  const double mass = std::max((std::erf(high * kSqrtHalf) - std::erf(low * kSqrtHalf)) / 2, 1e-300);
  constexpr double kDensity = 0.39894228040143267794;
  const double at_low = low < -38 ? 0.0 : kDensity * std::exp(-low * low / 2) / mass;
  const double at_high = high > 38 ? 0.0 : kDensity * std::exp(-high * high / 2) / mass;
  const double mean = at_low - at_high;
  const double edges = (at_low > 0 ? low * at_low : 0.0) - (at_high > 0 ? high * at_high : 0.0);
  return {std::log(mass), mean, std::max(1 + edges - mean * mean, 1e-18)};
}

// Two gamma distributed waits of this shape share their sum as Beta(shape, shape): the variance of the error is that of the
// uniform distribution times 3 / (2 shape + 1). Half bounded and half normal is near enough to it, and the total weight stays.
void Observation::narrow(Combination& usual, double shape, double log_total) {
  const double variance = usual.half_s * usual.half_s / (2 * shape + 1);
  const double bounded = 1 / shape;
  usual.tilt *= std::max(0.0, 1 - 2 * (shape - 1));
  usual.half_s = std::sqrt(3 * variance * bounded);
  usual.variance += variance * (1 - bounded);
  usual.log_weight = log_total - log_width(usual.tilt, usual.half_s);
}

Observation::Observation(double measured, const ExchangeNoise& noise)
    : measured_(measured),
      excess_s_(noise.excess_s),
      outlier_variance_(noise.outlier_deviation_s * noise.outlier_deviation_s) {
  const double half = excess_s_ / 2;
  std::array<double, 4> totals{};
  double likeliest = -1e300;
  std::array<Combination, 4> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool up = (i & 1U) != 0;
    const bool down = (i & 2U) != 0;
    const double up_s = up ? noise.up.congested_s : noise.up.usual_s;
    const double down_s = down ? noise.down.congested_s : noise.down.usual_s;
    double share = (up ? noise.up.congested_share : 1 - noise.up.congested_share) *
                   (down ? noise.down.congested_share : 1 - noise.down.congested_share);
    if (up && down)
      share = std::max(share, kBothCongested * std::min(noise.up.congested_share, noise.down.congested_share));
    all[i] = {.log_weight = std::log(share / (up_s * down_s)) - half * (1 / up_s + 1 / down_s),
              .half_s = half,
              .variance = noise.base_variance,
              .tilt = 1 / down_s - 1 / up_s,
              .is_up_congested = up,
              .is_down_congested = down};
    totals[i] = all[i].log_weight + log_width(all[i].tilt, half);
    likeliest = std::max(likeliest, totals[i]);
  }
  if (noise.shape > 1) narrow(all[0], noise.shape, totals[0]);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (totals[i] > likeliest + kUnlikelyLog) combinations_[count_++] = all[i];
  likely_ = count_;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (totals[i] <= likeliest + kUnlikelyLog && totals[i] > likeliest + kNegligibleLog)
      combinations_[count_++] = all[i];
  outlier_log_weight_ = std::log(kOutlierShare) + likeliest;
}

Posterior Observation::apply(const Gaussian& prior, QueueShares* shares) const {
  const double half = excess_s_ / 2;
  Mixture mixture;
  // The further off an outlier is the less it says: a second must not move the clock more than a millisecond does.
  const double miss = measured_ - prior.mean;
  const double unexplained = miss * miss - kExplained * prior.variance;
  Posterior outlier = observe_normal(prior, measured_, std::max(outlier_variance_, unexplained));
  outlier.log_evidence += outlier_log_weight_;
  mixture.add(outlier);

  std::array<double, 4> errors{};
  const auto add = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const Combination& c = combinations_[i];
      TiltedUpdate update = observe_tilted(prior, measured_, c.half_s, c.tilt, c.variance);
      update.posterior.log_evidence += c.log_weight;
      errors[i] = update.error_s;
      mixture.add(update.posterior);
    }
    return mixture.collapse();
  };
  Posterior result = add(0, likely_);
  std::size_t taken = likely_;
  if (likely_ < count_ && mixture.weight(0) > kDoubtful) {
    result = add(likely_, count_);
    taken = count_;
  }
  result.outlier_share = mixture.weight(0);
  if (shares == nullptr) return result;
  for (std::size_t i = 0; i < taken; ++i) {
    const double weight = mixture.weight(i + 1);
    const double up_s = std::clamp(half + errors[i], 0.0, excess_s_);
    const double down_s = excess_s_ - up_s;
    const Combination& c = combinations_[i];
    (c.is_up_congested ? shares->up_congested : shares->up_usual) += weight;
    (c.is_up_congested ? shares->up_congested_s : shares->up_usual_s) += weight * up_s;
    (c.is_down_congested ? shares->down_congested : shares->down_usual) += weight;
    (c.is_down_congested ? shares->down_congested_s : shares->down_usual_s) += weight * down_s;
  }
  return result;
}

Posterior observe_bounded(const Gaussian& prior, double measured, double half_width, double base_variance,
                          double outlier_deviation_s) {
  Mixture mixture;
  const double miss = measured - prior.mean;
  const double unexplained = miss * miss - kExplained * prior.variance;
  Posterior outlier = observe_normal(prior, measured, std::max(outlier_deviation_s * outlier_deviation_s, unexplained));
  outlier.log_evidence += std::log(kOutlierShare);
  mixture.add(outlier);
  TiltedUpdate update = observe_tilted(prior, measured, half_width, 0, base_variance);
  update.posterior.log_evidence -= std::log(2 * half_width);
  mixture.add(update.posterior);
  Posterior result = mixture.collapse();
  result.outlier_share = mixture.weight(0);
  return result;
}

double error_variance(const ExchangeNoise& noise) {
  if (noise.slow_variance > 0) return noise.slow_variance + noise.quick_variance + noise.base_variance;
  return noise.excess_s * noise.excess_s / 12 + noise.base_variance;
}

}  // namespace ntp::estimator
