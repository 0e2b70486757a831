// SPDX-License-Identifier: BSD-2-Clause
#include "engine/estimator_control.h"

#include <algorithm>
#include <cmath>

namespace ntp::engine {
namespace {

constexpr double kSourceDeviations = 3;
/// So far from its prediction a measurement says nothing new.
constexpr double kPredictionDeviations = 5;
/// At start those that answered decide after this.
constexpr double kEstimatorStartWait_s = 4;
/// A drift file of the classic loop says nothing of its age; temperature alone makes this difference.
constexpr double kPlainDriftDeviation = 1e-6;
/// What another program left in the kernel is a better guess than nothing, not more.
constexpr double kKernelFrequencyDeviation = 100e-6;
/// Peer variables are restated so often a second altogether, however many sources there are.
constexpr double kRestatements_per_s = 64;
/// A followed source that can tell sleep from a foreign step has this long to answer.
constexpr double kDoubt_s = 16;
constexpr double kFrequencyDeviations = 5;
constexpr double kKnownFrequencyDeviation = 1e-6;
/// Where there is no drift file, one that is no better than this still saves the next start nine tenths of the search.
constexpr double kWorthSavingDeviation = 5e-6;
constexpr double kLowest_celsius = -100;
constexpr double kHighest_celsius = 200;
constexpr double kSecondsPerDay = 86400;

/// A server whose clock is coarse rounds its stamps, and no delay shows it. What good ones claim is their reading time, which
/// does show.
double server_error_s(std::int8_t precision_log2s) {
  constexpr int kCoarse_log2s = -16;
  if (precision_log2s <= kCoarse_log2s) return 0;
  return exp2_s(std::min<int>(precision_log2s, 0)) / std::sqrt(12.0);
}

estimator::Memory memory_of(const DriftRecord& drift) {
  estimator::Memory memory{.frequency = drift.frequency_ppm * 1e-6, .frequency_deviation = kPlainDriftDeviation};
  if (!drift.model) return memory;
  memory.frequency_deviation = drift.model->deviation_ppm * 1e-6;
  memory.wander = drift.model->wander_ppm * 1e-6;
  memory.aging = drift.model->aging_ppm_per_day * 1e-6 / kSecondsPerDay;
  memory.temperature_coefficient = drift.model->temperature_ppm_per_K * 1e-6;
  memory.temperature_celsius = drift.model->temperature_celsius;
  return memory;
}

DriftRecord record_of(const estimator::Memory& memory) {
  return {.frequency_ppm = memory.frequency * 1e6,
          .model = DriftRecord::Model{.deviation_ppm = memory.frequency_deviation * 1e6,
                                      .wander_ppm = memory.wander * 1e6,
                                      .aging_ppm_per_day = memory.aging * 1e6 * kSecondsPerDay,
                                      .temperature_ppm_per_K = memory.temperature_coefficient * 1e6,
                                      .temperature_celsius = memory.temperature_celsius}};
}

}  // namespace

EstimatorControl::EstimatorControl(const Settings& settings)
    : settings_(settings.discipline),
      given_drift_(settings.drift),
      kernel_frequency_ppm_(settings.kernel_frequency_ppm),
      clock_(settings),
      policy_(settings.discipline),
      gate_(settings.discipline) {
  if (settings.lifts_panic_once) policy_.thresholds().lift_panic_once();
  if (settings.steps_once) policy_.thresholds().step_first();
}

void EstimatorControl::reconfigure(const DisciplineSettings& settings) {
  settings_ = settings;
  policy_.reconfigure(settings);
  gate_.reconfigure(settings);
}

FollowingRules EstimatorControl::rules() const {
  return {.combining = Combining::joint,
          .start_wait_s = kEstimatorStartWait_s,
          .counts_unresolved_lines = true,
          .decides_within_bursts = true,
          .restarts_after_step = false};
}

void EstimatorControl::start(const Now& now, Effects& out) {
  if (given_drift_)
    ensemble_.remember(memory_of(*given_drift_));
  else if (kernel_frequency_ppm_ != 0)
    ensemble_.remember({.frequency = kernel_frequency_ppm_ * 1e-6, .frequency_deviation = kKernelFrequencyDeviation});
  clock_.start(now, given_drift_ ? given_drift_->frequency_ppm : kernel_frequency_ppm_, out);
}

void EstimatorControl::stop(const Now&, Effects& out) { clock_.stop(out); }

ClockDrive::Outcome EstimatorControl::corrected(const Now& now, const ClockCorrected& correction, Effects& out) {
  const ClockDrive::Outcome outcome = clock_.corrected(correction);
  if (outcome != ClockDrive::Outcome::stepped) return outcome;
  policy_.stepped(now.raw);
  if (seen_) clock_.follow(now, *seen_, drain_s_, out);
  return outcome;
}

void EstimatorControl::jumped(const Now& now, Span amount, Effects& out) {
  clock_.jumped(now, amount);
  policy_.restart();
  clock_.release(now, out);
  has_news_ = true;
  // The machine can't have slept while its clock went backwards.
  if (amount.seconds() <= 0 || !clock_.has_base()) return;
  // A second jump before the first one is understood: nobody can tell them apart.
  if (doubt_ || used_.empty()) {
    lose_phase(now);
    return;
  }
  doubt_ = Doubt{amount.seconds(), now.mono};
}

void EstimatorControl::lose_phase(const Now& now) {
  ensemble_.phase_lost(now.raw);
  clock_.forget_phase(now);
  seen_.reset();
  doubt_.reset();
  gate_.clear();
}

void EstimatorControl::temperature(const Now& now, double celsius, Effects& out) {
  // NaN fails the comparison too.
  if (!(celsius > kLowest_celsius && celsius < kHighest_celsius)) return;
  ensemble_.temperature(now.raw, celsius);
  // The frequency is another one now, and no measurement has to come first.
  const auto estimate = ensemble_.estimate(now.raw);
  if (!seen_ || !estimate) return;
  seen_ = DatedEstimate{*estimate, now.raw};
  clock_.adjust(now, *seen_, out);
}

bool EstimatorControl::is_used(AssociationId id) const {
  return std::find(used_.begin(), used_.end(), id) != used_.end();
}

void EstimatorControl::forget(AssociationId id) {
  if (known_.erase(id) == 0) return;
  std::erase(used_, id);
  gate_.forget(id);
  ensemble_.remove_source(id);
  has_news_ = true;
}

bool EstimatorControl::settle_doubt(const Now& now, const Association& a, const estimator::Measurement& measurement) {
  if (!doubt_) return true;
  const auto predicted = ensemble_.source_estimate(a.id, measurement.at);
  if (is_used(a.id) && predicted) {
    // The clock stood still: the source is ahead by about as much as the system clock went on.
    const double unexplained_s = std::abs(measurement.offset_s - predicted->offset_s);
    (unexplained_s > doubt_->amount_s / 2 ? doubt_->slept : doubt_->stepped).insert(a.id);
    // One source alone may lie: the majority of those that were followed decides.
    const bool is_asleep = 2 * doubt_->slept.size() > used_.size();
    const bool is_stepped = 2 * doubt_->stepped.size() > used_.size();
    if (is_asleep) lose_phase(now);
    if (is_stepped) doubt_.reset();
    if (is_asleep || is_stepped) return true;
  }
  if (now.mono - doubt_->since < kDoubt_s && !used_.empty()) return false;
  lose_phase(now);
  return true;
}

void EstimatorControl::learn(AssociationId id, bool has_say) {
  if (is_known(id)) return;
  known_.insert(id);
  ensemble_.add_source(id, has_say);
}

bool EstimatorControl::is_majority_held() const {
  const auto held =
      std::count_if(used_.begin(), used_.end(), [&](auto id) { return gate_.is_held(static_cast<AssociationId>(id)); });
  return 2 * static_cast<std::size_t>(held) > used_.size();
}

ClockControl::Taken EstimatorControl::compare_with_prediction(const Now& now, Association& a,
                                                              const estimator::Measurement& measurement) {
  const auto predicted = ensemble_.source_estimate(a.id, measurement.at);
  if (!predicted) return Taken::used;
  const double apart_s = std::abs(measurement.offset_s - predicted->offset_s);
  const double excess_s = std::max(measurement.delay_s - ensemble_.delay_floor_s(a.id), 0.0);
  const double explained_s = excess_s / 2 + kPredictionDeviations * predicted->tracking_deviation_s;
  const LeapGate::Verdict verdict = gate_.judge(a.id, apart_s, explained_s, measurement.at);
  if (verdict == LeapGate::Verdict::passes) return Taken::used;
  const bool has_credit = ensemble_.measurements(a.id) > 1;
  if (has_credit && verdict == LeapGate::Verdict::held) {
    a.peer.spike_s = apart_s;
    return Taken::ignored;
  }
  if (has_credit && is_used(a.id) && is_majority_held()) {
    lose_phase(now);
    policy_.restart();
    return Taken::leapt;
  }
  // It alone moved, or its first word was no truer than this one: it begins anew, and so does all that rests on it alone.
  if (is_used(a.id) && used_.size() == 1) lose_phase(now);
  forget(a.id);
  return Taken::used;
}

estimator::Measurement EstimatorControl::measurement_of(const Reply& reply) {
  const CorrectionRecord& record = clock_.drive().record();
  const ntp::engine::Measurement measured = measure(reply.stamps);
  if (!clock_.has_base()) clock_.set_base(record.at(reply.reply_at), measured.offset_s);
  const double at_request_s = clock_.corrected_s(reply.request_at);
  const double at_reply_s = clock_.corrected_s(reply.reply_at);
  return {.at = reply.request_at + (reply.reply_at - reply.request_at) / 2,
          .offset_s = measured.offset_s + (at_request_s + at_reply_s) / 2,
          // A fast slew moves the clock between the two stamps.
          .delay_s = measured.delay_s - (at_reply_s - at_request_s),
          .held_s = std::max((reply.stamps.t3 - reply.stamps.t2).seconds(), 0.0),
          .stamp_error_s = std::hypot(reply.stamp_error_s, server_error_s(reply.header.precision_log2s))};
}

ClockControl::Taken EstimatorControl::take(const Now& now, Association& a, const Reply& reply) {
  estimator::Measurement measurement = measurement_of(reply);
  // Less than nothing by more than the stamps' errors (RFC 5905's epsilon) is no delay: as the floor of the path it would
  // make every true one look like a queue.
  if (measurement.delay_s < -reply.sample.dispersion_s) {
    ++a.counters.bad;
    a.flash |= kPacketHeader;
    return Taken::ignored;
  }
  Sample sample = reply.sample;
  sample.correction = clock_.drive().phase(sample.at);
  a.filter.note(sample);
  if (!settle_doubt(now, a, measurement)) return Taken::ignored;
  // If the phase was lost, so was the base.
  if (!clock_.has_base()) measurement = measurement_of(reply);
  if (const Taken fate = compare_with_prediction(now, a, measurement); fate != Taken::used) return fate;
  if (!clock_.has_base()) measurement = measurement_of(reply);
  measurement.delay_s = std::max(measurement.delay_s, 0.0);
  learn(a.id, !a.settings.is_never_selected);
  if (ensemble_.measured(a.id, measurement) == estimator::Ensemble::Fate::refused) return Taken::ignored;
  a.peer.sample_at = measurement.at;
  has_news_ = true;
  restate(now, a);
  return Taken::used;
}

double EstimatorControl::dispersion_s(const Now& now, const Association& a,
                                      const estimator::ClockEstimate& estimate) const {
  const double age_s = std::max(now.raw - a.peer.sample_at, 0.0);
  const double likely_s = kSourceDeviations * estimate.tracking_deviation_s + settings_.dispersion_rate * age_s;
  // The delay's half is in the root distance already.
  const double possible_s = ensemble_.error_bound_s(a.id, now.raw) - ensemble_.delay_floor_s(a.id) / 2;
  return std::max(likely_s, possible_s);
}

void EstimatorControl::restate(const Now& now, Association& a) const {
  PeerVariables& p = a.peer;
  const auto estimate = ensemble_.source_estimate(a.id, now.raw);
  if (!estimate) {
    p.dispersion_s = kMaxDispersion_s;
    return;
  }
  p.offset_s = estimate->offset_s - clock_.corrected_s(now.raw);
  p.filtered_correction = clock_.drive().phase(now.raw);
  p.delay_s = ensemble_.delay_floor_s(a.id);
  p.dispersion_s = dispersion_s(now, a, *estimate);
  p.jitter_s = ensemble_.jitter_s(a.id);
  p.noise_s = 0;
  p.filtered_at = now.raw;
  a.is_convicted = ensemble_.is_drifting(a.id, now.raw);
}

void EstimatorControl::refresh(const Now& now, Associations associations) {
  const double longest_s = static_cast<double>(associations.size()) / kRestatements_per_s;
  for (const auto& a : associations)
    if (!a->is_local_clock() && is_known(a->id) && now.raw - a->peer.filtered_at > longest_s) restate(now, *a);
}

std::int8_t EstimatorControl::poll_log2s(const Association& a) const {
  const int least = a.poll.min_poll_log2s();
  if (!is_known(a.id)) return static_cast<std::int8_t>(least);
  return static_cast<std::int8_t>(ensemble_.advised_poll_log2s(
      a.id,
      {.min_log2s = least, .max_log2s = a.poll.max_poll_log2s(), .packets_per_hour = settings_.packets_per_hour}));
}

double EstimatorControl::dispersion_rate() const {
  const double phi = settings_.dispersion_rate;
  const double unknown = kMaxFrequency_ppm * 1e-6;
  const double frequency = seen_ ? std::min(kFrequencyDeviations * seen_->value.frequency_deviation, unknown) : unknown;
  if (clock_.drive().sets_clock()) return phi + frequency;
  return phi + frequency + std::abs(clock_.drive().record().frequency_ppm() - clock_.own_ppm()) * 1e-6;
}

bool EstimatorControl::has_news(const SystemChoice& choice) const {
  if (has_news_ || choice.peer->is_local_clock() || choice.followed.size() != used_.size()) return true;
  return std::any_of(choice.followed.begin(), choice.followed.end(),
                     [&](const Association* a) { return !is_used(a->id); });
}

void EstimatorControl::look(const Now& now, SystemChoice& choice) {
  if (choice.peer->is_local_clock()) return;
  has_news_ = false;
  used_.clear();
  for (const Association* a : choice.followed) used_.push_back(a->id);
  // Also where they are the same as before: only now a majority stands behind what they said since.
  ensemble_.use(used_);
  const auto joint = ensemble_.estimate(now.raw);
  const auto estimate = joint ? joint : ensemble_.source_estimate(choice.peer->id, now.raw);
  if (!estimate) return;
  seen_ = DatedEstimate{*estimate, now.raw};
  choice.offset_s = clock_.offset_s(*seen_, now.raw);
  choice.jitter_s = choice.peer->peer.jitter_s;
  leader_poll_log2s_ = choice.peer->poll.poll_log2s();
  drain_s_ = choice.peer->poll.interval_s();
}

Action EstimatorControl::follow(const Now& now, const SystemChoice& choice, Effects& out) {
  // While nobody knows whether the machine slept, the sources' old words fit whatever the clock shows.
  if (doubt_ || !seen_) return Action::ignored;
  const Action action = policy_.judge(choice.offset_s, now.raw);
  // What would be stepped by must have been said twice.
  const bool is_drastic = action == Action::panic || policy_.thresholds().is_beyond_step(choice.offset_s);
  if (is_drastic && choice.followed.size() == 1 && ensemble_.measurements(choice.peer->id) < 2) return Action::ignored;
  if (action == Action::slewed) clock_.follow(now, *seen_, drain_s_, out);
  if (action == Action::ignored) clock_.keep_pace(now, *seen_, out);
  return action;
}

SystemVariables::Followed EstimatorControl::followed(const Now& now, const SystemChoice& choice) const {
  // The leader's interval holds true time; what the estimate differs from its middle comes on top.
  const double apart_s = std::abs(choice.offset_s - offset_now_s(*choice.peer, clock_.drive().phase(now.raw)));
  SystemVariables::Followed followed{.choice = choice,
                                     .noise_s = 0,
                                     .uncorrected_s = std::abs(choice.offset_s) + apart_s,
                                     .dispersion_rate = dispersion_rate()};
  // The estimator's own word for its frequency isn't enough for a promise.
  if (seen_ && is_known(choice.peer->id)) {
    const double proven = ensemble_.proven_frequency_error(choice.peer->id, seen_->value.frequency);
    followed.dispersion_rate = std::max(followed.dispersion_rate, settings_.dispersion_rate + proven);
  }
  return followed;
}

std::optional<estimator::Memory> EstimatorControl::memory(const Now& now, SaveMoment moment) const {
  if (const auto known = ensemble_.memory(now.raw)) return known;
  const auto estimate = ensemble_.estimate(now.raw);
  if (moment == SaveMoment::hourly || !estimate) return std::nullopt;
  // What the file says went into the estimate: less sure than the file, it has lost the thread.
  const double worst = given_drift_ ? memory_of(*given_drift_).frequency_deviation : kWorthSavingDeviation;
  if (estimate->frequency_deviation > worst) return std::nullopt;
  return estimator::Memory{.frequency = estimate->frequency,
                           .frequency_deviation = estimate->frequency_deviation,
                           .wander = estimate->wander,
                           .aging = estimate->aging};
}

std::optional<DriftRecord> EstimatorControl::drift(const Now& now, SaveMoment moment) const {
  // Without the right to set the clock, what was measured is another program's doing.
  if (!clock_.drive().sets_clock()) return moment == SaveMoment::end ? given_drift_ : std::nullopt;
  const auto measured = memory(now, moment);
  // At the end, a run that was too short to learn more hands on what it was given.
  if (!measured) return moment == SaveMoment::end ? given_drift_ : std::nullopt;
  const DriftRecord record = record_of(*measured);
  // The file's other readers take no more.
  if (std::abs(record.frequency_ppm) > kMaxFrequency_ppm) return std::nullopt;
  return record;
}

ClockControl::Error EstimatorControl::error(const Now& now) const {
  if (!seen_) return {.offset_s = 0, .deviation_s = kMaxDispersion_s};
  return {.offset_s = clock_.offset_s(*seen_, now.raw), .deviation_s = carried_on(*seen_, now.raw).deviation_s};
}

state::DisciplineState EstimatorControl::state() const {
  using State = state::DisciplineState;
  if (!seen_) return given_drift_ ? State::fset : State::nset;
  if (policy_.is_spike()) return State::spik;
  return seen_->value.frequency_deviation > kKnownFrequencyDeviation ? State::freq : State::sync;
}

void EstimatorControl::describe(const Now& now, state::SystemView& view) const {
  const Error estimate = error(now);
  view.poll_log2s = leader_poll_log2s_;
  view.frequency_ppm = clock_.own_ppm();
  view.estimate_s = estimate.offset_s;
  view.deviation_s = estimate.deviation_s;
  view.clock_jitter_s = seen_ ? estimate.deviation_s : 0.0;
  view.clock_wander_ppm = seen_ ? seen_->value.wander * 1e6 : 0.0;
  view.discipline = state();
}

void EstimatorControl::describe(const Now& now, const Association& a, state::SourceView& view) const {
  if (!is_known(a.id)) return;
  const auto estimate = ensemble_.source_estimate(a.id, now.raw);
  if (estimate) {
    view.deviation_s = estimate->deviation_s;
    view.dispersion_s = dispersion_s(now, a, *estimate);
  }
  view.delay_floor_s = ensemble_.delay_floor_s(a.id);
}

}  // namespace ntp::engine
