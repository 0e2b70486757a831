// SPDX-License-Identifier: BSD-2-Clause
//
// What one source alone, or a run without rights, must not be able to do to the clock and to what is kept of it.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::address;
using test::all_of;
using test::count_of;
using test::Driver;

TEST(EstimatorJump, OfASleepingMachineIsNotExplainedByOneLiar) {
  for (const double sleep_s : {600.0, 7200.0}) {
    Settings settings;
    for (std::uint32_t i = 1; i <= 3; ++i) {
      settings.sources.push_back(test::server(i));
      settings.sources.back().has_iburst = true;
    }
    Driver world(settings);
    for (const SourceSettings& source : settings.sources) world.servers[*source.address] = {};
    world.start();
    world.run(3600);

    world.clock.sleep(sleep_s, 0);
    world.servers[address(1)].offset_s = -sleep_s;
    world.servers[address(1)].delay_s = 0.005;
    for (int i = 0; i < 40; ++i) {
      world.run(20);
      ASSERT_LT(std::abs(world.clock.error_s()), 0.05) << sleep_s << " s of sleep, " << 20 * i;
    }

    EXPECT_EQ(count_of<Terminate>(world.log), 0U);
    EXPECT_TRUE(world.is_synchronized());
  }
}

TEST(EstimatorDrift, IsHandedOnByWhoMayNotSetTheClock) {
  Settings settings;
  settings.sources.push_back(test::server(1));
  settings.sources.back().has_iburst = true;
  settings.sets_clock = false;
  settings.drift = DriftRecord{.frequency_ppm = 17.25};
  Driver world(settings);
  world.servers[address(1)] = {};
  world.start();
  world.run(7200);
  world.stop();

  ASSERT_EQ(count_of<SaveDrift>(world.log), 1U);
  EXPECT_EQ(all_of<SaveDrift>(world.log)[0].drift.frequency_ppm, 17.25);
}

}  // namespace
}  // namespace ntp::engine
