// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_text.h"

#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::ntpq {
namespace {

TEST(WatchText, DurationsHaveTheUnitThatSuits) {
  EXPECT_EQ(duration_text(0.017404), "17.4 us");
  EXPECT_EQ(duration_text(1.2345), "1.234 ms");
  EXPECT_EQ(duration_text(999.97), "1.000 s");
  EXPECT_EQ(duration_text(0.0000123), "12 ns");
  EXPECT_EQ(duration_text(0), "0 ns");
  EXPECT_EQ(duration_text(5e9), "5000000 s");
  EXPECT_EQ(signed_duration_text(-12.5), "-12.500 ms");
  EXPECT_EQ(signed_duration_text(0.25), "+250.0 us");
  EXPECT_EQ(duration_text(std::nullopt), "-");
}

TEST(WatchText, AgesAreThoseOfTheColumnsWhenAndPoll) {
  EXPECT_EQ(age_text(64), "64");
  EXPECT_EQ(age_text(2048), "2048");
  EXPECT_EQ(age_text(2049), "34m");
  EXPECT_EQ(age_text(18000), "300m");
  EXPECT_EQ(age_text(18060), "5h");
  EXPECT_EQ(age_text(97 * 3600), "4d");
  EXPECT_EQ(age_text(1e18), "999d");
  EXPECT_EQ(age_text(0), "-");
  EXPECT_EQ(age_text(-5), "-");
}

TEST(WatchText, ColumnsLoseDecimalsBeforeTheyOverflow) {
  EXPECT_EQ(column_text(8.25, 7), "8.250");
  EXPECT_EQ(column_text(12345.678, 7), "12345.7");
  EXPECT_EQ(column_text(1234567.8, 7), "1234568");
  EXPECT_EQ(signed_column_text(-1234.5678, 8), "-1234.57");
  EXPECT_EQ(column_text(1e15, 7), "+huge");
  EXPECT_EQ(signed_column_text(-1e15, 8), "-huge");
}

TEST(WatchText, TimeOfDay) {
  EXPECT_EQ(time_text(1795290342), "19:45:42 UTC");
  EXPECT_EQ(time_text(-1), "23:59:59 UTC");
}

TEST(WatchText, LinesBreakBetweenWords) {
  EXPECT_EQ(wrapped("one two three", 8, 2), (std::vector<std::string>{"one two", "  three"}));
  EXPECT_EQ(wrapped("unbreakable", 4), (std::vector<std::string>{"unbr", "eaka", "ble"}));
  EXPECT_EQ(wrapped("a b", 9, 2, 3), (std::vector<std::string>{"   a b"}));
  EXPECT_TRUE(wrapped("", 9).empty());
  EXPECT_TRUE(wrapped("text", 0).empty());
}

RC_GTEST_PROP(WatchText, WrappedTextFitsAndLosesNoWord, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'e'))));
  const auto width = *rc::gen::inRange<std::size_t>(1, 30);
  std::string text;
  std::string letters;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
    letters += word;
  }

  std::string kept;
  for (const std::string& line : wrapped(text, width, *rc::gen::inRange<std::size_t>(0, 40))) {
    RC_ASSERT(line.size() <= width);
    for (const char c : line)
      if (c != ' ') kept += c;
  }
  RC_ASSERT(kept == letters);
}

}  // namespace
}  // namespace ntp::ntpq
