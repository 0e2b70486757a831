// SPDX-License-Identifier: BSD-2-Clause
#include "engine/jump_detector.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::FakeClock;

TEST(JumpDetector, HasNothingToCompareTheFirstLookWith) {
  JumpDetector jumps;
  CorrectionRecord record;
  record.start(test::raw(0), 0);

  EXPECT_FALSE(jumps.look(test::now(0), record));
}

TEST(JumpDetector, FindsWhatOthersDid) {
  const double jumps_s[] = {0.020, -0.020, 1, -3600, 3600, 20 * 365.25 * 86400, -20 * 365.25 * 86400};
  for (const double jump_s : jumps_s) {
    JumpDetector jumps;
    FakeClock clock;
    CorrectionRecord record;
    record.start(clock.read().raw, 0);
    jumps.look(clock.read(), record);

    clock.advance(1'000'000'000);
    clock.jump(jump_s);

    const auto found = jumps.look(clock.read(), record);
    ASSERT_TRUE(found) << jump_s;
    EXPECT_NEAR(found->seconds(), jump_s, 1e-6) << jump_s;
    clock.advance(1'000'000'000);
    EXPECT_FALSE(jumps.look(clock.read(), record)) << "a jump is found once";
  }
}

TEST(JumpDetector, FindsAnHourOfSleep) {
  // The undisciplined clock stands still while the machine sleeps; the system clock is set on by the kernel.
  JumpDetector jumps;
  CorrectionRecord record;
  record.start(test::raw(0), 0);
  jumps.look(test::now(0), record);

  const auto found = jumps.look({test::mono(1), test::raw(1), test::real(3601), 0}, record);

  ASSERT_TRUE(found);
  EXPECT_NEAR(found->seconds(), 3600, 1e-6);
}

TEST(JumpDetector, KnowsOurOwnStepsAndSlews) {
  JumpDetector jumps;
  FakeClock clock;
  CorrectionRecord record;
  record.start(clock.read().raw, 0);
  jumps.look(clock.read(), record);

  for (int i = 0; i < 100; ++i) {
    const double ppm = clock.set_frequency(i % 2 == 0 ? 500 : -1000).value();
    record.frequency_changed(clock.read().raw, ppm);
    if (i % 10 == 0) record.stepped(clock.read().raw, clock.step(Span::from_seconds(i * 100 + 0.3)).value());
    clock.advance(16'000'000'000);
    EXPECT_FALSE(jumps.look(clock.read(), record)) << i;
  }
}

TEST(JumpDetector, ToleratesSlewsOfOthersAndUncertainReadings) {
  JumpDetector jumps;
  CorrectionRecord record;
  record.start(test::raw(0), 0);
  jumps.look(test::now(0), record);

  EXPECT_FALSE(jumps.look({test::mono(100), test::raw(100), test::real(100.05), 0}, record)) << "500 ppm";
  EXPECT_FALSE(jumps.look({test::mono(101), test::raw(101), test::real(101.55), 0.5}, record))
      << "half a second of preemption";
}

RC_GTEST_PROP(JumpDetector, FindsAnyJumpOf20MsBetweenTwoTicks, (std::int32_t seed, std::uint8_t wait)) {
  const int milliseconds = seed % 1'000'000'000 + (seed < 0 ? -20 : 20);
  JumpDetector jumps;
  FakeClock clock;
  CorrectionRecord record;
  record.start(clock.read().raw, 0);
  jumps.look(clock.read(), record);

  clock.advance(std::int64_t{wait % 16} * 1'000'000'000);
  clock.jump(milliseconds * 1e-3);

  RC_ASSERT(jumps.look(clock.read(), record).has_value());
}

}  // namespace
}  // namespace ntp::engine
