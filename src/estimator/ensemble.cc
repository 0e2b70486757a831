// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/ensemble.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "estimator/clock_bank.h"
#include "estimator/drift_court.h"
#include "estimator/path_noise.h"
#include "estimator/path_watch.h"
#include "estimator/poll_planner.h"
#include "estimator/proven_frequency.h"
#include "estimator/thermometer.h"

namespace ntp::estimator {
namespace {

/// A path's asymmetry, as a share of half its delay (most paths are within a tenth).
constexpr double kAsymmetryShare = 0.1;
constexpr double kUnknownFrequency = 5e-5;
/// A frequency that is no better known than this is not worth keeping.
constexpr double kKnownFrequency = 1e-6;
/// What a clock that was off may have changed by since it was last measured.
constexpr double kRestDeviation = 1e-7;
/// Measurements that the joint bank can be built anew from.
constexpr std::size_t kRemembered = 512;
/// The frequency tolerance of RFC 5905, and how sure the bound of the error is of the frequency.
constexpr double kTolerance = 15e-6;
constexpr double kSureDeviations = 5;
/// Quartz changes by less than this with the temperature, where nothing was learnt yet: 0.3 ppm a kelvin.
constexpr double kUnknownCoefficient = 3e-7;
/// How far a coefficient that was learnt before may be off now, as a share of it, and at least.
constexpr double kOldCoefficientShare = 0.2;
constexpr double kOldCoefficientLeast = 1e-9;
/// A coefficient is worth keeping if it differs from none by so many standard deviations.
constexpr double kKnownCoefficient = 4;
constexpr double kMostOffset_s = 1e11;
/// The court sits no more often; a source that missed so many intervals has no say.
constexpr double kHearEvery_s = 8;
constexpr double kSilence = 8;
constexpr double kLeastSilence_s = 64;
constexpr double kMostDelay_s = 1e3;

struct Source {
  SourceId id = 0;
  PathNoise noise;
  PathWatch watch;
  ClockBank bank{1};
  PollPlanner planner;
  RawTime last;
  double last_heat_Ks = 0;
  // Where the offset must be, as of `last`: no queue can put it further off than half of the delay.
  double lowest_s = 0;
  double highest_s = 0;
  bool has_say = true;
  double interval_s = 64;  ///< between the last two
  std::size_t count = 0;
  double asymmetry_s = 0;

  ProvenFrequency proven;

  /// How much the clock may gain or lose a second beyond what is estimated.
  [[nodiscard]] double frequency_bound(const ClockEstimate& e) const;
  void narrow(const Measurement& m, double dt, double excess_K);
};

/// A measurement with all that was known of its path then.
struct Remembered {
  SourceId id = 0;
  RawTime at;
  double offset_s = 0;
  double asymmetry_s = 0;
  double heat_Ks = 0;
  ExchangeNoise noise;
  Doubt before;
  Doubt after;
};

double Source::frequency_bound(const ClockEstimate& e) const {
  return kTolerance + std::max(kSureDeviations * e.frequency_deviation, proven.error_bound(e.frequency));
}

void Source::narrow(const Measurement& m, double dt, double excess_K) {
  const double half_s = m.delay_s / 2 + kSureDeviations * m.stamp_error_s;
  const ClockEstimate e = bank.estimate(0, 0, excess_K);
  const double drift_s = e.frequency * dt;
  const double doubt_s = frequency_bound(e) * dt;
  const double low_s = std::max(lowest_s + drift_s - doubt_s, m.offset_s - half_s);
  const double high_s = std::min(highest_s + drift_s + doubt_s, m.offset_s + half_s);
  // Where the two contradict each other, the past is wrong.
  const bool is_new = !bank.has_offset() || low_s > high_s;
  lowest_s = is_new ? m.offset_s - half_s : low_s;
  highest_s = is_new ? m.offset_s + half_s : high_s;
  if (is_new) proven.clear();
  proven.add(m);
}

}  // namespace

class Ensemble::Impl {
 public:
  Memory prior{.frequency = 0, .frequency_deviation = kUnknownFrequency};
  std::vector<std::unique_ptr<Source>> sources;
  std::deque<Remembered> remembered;
  std::size_t waiting = 0;  ///< newest measurements that the joint bank has not seen yet

