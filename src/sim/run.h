// SPDX-License-Identifier: BSD-2-Clause
//
// Runs a scenario with one seed and judges it.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/result.h"
#include "sim/scenario.h"
#include "sim/trace.h"

namespace ntp::sim {

/// What may be watched while it runs; all optional.
struct Watchers {
  Trace* trace = nullptr;
  /// The first client's clock, a line a sample: "time offset_s frequency_error_ppm synchronized root_distance_s
  /// estimate_s deviation_s reference_error_s"; nan for what is not known.
  Trace* plot = nullptr;
  /// Called a hundred times with the share that is done.
  std::function<void(double)> progress;
};

RunResult run(const Scenario& scenario, std::uint64_t seed, const Watchers& watchers = {});

}  // namespace ntp::sim
