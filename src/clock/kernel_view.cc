// SPDX-License-Identifier: BSD-2-Clause
#include "clock/kernel_view.h"

#include <sys/timex.h>

namespace ntp::clock {
namespace {

/// Frequencies, in units of a ppm (the kernel's scaled ppm).
constexpr double kScaledPpm = 65536.0;

}  // namespace

state::KernelView kernel_view_of(const timex& kernel) {
  const bool is_nanoseconds = (kernel.status & STA_NANO) != 0;
  const double unit_s = is_nanoseconds ? 1e-9 : 1e-6;
  const auto scaled_ppm = [](long value) { return static_cast<double>(value) / kScaledPpm; };
  return {.offset_s = static_cast<double>(kernel.offset) * unit_s,
          .frequency_ppm = scaled_ppm(kernel.freq),
          // These two are microseconds whatever the status says.
          .max_error_s = static_cast<double>(kernel.maxerror) * 1e-6,
          .estimated_error_s = static_cast<double>(kernel.esterror) * 1e-6,
          .status = static_cast<std::uint32_t>(kernel.status),
          .is_nanoseconds = is_nanoseconds,
          .time_constant = kernel.constant,
          .precision_s = static_cast<double>(kernel.precision) * 1e-6,
          .tolerance_ppm = scaled_ppm(kernel.tolerance),
          .pps_frequency_ppm = scaled_ppm(kernel.ppsfreq),
          .pps_stability_ppm = scaled_ppm(kernel.stabil),
          .pps_jitter_s = static_cast<double>(kernel.jitter) * unit_s,
          // log2 of seconds.
          .pps_interval_s = kernel.shift > 0 && kernel.shift < 32 ? 1L << kernel.shift : 0,
          .pps_intervals = kernel.calcnt,
          .pps_errors = kernel.errcnt,
          .pps_jitter_exceeded = kernel.jitcnt,
          .pps_stability_exceeded = kernel.stbcnt};
}

std::optional<state::KernelView> read_kernel() {
  timex kernel{};
  if (::adjtimex(&kernel) < 0) return std::nullopt;
  return kernel_view_of(kernel);
}

}  // namespace ntp::clock
