// SPDX-License-Identifier: BSD-2-Clause
#include "engine/slew.h"

#include <algorithm>
#include <cmath>

namespace ntp::engine {
namespace {

/// Less than this isn't worth a wake-up: two steps of the kernel's frequency over a slice.
constexpr double kNegligible_s = 2e-9;
/// Slices follow the exponential closely enough, and a daemon that hangs leaves a slew behind for no longer than this.
constexpr double kSlicesPerTimeConstant = 32;
constexpr double kShortestSlice_s = 1;
constexpr double kLongestSlice_s = 16;

}  // namespace

SlewSlice next_slice(double residual_s, double time_constant_s) {
  if (std::abs(residual_s) < kNegligible_s) return {};
  const double duration_s = std::clamp(time_constant_s / kSlicesPerTimeConstant, kShortestSlice_s, kLongestSlice_s);
  const double share = -std::expm1(-duration_s / time_constant_s);
  const double rate_ppm = residual_s * share / duration_s * 1e6;
  return {std::clamp(rate_ppm, -kMaxSlew_ppm, kMaxSlew_ppm), duration_s};
}

}  // namespace ntp::engine
