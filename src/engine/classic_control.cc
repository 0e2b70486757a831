// SPDX-License-Identifier: BSD-2-Clause
#include "engine/classic_control.h"

#include <algorithm>
#include <cmath>

namespace ntp::engine {

ClassicControl::ClassicControl(const Settings& settings)
    : settings_(settings.discipline), precision_log2s_(settings.precision_log2s), steering_(settings) {}

void ClassicControl::reconfigure(const DisciplineSettings& settings) {
  settings_ = settings;
  steering_.discipline().reconfigure(settings);
}

ClockDrive::Outcome ClassicControl::corrected(const Now& now, const ClockCorrected& correction, Effects& out) {
  return steering_.corrected(now, correction, out);
}

FilterContext ClassicControl::filter_context(const Now& now, const Association& a) const {
  const bool is_drifting = steering_.sets_clock() && !steering_.discipline().is_frequency_known();
  return {.now = now.raw,
          .correction = steering_.correction(now.raw),
          .dispersion_rate = dispersion_rate(),
          .precision_s = exp2_s(precision_log2s_),
          .poll_interval_s = a.poll.interval_s(),
          // While the clock drifts at an unknown rate, every sample is old.
          .allan_intercept_s = is_drifting ? 0.0 : exp2_s(settings_.allan_intercept_log2s)};
}

ClockControl::Taken ClassicControl::take(const Now& now, Association& a, const Reply& reply) {
  Sample sample = reply.sample;
  sample.correction = steering_.correction(sample.at);
  // Whether or not the best sample is a new one: each sample makes the source's dispersion smaller.
  const FilterResult result = a.filter.add(sample, filter_context(now, a));
  adopt(a.peer, result, now.raw, steering_.correction(now.raw));
  a.peer.spike_s = result.spike_s;
  return Taken::used;
}

void ClassicControl::missed(const Now& now, Association& a) {
  adopt(a.peer, a.filter.add_missing(filter_context(now, a)), now.raw, steering_.correction(now.raw));
}

std::int8_t ClassicControl::poll_log2s(const Association&) const { return steering_.discipline().poll_log2s(); }

double ClassicControl::dispersion_rate() const {
  if (steering_.sets_clock()) return steering_.discipline().dispersion_rate();
  return settings_.dispersion_rate + steering_.drive().unsteered_ppm() * 1e-6;
}

bool ClassicControl::has_news(const SystemChoice& choice) const {
  // Only news moves the clock: the leader's sample must be younger than the one used last.
  return !last_sample_at_ || choice.peer->peer.sample_at > *last_sample_at_;
}

void ClassicControl::look(const Now& now, SystemChoice& choice) {
  last_sample_at_ = choice.peer->peer.sample_at;
  combined_offset_s_ = choice.offset_s;
  combined_jitter_s_ = choice.jitter_s;
  combined_correction_ = steering_.correction(now.raw);
}

Action ClassicControl::follow(const Now& now, const SystemChoice& choice, Effects& out) {
  steering_.discipline().set_poll_bounds(choice.peer->poll.min_poll_log2s(), choice.peer->poll.max_poll_log2s());
  return steering_.update(now, choice.offset_s, choice.jitter_s, out);
}

SystemVariables::Followed ClassicControl::followed(const Now&, const SystemChoice& choice) const {
  return {.choice = choice,
          .noise_s = choice.jitter_s,
          .uncorrected_s = std::abs(choice.offset_s),
          .dispersion_rate = dispersion_rate()};
}

std::optional<DriftRecord> ClassicControl::drift(const Now&, SaveMoment moment) const {
  const Discipline& discipline = steering_.discipline();
  const DriftRecord record{.frequency_ppm = discipline.frequency_ppm(), .model = std::nullopt};
  // A clean end leaves a drift file, but never a guess that the next start would trust.
  if (moment == SaveMoment::end) return discipline.is_frequency_known() ? std::optional(record) : std::nullopt;
  const bool is_measured =
      discipline.state() == state::DisciplineState::sync || discipline.state() == state::DisciplineState::spik;
  return steering_.sets_clock() && is_measured ? std::optional(record) : std::nullopt;
}

ClockControl::Error ClassicControl::error(const Now& now) const {
  const double corrected_s = steering_.correction(now.raw) - combined_correction_;
  return {.offset_s = last_sample_at_ ? combined_offset_s_ - corrected_s : 0.0,
          .deviation_s = std::max(combined_jitter_s_, steering_.discipline().jitter_s())};
}

void ClassicControl::describe(const Now& now, state::SystemView& view) const {
  const Discipline& discipline = steering_.discipline();
  const Error estimate = error(now);
  view.poll_log2s = discipline.poll_log2s();
  view.frequency_ppm = discipline.frequency_ppm();
  view.clock_jitter_s = discipline.jitter_s();
  view.clock_wander_ppm = discipline.wander_ppm();
  view.discipline = discipline.state();
  view.estimate_s = estimate.offset_s;
  view.deviation_s = estimate.deviation_s;
}

}  // namespace ntp::engine
