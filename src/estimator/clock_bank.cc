// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/clock_bank.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace ntp::estimator {
namespace {

/// Wander of the models without aging: 10^-11.5 to 10^-6.5 per square root of a second, half a decade apart. What is in
/// between loses next to nothing, for the best memory goes with the fourth root of the wander.
constexpr std::size_t kWanderModels = 11;
constexpr double kLowestLogWander = -11.5;
constexpr double kLogWanderStep = 0.5;
/// The others wander little, but their frequency has a slope that walks.
struct AgingModel {
  double wander;
  double slope_walk;
};
constexpr std::array<AgingModel, ClockBank::kModels - kWanderModels> kAgingModels = {{{1e-11, 1e-14}, {1e-10, 3e-14}}};
/// Where an aging model's neighbour is.
constexpr std::size_t kAgingNeighbour = 2;
constexpr double kFirstSlopeDeviation = 1e-12;

/// A clock changes its ways: to the next model, to any model, each time a sample comes.
constexpr double kToNeighbour = 0.005;
constexpr double kToAny = 0.004;

/// Counters are coarse and read late: phase noise of an undisturbed clock, s^2/s.
constexpr double kPhaseWalk = 1e-20;
/// A path's asymmetry changes by this share of its prior deviation in a day.
constexpr double kUnknownOffset = 1e6;
constexpr double kUnknownFrequency = 1e-4;

double wander_of(std::size_t model) {
  if (model >= kWanderModels) return kAgingModels[model - kWanderModels].wander;
  return std::pow(10, kLowestLogWander + kLogWanderStep * static_cast<double>(model));
}

struct ModelTable {
  std::array<double, ClockBank::kModels> walk{};
  std::array<double, ClockBank::kModels> slope_walk{};
  /// Chance of a change from i to j beyond the one that all have.
  std::array<std::array<double, ClockBank::kModels>, ClockBank::kModels> change{};

  ModelTable() {
    for (std::size_t i = 0; i < walk.size(); ++i) {
      walk[i] = wander_of(i) * wander_of(i);
      if (i >= kWanderModels) slope_walk[i] = std::pow(kAgingModels[i - kWanderModels].slope_walk, 2);
      change[i][i] = 1 - kToNeighbour - kToAny;
      if (i >= kWanderModels) {
        change[i][kAgingNeighbour] += kToNeighbour;
        continue;
      }
      const bool is_first = i == 0;
      const bool is_last = i + 1 == kWanderModels;
      if (!is_first) change[i][i - 1] += is_last ? kToNeighbour : kToNeighbour / 2;
      if (!is_last) change[i][i + 1] += is_first ? kToNeighbour : kToNeighbour / 2;
    }
  }
};

const ModelTable& models() {
  static const ModelTable table;
  return table;
}

}  // namespace

ClockBank::ClockBank(std::size_t paths)
    : size_(kClockStates + 2 * paths), slow_time_s_(paths, 1.0), slow_variance_(paths, 0.0) {
  for (Filter& f : filters_) {
    f.state.assign(size_, 0);
    f.covariance.assign(size_ * size_, 0);
  }
  mean_.assign(size_, 0);
  covariance_.assign(size_ * size_, 0);
  begin({.frequency = 0, .frequency_deviation = kUnknownFrequency});
}

void ClockBank::begin(const Memory& prior) {
  double total = 0;
  for (std::size_t m = 0; m < kModels; ++m) {
    Filter& f = filters_[m];
    f.state[0] = 0;
    f.state[1] = prior.frequency;
    f.state[2] = m >= kWanderModels ? prior.aging : 0;
    for (std::size_t i = 0; i < kClockStates; ++i)
      for (std::size_t j = 0; j < size_; ++j) f.covariance[i * size_ + j] = f.covariance[j * size_ + i] = 0;
    f.covariance[0] = kUnknownOffset;
    f.covariance[size_ + 1] = prior.frequency_deviation * prior.frequency_deviation;
    if (m >= kWanderModels) f.covariance[2 * size_ + 2] = kFirstSlopeDeviation * kFirstSlopeDeviation;
    f.weight = 1;
    if (prior.wander > 0) {
      const double decades = std::log10(wander_of(m) / prior.wander);
      f.weight = std::exp(-decades * decades * 2) + 0.05;
    }
    total += f.weight;
  }
  for (Filter& f : filters_) f.weight /= total;
  has_offset_ = false;
  summarise();
}

