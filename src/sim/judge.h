// SPDX-License-Identifier: BSD-2-Clause
//
// Holds what was measured in a run against what its scenario expects.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/events.h"
#include "sim/client_node.h"
#include "sim/metrics.h"
#include "sim/result.h"
#include "sim/scenario.h"

namespace ntp::sim {

/// What was measured of one client.
struct ClientRecord {
  Metrics metrics;
  Metrics reference;  ///< the error of the reference estimator at the same times
  ClientCounts counts;
  int leaps = 0;  ///< seconds that the kernel made
  ErrorBarCounts error_bars;
  std::optional<engine::Terminate::Reason> ended;
};

/// Rows and figures; of several clients the worst counts. `clients` is not empty.
void judge(const Scenario& scenario, const std::vector<ClientRecord>& clients, RunResult& result);

}  // namespace ntp::sim
