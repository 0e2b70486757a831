// SPDX-License-Identifier: BSD-2-Clause
//
// The results of a scenario as a table for people.
#pragma once

#include <string>
#include <vector>

#include "sim/run.h"

namespace ntp::sim {

/// A table with a column for each seed; after it the violated invariants with what is needed to replay them.
std::string full_report(const Scenario& scenario, const std::string& file, const std::vector<RunResult>& results);
/// One line, and one more for each bound that does not hold.
std::string short_report(const Scenario& scenario, const std::string& file, const std::vector<RunResult>& results);

}  // namespace ntp::sim