void ClockBank::reset_path(std::size_t path, double asymmetry_deviation_s) {
  const std::size_t first = kClockStates + 2 * path;
  for (Filter& f : filters_) {
    for (std::size_t row = first; row < first + 2; ++row) {
      f.state[row] = 0;
      for (std::size_t j = 0; j < size_; ++j) f.covariance[row * size_ + j] = f.covariance[j * size_ + row] = 0;
    }
    f.covariance[first * size_ + first] = asymmetry_deviation_s * asymmetry_deviation_s;
  }
  slow_variance_[path] = 0;
  summarise();
}

void ClockBank::loosen_path(std::size_t path, double half_s) {
  const std::size_t row = kClockStates + 2 * path;
  for (Filter& f : filters_) f.covariance[row * size_ + row] += half_s * half_s / 3;
}

// Restarts unlikely models from likely ones. Every model starts from a mixture of three: what all models say together,
// its neighbours, itself. That is the full interaction at a fraction of its cost.
void ClockBank::interact() {
  const ModelTable& table = models();
  const std::size_t n = size_;
  std::array<double, kModels> total{};
  std::vector<double> all_mean(n, 0);
  std::vector<double> all_covariance(n * n, 0);
  for (const Filter& f : filters_)
    for (std::size_t i = 0; i < n; ++i) all_mean[i] += f.weight * f.state[i];
  for (const Filter& f : filters_)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j)
        all_covariance[i * n + j] +=
            f.weight * (f.covariance[i * n + j] + (f.state[i] - all_mean[i]) * (f.state[j] - all_mean[j]));

  std::array<Filter, kModels> mixed;
  const double to_any = kToAny / kModels;
  for (std::size_t m = 0; m < kModels; ++m) {
    double sum = to_any;
    for (std::size_t k = 0; k < kModels; ++k) sum += table.change[k][m] * filters_[k].weight;
    total[m] = sum;
    Filter& out = mixed[m];
    out.weight = sum;
    out.state.assign(n, 0);
    out.covariance.assign(n * n, 0);
    const auto share_of = [&](std::size_t k) { return table.change[k][m] * filters_[k].weight / sum; };
    for (std::size_t i = 0; i < n; ++i) out.state[i] = to_any / sum * all_mean[i];
    for (std::size_t k = 0; k < kModels; ++k) {
      const double share = share_of(k);
      if (share == 0) continue;
      for (std::size_t i = 0; i < n; ++i) out.state[i] += share * filters_[k].state[i];
    }
    const auto add = [&](double share, const std::vector<double>& state, const std::vector<double>& covariance) {
      for (std::size_t i = 0; i < n; ++i) {
        const double apart = share * (state[i] - out.state[i]);
        for (std::size_t j = 0; j <= i; ++j)
          out.covariance[i * n + j] += share * covariance[i * n + j] + apart * (state[j] - out.state[j]);
      }
    };
    add(to_any / sum, all_mean, all_covariance);
    for (std::size_t k = 0; k < kModels; ++k)
      if (const double share = share_of(k); share != 0) add(share, filters_[k].state, filters_[k].covariance);
    if (m < kWanderModels) {
      out.state[2] = 0;
      for (std::size_t j = 0; j < n; ++j)
        out.covariance[std::max<std::size_t>(j, 2) * n + std::min<std::size_t>(j, 2)] = 0;
    } else {
      out.covariance[2 * n + 2] = std::max(out.covariance[2 * n + 2], kFirstSlopeDeviation * kFirstSlopeDeviation);
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < i; ++j) out.covariance[j * n + i] = out.covariance[i * n + j];
  }
  double weights = 0;
  for (const double t : total) weights += t;
  for (std::size_t m = 0; m < kModels; ++m) {
    filters_[m] = std::move(mixed[m]);
    filters_[m].weight = total[m] / weights;
  }
}

void ClockBank::advance(double dt_s) {
  if (dt_s <= 0) return;
  if (has_offset_) interact();
  for (std::size_t m = 0; m < kModels; ++m) advance(filters_[m], m, dt_s);
}

