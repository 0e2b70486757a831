// SPDX-License-Identifier: BSD-2-Clause
//
// Runs a scenario with one seed and judges it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/metrics.h"
#include "sim/scenario.h"
#include "sim/trace.h"
#include "sim/world.h"

namespace ntp::sim {

/// One line of the report.
struct Row {
  std::string metric;
  std::string value;
  std::string bound;  ///< empty: only reported
  bool is_ok = true;
};

struct RunResult {
  std::uint64_t seed = 0;
  std::optional<Violation> violation;
  std::vector<Row> rows;
  std::uint64_t events = 0;

  [[nodiscard]] bool is_ok() const;
};

/// What may be watched while it runs; all optional.
struct Watchers {
  Trace* trace = nullptr;
  /// The first client's clock, a line a sample: "time offset_s frequency_error_ppm synchronized root_distance_s".
  Trace* plot = nullptr;
  /// Called a hundred times with the share that is done.
  std::function<void(double)> progress;
};

RunResult run(const Scenario& scenario, std::uint64_t seed, const Watchers& watchers = {});

}  // namespace ntp::sim
