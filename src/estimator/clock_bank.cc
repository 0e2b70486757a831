// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/clock_bank.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace ntp::estimator {
namespace {

/// Wander of the models without aging: 10^-11.5 to 10^-6.5 per square root of a second, 5/6 of a decade apart. What is in
/// between loses next to nothing, for the best memory goes with the fourth root of the wander.
constexpr std::size_t kWanderModels = 7;
constexpr double kLowestLogWander = -11.5;
constexpr double kLogWanderStep = 5.0 / 6;
/// The others wander little, but their frequency has a slope that walks.
struct AgingModel {
  double wander;
  double slope_walk;
};
constexpr std::array<AgingModel, ClockBank::kModels - kWanderModels> kAgingModels = {{{1e-11, 1e-14}, {1e-10, 3e-14}}};
/// Where an aging model's neighbour is.
constexpr std::size_t kAgingNeighbour = 1;
constexpr double kFirstSlopeDeviation = 1e-11;

/// A clock changes its ways: to the next model, to any model, each time a sample comes.
constexpr double kToNeighbour = 0.005;
constexpr double kToAny = 0.004;
/// Where a clock that changed its ways may be found: quartz wanders by some 1e-10 to 1e-9.
constexpr std::array<double, ClockBank::kModels> kCommon = {0.10, 0.18, 0.22, 0.20, 0.12, 0.05, 0.03, 0.05, 0.05};
/// Slow queues resemble a wandering clock: their evidence for the wander counts as so many times less.
constexpr double kSlowEvidence = 0.03;

/// One exchange leaves at least this much of the variance: the difference of nearly equal numbers is rounding.
constexpr double kLeastKept = 1e-10;

/// Counters are coarse and read late: phase noise of an undisturbed clock, s^2/s.
constexpr double kPhaseWalk = 1e-20;
constexpr double kUnknownFrequency = 5e-5;

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

constexpr std::size_t packed(std::size_t row, std::size_t column) {
  return row >= column ? row * (row + 1) / 2 + column : column * (column + 1) / 2 + row;
}

const ModelTable& models() {
  static const ModelTable table;
  return table;
}

}  // namespace

ClockBank::ClockBank(std::size_t paths)
    : size_(kClockStates + paths),
      triangle_(size_ * (size_ + 1) / 2),
      states_(kModels * size_),
      covariances_(kModels * triangle_),
      slow_(paths),
      moments_((kModels + 1) * (size_ + triangle_)),
      column_(size_) {
  begin({.frequency = 0, .frequency_deviation = kUnknownFrequency});
}

ClockBank::Rows ClockBank::rows_of(std::size_t path) const {
  const std::size_t slow = slow_[path].row;
  return {{0, asymmetry_row(path), slow}, slow != 0 ? std::size_t{3} : std::size_t{2}};
}

// The new state comes last: in the packed triangles it is a row more, and nothing else moves.
std::size_t ClockBank::add_row() {
  const std::size_t size = size_ + 1;
  const std::size_t triangle = triangle_ + size;
  std::vector<double> states(kModels * size);
  std::vector<double> covariances(kModels * triangle);
  for (std::size_t m = 0; m < kModels; ++m) {
    std::copy_n(state(m), size_, states.data() + m * size);
    std::copy_n(covariance(m), triangle_, covariances.data() + m * triangle);
  }
  const std::size_t row = size_;
  size_ = size;
  triangle_ = triangle;
  states_ = std::move(states);
  covariances_ = std::move(covariances);
  moments_.resize((kModels + 1) * (size_ + triangle_));
  column_.resize(size_);
  return row;
}

void ClockBank::clear_row(std::size_t row) {
  for (std::size_t m = 0; m < kModels; ++m)
    for (std::size_t j = 0; j < size_; ++j) covariance(m)[packed(row, j)] = 0;
}

void ClockBank::begin(const Memory& prior) {
  for (std::size_t row = 0; row < kClockStates; ++row) clear_row(row);
  double total = 0;
  for (std::size_t m = 0; m < kModels; ++m) {
    double* s = state(m);
    double* p = covariance(m);
    s[0] = 0;
    s[1] = prior.frequency;
    s[2] = m >= kWanderModels ? prior.aging : 0;
    p[packed(1, 1)] = prior.frequency_deviation * prior.frequency_deviation;
    if (m >= kWanderModels) p[packed(2, 2)] = kFirstSlopeDeviation * kFirstSlopeDeviation;
    weights_[m] = kCommon[m];
    if (prior.wander > 0) {
      const double decades = std::log10(wander_of(m) / prior.wander);
      weights_[m] = std::exp(-decades * decades * 2) + 0.05;
    }
    total += weights_[m];
  }
  for (double& w : weights_) w /= total;
  has_offset_ = false;
  summarise();
}

