// SPDX-License-Identifier: BSD-2-Clause
//
// The clock's two handles, frequency and step, and exact books of what they did: requests go out as effects, their true
// outcomes into the correction records.
#pragma once

#include <cstdint>

#include "engine/correction_record.h"
#include "engine/events.h"
#include "engine/settings.h"

namespace ntp::engine {

class ClockDrive {
 public:
  explicit ClockDrive(const Settings& settings);

  /// The record begins; the clock is to run at its own frequency from now on.
  void start(const Now& now, double own_ppm, Effects& out);
  /// Runs the clock at its own frequency plus what slews it.
  void run(const Now& now, double own_ppm, double slew_ppm, Effects& out);
  /// The step goes out as an effect; its outcome comes back through corrected().
  void step(double offset_s, Effects& out);
  /// The end: the clock runs at its own frequency, what is left of a slew stays undone.
  void stop(double own_ppm, Effects& out);

  enum class Outcome : std::uint8_t { done, stepped, failed, permission_lost };
  /// The outcome of an effect of ours.
  Outcome corrected(const ClockCorrected& outcome);
  /// The system clock was moved by somebody else.
  void jumped(const Now& now, Span amount);

  [[nodiscard]] bool sets_clock() const { return sets_clock_; }
  [[nodiscard]] bool is_step_pending() const { return step_token_ != 0; }
  /// How far off its own frequency the clock runs where nobody can steer it any more: a slew that can't be ended, or a
  /// known frequency that could not be set.
  [[nodiscard]] double unsteered_ppm() const;
  /// All corrections: to undisciplined time and back.
  [[nodiscard]] const CorrectionRecord& record() const { return record_; }
  /// Steps and slews alone, without the clock's own frequency: that only makes up for what the clock drifts by itself, and
  /// an offset measured a while ago must not be restated by it.
  [[nodiscard]] Correction phase(RawTime at) const { return phase_record_.at(at); }

 private:
  CorrectionRecord record_;
  CorrectionRecord phase_record_;
  bool sets_clock_;
  double kernel_frequency_ppm_;
  double own_ppm_ = 0;  ///< all that the clock runs at beyond it is slew
  Token next_token_ = 1;
  Token step_token_ = 0;
};

}  // namespace ntp::engine