  std::vector<SourceId> paths;  ///< of the joint bank, in its order
  std::optional<ClockBank> joint;
  RawTime joint_at;
  double joint_heat_Ks = 0;
  bool must_build = false;
  RawTime heard_at;
  Thermometer thermometer;
  DriftCourt court;

  [[nodiscard]] Source* find(SourceId id) const {
    for (const auto& s : sources)
      if (s->id == id) return s.get();
    return nullptr;
  }

  void remember_measurement(const Remembered& r) {
    remembered.push_back(r);
    ++waiting;
    if (remembered.size() > kRemembered) drop_oldest();
    waiting = std::min(waiting, remembered.size());
  }

  /// Of a source that isn't followed, if there is one: it may be one of hundreds.
  void drop_oldest() {
    auto oldest = remembered.begin();
    if (sources.size() > paths.size() && !paths.empty())
      oldest = std::find_if(remembered.begin(), remembered.end(), [&](const Remembered& r) { return !path_of(r.id); });
    if (oldest == remembered.end()) oldest = remembered.begin();
    const auto first_waiting = remembered.size() - waiting;
    if (static_cast<std::size_t>(oldest - remembered.begin()) >= first_waiting) --waiting;
    remembered.erase(oldest);
  }

  /// The first exchange was slow: its delay told nothing of the path's asymmetry.
  void learn_asymmetry(Source& s, double asymmetry_s) {
    s.asymmetry_s = asymmetry_s;
    s.bank = ClockBank(1);
    s.bank.begin(prior);
    if (thermometer.has_reading()) follow_temperature(s.bank);
    s.bank.reset_path(0, asymmetry_s);
    RawTime last;
    double last_heat_Ks = 0;
    for (const Remembered& r : remembered) {
      if (r.id != s.id) continue;
      if (s.bank.has_offset()) s.bank.advance(r.at - last, r.heat_Ks - last_heat_Ks);
      s.bank.observe(0, r.offset_s, r.noise);
      last = r.at;
      last_heat_Ks = r.heat_Ks;
    }
    if (path_of(s.id)) must_build = true;
  }

  [[nodiscard]] std::optional<std::size_t> path_of(SourceId id) const {
    const auto found = std::find(paths.begin(), paths.end(), id);
    if (found == paths.end()) return std::nullopt;
    return static_cast<std::size_t>(found - paths.begin());
  }

  void loosen(std::size_t path, const Doubt& doubt) {
    if (doubt.path_s > 0) joint->loosen_path(path, doubt.path_s);
    if (doubt.frequency > 0) {
      joint->loosen_offset(doubt.offset_s);
      joint->loosen_frequency(doubt.frequency);
      return;
    }
    if (doubt.offset_s == 0) return;
    // Against others, a jump is the source's own; alone, it has to be believed.
    if (paths.size() > 1)
      joint->loosen_path(path, doubt.offset_s);
    else
      joint->loosen_offset(doubt.offset_s);
  }

  void take(const Remembered& r) {
    const auto path = path_of(r.id);
    if (!path) return;
    double offset_s = r.offset_s;
    if (!joint->has_offset()) {
      joint_at = r.at;
      joint_heat_Ks = r.heat_Ks;
    } else if (const double dt = r.at - joint_at; dt >= 0) {
      joint->advance(dt, r.heat_Ks - joint_heat_Ks);
      joint_at = r.at;
      joint_heat_Ks = r.heat_Ks;
    } else {
      // Exchanges overlap: this one's middle is a little older than the last one's.
      offset_s -= joint->estimate(0).frequency * dt;
    }
    loosen(*path, r.before);
    joint->observe(*path, offset_s, r.noise);
    loosen(*path, r.after);
    if (r.after.frequency > 0) joint->observe(*path, offset_s, r.noise);
  }