void ClockBank::reset_path(std::size_t path, double asymmetry_deviation_s) {
  const std::size_t row = asymmetry_row(path);
  clear_row(row);
  for (std::size_t m = 0; m < kModels; ++m) {
    state(m)[row] = 0;
    covariance(m)[packed(row, row)] = asymmetry_deviation_s * asymmetry_deviation_s;
  }
  if (const std::size_t slow = slow_[path].row; slow != 0) {
    clear_row(slow);
    for (std::size_t m = 0; m < kModels; ++m) state(m)[slow] = 0;
    slow_[path].variance = 0;
  }
  summarise();
}

void ClockBank::loosen_path(std::size_t path, double deviation_s) {
  const std::size_t row = asymmetry_row(path);
  for (std::size_t m = 0; m < kModels; ++m) covariance(m)[packed(row, row)] += deviation_s * deviation_s;
}

void ClockBank::loosen_offset(double deviation_s) {
  for (std::size_t m = 0; m < kModels; ++m) covariance(m)[0] += deviation_s * deviation_s;
}

void ClockBank::loosen_frequency(double deviation) {
  for (std::size_t m = 0; m < kModels; ++m) covariance(m)[packed(1, 1)] += deviation * deviation;
}

// Restarts unlikely models from likely ones: each begins with a mixture of what all models say together, its neighbours and
// itself. First and second moments about the common mean add up, so a mixture is a weighted sum of short vectors.
void ClockBank::interact() {
  const ModelTable& table = models();
  const std::size_t n = size_;
  const std::size_t length = n + triangle_;
  double* all = moments_.data() + kModels * length;
  std::fill(all, all + length, 0.0);
  column_.assign(n, 0);
  for (std::size_t m = 0; m < kModels; ++m)
    for (std::size_t i = 0; i < n; ++i) column_[i] += weights_[m] * state(m)[i];
  for (std::size_t m = 0; m < kModels; ++m) {
    double* out = moments_.data() + m * length;
    const double* s = state(m);
    const double* p = covariance(m);
    for (std::size_t i = 0; i < n; ++i) out[i] = s[i] - column_[i];
    double* second = out + n;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) *second++ = *p++ + out[i] * out[j];
    for (std::size_t k = 0; k < length; ++k) all[k] += weights_[m] * out[k];
  }
  std::array<double, kModels> total{};
  double sum = 0;
  for (std::size_t m = 0; m < kModels; ++m) {
    const double to_any = kToAny * kCommon[m];
    total[m] = to_any;
    for (std::size_t k = 0; k < kModels; ++k) total[m] += table.change[k][m] * weights_[k];
    sum += total[m];
    double* s = state(m);
    double* p = covariance(m);
    const double from_all = to_any / total[m];
    for (std::size_t i = 0; i < n; ++i) s[i] = from_all * all[i];
    for (std::size_t k = 0; k < triangle_; ++k) p[k] = from_all * all[n + k];
    for (std::size_t k = 0; k < kModels; ++k) {
      if (table.change[k][m] == 0) continue;
      const double share = table.change[k][m] * weights_[k] / total[m];
      const double* from = moments_.data() + k * length;
      for (std::size_t i = 0; i < n; ++i) s[i] += share * from[i];
      for (std::size_t i = 0; i < triangle_; ++i) p[i] += share * from[n + i];
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) *p++ -= s[i] * s[j];
    }
    for (std::size_t i = 0; i < n; ++i) s[i] += column_[i];
  }
  for (std::size_t m = 0; m < kModels; ++m) {
    weights_[m] = total[m] / sum;
    double& slope_variance = covariance(m)[packed(2, 2)];
    if (m >= kWanderModels) {
      slope_variance = std::max(slope_variance, kFirstSlopeDeviation * kFirstSlopeDeviation);
      continue;
    }
    state(m)[2] = 0;
    for (std::size_t j = 0; j < n; ++j) covariance(m)[packed(2, j)] = 0;
  }
}

void ClockBank::follow_temperature(double coefficient, double deviation) {
  if (heat_row_ == 0) heat_row_ = add_row();
  clear_row(heat_row_);
  for (std::size_t m = 0; m < kModels; ++m) {
    state(m)[heat_row_] = coefficient;
    covariance(m)[packed(heat_row_, heat_row_)] = deviation * deviation;
  }
  summarise();
}

