// SPDX-License-Identifier: BSD-2-Clause
#include "clock/linux_clock.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>

#include <sys/timex.h>

#include "base/calendar.h"
#include "clock/timex_conversion.h"

namespace ntp::clock {
namespace {

using engine::ClockError;

std::int64_t nanoseconds_of(const timespec& time) {
  return std::int64_t{time.tv_sec} * kNanosecondsPerSecond + time.tv_nsec;
}

std::int64_t read_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return nanoseconds_of(now);
}

timespec read_real() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

UnixTime unix_time(const timespec& time) { return {time.tv_sec, time.tv_nsec}; }

/// clock_adjtime(); what it returns on success is the clock's state, of no use here.
std::expected<void, ClockError> adjust(timex& request) {
  if (::clock_adjtime(CLOCK_REALTIME, &request) < 0) return std::unexpected(ClockError{errno});
  return {};
}

}  // namespace

LinuxClock::LinuxClock() {
  timespec now{};
  if (::clock_gettime(CLOCK_MONOTONIC_RAW, &now) != 0) raw_clock_ = CLOCK_MONOTONIC;
}

engine::Now LinuxClock::read() {
  constexpr int kTries = 3;
  engine::Now now;
  std::int64_t closest = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < kTries; ++i) {
    const std::int64_t before = read_ns(raw_clock_);
    const timespec real = read_real();
    const std::int64_t between = read_ns(raw_clock_) - before;
    if (between >= closest) continue;
    closest = between;
    now.raw = RawTime::from_nanoseconds(before + between / 2);
    now.real = timestamp_from_unix(real.tv_sec, real.tv_nsec);
  }
  now.pairing_error_s = static_cast<double>(closest) / 2e9;
  now.mono = MonoTime::from_nanoseconds(read_ns(CLOCK_MONOTONIC));
  return now;
}

std::expected<Span, ClockError> LinuxClock::step(Span amount) {
  const KernelOffset offset = kernel_offset(amount);
  if (!is_settable(unix_time(read_real()) + offset)) return std::unexpected(ClockError{EINVAL});

  timex request{};
  request.modes = ADJ_SETOFFSET | ADJ_NANO;
  request.time.tv_sec = offset.seconds;
  request.time.tv_usec = offset.nanoseconds;  // ADJ_NANO makes it nanoseconds
  const auto done = adjust(request);
  if (done) return span_of(offset);
  const bool is_unknown_to_kernel = done.error().os_error == EINVAL || done.error().os_error == ENOSYS;
  if (!is_unknown_to_kernel) return std::unexpected(done.error());
  return step_by_setting(amount);
}

std::expected<Span, ClockError> LinuxClock::step_by_setting(Span amount) const {
  const KernelOffset offset = kernel_offset(amount);
  const std::int64_t raw_before = read_ns(raw_clock_);
  const UnixTime wanted = unix_time(read_real()) + offset;
  timespec setting{};
  setting.tv_sec = wanted.seconds;
  setting.tv_nsec = wanted.nanoseconds;
  if (::clock_settime(CLOCK_REALTIME, &setting) != 0) return std::unexpected(ClockError{errno});
  // The clock stood still from its reading to its setting: that is missing in what was added.
  return span_of(offset) - Span::from_nanoseconds(read_ns(raw_clock_) - raw_before);
}

std::expected<double, ClockError> LinuxClock::set_frequency(double frequency_ppm) {
  const KernelFrequency frequency = kernel_frequency(frequency_ppm);
  timex request{};
  request.modes = ADJ_FREQUENCY | ADJ_TICK;
  request.freq = frequency.freq;
  request.tick = frequency.tick_us;
  if (const auto done = adjust(request); !done) return std::unexpected(done.error());
  // The kernel gives back what it took, which counts.
  return ppm_of({.tick_us = request.tick, .freq = request.freq});
}

std::expected<double, ClockError> LinuxClock::frequency_ppm() {
  timex request{};
  if (const auto done = adjust(request); !done) return std::unexpected(done.error());
  return ppm_of({.tick_us = request.tick, .freq = request.freq});
}

std::expected<void, ClockError> LinuxClock::set_status(const engine::SetKernelStatus& status) {
  timex request{};
  request.modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR | ADJ_NANO;
  request.status = kernel_status(status);
  request.maxerror = kernel_error_us(status.max_error_s);
  request.esterror = kernel_error_us(status.estimated_error_s);
  if (status.tai_offset_s) {
    // For CLOCK_TAI; the kernel itself counts on when it leaps.
    request.modes |= ADJ_TAI;
    request.constant = *status.tai_offset_s;
  }
  return adjust(request);
}

std::expected<void, ClockError> LinuxClock::slew(Span amount) {
  timex adjtime{};
  adjtime.modes = ADJ_OFFSET_SINGLESHOT;
  adjtime.offset = static_cast<decltype(adjtime.offset)>(std::llround(amount.seconds() * 1e6));
  return adjust(adjtime);
}

std::expected<void, ClockError> LinuxClock::cancel_slews() {
  timex adjtime{};
  adjtime.modes = ADJ_OFFSET_SINGLESHOT;
  if (const auto done = adjust(adjtime); !done) return done;
  // The PLL takes an offset only while it is on; an offset of zero replaces what it had left to do.
  timex offset{};
  offset.modes = ADJ_STATUS | ADJ_OFFSET;
  offset.status = STA_PLL | STA_UNSYNC;
  if (const auto done = adjust(offset); !done) return done;
  timex off{};
  off.modes = ADJ_STATUS;
  off.status = STA_UNSYNC;
  return adjust(off);
}

ClockPrecision LinuxClock::measure_precision() const {
  constexpr int kReadings = 1000;
  std::int64_t least_step = std::numeric_limits<std::int64_t>::max();
  const std::int64_t start = read_ns(raw_clock_);
  std::int64_t last = nanoseconds_of(read_real());
  for (int i = 0; i < kReadings; ++i) {
    const std::int64_t now = nanoseconds_of(read_real());
    if (now > last) least_step = std::min(least_step, now - last);
    last = now;
  }
  const std::int64_t elapsed = read_ns(raw_clock_) - start;
  if (least_step == std::numeric_limits<std::int64_t>::max()) {
    // It never moved between two readings (time may stand still there): what it is able to show counts.
    timespec resolution{};
    least_step =
        ::clock_getres(CLOCK_REALTIME, &resolution) == 0 ? std::max<std::int64_t>(1, nanoseconds_of(resolution)) : 1;
  }
  ClockPrecision precision{.step_s = static_cast<double>(least_step) / 1e9,
                           .reading_s = static_cast<double>(elapsed) / 1e9 / (kReadings + 1)};
  precision.log2s = static_cast<std::int8_t>(std::ceil(std::log2(std::max(precision.step_s, precision.reading_s))));
  return precision;
}

}  // namespace ntp::clock