  void build_anew() {
    joint.emplace(paths.size());
    joint->begin(prior);
    if (thermometer.has_reading()) follow_temperature(*joint);
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (const Source* s = find(paths[i])) joint->reset_path(i, s->asymmetry_s);
    for (const Remembered& r : remembered) take(r);
    waiting = 0;
  }

  void follow_temperature(ClockBank& bank) const {
    const double known = prior.temperature_coefficient;
    const double deviation =
        known == 0 ? kUnknownCoefficient : std::max(kOldCoefficientShare * std::abs(known), kOldCoefficientLeast);
    bank.follow_temperature(known, deviation);
  }

  [[nodiscard]] ClockEstimate of(const ClockBank& bank, RawTime last, double last_heat_Ks, RawTime at) const {
    return bank.estimate(at - last, thermometer.heat_Ks(at) - last_heat_Ks, thermometer.excess_K());
  }
  [[nodiscard]] ClockEstimate of(const Source& s, RawTime at) const { return of(s.bank, s.last, s.last_heat_Ks, at); }

  void hear(RawTime now) {
    if (heard_at != RawTime() && now - heard_at < kHearEvery_s) return;
    heard_at = now;
    std::vector<Witness> witnesses;
    for (const auto& s : sources) {
      const bool is_silent = now - s->last > kSilence * std::max(s->interval_s, kLeastSilence_s);
      if (s->count < 4 || !s->bank.has_offset() || !s->has_say || is_silent) continue;
      const ClockEstimate e = of(*s, now);
      witnesses.push_back({s->id, e.offset_s, e.tracking_deviation_s * e.tracking_deviation_s});
    }
    court.hear(now, witnesses);
  }
};

Ensemble::Ensemble() : impl_(std::make_unique<Impl>()) {}
Ensemble::~Ensemble() = default;

void Ensemble::remember(const Memory& memory) {
  impl_->prior = memory;
  if (memory.frequency_deviation <= 0) impl_->prior.frequency_deviation = kUnknownFrequency;
  if (memory.temperature_coefficient != 0) impl_->thermometer.set_reference(memory.temperature_celsius);
  impl_->prior.frequency_deviation = std::hypot(impl_->prior.frequency_deviation, kRestDeviation);
}

void Ensemble::add_source(SourceId id, bool has_say) {
  remove_source(id);
  auto source = std::make_unique<Source>();
  source->id = id;
  source->has_say = has_say;
  source->bank.begin(impl_->prior);
  if (impl_->thermometer.has_reading()) impl_->follow_temperature(source->bank);
  impl_->sources.push_back(std::move(source));
}

void Ensemble::remove_source(SourceId id) {
  Impl& m = *impl_;
  if (m.find(id) == nullptr) return;
  std::erase_if(m.sources, [&](const auto& s) { return s->id == id; });
  m.court.forget(id);
  // What it said stays in the joint estimate: it was right when it said it. Its path is free.
  const auto is_its = [&](const Remembered& r) { return r.id == id; };
  const auto first_waiting = m.remembered.end() - static_cast<std::ptrdiff_t>(m.waiting);
  m.waiting -= static_cast<std::size_t>(std::count_if(first_waiting, m.remembered.end(), is_its));
  std::erase_if(m.remembered, is_its);
  for (SourceId& path : m.paths)
    if (path == id) path = 0;
}

Ensemble::Fate Ensemble::measured(SourceId id, const Measurement& measurement) {
  Impl& m = *impl_;
  Source* s = m.find(id);
  const bool is_sane =
      std::isfinite(measurement.offset_s) && std::isfinite(measurement.delay_s) &&
      std::isfinite(measurement.stamp_error_s) && std::isfinite(measurement.held_s) && measurement.held_s >= 0 &&
      measurement.held_s < kMostDelay_s && std::abs(measurement.offset_s) < kMostOffset_s && measurement.delay_s >= 0 &&
      measurement.delay_s < kMostDelay_s && measurement.stamp_error_s >= 0 && measurement.stamp_error_s < kMostDelay_s;
  if (s == nullptr || !is_sane || (s->count > 0 && measurement.at <= s->last)) return Fate::refused;

  const double dt = s->count > 0 ? measurement.at - s->last : 0.0;
  const double heat_Ks = m.thermometer.heat_Ks(measurement.at);
  s->narrow(measurement, dt, m.thermometer.excess_K());
  s->bank.advance(dt, heat_Ks - s->last_heat_Ks);
  const PathNoise::Exchange exchange = s->noise.add(measurement.delay_s, measurement.stamp_error_s, dt);
  if (s->count == 0) {
    s->asymmetry_s = kAsymmetryShare * (measurement.delay_s + measurement.held_s) / 2;
    s->bank.reset_path(0, s->asymmetry_s);
  }
  const Doubt before = s->watch.before(exchange.floor_shift_s);
  if (before.path_s > 0) s->bank.loosen_path(0, before.path_s);
  const double miss_s = measurement.offset_s - s->bank.expected_s(0);
  QueueShares shares;
  s->bank.observe(0, measurement.offset_s, exchange.noise, &shares);
  s->noise.learn(shares);
  const Doubt after = s->watch.after(s->bank.outlier_share(), miss_s, dt);
  if (after.path_s > 0) s->bank.loosen_path(0, after.path_s);
  if (after.offset_s > 0) s->bank.loosen_offset(after.offset_s);
  if (after.frequency > 0) {
    s->bank.loosen_frequency(after.frequency);
    s->bank.observe(0, measurement.offset_s, exchange.noise);
  }
  s->planner.measured(s->bank);
  if (dt > 0) s->interval_s = dt;
  s->last = measurement.at;
  s->last_heat_Ks = heat_Ks;
  ++s->count;
  m.remember_measurement(
      {id, measurement.at, measurement.offset_s, s->asymmetry_s, heat_Ks, exchange.noise, before, after});
  if (const double floor_asymmetry_s = kAsymmetryShare * (s->noise.floor_s() + measurement.held_s) / 2;
      floor_asymmetry_s < s->asymmetry_s / 2)
    m.learn_asymmetry(*s, floor_asymmetry_s);
  m.hear(measurement.at);
  return Fate::used;
}

std::optional<ClockEstimate> Ensemble::source_estimate(SourceId id, RawTime at) const {
  const Source* s = impl_->find(id);
  if (s == nullptr || !s->bank.has_offset()) return std::nullopt;
  return impl_->of(*s, at);
}

double Ensemble::error_bound_s(SourceId id, RawTime at) const {
  const Source* s = impl_->find(id);
  if (s == nullptr || !s->bank.has_offset()) return kMostDelay_s;
  const double dt = at - s->last;
  const ClockEstimate e = impl_->of(*s, at);
  const ClockEstimate then = s->bank.estimate(0, 0, impl_->thermometer.excess_K());
  const double moved_s = then.frequency * dt;
  const double doubt_s = s->frequency_bound(then) * std::abs(dt);
  return std::max(e.offset_s - (s->lowest_s + moved_s), s->highest_s + moved_s - e.offset_s) + doubt_s;
}

double Ensemble::proven_frequency_error(SourceId id, double frequency) const {
  const Source* s = impl_->find(id);
  return s != nullptr ? s->proven.error_bound(frequency) : ProvenFrequency().error_bound(frequency);
}

double Ensemble::delay_floor_s(SourceId id) const {
  const Source* s = impl_->find(id);
  return s != nullptr ? s->noise.floor_s() : 0.0;
}

double Ensemble::jitter_s(SourceId id) const {
  const Source* s = impl_->find(id);
  return s != nullptr && s->count > 0 ? s->noise.jitter_s() : 0.0;
}

std::size_t Ensemble::measurements(SourceId id) const {
  const Source* s = impl_->find(id);
  return s != nullptr ? s->count : 0;
}

bool Ensemble::is_drifting(SourceId id, RawTime now) const { return impl_->court.is_convicted(id, now); }

void Ensemble::use(std::span<const SourceId> accepted) {
  Impl& m = *impl_;
  const auto is_accepted = [&](SourceId id) {
    return std::find(accepted.begin(), accepted.end(), id) != accepted.end();
  };
  bool must_build = !m.joint || !m.joint->has_offset() || m.must_build;
  m.must_build = false;
  // A source that isn't accepted any more, and still speaks, takes what it said with it.
  for (std::size_t i = m.remembered.size() - m.waiting; i < m.remembered.size(); ++i) {
    const SourceId id = m.remembered[i].id;
    if (is_accepted(id)) continue;
    if (const auto path = m.path_of(id)) {
      m.paths[*path] = 0;
      must_build = true;
    }
  }
  for (const SourceId id : accepted) {
    if (m.path_of(id) || m.find(id) == nullptr || m.find(id)->count == 0) continue;
    const auto free = std::find(m.paths.begin(), m.paths.end(), SourceId{0});
    if (must_build || free == m.paths.end()) {
      m.paths.push_back(id);
      must_build = true;
      continue;
    }
    *free = id;
    m.joint->reset_path(static_cast<std::size_t>(free - m.paths.begin()), m.find(id)->asymmetry_s);
  }
  if (must_build) {
    std::erase(m.paths, SourceId{0});
    if (m.paths.empty()) return;
    m.build_anew();
    return;
  }
  for (std::size_t i = m.remembered.size() - m.waiting; i < m.remembered.size(); ++i) m.take(m.remembered[i]);
  m.waiting = 0;
}

std::optional<ClockEstimate> Ensemble::estimate(RawTime at) const {
  const Impl& m = *impl_;
  if (!m.joint || !m.joint->has_offset()) return std::nullopt;
  return m.of(*m.joint, m.joint_at, m.joint_heat_Ks, at);
}

int Ensemble::advised_poll_log2s(SourceId id, const PollBounds& bounds) const {
  const Source* s = impl_->find(id);
  if (s == nullptr) return bounds.min_log2s;
  return s->planner.advise(s->bank, bounds);
}

void Ensemble::temperature(RawTime at, double celsius) {
  Impl& m = *impl_;
  const bool is_first = !m.thermometer.has_reading();
  if (!m.thermometer.read(at, celsius) || !is_first) return;
  for (const auto& s : m.sources) m.follow_temperature(s->bank);
  if (m.joint) m.follow_temperature(*m.joint);
}

void Ensemble::phase_lost(RawTime now) {
  Impl& m = *impl_;
  m.remembered.clear();
  m.waiting = 0;
  m.court.forget_all();
  for (const auto& s : m.sources) {
    s->bank.lose_offset();
    s->proven.clear();
  }
  if (!m.joint) return;
  // The joint bank is built anew at the next choice, from what is known of the clock now.
  if (const auto known = memory(now)) m.prior = *known;
  m.joint->lose_offset();
}

std::optional<Memory> Ensemble::memory(RawTime now) const {
  const auto e = estimate(now);
  if (!e || e->frequency_deviation > kKnownFrequency) return std::nullopt;
  Memory memory{
      .frequency = e->frequency, .frequency_deviation = e->frequency_deviation, .wander = e->wander, .aging = e->aging};
  const Gaussian k = impl_->joint->temperature_coefficient();
  if (std::abs(k.mean) > kKnownCoefficient * std::sqrt(k.variance)) {
    memory.temperature_coefficient = k.mean;
    memory.temperature_celsius = impl_->thermometer.reference_celsius();
    memory.frequency -= k.mean * impl_->thermometer.excess_K();
  }
  return memory;
}

}  // namespace ntp::estimator
