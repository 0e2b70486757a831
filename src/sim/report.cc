// SPDX-License-Identifier: BSD-2-Clause
#include "sim/report.h"

#include <cmath>

#include <fmt/format.h>

namespace ntp::sim {
namespace {

constexpr int kMetricWidth = 34;
constexpr int kValueWidth = 14;

std::string violations(const std::string& file, const std::vector<RunResult>& results) {
  std::string text;
  for (const RunResult& result : results) {
    if (!result.violation) continue;
    text += fmt::format("  INVARIANT VIOLATED: {}\n  replay: ntpsim --seed {} --trace trace.txt {}\n",
                        result.violation->message(), result.seed, file);
  }
  return text;
}

std::string cell(double value) {
  return fmt::format("{:>{}}", std::isnan(value) ? "none" : fmt::format("{:.4g}", value), kValueWidth);
}

/// What is judged by its median: a column more.
std::string figures(const std::vector<RunResult>& results) {
  const std::vector<Row> medians = judge_medians(results);
  if (medians.empty()) return "";
  std::string text = fmt::format("  {:<{}}", "by the median of the seeds", kMetricWidth);
  for (std::size_t i = 0; i < results.size(); ++i) text += std::string(kValueWidth, ' ');
  text += fmt::format("{:>{}}{:>{}}  ok\n", "median", kValueWidth, "bound", kValueWidth);
  for (std::size_t i = 0; i < medians.size(); ++i) {
    const Row& row = medians[i];
    text += fmt::format("  {:<{}}", row.metric, kMetricWidth);
    for (const RunResult& result : results) text += cell(result.figures[i].value);
    const char* const verdict = row.is_ok ? "yes" : "NO";
    text += fmt::format("{:>{}}{:>{}}  {}\n", row.value, kValueWidth, row.bound, kValueWidth,
                        row.bound.empty() ? "" : verdict);
  }
  return text;
}

}  // namespace

std::string full_report(const Scenario& scenario, const std::string& file, const std::vector<RunResult>& results) {
  std::string text = fmt::format("{}\n{}\n  {:<{}}", scenario.title, file, "metric", kMetricWidth);
  for (const RunResult& result : results)
    text += fmt::format("{:>{}}", fmt::format("seed {}", result.seed), kValueWidth);
  text += fmt::format("{:>{}}  ok\n", "bound", kValueWidth);
  for (std::size_t i = 0; !results.empty() && i < results.front().rows.size(); ++i) {
    const Row& first = results.front().rows[i];
    text += fmt::format("  {:<{}}", first.metric, kMetricWidth);
    bool is_ok = true;
    for (const RunResult& result : results) {
      text += fmt::format("{:>{}}", result.rows[i].value, kValueWidth);
      is_ok = is_ok && result.rows[i].is_ok;
    }
    const char* const verdict = is_ok ? "yes" : "NO";
    text += fmt::format("{:>{}}  {}\n", first.bound, kValueWidth, first.bound.empty() ? "" : verdict);
  }
  text += figures(results);
  return text + violations(file, results) + (are_ok(results) ? "  passed\n\n" : "  FAILED\n\n");
}

std::string short_report(const Scenario& scenario, const std::string& file, const std::vector<RunResult>& results) {
  std::string text = fmt::format("{} {}: {}\n", are_ok(results) ? "passed" : "FAILED", file, scenario.title);
  for (const RunResult& result : results) {
    for (const Row& row : result.rows) {
      if (row.is_ok) continue;
      text += fmt::format("  seed {}: {} is {}, expected {}\n", result.seed, row.metric, row.value, row.bound);
    }
  }
  for (const Row& row : judge_medians(results)) {
    if (row.is_ok) continue;
    text +=
        fmt::format("  median of {} seeds: {} is {}, expected {}\n", results.size(), row.metric, row.value, row.bound);
  }
  return text + violations(file, results);
}

}  // namespace ntp::sim
