// SPDX-License-Identifier: BSD-2-Clause
//
// How large an offset may be to be slewed, to be stepped, or to be touched at all (RFC 5905 section 11.3).
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "engine/settings.h"

namespace ntp::engine {

/// What becomes of an offset.
enum class Action : std::uint8_t {
  ignored,  ///< a spike, or still measuring
  slewed,   ///< target and frequency are set; the slew goes on until the next update
  step,     ///< the caller steps the clock by the offset, and says so when it is done
  panic,    ///< too wrong to touch
};

/// The thresholds and what lifts them.
class StepThresholds {
 public:
  explicit StepThresholds(const DisciplineSettings& settings);

  /// Other thresholds, from now on; what lifts them stays.
  void reconfigure(const DisciplineSettings& settings);
  /// -g: the panic threshold doesn't hold for the first correction.
  void lift_panic_once() { is_panic_lifted_ = true; }
  /// -G: the first correction is a step, however small.
  void step_first() { is_step_forced_ = true; }
  /// The first correction is done; `was_step`: by a step.
  void corrected(bool was_step);

  [[nodiscard]] bool is_step_forced() const { return is_step_forced_; }
  [[nodiscard]] bool is_beyond_step(double offset_s) const;
  [[nodiscard]] bool is_beyond_panic(double offset_s) const;

 private:
  double step_s_;
  double step_back_s_;
  double panic_s_;
  bool is_panic_lifted_ = false;
  bool is_step_forced_ = false;
};

/// The thresholds with patience: once the clock was right, an offset beyond the step threshold is a spike until none in
/// bounds has come for a stepout interval. (The classic discipline has this in its own states.)
class StepPolicy {
 public:
  explicit StepPolicy(const DisciplineSettings& settings);

  /// Other thresholds and patience, from now on.
  void reconfigure(const DisciplineSettings& settings);
  [[nodiscard]] StepThresholds& thresholds() { return thresholds_; }
  /// What becomes of this offset.
  Action judge(double offset_s, RawTime now);
  /// The step that judge() asked for was done.
  void stepped(RawTime now);
  /// The clock was moved by somebody else: the next offset is the first.
  void restart();
  [[nodiscard]] bool is_spike() const { return is_spike_; }

 private:
  StepThresholds thresholds_;
  double stepout_s_;
  std::optional<RawTime> good_at_;  ///< of the last offset in bounds
  bool is_spike_ = false;
};

}  // namespace ntp::engine
