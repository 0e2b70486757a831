// SPDX-License-Identifier: BSD-2-Clause
#include "clock/timex_conversion.h"

#include <algorithm>
#include <cmath>

#include <sys/timex.h>

namespace ntp::clock {
namespace {

constexpr double kFreqUnitsPerPpm = 65536.0;
/// The kernel's NTP_PHASE_LIMIT: beyond it the clock counts as unsynchronised.
constexpr double kMaxError_s = 16.0;

}  // namespace

KernelFrequency kernel_frequency(double ppm) {
  if (std::isnan(ppm)) return {};
  const double wanted = std::clamp(ppm, -kMaxFrequency_ppm, kMaxFrequency_ppm);
  const std::int64_t ticks = std::abs(wanted) <= kMaxFreq_ppm ? 0 : std::llround(wanted / kPpmPerTick);
  const double rest = wanted - static_cast<double>(ticks) * kPpmPerTick;
  return {.tick_us = kNominalTick_us + ticks, .freq = std::llround(rest * kFreqUnitsPerPpm)};
}

double ppm_of(const KernelFrequency& frequency) {
  return static_cast<double>(frequency.tick_us - kNominalTick_us) * kPpmPerTick +
         static_cast<double>(frequency.freq) / kFreqUnitsPerPpm;
}

KernelOffset kernel_offset(Span amount) {
  // Floor and remainder: 2^32 units a second, so that the fraction is the low word whatever the sign.
  std::int64_t seconds = amount.units() >> 32;
  const std::uint64_t fraction = static_cast<std::uint64_t>(amount.units()) & 0xffffffffU;
  auto nanoseconds =
      static_cast<std::int64_t>((fraction * static_cast<std::uint64_t>(kNanosecondsPerSecond) + (1ULL << 31U)) >> 32U);
  if (nanoseconds >= kNanosecondsPerSecond) {
    nanoseconds -= kNanosecondsPerSecond;
    ++seconds;
  }
  return {.seconds = seconds, .nanoseconds = nanoseconds};
}

Span span_of(const KernelOffset& offset) {
  return Span::from_nanoseconds(offset.seconds * kNanosecondsPerSecond + offset.nanoseconds);
}

UnixTime operator+(const UnixTime& time, const KernelOffset& offset) {
  UnixTime sum{time.seconds + offset.seconds, time.nanoseconds + offset.nanoseconds};
  if (sum.nanoseconds >= kNanosecondsPerSecond) {
    sum.nanoseconds -= kNanosecondsPerSecond;
    ++sum.seconds;
  }
  return sum;
}

bool is_settable(const UnixTime& time) { return time.seconds >= kEarliestTime_s && time.seconds < kLatestTime_s; }

int kernel_status(const engine::SetKernelStatus& status) {
  if (!status.is_synchronized) return STA_UNSYNC;
  using wire::Leap;
  switch (status.leap) {
    case Leap::none:
      return 0;
    case Leap::insert:
      return STA_INS;
    case Leap::remove:
      return STA_DEL;
    case Leap::unsynchronized:
      return STA_UNSYNC;
  }
  return STA_UNSYNC;
}

std::int64_t kernel_error_us(double seconds) {
  if (std::isnan(seconds)) return static_cast<std::int64_t>(kMaxError_s * 1e6);
  return static_cast<std::int64_t>(std::ceil(std::clamp(seconds, 0.0, kMaxError_s) * 1e6));
}

}  // namespace ntp::clock
