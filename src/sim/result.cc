// SPDX-License-Identifier: BSD-2-Clause
#include "sim/result.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace ntp::sim {

bool RunResult::is_ok() const {
  return !violation && std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.is_ok; });
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  // No order has a place for what is no number.
  if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); }))
    return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<Row> judge_medians(const std::vector<RunResult>& results) {
  std::vector<Row> rows;
  for (std::size_t i = 0; !results.empty() && i < results.front().figures.size(); ++i) {
    const Figure& first = results.front().figures[i];
    std::vector<double> values;
    values.reserve(results.size());
    for (const RunResult& result : results) values.push_back(result.figures[i].value);
    const double value = median(values);
    // A figure that is no number is no proof.
    rows.push_back({.metric = first.metric,
                    .value = fmt::format("{:.4g}", value),
                    .bound = first.median_max ? fmt::format("<= {:.4g}", *first.median_max) : "",
                    .is_ok = !first.median_max || value <= *first.median_max});
  }
  return rows;
}

bool are_ok(const std::vector<RunResult>& results) {
  const auto medians = judge_medians(results);
  return std::all_of(results.begin(), results.end(), [](const RunResult& r) { return r.is_ok(); }) &&
         std::all_of(medians.begin(), medians.end(), [](const Row& row) { return row.is_ok; });
}

}  // namespace ntp::sim
