// SPDX-License-Identifier: BSD-2-Clause
//
// What a look at the engine costs: a burst of control requests takes one view.
#include <benchmark/benchmark.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

void view_of_sources(benchmark::State& state) {
  Settings settings;
  for (std::uint32_t i = 1; i <= static_cast<std::uint32_t>(state.range(0)); ++i) {
    settings.sources.push_back(test::server(i));
    settings.sources.back().has_iburst = true;
  }
  test::Driver world(settings);
  for (const SourceSettings& source : settings.sources) world.servers[*source.address];
  world.start();
  world.run(600);
  // As many changes as are kept.
  for (int i = 0; i < 100; ++i) {
    world.clock.jump(10);
    world.run(10);
  }
  const Now now = world.clock.read();
  for (auto _ : state) benchmark::DoNotOptimize(world.engine.view(now));
  state.counters["changes"] = static_cast<double>(world.view().changes.size());
}

BENCHMARK(view_of_sources)->Arg(1)->Arg(10)->Arg(100);

}  // namespace
}  // namespace ntp::engine
