// SPDX-License-Identifier: BSD-2-Clause
//
// What a look at the engine costs: a burst of control requests takes one view.
#include <benchmark/benchmark.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

void view_of_sources(benchmark::State& bench) {
  Settings settings;
  for (std::uint32_t i = 1; i <= static_cast<std::uint32_t>(bench.range(0)); ++i) {
    settings.sources.push_back(test::server(i));
    settings.sources.back().has_iburst = true;
  }
  test::Driver world(settings);
  for (const SourceSettings& source : settings.sources) world.servers[*source.address];
  world.start();
  world.run(60);
  // As many changes as are kept.
  for (std::size_t i = 0; i < state::kMaxChanges; ++i) {
    world.clock.jump(10);
    world.run(3);
  }
  const Now now = world.clock.read();
  for (auto _ : bench) benchmark::DoNotOptimize(world.engine.view(now));
  bench.counters["changes"] = static_cast<double>(world.view().changes.size());
}

BENCHMARK(view_of_sources)->Arg(1)->Arg(10);

}  // namespace
}  // namespace ntp::engine
