// SPDX-License-Identifier: BSD-2-Clause
//
// Whole runs with the real engine.
#include "sim/run.h"

#include <algorithm>
#include <cmath>

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

/// One server and delays with exponential jitter; a poll of 64 s.
Scenario jittery(double jitter_s) {
  Scenario scenario;
  scenario.title = "jitter";
  scenario.duration_s = 80000;
  scenario.settle_s = 20000;
  scenario.clients.node.clock = {.frequency_ppm = 10, .wander_ppm = 0.001};
  scenario.clients.source.max_poll_log2s = 6;
  scenario.clients.node.invariants.max_poll_log2s = 6;
  scenario.clients.engine.discipline.algorithm = engine::DisciplineSettings::Algorithm::classic;
  ServerGroup server;
  server.to_server = {.delay_s = 0.02, .jitter_s = jitter_s};
  server.to_client = server.to_server;
  scenario.servers.push_back(server);
  return scenario;
}

double figure(const RunResult& result, std::string_view metric) {
  const auto found =
      std::find_if(result.figures.begin(), result.figures.end(), [&](const Figure& f) { return f.metric == metric; });
  return found == result.figures.end() ? -1 : found->value;
}

// The steady state of a two-state filter in continuous time (Kalman and Bucy 1961): variance sqrt(2) r^(3/4) q^(1/4), with
// r = variance of a sample times the time between samples, q = wander squared.
TEST(Run, TheReferenceIsAsGoodAsTheoryAllows) {
  for (const double jitter_s : {1e-5, 1e-3}) {
    const double r = jitter_s * jitter_s / 2 * 64;
    const double q = 1e-9 * 1e-9;
    const double expected_s = std::sqrt(std::sqrt(2.0) * std::pow(r, 0.75) * std::pow(q, 0.25));
    std::vector<double> found_s;
    for (std::uint64_t seed = 1; seed <= 9; ++seed)
      found_s.push_back(figure(run(jittery(jitter_s), seed), "reference: RMS offset, s"));

    EXPECT_NEAR(median(found_s) / expected_s, 1.0, 0.15) << jitter_s;
  }
}

TEST(Run, TheReferenceKnowsTheMeanOfEachWay) {
  Scenario asymmetric = jittery(1e-3);
  asymmetric.servers.front().to_client.delay_s = 0.03;

  const double same_s = figure(run(jittery(1e-3), 1), "reference: RMS offset, s");
  const double found_s = figure(run(asymmetric, 1), "reference: RMS offset, s");

  EXPECT_NEAR(found_s / same_s, 1.0, 0.05);
}

TEST(Run, TheReferenceHearsNoLiar) {
  Scenario lied_to = jittery(1e-3);
  lied_to.servers.push_back(lied_to.servers.front());
  lied_to.servers.push_back(lied_to.servers.front());
  lied_to.servers.front().is_lying = true;
  lied_to.servers.front().node.clock.offset_s = 0.01;

  EXPECT_LT(figure(run(lied_to, 1), "reference: RMS offset, s"), 2e-4);
}

TEST(Run, AMultipleOfTheReferenceIsBounded) {
  Scenario scenario = jittery(1e-3);
  scenario.windows.push_back({.name = "late", .from_s = 60000, .to_s = 80000, .max_over_reference_max = 1e-3});
  const RunResult loose = run(jittery(1e-3), 1);
  const RunResult tight = run(scenario, 1);

  EXPECT_TRUE(are_ok({loose}));
  EXPECT_TRUE(tight.is_ok());
  EXPECT_FALSE(are_ok({tight}));
  EXPECT_GT(figure(tight, "late: RMS offset, s"), 0);
  EXPECT_NE(full_report(scenario, "f", {tight}).find("late: max over reference"), std::string::npos);
  EXPECT_NE(short_report(scenario, "f", {tight}).find("median of 1 seeds: late: max over reference is"),
            std::string::npos);
}

TEST(Run, TheMedianTimeToBeRightIsBounded) {
  Scenario scenario = jittery(1e-3);
  scenario.expect.below_s = 1;
  scenario.expect.median_within_s = 10;
  EXPECT_TRUE(are_ok({run(scenario, 1)}));

  scenario.expect.below_s = 1e-9;

  EXPECT_FALSE(are_ok({run(scenario, 1)}));
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