void ClockBank::advance(double dt_s, double heat_Ks) {
  if (dt_s <= 0) return;
  if (has_offset_) interact();
  for (std::size_t m = 0; m < kModels; ++m) advance_model(m, dt_s);
  if (heat_row_ == 0) return;
  // offset += heat * coefficient
  for (std::size_t m = 0; m < kModels; ++m) {
    double* p = covariance(m);
    state(m)[0] += heat_Ks * state(m)[heat_row_];
    const double own = p[packed(heat_row_, heat_row_)];
    p[0] += 2 * heat_Ks * p[packed(heat_row_, 0)] + heat_Ks * heat_Ks * own;
    for (std::size_t j = 1; j < size_; ++j) p[packed(0, j)] += heat_Ks * p[packed(heat_row_, j)];
  }
}

/// F P F' in place, for F that adds the frequency to the offset and the slope to both, and lets the slope fade.
void ClockBank::age(std::size_t model, double dt) {
  double* s = state(model);
  double* p = covariance(model);
  const auto [a, c, kept] = aging_effect(dt);
  s[0] += c * s[2];
  s[1] += a * s[2];
  s[2] *= kept;
  for (std::size_t j = kClockStates; j < size_; ++j) {
    double* row = p + packed(j, 0);
    row[0] += dt * row[1] + c * row[2];
    row[1] += a * row[2];
    row[2] *= kept;
  }
  double& xx = p[0];
  double& xf = p[1];
  double& ff = p[2];
  double& xg = p[3];
  double& fg = p[4];
  double& gg = p[5];
  xx += 2 * dt * xf + dt * dt * ff + 2 * c * (xg + dt * fg) + c * c * gg;
  xf += dt * ff + (c + a * dt) * fg + a * xg + a * c * gg;
  ff += 2 * a * fg + a * a * gg;
  xg = kept * (xg + dt * fg + c * gg);
  fg = kept * (fg + a * gg);
  gg *= kept * kept;
  const double g = models().slope_walk[model];
  const double dt2 = dt * dt;
  const double dt3 = dt2 * dt;
  xx += g * dt3 * dt2 / 20;
  xf += g * dt2 * dt2 / 8;
  ff += g * dt3 / 3;
  xg += g * dt3 / 6;
  fg += g * dt2 / 2;
  gg += g * dt;
}

void ClockBank::advance_model(std::size_t model, double dt) {
  double* s = state(model);
  double* p = covariance(model);
  const double dt2 = dt * dt;
  const double dt3 = dt2 * dt;
  double& xx = p[0];
  double& xf = p[1];
  double& ff = p[2];
  s[0] += dt * s[1];
  if (model < kWanderModels) {
    // F P F' in place, for F that adds the frequency to the offset.
    for (std::size_t j = kClockStates; j < size_; ++j) {
      double* row = p + packed(j, 0);
      row[0] += dt * row[1];
    }
    xx += 2 * dt * xf + dt2 * ff;
    xf += dt * ff;
  } else {
    age(model, dt);
  }
  const double q = models().walk[model];
  xx += kPhaseWalk * dt + q * dt3 / 3;
  xf += q * dt2 / 2;
  ff += q * dt;
  for (const Slow& slow : slow_) {
    if (slow.row == 0) continue;
    const double kept = std::exp(-dt / slow.time_s);
    s[slow.row] *= kept;
    for (std::size_t j = 0; j < size_; ++j) p[packed(slow.row, j)] *= j == slow.row ? kept * kept : kept;
    p[packed(slow.row, slow.row)] += (1 - kept * kept) * slow.variance;
  }
}

Gaussian ClockBank::project(std::size_t model, const Rows& rows) const {
  Gaussian seen;
  for (std::size_t i = 0; i < rows.count; ++i) {
    seen.mean += state(model)[rows.index[i]];
    for (std::size_t j = 0; j < rows.count; ++j)
      seen.variance += covariance(model)[packed(rows.index[i], rows.index[j])];
  }
  seen.variance = std::max(seen.variance, 1e-24);
  return seen;
}

void ClockBank::apply(std::size_t model, const Rows& rows, const Gaussian& prior, const Gaussian& posterior) {
  double* s = state(model);
  double* p = covariance(model);
  for (std::size_t i = 0; i < size_; ++i) {
    column_[i] = 0;
    for (std::size_t k = 0; k < rows.count; ++k) column_[i] += p[packed(i, rows.index[k])];
  }
  const double move = (posterior.mean - prior.mean) / prior.variance;
  const double kept = std::max(posterior.variance / prior.variance, kLeastKept);
  const double shrink = (1 - kept) / prior.variance;
  for (std::size_t i = 0; i < size_; ++i) {
    s[i] += column_[i] * move;
    const double scaled = column_[i] * shrink;
    for (std::size_t j = 0; j <= i; ++j) *p++ -= scaled * column_[j];
  }
}

