// SPDX-License-Identifier: BSD-2-Clause
//
// What must hold for a simulated client after every event. Each check gives the text of a violation, or nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "engine/events.h"
#include "state/clock_state.h"

namespace ntp::sim {

struct InvariantSettings {
  /// While the node claims to be synchronised, its true error stays within its root distance (RFC 5905 section 11.2).
  /// Holds only where all sources are true, and once the frequency is known: phi is 15 ppm, an untrained clock may be off
  /// by 500.
  bool checks_root_distance = true;
  double root_distance_from_s = 0;
  bool may_step = true;
  /// Own frequency (10,000) and slew (83,333) together; the kernel takes 100,000.
  double max_steering_ppm = 94'000;
  std::int8_t min_poll_log2s = 6;
  std::int8_t max_poll_log2s = 10;
  /// To one server in an hour, beyond what its poll interval allows: start, bursts and new tries after a silence.
  int extra_packets_per_hour = 16;
  bool checks_longest_gap = true;
  std::size_t max_effects = 64;
  int max_ticks_at_instant = 1000;
};

using Verdict = std::optional<std::string>;

class Invariants {
 public:
  explicit Invariants(const InvariantSettings& settings) : settings_(settings) {}

  /// `true_offset_s`: the clock minus true time. `claims`: what it publishes; believed until valid_until.
  [[nodiscard]] Verdict check_distance(const state::ClockSummary& claims, MonoTime mono, double true_offset_s) const;
  /// Effects of one event.
  [[nodiscard]] Verdict check_effects(const engine::Effects& effects) const;
  /// A request leaves.
  [[nodiscard]] Verdict check_send(const Endpoint& remote, MonoTime mono);
  /// After tick(): time must pass before the next one, sooner or later.
  [[nodiscard]] Verdict check_deadline(MonoTime mono, MonoTime deadline);

  /// Long pauses that are no fault of the engine (a suspended computer) start a new count.
  void forget_sends() { sends_.clear(); }

 private:
  struct Sends {
    Endpoint remote;
    MonoTime hour_start;
    int in_hour = 0;
    MonoTime last;
  };

  InvariantSettings settings_;
  std::vector<Sends> sends_;
  MonoTime ticked_at_ = MonoTime::never();
  int ticks_at_instant_ = 0;
};

/// Root delay / 2 + root dispersion with its growth until `mono`.
double root_distance_s(const state::ClockSummary& summary, MonoTime mono);

}  // namespace ntp::sim
