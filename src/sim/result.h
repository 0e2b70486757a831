// SPDX-License-Identifier: BSD-2-Clause
//
// What came out of a run, and of the runs of all seeds together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/world.h"

namespace ntp::sim {

/// One line of the report.
struct Row {
  std::string metric;
  std::string value;
  std::string bound;  ///< empty: only reported
  bool is_ok = true;
};

/// A number of one run whose median over all runs is what is bounded.
struct Figure {
  std::string metric;
  double value = 0;
  std::optional<double> median_max;
};

struct RunResult {
  std::uint64_t seed = 0;
  std::optional<Violation> violation;
  std::vector<Row> rows;
  std::vector<Figure> figures;  ///< of the same metrics in the same order, whatever the seed
  std::uint64_t events = 0;

  /// No invariant was violated, and every bound of a single run holds.
  [[nodiscard]] bool is_ok() const;
};

/// The middle value; of an even number of them, the mean of the two in the middle. 0 of none.
double median(std::vector<double> values);
/// The medians of the figures over all runs, with their bounds.
std::vector<Row> judge_medians(const std::vector<RunResult>& results);
/// Every run by itself, and the medians.
bool are_ok(const std::vector<RunResult>& results);

}  // namespace ntp::sim
