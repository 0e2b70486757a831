// SPDX-License-Identifier: BSD-2-Clause
//
// The clock follows an estimate: it runs at the estimated frequency, and what it is off is drained in a given time. The
// estimate speaks of undisciplined time and the books of what was done to the clock are exact, so what is still to be done
// is known at every moment, and no measurement is needed to find out.
#pragma once

#include <optional>

#include "engine/clock_drive.h"
#include "estimator/measurement.h"

namespace ntp::engine {

/// An estimate and the moment it speaks of.
struct DatedEstimate {
  estimator::ClockEstimate value;
  RawTime at;
};
/// The estimate carried on to another moment: frequency and aging go on, deviations grow.
[[nodiscard]] estimator::ClockEstimate carried_on(const DatedEstimate& estimate, RawTime to);

class FeedForward {
 public:
  /// In the first minute small offsets may be slewed as fast as the kernel's tick allows, later by 500 ppm.
  static constexpr double kFastStart_s = 60;
  static constexpr double kFastSlew_ppm = 83'333;
  /// Own frequencies beyond this are no clock's; beyond 500 ppm they are taken only once they are well known.
  static constexpr double kMaxOwn_ppm = 10'000;
  /// Frequency and rest are looked at again after so long.
  static constexpr double kLongestLook_s = 64;

  explicit FeedForward(const Settings& settings) : drive_(settings) {}

  void start(const Now& now, double own_ppm, Effects& out);
  /// From now on the clock follows this estimate; what it is off is gone in `drain_s`, or as fast as it may.
  void follow(const Now& now, const DatedEstimate& estimate, double drain_s, Effects& out);
  /// The estimate was refined; what is being drained goes on to its end.
  void adjust(const Now& now, const DatedEstimate& estimate, Effects& out);
  /// Takes the estimate's frequency alone: whether its phase is to be believed has not been decided yet.
  void keep_pace(const Now& now, const DatedEstimate& estimate, Effects& out);
  /// The phase isn't known any more, the frequency is; the base stays.
  void release(const Now& now, Effects& out);
  /// The same, and the undisciplined clock itself can't be trusted to have run on: a new base must be chosen. The next tick
  /// ends what is left of a slew.
  void forget_phase(const Now& now);
  void tick(const Now& now, Effects& out);
  [[nodiscard]] MonoTime deadline() const { return look_at_; }
  void stop(Effects& out);

  void step(double offset_s, Effects& out) { drive_.step(offset_s, out); }
  ClockDrive::Outcome corrected(const ClockCorrected& correction);
  void jumped(const Now& now, Span amount) { drive_.jumped(now, amount); }

  [[nodiscard]] const ClockDrive& drive() const { return drive_; }
  [[nodiscard]] double own_ppm() const { return own_ppm_; }

  /// Chooses the base of undisciplined time so that what was measured is 0: doubles stay exact however wrong the clock is.
  void set_base(Correction at, double offset_s);
  [[nodiscard]] bool has_base() const { return base_.has_value(); }
  /// System clock minus undisciplined clock, from the base.
  [[nodiscard]] double corrected_s(RawTime at) const { return drive_.record().at(at) - *base_; }
  /// True time minus system clock, as the estimate has it.
  [[nodiscard]] double offset_s(const DatedEstimate& estimate, RawTime at) const;

 private:
  void plan(const Now& now, Effects& out);

  ClockDrive drive_;
  std::optional<Correction> base_;
  std::optional<DatedEstimate> followed_;
  bool is_phase_known_ = false;
  double own_ppm_ = 0;
  double drain_s_ = 1;
  MonoTime drained_at_;
  MonoTime look_at_ = MonoTime::never();
  std::optional<MonoTime> fast_until_;
};

}  // namespace ntp::engine
