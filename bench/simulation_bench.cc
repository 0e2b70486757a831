// SPDX-License-Identifier: BSD-2-Clause
//
// How fast the simulated world turns. Targets: a day of one client with four servers in 50 ms, an hour of 1,000 clients of
// one server in 10 s.
#include <cstdlib>
#include <string_view>

#include <benchmark/benchmark.h>

#include "sim/run.h"
#include "sim/scenario.h"

namespace {

constexpr std::string_view kDay = R"(
title = "a day of one client with four servers, poll 64 s"
[run]
duration_s = 86400
sample_s = 60
[client]
frequency_ppm = 20
wander_ppm = 0.001
iburst = true
maxpoll = 6
[link]
delay_s = 0.02
jitter_s = 0.001
[[server]]
count = 4
[check]
root_distance_from_s = 14400
)";

constexpr std::string_view kCrowd = R"(
title = "1,000 clients of one server"
[run]
duration_s = 3600
sample_s = 60
[client]
count = 1000
offset_spread_s = 0.1
frequency_spread_ppm = 50
start_spread_s = 60
wander_ppm = 0.001
iburst = true
maxpoll = 6
[link]
delay_s = 0.02
jitter_s = 0.001
[[server]]
[check]
root_distance = false
)";

void simulate(benchmark::State& state, std::string_view text) {
  const auto scenario = ntp::sim::read_scenario(text, "benchmark");
  if (!scenario) {
    state.SkipWithError(scenario.error().front().c_str());
    return;
  }
  std::uint64_t seed = 0;
  std::uint64_t events = 0;
  for (auto _ : state) {
    const ntp::sim::RunResult result = ntp::sim::run(*scenario, ++seed);
    events += result.events;
    if (!result.is_ok()) {
      state.SkipWithError("an invariant does not hold");
      return;
    }
  }
  state.counters["events"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(simulate, day_of_one_client_with_four_servers, kDay)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulate, hour_of_thousand_clients, kCrowd)->Unit(benchmark::kMillisecond);

}  // namespace
