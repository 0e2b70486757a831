// SPDX-License-Identifier: BSD-2-Clause
//
// Carries the classic discipline's decisions out: a frequency, and a slew in slices whose true outcome comes back to it.
#pragma once

#include <optional>

#include "engine/clock_drive.h"
#include "engine/discipline.h"
#include "engine/events.h"
#include "engine/settings.h"

namespace ntp::engine {

class Steering {
 public:
  using Outcome = ClockDrive::Outcome;

  explicit Steering(const Settings& settings);

  void start(const Now& now, Effects& out);
  /// A new combined offset. Where the answer is a step, the caller calls step() once it has said that it knows no time.
  Action update(const Now& now, double offset_s, double jitter_s, Effects& out);

  /// The step goes out as an effect; nothing is updated until its outcome is known.
  void step(double offset_s, Effects& out) { drive_.step(offset_s, out); }

  /// The outcome of an effect of ours.
  Outcome corrected(const Now& now, const ClockCorrected& outcome, Effects& out);

  /// The system clock was moved by somebody else.
  void jumped(const Now& now, Span amount, Effects& out);

  /// Ends a slice of the slew and begins the next one.
  void tick(const Now& now, Effects& out);
  [[nodiscard]] MonoTime deadline() const { return slice_end_; }

  /// Leaves the clock at its own frequency: what is left of a slew stays undone.
  void stop(const Now& now, Effects& out);

  [[nodiscard]] const ClockDrive& drive() const { return drive_; }
  [[nodiscard]] bool sets_clock() const { return drive_.sets_clock(); }
  [[nodiscard]] bool is_step_pending() const { return drive_.is_step_pending(); }
  /// What an offset that was measured at `at` has to be restated by.
  [[nodiscard]] Correction correction(RawTime at) const { return drive_.phase(at); }
  [[nodiscard]] const CorrectionRecord& record() const { return drive_.record(); }
  [[nodiscard]] Discipline& discipline() { return discipline_; }
  [[nodiscard]] const Discipline& discipline() const { return discipline_; }

 private:
  void settle_slice(const Now& now);
  void begin_slice(const Now& now, Effects& out);

  Discipline discipline_;
  ClockDrive drive_;
  double kernel_frequency_ppm_;
  std::optional<DriftRecord> drift_;
  MonoTime slice_end_ = MonoTime::never();
  RawTime slice_start_;
};

}  // namespace ntp::engine
