// SPDX-License-Identifier: BSD-2-Clause
#include "sim/invariants.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ntp::sim {
namespace {

constexpr double kHour_s = 3600;
// The poll process stretches an interval by up to 1/16 and may wait for the next second and for an answer that never comes.
constexpr double kGapStretch = 1.0 + 1.0 / 16.0;
constexpr double kGapGrace_s = 20;
constexpr double kMaxDrift_ppm = 500;

}  // namespace

double root_distance_s(const state::ClockSummary& summary, MonoTime mono) {
  const double age_s = std::max(mono - summary.as_of, 0.0);
  return summary.root_delay_s / 2 + summary.root_dispersion_s + summary.dispersion_rate * age_s;
}

Verdict Invariants::check_distance(const state::ClockSummary& claims, MonoTime mono, double true_offset_s) const {
  if (!settings_.checks_root_distance || !claims.is_synchronized() || mono > claims.valid_until) return std::nullopt;
  if (mono - MonoTime{} < settings_.root_distance_from_s) return std::nullopt;
  const double distance_s = root_distance_s(claims, mono);
  if (std::fabs(true_offset_s) <= distance_s) return std::nullopt;
  return fmt::format("the clock is off by {:.9f} s, its root distance says at most {:.9f} s", true_offset_s,
                     distance_s);
}

Verdict Invariants::check_effects(const engine::Effects& effects) const {
  if (effects.size() > settings_.max_effects) {
    return fmt::format("one event had {} effects, the limit is {}", effects.size(), settings_.max_effects);
  }
  for (const engine::Effect& effect : effects) {
    if (const auto* step = std::get_if<engine::StepClock>(&effect); step != nullptr && !settings_.may_step) {
      return fmt::format("the clock is stepped by {:.9f} s although nothing may step it", step->amount.seconds());
    }
    if (const auto* steer = std::get_if<engine::SetFrequency>(&effect);
        steer != nullptr && !(std::fabs(steer->frequency_ppm) <= settings_.max_steering_ppm)) {
      return fmt::format("the clock is steered by {} ppm, the limit is {}", steer->frequency_ppm,
                         settings_.max_steering_ppm);
    }
    if (const auto* save = std::get_if<engine::SaveDrift>(&effect);
        save != nullptr && !(std::fabs(save->drift.frequency_ppm) <= kMaxDrift_ppm)) {
      return fmt::format("a drift of {} ppm is saved, the limit is {}", save->drift.frequency_ppm, kMaxDrift_ppm);
    }
  }
  return std::nullopt;
}

Verdict Invariants::check_send(const Endpoint& remote, MonoTime mono) {
  const auto found = std::find_if(sends_.begin(), sends_.end(), [&](const Sends& s) { return s.remote == remote; });
  if (found == sends_.end()) {
    sends_.push_back({.remote = remote, .hour_start = mono, .in_hour = 1, .last = mono});
    return std::nullopt;
  }
  const double gap_s = mono - found->last;
  found->last = mono;
  const double longest_s = std::ldexp(kGapStretch, settings_.max_poll_log2s) + kGapGrace_s;
  if (settings_.checks_longest_gap && gap_s > longest_s) {
    return fmt::format("{} was not asked for {:.1f} s, the longest poll interval is {:.0f} s", remote.text(), gap_s,
                       std::ldexp(1.0, settings_.max_poll_log2s));
  }
  if (mono - found->hour_start >= kHour_s) {
    found->hour_start = mono;
    found->in_hour = 0;
  }
  ++found->in_hour;
  const double allowed =
      std::ceil(kHour_s / std::ldexp(1.0, settings_.min_poll_log2s)) + settings_.extra_packets_per_hour;
  if (found->in_hour <= allowed) return std::nullopt;
  return fmt::format("{} was sent {} packets within an hour, the limit is {}", remote.text(), found->in_hour, allowed);
}

Verdict Invariants::check_deadline(MonoTime mono, MonoTime deadline) {
  if (deadline < mono) {
    return fmt::format("the next deadline is {:.9f} s in the past right after tick()", mono - deadline);
  }
  ticks_at_instant_ = ticked_at_ == mono ? ticks_at_instant_ + 1 : 1;
  ticked_at_ = mono;
  if (ticks_at_instant_ <= settings_.max_ticks_at_instant) return std::nullopt;
  return fmt::format("{} ticks at the same instant", ticks_at_instant_);
}

}  // namespace ntp::sim
