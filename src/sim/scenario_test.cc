// SPDX-License-Identifier: BSD-2-Clause
#include "sim/scenario.h"

#include <gtest/gtest.h>

namespace ntp::sim {
namespace {

std::string only_mistake(std::string_view text) {
  const auto scenario = read_scenario(text, "my.toml");
  if (scenario) return "none";
  return scenario.error().size() == 1 ? scenario.error().front() : "several";
}

TEST(Scenario, ReadsPhysicsAndBounds) {
  const auto scenario = read_scenario(R"(
title = "a test"
[run]
duration_s = 7200
seeds = [4, 5]
start = 2036-02-07T06:19:56Z
[client]
offset_s = -0.5
frequency_ppm = 50
minpoll = 4
iburst = true
lifts_panic_once = true
[link]
delay_s = 0.02
[to_client]
jitter_s = 0.003
shape = "gamma"
[[server]]
count = 2
[[server]]
offset_s = 7.0
lies = true
[server.link]
loss = 0.5
[[event]]
what = "outage"
at_s = 100
duration_s = 50
server = 3
[expect]
steps_max = 1
terminated = "no"
)",
                                      "my.toml");

  ASSERT_TRUE(scenario.has_value()) << scenario.error().front();
  EXPECT_EQ(scenario->seeds, (std::vector<std::uint64_t>{4, 5}));
  EXPECT_EQ(scenario->start_unix_s, 2085978496 - 500);
  EXPECT_EQ(scenario->clients.node.clock.offset_s, -0.5);
  EXPECT_EQ(scenario->clients.source.min_poll_log2s, 4);
  EXPECT_TRUE(scenario->clients.engine.lifts_panic_once);
  ASSERT_EQ(scenario->servers.size(), 2U);
  EXPECT_EQ(scenario->servers[0].count, 2);
  EXPECT_EQ(scenario->servers[0].to_server.delay_s, 0.02);
  EXPECT_EQ(scenario->servers[0].to_server.jitter_s, 0.0);
  EXPECT_EQ(scenario->servers[0].to_client.jitter_s, 0.003);
  EXPECT_EQ(scenario->servers[0].to_client.shape, DelayShape::gamma);
  EXPECT_EQ(scenario->servers[1].to_client.loss, 0.5);
  EXPECT_EQ(scenario->servers[1].to_client.delay_s, 0.02);
  EXPECT_EQ(scenario->happenings.at(0).server, 3);
  EXPECT_EQ(scenario->expect.steps_max, 1);
  EXPECT_EQ(scenario->expect.terminated, "no");
}

TEST(Scenario, ReadsWavesCongestionAndRipple) {
  const auto scenario = read_scenario(R"(
title = "t"
[client]
ripple_ppm = 0.05
ripple_period_s = 1800
[link.wave]
amplitude_s = 0.001
period_s = 2560
[to_client.wave]
phase_turns = 0.25
[to_client.congestion]
least_s = 0.03
most_s = 0.07
first_at_s = 3300
duration_s = 600
period_s = 7200
[[server]]
)",
                                      "my.toml");

  ASSERT_TRUE(scenario.has_value()) << scenario.error().front();
  EXPECT_EQ(scenario->clients.node.clock.ripple_ppm, 0.05);
  EXPECT_EQ(scenario->clients.node.clock.ripple_period_s, 1800);
  const LinkSettings& there = scenario->servers.at(0).to_server;
  const LinkSettings& back = scenario->servers.at(0).to_client;
  EXPECT_EQ(there.wave.amplitude_s, 0.001);
  EXPECT_EQ(there.wave.phase_turns, 0.0);
  EXPECT_EQ(back.wave.period_s, 2560);
  EXPECT_EQ(back.wave.phase_turns, 0.25);
  EXPECT_EQ(there.congestion.duration_s, 0);
  EXPECT_EQ(back.congestion.most_s, 0.07);
  EXPECT_EQ(back.congestion.first_at_s, 3300);
}

TEST(Scenario, ReadsTheReferenceWindowsAndTheThermometer) {
  const auto scenario = read_scenario(R"(
title = "t"
[run]
reference_wander_ppm = 0.002
[client]
discipline = "classic"
minpoll = -4
temperature_sensor = true
temperature_noise_K = 0.1
temperature_ppm_per_K = 0.05
[expect]
rms_over_reference_max = 0.8
within_3_deviations_min = 0.99
[[window]]
name = "after the step"
from_s = 100
to_s = 200
max_over_reference_max = 2
)",
                                      "my.toml");

  ASSERT_TRUE(scenario.has_value()) << scenario.error().front();
  EXPECT_EQ(scenario->reference_wander_ppm, 0.002);
  EXPECT_EQ(scenario->clients.engine.discipline.algorithm, engine::DisciplineSettings::Algorithm::classic);
  EXPECT_EQ(scenario->clients.source.min_poll_log2s, -4);
  ASSERT_TRUE(scenario->clients.node.thermometer.has_value());
  EXPECT_EQ(scenario->clients.node.thermometer->noise_K, 0.1);
  EXPECT_EQ(scenario->clients.node.thermometer->ppm_per_K, 0.05);
  EXPECT_EQ(scenario->expect.rms_over_reference_max, 0.8);
  EXPECT_TRUE(scenario->expect.asks_for_error_bars());
  ASSERT_EQ(scenario->windows.size(), 1U);
  EXPECT_EQ(scenario->windows[0].to_s, 200);
  EXPECT_EQ(scenario->windows[0].max_over_reference_max, 2);
}

