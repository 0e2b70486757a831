// SPDX-License-Identifier: BSD-2-Clause
#include "sim/report.h"

#include <algorithm>

#include <fmt/format.h>

namespace ntp::sim {
namespace {

constexpr int kMetricWidth = 32;
constexpr int kValueWidth = 14;

bool are_ok(const std::vector<RunResult>& results) {
  return std::all_of(results.begin(), results.end(), [](const RunResult& r) { return r.is_ok(); });
}

std::string violations(const std::string& file, const std::vector<RunResult>& results) {
  std::string text;
  for (const RunResult& result : results) {
    if (!result.violation) continue;
    text += fmt::format("  INVARIANT VIOLATED: {}\n  replay: ntpsim --seed {} --trace trace.txt {}\n",
                        result.violation->message(), result.seed, file);
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
  return text + violations(file, results);
}

}  // namespace ntp::sim
