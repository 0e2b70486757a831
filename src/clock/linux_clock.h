// SPDX-License-Identifier: BSD-2-Clause
//
// The Linux system clock: read with its raw counter, stepped by ADJ_SETOFFSET, steered by ADJ_FREQUENCY and ADJ_TICK.
#pragma once

#include <cstdint>
#include <ctime>
#include <expected>

#include "base/time.h"
#include "engine/system_clock.h"

namespace ntp::clock {

/// What RFC 5905 section 7.3 calls precision, and what it is made of.
struct ClockPrecision {
  std::int8_t log2s = 0;  ///< the larger of the two below, rounded up to a power of two
  double step_s = 0;      ///< the least difference seen between two readings
  double reading_s = 0;   ///< what one reading takes
};

class LinuxClock final : public engine::SystemClock {
 public:
  LinuxClock();

  /// The pair (raw, real) is the closest of three; costs less than a microsecond.
  engine::Now read() override;
  std::expected<Span, engine::ClockError> step(Span amount) override;
  std::expected<double, engine::ClockError> set_frequency(double frequency_ppm) override;
  std::expected<double, engine::ClockError> frequency_ppm() override;
  std::expected<void, engine::ClockError> set_status(const engine::SetKernelStatus& status) override;

  /// Lets the kernel slew by so much at 500 ppm, in place of what it still had to slew; it goes on when this process has ended.
  std::expected<void, engine::ClockError> slew(Span amount);

  /// Ends what another program may have left under way (adjtime, the kernel's PLL): it would move the clock unseen.
  std::expected<void, engine::ClockError> cancel_slews();

  /// About 1,000 readings, well under a millisecond.
  [[nodiscard]] ClockPrecision measure_precision() const;

 private:
  std::expected<Span, engine::ClockError> step_by_setting(Span amount) const;

  clockid_t raw_clock_ = CLOCK_MONOTONIC_RAW;
};

}  // namespace ntp::clock
