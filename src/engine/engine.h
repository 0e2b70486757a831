// SPDX-License-Identifier: BSD-2-Clause
//
// The engine: RFC 5905's client and clock discipline without input or output. Dispatch only; what it dispatches to lives in
// Association (one source's data), Mitigation (which sources are right), Discipline (the clock loop).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "engine/events.h"
#include "engine/settings.h"
#include "engine/source_changes.h"
#include "state/view.h"

namespace ntp::engine {

class Engine {
 public:
  /// `random` must outlive the engine.
  Engine(Settings settings, Random& random);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Mobilises the sources. Once, before anything else.
  void start(const Now& now, Effects& out);
  /// One event in, ordered effects appended to `out`. Never blocks, never throws for what a network may send.
  void handle(const Now& now, const Input& input, Effects& out);
  /// Everything that is due at now.mono.
  void tick(const Now& now, Effects& out);
  /// When tick() wants to be called next; the driver keeps this one number.
  [[nodiscard]] MonoTime next_deadline() const;
  /// Before the daemon ends: no slew and no leap second stay behind, the drift is saved.
  void stop(const Now& now, Effects& out);

  /// Another configuration while it runs, after start(). What stays the same keeps its association and samples, and what is
  /// known of the clock stays known. Only sources, selection, thresholds, statistics, keys, leap table and smear take effect:
  /// the algorithm and what only a start asks for (precision, drift, the first correction, whether the clock is ours) stay.
  SourceChanges reconfigure(const Now& now, Settings settings, Effects& out);

  /// What is counted of the sources at this address (port 0: any), or of all, counts from 0 again; false: there is none.
  bool reset_counters(const std::optional<Endpoint>& remote);

  /// A copy of what can be seen, at `now`.
  [[nodiscard]] state::View view(const Now& now) const;
  /// Of all associations with hosts, in no order.
  [[nodiscard]] std::vector<Address> source_addresses() const;
  /// The host's own addresses and the port that it serves on, for loop detection.
  void set_own_names(std::vector<Address> addresses, std::uint16_t port);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ntp::engine
