// SPDX-License-Identifier: BSD-2-Clause
//
// A simulated computer clock: an oscillator with a frequency error that wanders, three clocks that count its cycles, and
// the corrections that programs make.
//
// Frequency is constant between whole seconds, so every clock is a sum of (rate x time) products, and these are kept in
// fixed point without any rounding. Wander is drawn on the grid of seconds: the physics of a run doesn't depend on when
// somebody reads the clock.
#pragma once

#include <cstdint>
#include <expected>

#include "base/random.h"
#include "base/time.h"
#include "base/wide.h"
#include "engine/system_clock.h"
#include "sim/true_time.h"
#include "sim/world_leap.h"

namespace ntp::sim {

struct OscillatorSettings {
  double offset_s = 0;         ///< > 0: the clock is ahead of true time when the run starts
  double frequency_ppm = 0;    ///< > 0: the oscillator is fast
  double wander_ppm = 0;       ///< random walk of the frequency, ppm per square root of a second
  double temperature_ppm = 0;  ///< amplitude of a sine: the day
  double temperature_period_s = 86400;
  double ripple_ppm = 0;  ///< amplitude of a triangle: a heater, a fan
  double ripple_period_s = 2400;
  double resolution_s = 0;     ///< the system clock shows multiples of this
  double reading_noise_s = 0;  ///< a reading is old by up to this when it arrives
  bool may_be_set = true;      ///< false: programs get EPERM
  WorldLeap leap;              ///< what true time does
};

class Oscillator final : public engine::SystemClock {
 public:
  /// `real_at_start` is what a right clock shows at true time zero.
  Oscillator(const OscillatorSettings& settings, Timestamp real_at_start, std::uint64_t seed);

  /// The clocks run until `at`; never backwards.
  void advance_to(TrueTime at);

  engine::Now read() override;
  std::expected<Span, engine::ClockError> step(Span amount) override;
  std::expected<double, engine::ClockError> set_frequency(double frequency_ppm) override;
  std::expected<double, engine::ClockError> frequency_ppm() override;
  std::expected<void, engine::ClockError> set_status(const engine::SetKernelStatus& status) override;

  /// What another program does; asks for no permission.
  void step_by_other(Span amount);
  void change_oscillator(double frequency_ppm);
  /// The monotonic and the undisciplined clock stand still; the system clock is set from a hardware clock at the end,
  /// wrong by error_s.
  void suspend();
  void resume(double error_s);
  [[nodiscard]] bool is_suspended() const { return is_suspended_; }

  /// How many leap seconds the kernel made.
  [[nodiscard]] int leaps() const { return leaps_; }
  /// True while a clock may have made the world's leap second already or not yet.
  [[nodiscard]] bool is_near_leap() const { return settings_.leap.is_near(now_); }

  /// System clock minus true time, without reading noise; the error of a stamp within +-68 years.
  [[nodiscard]] double true_offset_s() const;
  /// The rate error of the system clock as it is steered now.
  [[nodiscard]] double true_frequency_error_ppm() const;
  /// Undisciplined clock minus true time, both since the start of the run; and its rate error.
  [[nodiscard]] double raw_offset_s() const;
  [[nodiscard]] double raw_frequency_error_ppm() const;
  /// What temperature adds to the frequency now.
  [[nodiscard]] double temperature_effect_ppm() const;
  /// When the monotonic clock will show `at`, if nothing changes.
  [[nodiscard]] TrueTime when_mono_shows(MonoTime at) const;
  [[nodiscard]] MonoTime mono() const;
  [[nodiscard]] Timestamp real() const;
  [[nodiscard]] const engine::SetKernelStatus& kernel_status() const { return kernel_status_; }

 private:
  /// What the kernel does about a leap second; as Linux, which leaps at the first midnight (UTC) after it was told, and only
  /// once until it was told otherwise.
  enum class KernelLeap : std::uint8_t { none, armed, made };

  [[nodiscard]] double oscillator_error() const;
  void arm_leap(wire::Leap leap);
  [[nodiscard]] TrueTime next_leap() const;
  void leap();
  void update_rates();

  OscillatorSettings settings_;
  Timestamp real_at_start_;
  SeededRandom wander_random_;
  SeededRandom reading_random_;
  TrueTime now_;
  TrueTime next_grid_;
  double wandered_ppm_ = 0;
  double steering_ppm_ = 0;
  bool is_suspended_ = false;
  TrueTime suspended_since_;
  // Clock minus true time, in units of 2^-96 s: a 2^-64 rate times a 2^-32 duration fits exactly.
  Int128 raw_lead_ = 0;
  Int128 mono_lead_ = 0;
  Int128 real_lead_ = 0;
  // Rates minus one, in units of 2^-64.
  std::int64_t raw_rate_ = 0;
  std::int64_t steered_rate_ = 0;
  engine::SetKernelStatus kernel_status_;
  KernelLeap kernel_leap_ = KernelLeap::none;
  wire::Leap armed_ = wire::Leap::none;
  Timestamp leap_at_;  ///< what the clock shows when it jumps
  int leaps_ = 0;
};

}  // namespace ntp::sim
