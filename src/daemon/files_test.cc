// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/files.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::daemon {
namespace {

TEST(Drift, TheFirstNumberOfTheFileCounts) {
  EXPECT_EQ(parse_drift("12.345\n"), 12.345);
  EXPECT_EQ(parse_drift("-0.5 17\n"), -0.5);
  EXPECT_EQ(parse_drift(" \n+3"), 3);
  EXPECT_EQ(parse_drift("500"), 500);
}

TEST(Drift, WhatIsNoFrequencyIsToldApart) {
  EXPECT_EQ(parse_drift("").error().text, "it is empty");
  EXPECT_EQ(parse_drift(" \n\t").error().text, "it is empty");
  EXPECT_EQ(parse_drift("1e9").error().text, "1000000000 ppm is beyond the 500 ppm that a clock may be off");
  for (const char* content : {"fast", "12x", "1e999", "+", "-", "--1", "0x10", "\x01\x02"})
    EXPECT_EQ(parse_drift(content).error().text, "its first word is no number") << content;
  for (const char* content : {"nan", "-inf", "500.1", "-501"}) EXPECT_FALSE(parse_drift(content)) << content;
}

RC_GTEST_PROP(Drift, WhatIsWrittenIsReadAgain, ()) {
  const double frequency_ppm = *rc::gen::inRange(-500'000'000, 500'000'001) * 1e-6;

  const auto read = parse_drift(format_drift(frequency_ppm));

  RC_ASSERT(read.has_value());
  RC_ASSERT(std::abs(*read - frequency_ppm) < 1e-6);
}

RC_GTEST_PROP(Drift, NoContentGivesAFrequencyThatNoClockHas, (const std::string& content)) {
  const auto read = parse_drift(content);

  if (read) RC_ASSERT(std::abs(*read) <= 500);
}

}  // namespace
}  // namespace ntp::daemon
