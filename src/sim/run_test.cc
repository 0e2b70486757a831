// SPDX-License-Identifier: BSD-2-Clause
//
// Whole runs with the real engine.
#include "sim/run.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sim/command.h"
#include "sim/report.h"

namespace ntp::sim {
namespace {

constexpr std::string_view kInternet = R"(
title = "two servers over the Internet"
[run]
duration_s = 7200
[client]
offset_s = 0.05
frequency_ppm = 10
wander_ppm = 0.001
iburst = true
stamp_noise_s = 1e-5
[link]
delay_s = 0.02
jitter_s = 0.002
loss = 0.1
duplication = 0.1
[[server]]
count = 2
[check]
root_distance = false
)";

Scenario internet() { return read_scenario(kInternet, "internet.toml").value(); }

std::string trace_of(std::uint64_t seed) {
  StringTrace trace;
  run(internet(), seed, {.trace = &trace, .plot = nullptr, .progress = {}});
  return trace.text();
}

TEST(Run, TheSameSeedGivesTheSameTraceToTheOctet) {
  const std::string trace = trace_of(1);

  EXPECT_GT(trace.size(), 10000U);
  EXPECT_EQ(trace, trace_of(1));
}

TEST(Run, AnotherSeedGivesAnotherTrace) { EXPECT_NE(trace_of(1), trace_of(2)); }

TEST(Run, WatchingDoesNotChangeTheResult) {
  StringTrace trace;
  StringTrace plot;
  const RunResult watched = run(internet(), 3, {.trace = &trace, .plot = &plot, .progress = [](double) {}});
  const RunResult alone = run(internet(), 3);

  EXPECT_EQ(full_report(internet(), "f", {watched}), full_report(internet(), "f", {alone}));
  EXPECT_EQ(std::count(plot.text().begin(), plot.text().end(), '\n'), 720);
}

TEST(Run, ABoundThatDoesNotHoldFails) {
  Scenario scenario = internet();
  scenario.expect.rms_offset_s_max = 1e-9;

  const RunResult result = run(scenario, 1);

  EXPECT_FALSE(result.is_ok());
  EXPECT_NE(full_report(scenario, "f", {result}).find("FAILED"), std::string::npos);
  EXPECT_NE(short_report(scenario, "f", {result}).find("RMS offset, s is"), std::string::npos);
}

TEST(Run, AnInvariantOfAServerThatIsWrongWithoutSayingSoFires) {
  Scenario scenario = internet();
  scenario.clients.node.invariants.checks_root_distance = true;
  for (ServerGroup& server : scenario.servers) server.node.clock.offset_s = 5;
  scenario.clients.engine.steps_once = true;

  const RunResult result = run(scenario, 1);

  ASSERT_TRUE(result.violation.has_value());
  EXPECT_NE(short_report(scenario, "f", {result}).find("replay: ntpsim --seed 1"), std::string::npos);
}

}  // namespace
}  // namespace ntp::sim
