// SPDX-License-Identifier: BSD-2-Clause
//
// The clock discipline: from combined offsets to a frequency and a slew (RFC 5905 section 11.3), the classic hybrid of a
// phase-locked and a frequency-locked loop.
//
// The frequency is known from the start (drift file: FSET) or measured for one stepout interval (FREQ). Offsets beyond the
// step threshold are spikes until a stepout interval has passed since the last good update.
//
//            no drift file                      drift file
//                 |                                 |
//                 v                                 v
//               NSET --- first offset: slewed     FSET --- first offset: slewed or stepped
//                 |      or stepped                 |
//                 v                                 v
//               FREQ --- after stepout: --------> SYNC <------------------------+
//                        frequency measured         | beyond the step threshold |
//                                                   v                           |
//                                                 SPIK --- back in bounds, or --+
//                                                          after stepout: step
#pragma once

#include <cstdint>
#include <optional>

#include "engine/constants.h"
#include "engine/correction_record.h"
#include "engine/settings.h"
#include "engine/step_policy.h"
#include "state/view.h"

namespace ntp::engine {

/// One combined offset and the moment it speaks of.
struct Update {
  double offset_s = 0;  ///< > 0: the true time is ahead of the system clock as it is now
  double jitter_s = 0;  ///< of the combined offset
  RawTime now;
  Correction correction;  ///< of the system clock at now
};

class Discipline {
 public:
  Discipline(const DisciplineSettings& settings, double precision_s);

  /// The frequency that the clock starts with; `is_trusted`: from a drift file, so no measurement is needed.
  void start(double frequency_ppm, bool is_trusted);
  /// Other thresholds and constants, from now on; its states and what it knows of the frequency stay.
  void reconfigure(const DisciplineSettings& settings);
  /// -g: the panic threshold doesn't hold for the first correction.
  void lift_panic_once() { thresholds_.lift_panic_once(); }
  /// -G: the first correction is a step, however small.
  void step_first() { thresholds_.step_first(); }

  Action update(const Update& update);
  /// The step that update() asked for was done.
  void stepped(RawTime now, Correction correction);
  /// Somebody else moved the clock: what is known of its phase is void, what is known of its frequency stays.
  void phase_lost();

  /// How much of the offset is still to be slewed, as of the last update or slice.
  [[nodiscard]] double residual_s() const { return residual_s_; }
  /// A slice of the slew has run: the clock moved by `moved_s`.
  void slewed(double moved_s) { residual_s_ -= moved_s; }
  /// Exponential drain: the time constant in force.
  [[nodiscard]] double time_constant_s() const;

  [[nodiscard]] state::DisciplineState state() const { return state_; }
  [[nodiscard]] double frequency_ppm() const { return frequency_ppm_; }
  [[nodiscard]] double jitter_s() const { return jitter_s_; }
  [[nodiscard]] double wander_ppm() const { return wander_ppm_; }
  [[nodiscard]] double offset_s() const { return last_offset_s_; }
  [[nodiscard]] std::int8_t poll_log2s() const { return poll_log2s_; }
  [[nodiscard]] bool is_frequency_known() const;
  /// Bound of the clock's frequency error: the tolerance phi, or the whole range while nothing is known.
  [[nodiscard]] double dispersion_rate() const;
  /// The poll interval moves within these, those of the system peer.
  void set_poll_bounds(std::int8_t min_log2s, std::int8_t max_log2s);

 private:
  Action update_spike(const Update& update, double elapsed_s);
  Action update_in_bounds(const Update& update, double elapsed_s);
  void enter(state::DisciplineState state, const Update& update);
  void measure_frequency(const Update& update, double elapsed_s);
  void adjust_frequency(const Update& update, double elapsed_s);
  void adjust_poll(double offset_s);
  void set_frequency(double frequency_ppm);
  void aim(const Update& update);

  DisciplineSettings settings_;
  StepThresholds thresholds_;
  double precision_s_;
  state::DisciplineState state_ = state::DisciplineState::nset;
  double frequency_ppm_ = 0;
  double residual_s_ = 0;
  double last_offset_s_ = 0;
  double jitter_s_;
  double wander_ppm_ = 0;
  std::int8_t poll_log2s_ = kDefaultMinPoll;
  std::int8_t min_poll_log2s_ = kDefaultMinPoll;
  std::int8_t max_poll_log2s_ = kDefaultMaxPoll;
  int poll_counter_ = 0;
  // Where the state was entered, or the last update in bounds was: the base of measurements.
  RawTime base_at_;
  double base_offset_s_ = 0;
  Correction base_correction_;
  std::optional<RawTime> hold_until_;  ///< start-up: fast phase, no frequency changes
};

}  // namespace ntp::engine