void ClockBank::advance(Filter& f, std::size_t model, double dt) {
  const std::size_t n = size_;
  auto& s = f.state;
  auto& p = f.covariance;
  const double half_square = dt * dt / 2;
  s[0] += dt * s[1] + half_square * s[2];
  s[1] += dt * s[2];
  for (std::size_t j = 0; j < n; ++j) {
    p[j] += dt * p[n + j] + half_square * p[2 * n + j];
    p[n + j] += dt * p[2 * n + j];
  }
  for (std::size_t i = 0; i < n; ++i) {
    p[i * n] += dt * p[i * n + 1] + half_square * p[i * n + 2];
    p[i * n + 1] += dt * p[i * n + 2];
  }
  const double q = models().walk[model];
  const double g = models().slope_walk[model];
  const double dt2 = dt * dt;
  const double dt3 = dt2 * dt;
  p[0] += kPhaseWalk * dt + q * dt3 / 3 + g * dt3 * dt2 / 20;
  const double offset_frequency = q * dt2 / 2 + g * dt2 * dt2 / 8;
  p[1] += offset_frequency;
  p[n] += offset_frequency;
  p[n + 1] += q * dt + g * dt3 / 3;
  p[2] += g * dt3 / 6;
  p[2 * n] += g * dt3 / 6;
  p[n + 2] += g * dt2 / 2;
  p[2 * n + 1] += g * dt2 / 2;
  p[2 * n + 2] += g * dt;
  for (std::size_t path = 0; path < slow_time_s_.size(); ++path) {
    const std::size_t row = kClockStates + 2 * path + 1;
    if (slow_variance_[path] == 0 && p[row * n + row] == 0) continue;
    const double kept = std::exp(-dt / slow_time_s_[path]);
    s[row] *= kept;
    for (std::size_t j = 0; j < n; ++j) p[row * n + j] *= kept;
    for (std::size_t j = 0; j < n; ++j) p[j * n + row] *= kept;
    p[row * n + row] += (1 - kept * kept) * slow_variance_[path];
  }
}

Gaussian ClockBank::project(const Filter& f, const std::vector<std::size_t>& rows) const {
  Gaussian seen;
  for (const std::size_t i : rows) {
    seen.mean += f.state[i];
    for (const std::size_t j : rows) seen.variance += f.covariance[i * size_ + j];
  }
  seen.variance = std::max(seen.variance, 1e-24);
  return seen;
}

void ClockBank::apply(Filter& f, const std::vector<std::size_t>& rows, const Gaussian& prior,
                      const Gaussian& posterior) {
  const std::size_t n = size_;
  std::vector<double> column(n, 0);
  for (std::size_t i = 0; i < n; ++i)
    for (const std::size_t j : rows) column[i] += f.covariance[i * n + j];
  const double move = (posterior.mean - prior.mean) / prior.variance;
  const double shrink = (1 - posterior.variance / prior.variance) / prior.variance;
  for (std::size_t i = 0; i < n; ++i) {
    f.state[i] += column[i] * move;
    for (std::size_t j = 0; j <= i; ++j) {
      const double value = f.covariance[i * n + j] - column[i] * column[j] * shrink;
      f.covariance[i * n + j] = f.covariance[j * n + i] = value;
    }
  }
}

void ClockBank::observe(std::size_t path, double offset_s, const ExchangeNoise& noise, QueueShares* shares) {
  const std::size_t asymmetry = kClockStates + 2 * path;
  const std::size_t slow = asymmetry + 1;
  const std::vector<std::size_t> through = {0, asymmetry};
  const std::vector<std::size_t> through_slow = {0, asymmetry, slow};
  if (noise.slow_variance > 0 && slow_variance_[path] == 0)
    for (Filter& f : filters_) f.covariance[slow * size_ + slow] = noise.slow_variance;
  slow_variance_[path] = noise.slow_variance;
  slow_time_s_[path] = noise.slow_variance > 0 ? noise.slow_time_s : 64.0;

  std::array<double, kModels> evidence{};
  if (noise.slow_variance > 0) {
    const double half = std::sqrt(3 * noise.quick_variance);
    for (std::size_t m = 0; m < kModels; ++m) {
      Filter& f = filters_[m];
      const Gaussian prior = project(f, through_slow);
      const Posterior posterior =
          observe_bounded(prior, offset_s, half, noise.base_variance + noise.quick_variance / 16);
      evidence[m] = posterior.log_evidence;
      apply(f, through_slow, prior, posterior.value);
      // Whatever lasts and whatever doesn't, together they are no more than the excess allows.
      const Gaussian seen = project(f, through);
      const Posterior bounded =
          observe_bounded(seen, offset_s, noise.excess_s / 2, noise.base_variance + noise.quick_variance / 16);
      apply(f, through, seen, bounded.value);
    }
    has_offset_ = true;
    reweigh(evidence);
    summarise();
    return;
  }
  std::array<QueueShares, kModels> divided;
  const Observation observation(offset_s, noise);
  for (std::size_t m = 0; m < kModels; ++m) {
    Filter& f = filters_[m];
    const bool is_slow = f.covariance[slow * size_ + slow] > 0;
    const auto& rows = is_slow ? through_slow : through;
    const Gaussian prior = project(f, rows);
    const Posterior posterior = observation.apply(prior, shares != nullptr ? &divided[m] : nullptr);
    evidence[m] = posterior.log_evidence;
    apply(f, rows, prior, posterior.value);
  }
  const bool was_known = has_offset_;
  has_offset_ = true;
  reweigh(evidence);
  if (shares != nullptr && was_known)
    for (std::size_t m = 0; m < kModels; ++m) shares->add(divided[m], filters_[m].weight);
  summarise();
}