// Nothing was known of the offset: it is what was measured without the path's error, exactly. A prior of a million seconds
// would leave no digits for the microseconds.
void ClockBank::begin_offset(std::size_t path, double offset_s, const ExchangeNoise& noise) {
  const Rows rows = rows_of(path);
  clear_row(0);
  for (std::size_t m = 0; m < kModels; ++m) {
    double* p = covariance(m);
    state(m)[0] = offset_s;
    p[0] = error_variance(noise);
    for (std::size_t k = 1; k < rows.count; ++k) {
      const std::size_t row = rows.index[k];
      state(m)[0] -= state(m)[row];
      for (std::size_t j = 1; j < size_; ++j) p[packed(0, j)] -= p[packed(row, j)];
      for (std::size_t l = 1; l < rows.count; ++l) p[0] += p[packed(row, rows.index[l])];
    }
  }
  has_offset_ = true;
  outlier_share_ = 0;
  summarise();
}

void ClockBank::observe(std::size_t path, double offset_s, const ExchangeNoise& noise, QueueShares* shares) {
  if (noise.slow_variance > 0 && slow_[path].row == 0) slow_[path].row = add_row();
  if (Slow& slow = slow_[path]; slow.row != 0) {
    // Slow queues begin, perhaps again: what is left of the last ones may still be shared with other states.
    if (noise.slow_variance > 0 && slow.variance == 0)
      for (std::size_t m = 0; m < kModels; ++m) covariance(m)[packed(slow.row, slow.row)] += noise.slow_variance;
    slow.variance = noise.slow_variance;
    if (noise.slow_variance > 0) slow.time_s = noise.slow_time_s;
  }
  if (!has_offset_) {
    begin_offset(path, offset_s, noise);
    return;
  }
  if (noise.slow_variance > 0 && !noise.is_congested) {
    observe_slow(path, offset_s, noise);
    return;
  }
  std::array<double, kModels> evidence{};
  std::array<QueueShares, kModels> divided;
  std::array<double, kModels> outlier{};
  const Observation observation(offset_s, noise);
  const Rows rows = rows_of(path);
  for (std::size_t m = 0; m < kModels; ++m) {
    const Gaussian prior = project(m, rows);
    const Posterior posterior = observation.apply(prior, shares != nullptr ? &divided[m] : nullptr);
    evidence[m] = posterior.log_evidence;
    outlier[m] = posterior.outlier_share;
    apply(m, rows, prior, posterior.value);
  }
  reweigh(evidence);
  outlier_share_ = 0;
  for (std::size_t m = 0; m < kModels; ++m) {
    outlier_share_ += weights_[m] * outlier[m];
    if (shares != nullptr) shares->add(divided[m], weights_[m]);
  }
  summarise();
}

// The part of the error that lasts is a state of its own; what both parts can be together, the excess bounds.
void ClockBank::observe_slow(std::size_t path, double offset_s, const ExchangeNoise& noise) {
  const Rows lasting = rows_of(path);
  const Rows bounded{{0, asymmetry_row(path), 0}, 2};
  const double half_s = std::sqrt(3 * noise.quick_variance);
  const double softness = noise.base_variance + noise.quick_variance / 16;
  std::array<double, kModels> evidence{};
  std::array<double, kModels> outlier{};
  for (std::size_t m = 0; m < kModels; ++m) {
    const Gaussian prior = project(m, lasting);
    const Posterior posterior = observe_bounded(prior, offset_s, half_s, softness, noise.outlier_deviation_s);
    evidence[m] = kSlowEvidence * posterior.log_evidence;
    outlier[m] = posterior.outlier_share;
    apply(m, lasting, prior, posterior.value);
    const Gaussian seen = project(m, bounded);
    apply(m, bounded, seen,
          observe_bounded(seen, offset_s, noise.excess_s / 2, softness, noise.outlier_deviation_s).value);
  }
  reweigh(evidence);
  outlier_share_ = 0;
  for (std::size_t m = 0; m < kModels; ++m) outlier_share_ += weights_[m] * outlier[m];
  summarise();
}

