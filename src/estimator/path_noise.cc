// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/path_noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace ntp::estimator {
namespace {

/// What no path and no stamp is better than.
constexpr double kFinestStamp_s = 2e-8;
/// Stamps and clocks add noise that no delay shows, in proportion to the queues.
constexpr double kHiddenShare = 0.01;

/// How far the gap between floor and least delay may be from its mean, as a share of it.
constexpr double kGapDoubt = 0.35;

// The memory of the legs, in exchanges, and what they are taken for before anything is known of them.
constexpr double kLegMemory = 192;
constexpr double kShortestLegMemory = 16;
constexpr double kSymmetryCount = 0.5;
constexpr double kFirstCount = 4;
constexpr double kUnseen = 2;
constexpr double kUsualCongestedShare = 0.02;
constexpr double kShareCount = 20;
constexpr double kCongestedCount = 2;
constexpr double kCongestedRatio = 10;

// A new route: so many delays in a row so far above the floor, and as close together as the old ones were.
constexpr std::size_t kSlowShiftCount = 32;
constexpr double kShiftDistance = 3;
constexpr double kShiftSpread = 5;
constexpr std::size_t kShiftLeast = 16;

/// L-skewness of the gamma distribution of shape a: 0.33 / sqrt(a), within 2 % for a >= 1; and the standard deviation of
/// its estimate from n samples, times sqrt(n).
constexpr double kGammaSkewness = 0.33;
constexpr double kSkewnessDoubt = 0.55;
/// From the 2nd to the 10th percentile, in units of the L-scale: 0.42 for shape 2, and from there with the power 1 / 1.6.
constexpr double kExponentialFoot = 0.42;
constexpr double kFootDoubt = 2;
constexpr double kLeastSkewed = 40;

constexpr std::size_t kLookEvery = 16;
constexpr std::size_t kLookLeast = 32;
constexpr std::size_t kSlowLeast = 64;

}  // namespace

void PathNoise::LegSums::decay(double factor) {
  usual *= factor;
  usual_s *= factor;
  congested *= factor;
  congested_s *= factor;
}

PathNoise::Exchange PathNoise::add(double delay_s, double stamp_error_s, double interval_s) {
  if (interval_s > 0) interval_s_ = interval_s;
  Exchange exchange;
  const double old_floor = floor_s_;
  const bool was_known = delays_.size() >= kShiftLeast;
  waits_s_.push(mean_wait_s());
  const double usual_s = waits_s_.oldest();
  delays_.push(delay_s);
  if (was_known && old_floor - delay_s > kShiftDistance * usual_s) forget_before_shift(1);
  if (was_known) look_for_rise();
  update_floor();
  // Also the old floor's slow end, when it falls out of the history, is a change of route that nobody noticed.
  if (was_known && std::abs(floor_s_ - old_floor) > usual_s) exchange.floor_shift_s = floor_s_ - old_floor;
  update_legs();
  if (--until_look_ == 0) look_at_history();

  ExchangeNoise& noise = exchange.noise;
  const double gap_s = floor_gap_s();
  noise.excess_s = std::max(delay_s - floor_s_ + gap_s, 1e-10);
  const double hidden_s = kHiddenShare * (up_.usual_s + down_.usual_s);
  const double unsure_s = kGapDoubt * (shape_gap_s_ > 0 ? 0.0 : gap_s);
  noise.base_variance =
      kFinestStamp_s * kFinestStamp_s + stamp_error_s * stamp_error_s + hidden_s * hidden_s + unsure_s * unsure_s;
  noise.shape = shape_;
  noise.up = up_;
  noise.down = down_;
  noise.outlier_deviation_s = 4 * (noise.excess_s / 2 + up_.usual_s + down_.usual_s);
  if (slow_variance_ > 0) {
    // Waits on two legs that know nothing of each other: their difference varies as their sum does.
    noise.slow_variance = slow_variance_ / 4;
    noise.quick_variance = quick_variance_ / 4;
    noise.slow_time_s = slow_time_s_;
    noise.is_congested = delay_s > slow_highest_s_;
  }
  return exchange;
}

double PathNoise::mean_wait_s() const {
  const auto mean = [](const Leg& leg) { return leg.usual_s + leg.congested_share * (leg.congested_s - leg.usual_s); };
  return mean(up_) + mean(down_);
}

