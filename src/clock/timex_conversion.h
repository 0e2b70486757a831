// SPDX-License-Identifier: BSD-2-Clause
//
// Between our units and those of the kernel's struct timex (adjtimex(2); RFC 5905's kernel interface). Pure arithmetic:
// what can be tested without touching a clock.
#pragma once

#include <cstdint>

#include "base/calendar.h"
#include "base/time.h"
#include "engine/events.h"

namespace ntp::clock {

/// A frequency as the kernel takes it: `tick` microseconds in each of 100 ticks a second, plus `freq` units of 2^-16 ppm.
struct KernelFrequency {
  std::int64_t tick_us = 10'000;  ///< 9,000 to 11,000
  std::int64_t freq = 0;          ///< within +-500 ppm

  friend bool operator==(const KernelFrequency&, const KernelFrequency&) = default;
};

inline constexpr std::int64_t kNominalTick_us = 10'000;
/// What a change of tick by one microsecond does.
inline constexpr double kPpmPerTick = 100.0;
/// What the kernel takes without a changed tick.
inline constexpr double kMaxFreq_ppm = 500.0;
/// The kernel's limit of the tick, 10 %.
inline constexpr double kMaxFrequency_ppm = 100'000.0;

/// The nearest that the kernel can do, within +-kMaxFrequency_ppm. The tick stays nominal up to +-500 ppm. NaN gives zero.
[[nodiscard]] KernelFrequency kernel_frequency(double ppm);
/// Exact.
[[nodiscard]] double ppm_of(const KernelFrequency& frequency);

/// A step as ADJ_SETOFFSET | ADJ_NANO takes it: whole seconds, rounded down, and 0 to 999,999,999 ns.
struct KernelOffset {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;

  friend bool operator==(const KernelOffset&, const KernelOffset&) = default;
};

/// To the nearest nanosecond.
[[nodiscard]] KernelOffset kernel_offset(Span amount);
[[nodiscard]] Span span_of(const KernelOffset& offset);
[[nodiscard]] UnixTime operator+(const UnixTime& time, const KernelOffset& offset);

/// Steps lead to a time in [kEarliestTime_s, kLatestTime_s) or are refused: 1970, where the kernel ends, to 2200, before
/// its nanoseconds do.
inline constexpr std::int64_t kEarliestTime_s = 0;
inline constexpr std::int64_t kLatestTime_s = 7'258'118'400;
[[nodiscard]] bool is_settable(const UnixTime& time);

/// STA_* bits for adjtimex: no PLL, for the clock is steered by frequency alone.
[[nodiscard]] int kernel_status(const engine::SetKernelStatus& status);
/// Rounded up, so that a bound stays a bound; 0 to 16 s. NaN gives 16 s.
[[nodiscard]] std::int64_t kernel_error_us(double seconds);

}  // namespace ntp::clock
