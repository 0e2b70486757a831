// SPDX-License-Identifier: BSD-2-Clause
//
// Carries the discipline's decisions out: frequency, slew slices and steps as effects, their true outcomes into the record.
#pragma once

#include <optional>

#include "engine/correction_record.h"
#include "engine/discipline.h"
#include "engine/events.h"
#include "engine/settings.h"

namespace ntp::engine {

class Steering {
 public:
  explicit Steering(const Settings& settings);

  void start(const Now& now, Effects& out);
  /// A new combined offset. Where the answer is a step, the caller calls step() once it has said that it knows no time.
  Action update(const Now& now, double offset_s, double jitter_s, Effects& out);

  /// The step goes out as an effect; nothing is updated until its outcome is known.
  void step(double offset_s, Effects& out);

  enum class Outcome : std::uint8_t { done, stepped, failed, permission_lost };
  /// The outcome of an effect of ours.
  Outcome corrected(const Now& now, const ClockCorrected& outcome, Effects& out);

  /// The system clock was moved by somebody else.
  void jumped(const Now& now, Span amount, Effects& out);

  /// Ends a slice of the slew and begins the next one.
  void tick(const Now& now, Effects& out);
  [[nodiscard]] MonoTime deadline() const { return slice_end_; }

  /// Leaves the clock at its own frequency: what is left of a slew stays undone.
  void stop(const Now& now, Effects& out);

  /// How far off its own frequency the clock runs where nobody can steer it any more: a slew that can't be ended, or a
  /// known frequency that could not be set.
  [[nodiscard]] double unsteered_ppm() const;
  [[nodiscard]] bool sets_clock() const { return sets_clock_; }
  [[nodiscard]] bool is_step_pending() const { return step_token_ != 0; }
  /// What an offset that was measured at `at` has to be restated by: steps and slews, not the clock's own frequency, which
  /// only makes up for what the clock drifts by itself.
  [[nodiscard]] Correction correction(RawTime at) const { return phase_record_.at(at); }
  [[nodiscard]] const CorrectionRecord& record() const { return record_; }
  [[nodiscard]] Discipline& discipline() { return discipline_; }
  [[nodiscard]] const Discipline& discipline() const { return discipline_; }

 private:
  void settle_slice(const Now& now);
  void begin_slice(const Now& now, Effects& out);
  void request_frequency(double frequency_ppm, Effects& out);

  Discipline discipline_;
  CorrectionRecord record_;        ///< all corrections: to undisciplined time and back
  CorrectionRecord phase_record_;  ///< steps and slews alone
  bool sets_clock_;
  double kernel_frequency_ppm_;
  std::optional<DriftRecord> drift_;
  Token next_token_ = 1;
  Token step_token_ = 0;
  MonoTime slice_end_ = MonoTime::never();
  RawTime slice_start_;
  double slice_base_ppm_ = 0;  ///< the clock's own frequency during the slice; all beyond it is slew
};

}  // namespace ntp::engine