void PathNoise::look_for_rise() {
  const std::size_t n = delays_.size();
  const double usual_s = up_.usual_s + down_.usual_s;
  for (const std::size_t wanted : {kShiftCount, kSlowShiftCount}) {
    if (n <= wanted || slow_variance_ > 0) continue;
    double least = delays_[n - 1];
    double greatest = least;
    for (std::size_t i = n - wanted; i < n; ++i) {
      least = std::min(least, delays_[i]);
      greatest = std::max(greatest, delays_[i]);
    }
    const bool is_above = least > floor_s_ + kShiftDistance * waits_s_.oldest();
    const bool is_close = wanted == kSlowShiftCount || greatest - least < kShiftSpread * usual_s;
    if (!is_above || !is_close) continue;
    forget_before_shift(wanted);
    return;
  }
}

void PathNoise::forget_before_shift(std::size_t kept) {
  std::array<double, kSlowShiftCount> last{};
  const std::size_t n = delays_.size();
  for (std::size_t i = 0; i < kept; ++i) last[i] = delays_[n - kept + i];
  delays_.clear();
  for (std::size_t i = 0; i < kept; ++i) delays_.push(last[i]);
  slow_variance_ = 0;
  shape_ = 1;
  shape_gap_s_ = 0;
  until_look_ = kLookLeast;
}

void PathNoise::update_floor() {
  floor_s_ = delays_[0];
  for (std::size_t i = 1; i < delays_.size(); ++i) floor_s_ = std::min(floor_s_, delays_[i]);
}

/// How far below the least of n delays the floor is likely to be.
double PathNoise::floor_gap_s() const {
  const auto n = static_cast<double>(delays_.size());
  const double both = 0.886 * std::sqrt(2 * up_.usual_s * down_.usual_s / n);
  return std::max({both, up_.usual_s / n, down_.usual_s / n, shape_gap_s_});
}

Leg PathNoise::leg_of(const LegSums& sums, double typical_s, double unseen) const {
  Leg leg;
  leg.usual_s = std::max(unseen * (kSymmetryCount * typical_s + sums.usual_s) / (kSymmetryCount + sums.usual), 1e-9);
  leg.congested_s =
      std::max((kCongestedCount * kCongestedRatio * typical_s + sums.congested_s) / (kCongestedCount + sums.congested),
               kCongestedRatio / 3 * leg.usual_s);
  const double share =
      (kShareCount * kUsualCongestedShare + sums.congested) / (kShareCount + sums.usual + sums.congested);
  leg.congested_share = std::clamp(share, 0.002, 0.4);
  return leg;
}

void PathNoise::update_legs() {
  const std::size_t n = delays_.size();
  // The spread of the first delays is all that there is to begin with.
  double first_s = std::max(0.02 * floor_s_, 1e-7);
  if (n >= 4) {
    std::array<double, 32> some{};
    const std::size_t count = std::min(n, some.size());
    for (std::size_t i = 0; i < count; ++i) some[i] = delays_[n - count + i];
    const auto middle = some.begin() + static_cast<std::ptrdiff_t>(count / 2);
    std::nth_element(some.begin(), middle, some.begin() + static_cast<std::ptrdiff_t>(count));
    // Median of the sum of two exponential waits, and what the least of n such sums is above zero.
    const double root = std::sqrt(static_cast<double>(count));
    first_s = std::max((*middle - floor_s_) / (1.68 - 1.25 / root), 1e-8);
  }
  const double usual = up_sums_.usual + down_sums_.usual;
  const double typical_s = (kFirstCount * first_s + up_sums_.usual_s + down_sums_.usual_s) / (kFirstCount + usual);
  // Of few delays, the tails have not been seen yet.
  const double unseen = 1 + kUnseen / static_cast<double>(n);
  up_ = leg_of(up_sums_, typical_s, unseen);
  down_ = leg_of(down_sums_, typical_s, unseen);
}

void PathNoise::learn(const QueueShares& shares) {
  // What was learnt while little was known is soon forgotten.
  learnt_ += 1;
  const double kept = 1 - 1 / std::clamp(learnt_ / 3, kShortestLegMemory, kLegMemory);
  up_sums_.decay(kept);
  down_sums_.decay(kept);
  up_sums_.usual += shares.up_usual;
  up_sums_.usual_s += shares.up_usual_s;
  up_sums_.congested += shares.up_congested;
  up_sums_.congested_s += shares.up_congested_s;
  down_sums_.usual += shares.down_usual;
  down_sums_.usual_s += shares.down_usual_s;
  down_sums_.congested += shares.down_congested;
  down_sums_.congested_s += shares.down_congested_s;
}