TEST(Scenario, ReadsDatesOfTheGregorianCalendar) {
  const auto start = [](const std::string& date) {
    return read_scenario("title = \"t\"\n[run]\nstart = " + date + "\n", "my.toml").value().start_unix_s;
  };

  EXPECT_EQ(start("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(start("2000-03-01T00:00:00Z"), 951868800);
  EXPECT_EQ(start("2024-02-29T12:00:00Z"), 1709208000);
  EXPECT_EQ(start("2027-01-15T08:00:00"), 1800000000);
  EXPECT_EQ(start("2036-02-07T07:28:16+01:00"), 2085978496);
  EXPECT_EQ(start("2100-12-31T23:59:59Z"), 4133980799);
}

TEST(Scenario, PromisesNothingAboutTheRootDistanceOnceAServerLies) {
  const auto truth = read_scenario("title = \"t\"\n[[server]]\n", "my.toml");
  const auto lie = read_scenario("title = \"t\"\n[[server]]\nlies = true\n", "my.toml");

  EXPECT_TRUE(truth->clients.node.invariants.checks_root_distance);
  EXPECT_FALSE(lie->clients.node.invariants.checks_root_distance);
}

TEST(Scenario, NamesFileLineColumnKeyAndWhatWasExpected) {
  EXPECT_EQ(only_mistake("title = \"t\"\n[client]\noffset_s = \"big\"\n"),
            "my.toml:3:12: [client] offset_s: expected a number from -1897344000 to 1897344000");
  EXPECT_EQ(only_mistake("title = \"t\"\n[client]\nminpoll = -5\n"),
            "my.toml:3:11: [client] minpoll: expected a whole number from -4 to 17");
  EXPECT_EQ(
      only_mistake("title = \"t\"\n[link]\nshape = \"square\"\n"),
      "my.toml:3:9: .link shape: expected one of \"fixed\", \"exponential\", \"uniform\", \"gamma\", \"lognormal\", "
      "\"heavy_tail\", \"exponential_product\"");
}

TEST(Scenario, RefusesUnknownKeys) {
  EXPECT_TRUE(only_mistake("title = \"t\"\n[client]\n ofset_s = 1\n")
                  .starts_with("my.toml:3:2: [client] ofset_s: unknown key"));
  EXPECT_TRUE(only_mistake("title = \"t\"\nclients = 1\n").starts_with("my.toml:2:1: the file clients: unknown key"));
}

TEST(Scenario, ReportsBrokenSyntax) { EXPECT_TRUE(only_mistake("title = \"t\"\n[client\n").starts_with("my.toml:2:")); }

TEST(Scenario, RefusesWhatMakesNoSenseTogether) {
  EXPECT_TRUE(only_mistake("[run]\n").ends_with("the file title: expected, but missing"));
  EXPECT_TRUE(only_mistake("title = \"t\"\n[expect]\nbelow_s = 1\n")
                  .ends_with("[expect] below_s: expected together with within_s or median_within_s"));
  EXPECT_TRUE(only_mistake("title = \"t\"\n[[event]]\nwhat = \"outage\"\nserver = 1\n")
                  .ends_with("[[event]] server: expected at most 0, the number of servers"));
  EXPECT_TRUE(only_mistake("title = \"t\"\n[[window]]\nname = \"w\"\nfrom_s = 2\nto_s = 1\n")
                  .ends_with("[[window]] to_s: expected more than from_s"));
  EXPECT_TRUE(only_mistake("title = \"t\"\n[[window]]\nto_s = 1\n").ends_with("name: expected, but missing"));
  EXPECT_TRUE(only_mistake("title = \"t\"\n[link.congestion]\nleast_s = 2\nmost_s = 1\n")
                  .ends_with(".link.congestion least_s: expected at most most_s"));
  EXPECT_TRUE(only_mistake("title = \"t\"\n[link]\nshape = \"exponential_product\"\nshape_parameter = 0.5\n")
                  .ends_with("expected at least 1, the number of exponentials"));
  EXPECT_TRUE(only_mistake("title = \"t\"\n[[server]]\npool = true\n").ends_with("a pool is found by its name"));
}

}  // namespace
}  // namespace ntp::sim