void ClockBank::reweigh(const std::array<double, kModels>& log_evidence) {
  const double best = *std::max_element(log_evidence.begin(), log_evidence.end());
  double total = 0;
  for (std::size_t m = 0; m < kModels; ++m) {
    filters_[m].weight *= std::exp(std::max(log_evidence[m] - best, -60.0));
    total += filters_[m].weight;
  }
  for (Filter& f : filters_) f.weight /= total;
}

void ClockBank::summarise() {
  const std::size_t n = size_;
  std::fill(mean_.begin(), mean_.end(), 0);
  std::fill(covariance_.begin(), covariance_.end(), 0);
  frequency_walk_ = 0;
  for (std::size_t m = 0; m < kModels; ++m) {
    const Filter& f = filters_[m];
    for (std::size_t i = 0; i < n; ++i) mean_[i] += f.weight * f.state[i];
    frequency_walk_ += f.weight * models().walk[m];
  }
  for (const Filter& f : filters_)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        const double value = f.weight * (f.covariance[i * n + j] + (f.state[i] - mean_[i]) * (f.state[j] - mean_[j]));
        covariance_[i * n + j] += value;
        if (i != j) covariance_[j * n + i] += value;
      }
  // If the asymmetries were known: the clock's covariance without what it shares with them (eliminated one by one).
  std::vector<double> rest = covariance_;
  for (std::size_t path = 0; path < slow_time_s_.size(); ++path) {
    const std::size_t k = kClockStates + 2 * path;
    const double pivot = rest[k * n + k];
    if (pivot <= 1e-24) continue;
    std::vector<double> row(rest.begin() + static_cast<std::ptrdiff_t>(k * n),
                            rest.begin() + static_cast<std::ptrdiff_t>((k + 1) * n));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) rest[i * n + j] -= row[i] * row[j] / pivot;
  }
  tracking_ = {std::max(rest[0], 0.0), rest[1], std::max(rest[n + 1], 0.0)};
}

ClockEstimate ClockBank::estimate(double t) const {
  const std::size_t n = size_;
  const double growth = kPhaseWalk * t + frequency_walk_ * t * t * t / 3;
  ClockEstimate e;
  e.offset_s = mean_[0] + mean_[1] * t + mean_[2] * t * t / 2;
  e.frequency = mean_[1] + mean_[2] * t;
  e.aging = mean_[2];
  e.deviation_s =
      std::sqrt(std::max(covariance_[0] + 2 * covariance_[1] * t + covariance_[n + 1] * t * t, 0.0) + growth);
  e.tracking_deviation_s =
      std::sqrt(std::max(tracking_[0] + 2 * tracking_[1] * t + tracking_[2] * t * t, 0.0) + growth);
  e.frequency_deviation = std::sqrt(covariance_[n + 1] + frequency_walk_ * t);
  e.wander = std::sqrt(frequency_walk_);
  return e;
}

Gaussian ClockBank::seen_through(std::size_t path, double t) const {
  const std::size_t n = size_;
  const std::size_t b = kClockStates + 2 * path;
  const double offset = covariance_[0] + 2 * covariance_[b] + covariance_[b * n + b];
  const double with_frequency = covariance_[1] + covariance_[b * n + 1];
  const double growth = kPhaseWalk * t + frequency_walk_ * t * t * t / 3;
  return {mean_[0] + mean_[b] + mean_[1] * t + mean_[2] * t * t / 2,
          std::max(offset + 2 * with_frequency * t + covariance_[n + 1] * t * t, 0.0) + growth};
}

void ClockBank::shift(double amount_s) {
  for (Filter& f : filters_) f.state[0] += amount_s;
  mean_[0] += amount_s;
}

void ClockBank::lose_offset() {
  for (Filter& f : filters_) {
    for (std::size_t j = 0; j < size_; ++j) f.covariance[j] = f.covariance[j * size_] = 0;
    f.covariance[0] = kUnknownOffset;
  }
  has_offset_ = false;
  summarise();
}

}  // namespace ntp::estimator