void ClockBank::reweigh(const std::array<double, kModels>& log_evidence) {
  const double best = *std::max_element(log_evidence.begin(), log_evidence.end());
  if (!std::isfinite(best)) return;
  double total = 0;
  for (std::size_t m = 0; m < kModels; ++m) {
    weights_[m] *= std::exp(std::max(log_evidence[m] - best, -60.0));
    total += weights_[m];
  }
  for (double& w : weights_) w /= total;
}

void ClockBank::summarise() {
  Summary& sum = summary_;
  sum = {};
  for (std::size_t m = 0; m < kModels; ++m) {
    for (std::size_t i = 0; i < kClockStates; ++i) sum.mean[i] += weights_[m] * state(m)[i];
    sum.frequency_walk += weights_[m] * models().walk[m];
  }
  // The mixture's covariance of offset, frequency and all asymmetries, in this order.
  const std::size_t paths = slow_.size();
  const std::size_t n = 2 + paths;
  std::vector<double>& c = moments_;
  std::fill(c.begin(), c.begin() + static_cast<std::ptrdiff_t>(n * n), 0.0);
  const auto row_of = [&](std::size_t i) { return i < 2 ? i : asymmetry_row(i - 2); };
  for (std::size_t i = 0; i < n; ++i) {
    double mean = 0;
    for (std::size_t m = 0; m < kModels; ++m) mean += weights_[m] * state(m)[row_of(i)];
    column_[i] = mean;
  }
  for (std::size_t m = 0; m < kModels; ++m) {
    const double* s = state(m);
    const double* p = covariance(m);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t row = row_of(i);
      const double apart = s[row] - column_[i];
      for (std::size_t j = 0; j <= i; ++j)
        c[i * n + j] += weights_[m] * (p[packed(row, row_of(j))] + apart * (s[row_of(j)] - column_[j]));
    }
  }
  sum.offset_variance = c[0];
  sum.offset_frequency = c[n];
  sum.frequency_variance = c[n + 1];
  if (heat_row_ != 0) {
    Gaussian& k = sum.temperature_coefficient;
    for (std::size_t m = 0; m < kModels; ++m) k.mean += weights_[m] * state(m)[heat_row_];
    for (std::size_t m = 0; m < kModels; ++m)
      k.variance +=
          weights_[m] * (covariance(m)[packed(heat_row_, heat_row_)] + std::pow(state(m)[heat_row_] - k.mean, 2));
  }
  // If an asymmetry were known, what the others share with it would be known too. From the last one to the first.
  for (std::size_t k = n; k-- > 2;) {
    const double pivot = c[k * n + k];
    if (pivot <= 1e-24) continue;
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j <= i; ++j) c[i * n + j] -= c[k * n + i] * c[k * n + j] / pivot;
  }
  sum.tracking_variance = std::max(c[0], 0.0);
  sum.tracking_frequency = c[n];
  sum.tracking_frequency_variance = std::max(c[n + 1], 0.0);
}

ClockEstimate ClockBank::estimate(double t, double heat_Ks, double excess_K) const {
  const Summary& sum = summary_;
  const Gaussian& k = sum.temperature_coefficient;
  const double growth =
      kPhaseWalk * std::abs(t) + sum.frequency_walk * std::abs(t * t * t) / 3 + heat_Ks * heat_Ks * k.variance;
  const auto deviation = [&](double offset, double both, double frequency) {
    return std::sqrt(std::max(offset + 2 * both * t + frequency * t * t, 0.0) + growth);
  };
  const double frequency_variance =
      std::max(sum.frequency_variance, 0.0) + sum.frequency_walk * std::abs(t) + excess_K * excess_K * k.variance;
  const AgingEffect aging = aging_effect(t);
  return {
      .offset_s = sum.mean[0] + sum.mean[1] * t + sum.mean[2] * aging.offset + heat_Ks * k.mean,
      .frequency = sum.mean[1] + sum.mean[2] * aging.frequency + excess_K * k.mean,
      .aging = sum.mean[2] * aging.left,
      .tracking_deviation_s = deviation(sum.tracking_variance, sum.tracking_frequency, sum.tracking_frequency_variance),
      .deviation_s = deviation(sum.offset_variance, sum.offset_frequency, sum.frequency_variance),
      .frequency_deviation = std::sqrt(frequency_variance),
      .wander = std::sqrt(sum.frequency_walk)};
}

double ClockBank::expected_s(std::size_t path) const {
  double sum = 0;
  for (std::size_t m = 0; m < kModels; ++m) sum += weights_[m] * project(m, rows_of(path)).mean;
  return sum;
}

void ClockBank::lose_offset() {
  clear_row(0);
  has_offset_ = false;
  summarise();
}

}  // namespace ntp::estimator
