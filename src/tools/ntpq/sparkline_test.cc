// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/sparkline.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8.h"

namespace ntp::ntpq {
namespace {

TEST(Sparkline, LowestAndHighestFillTheScale) {
  const std::vector<double> values = {-3, -2, -1, 0, 1, 2, 3, 4};

  EXPECT_EQ(sparkline(values, 20, Glyphs::unicode), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline(values, 20, Glyphs::ascii), "_..--~~^");
}

TEST(Sparkline, ShowsTheNewestWhereThereIsLittleRoom) {
  const std::vector<double> values = {100, 1, 2, 3};

  EXPECT_EQ(sparkline(values, 3, Glyphs::ascii), "_-^");
}

TEST(Sparkline, ValuesThatAreTheSameStandInTheMiddle) {
  EXPECT_EQ(sparkline(std::vector<double>{5, 5, 5}, 3, Glyphs::ascii), "---");
}

TEST(Sparkline, NothingGivesNothing) { EXPECT_EQ(sparkline({}, 20, Glyphs::unicode), ""); }

TEST(Sparkline, ScaleHoldsAnyNumbers) {
  constexpr double kMost = std::numeric_limits<double>::max();

  EXPECT_EQ(sparkline(std::vector<double>{-kMost, 0, kMost}, 3, Glyphs::ascii), "_-^");
}

RC_GTEST_PROP(Sparkline, HasOneCharacterForEachValue, (const std::vector<std::int16_t>& numbers)) {
  const std::vector<double> values(numbers.begin(), numbers.end());
  const auto width = *rc::gen::inRange<std::size_t>(0, 40);
  const auto glyphs = *rc::gen::element(Glyphs::ascii, Glyphs::unicode);

  RC_ASSERT(utf8_count(sparkline(values, width, glyphs)) == std::min(width, values.size()));
}

}  // namespace
}  // namespace ntp::ntpq