double PathNoise::jitter_s() const {
  if (slow_variance_ > 0) return std::sqrt((slow_variance_ + quick_variance_) / 4);
  return std::sqrt((up_.usual_s * up_.usual_s + down_.usual_s * down_.usual_s) / 4);
}

void PathNoise::look_at_history() {
  until_look_ = kLookEvery;
  const std::size_t n = delays_.size();
  std::array<double, kHistory> sorted{};
  for (std::size_t i = 0; i < n; ++i) sorted[i] = delays_[i];
  std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(n));
  find_shape(sorted);
  if (n >= kSlowLeast) look_for_slow_queues(floor_s_ + 3 * (sorted[n / 2] - floor_s_));
}

// The skewness of the delays tells exponential waits from sums of many small ones (L-moments, Hosking 1990: one extreme
// sample doesn't spoil them). In doubt the waits are exponential.
void PathNoise::find_shape(const std::array<double, kHistory>& sorted) {
  const std::size_t n = delays_.size();
  const auto count = static_cast<double>(n);
  std::array<double, 3> moment{};
  for (std::size_t i = 0; i < n; ++i) {
    const auto rank = static_cast<double>(i);
    const double excess_s = sorted[i] - floor_s_;
    moment[0] += excess_s / count;
    moment[1] += excess_s * rank / (count * (count - 1));
    moment[2] += excess_s * rank * (rank - 1) / (count * (count - 1) * (count - 2));
  }
  const double scale = 2 * moment[1] - moment[0];
  shape_ = 1;
  shape_gap_s_ = 0;
  if (scale <= kFinestStamp_s) return;
  const double skewness = (6 * moment[2] - 6 * moment[1] + moment[0]) / scale + kSkewnessDoubt / std::sqrt(count);
  // Two routes that take turns are not skewed either, but their least delays lie close together.
  const double foot = (sorted[n / 10] - sorted[n / 50]) / scale;
  const double total = std::min({std::pow(kGammaSkewness / std::max(skewness, 0.02), 2),
                                 kFootDoubt * 2 * std::pow(foot / kExponentialFoot, 1.6), kLeastSkewed});
  if (total <= 2) return;
  shape_ = total / 2;
  const double unit_s = scale * std::sqrt(std::numbers::pi) * std::exp(std::lgamma(total) - std::lgamma(total + 0.5));
  shape_gap_s_ = std::max(total * unit_s - moment[0], 0.0) * std::min(2 * (shape_ - 1), 1.0);
}

// Delays that resemble the ones before them come of queues that drain slowly. Congestions are left out: they're noticed
// one by one.
void PathNoise::look_for_slow_queues(double highest) {
  const std::size_t n = delays_.size();
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (delays_[i] > highest) continue;
    sum += delays_[i];
    ++count;
  }
  const double mean = sum / count;
  std::array<double, 3> covariance{};
  for (std::size_t lag = 0; lag < covariance.size(); ++lag) {
    double products = 0;
    double pairs = 0;
    for (std::size_t i = lag; i < n; ++i) {
      if (delays_[i] > highest || delays_[i - lag] > highest) continue;
      products += (delays_[i] - mean) * (delays_[i - lag] - mean);
      ++pairs;
    }
    covariance[lag] = pairs > 0 ? products / pairs : 0.0;
  }
  const double enough = (slow_variance_ > 0 ? 0.2 : std::max(0.35, 4 / std::sqrt(count))) * covariance[0];
  const bool is_measurable = covariance[0] > kFinestStamp_s * kFinestStamp_s;
  if (!is_measurable || covariance[1] <= enough || covariance[2] <= enough / 2) {
    slow_variance_ = 0;
    return;
  }
  const double lasting = std::clamp(covariance[2] / covariance[1], 0.3, 0.995);
  slow_variance_ = std::min(covariance[1] / lasting, covariance[0]);
  quick_variance_ = std::max(covariance[0] - slow_variance_, 1e-4 * covariance[0]);
  slow_time_s_ = -interval_s_ / std::log(lasting);
  slow_highest_s_ = highest;
  shape_ = 1;
  shape_gap_s_ = 0;
}

}  // namespace ntp::estimator
