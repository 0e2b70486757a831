// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/drift_file.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::daemon {
namespace {

using Model = engine::DriftRecord::Model;

constexpr Model kModel{.deviation_ppm = 0.0012,
                       .wander_ppm = 1e-5,
                       .aging_ppm_per_day = -0.0004,
                       .temperature_ppm_per_K = 0.03,
                       .temperature_celsius = 41.5};
constexpr std::string_view kModelLine =
    "meridian 1 deviation_ppm 0.0012 wander_ppm 1e-05 aging_ppm_per_day -0.0004 temperature_ppm_per_K 0.03 "
    "temperature_celsius 41.5\n";

bool are_equal(const Model& a, const Model& b) {
  return a.deviation_ppm == b.deviation_ppm && a.wander_ppm == b.wander_ppm &&
         a.aging_ppm_per_day == b.aging_ppm_per_day && a.temperature_ppm_per_K == b.temperature_ppm_per_K &&
         a.temperature_celsius == b.temperature_celsius;
}

double frequency_of(std::string_view content) { return parse_drift(content)->drift.frequency_ppm; }

TEST(Drift, TheFirstNumberOfTheFileCounts) {
  EXPECT_EQ(frequency_of("12.345\n"), 12.345);
  EXPECT_EQ(frequency_of("-0.5 17\n"), -0.5);
  EXPECT_EQ(frequency_of(" \n+3"), 3);
  EXPECT_EQ(frequency_of("500"), 500);
  EXPECT_EQ(frequency_of("1\r\n"), 1);
}

TEST(Drift, WhatIsNoFrequencyIsToldApart) {
  EXPECT_EQ(parse_drift("").error(), "it is empty");
  EXPECT_EQ(parse_drift(" \n\t").error(), "it is empty");
  EXPECT_EQ(parse_drift("1e9").error(), "1000000000 ppm is beyond the 500 ppm that a clock may be off");
  for (const char* content : {"fast", "12x", "1e999", "+", "-", "--1", "0x10", "\x01\x02"})
    EXPECT_EQ(parse_drift(content).error(), "its first word is no number") << content;
  for (const char* content : {"nan", "-inf", "500.1", "-501"}) EXPECT_FALSE(parse_drift(content)) << content;
}

TEST(Drift, AFileOfTheClassicHasNoModelAndGivesNoNotice) {
  for (const char* content : {"12.345\n", "12.345", "12.345\n\n", "12.345\n \t\n", "12.345\r\n"}) {
    const auto file = parse_drift(content);
    ASSERT_TRUE(file) << content;
    EXPECT_FALSE(file->drift.model) << content;
    EXPECT_EQ(file->notice, "") << content;
  }
}

TEST(Drift, TheSecondLineIsTheModel) {
  const auto file = parse_drift("12.345000\n" + std::string(kModelLine));

  ASSERT_TRUE(file && file->drift.model);
  EXPECT_EQ(file->drift.frequency_ppm, 12.345);
  EXPECT_TRUE(are_equal(*file->drift.model, kModel));
  EXPECT_EQ(format_drift(file->drift), "12.345000\n" + std::string(kModelLine));
}

TEST(Drift, NamesOfALaterVersionAreSkippedAndMissingOnesAreZero) {
  const auto file = parse_drift("1\nmeridian 1 colour 7 wander_ppm 2e-5\n");

  ASSERT_TRUE(file && file->drift.model);
  EXPECT_EQ(file->drift.model->wander_ppm, 2e-5);
  EXPECT_EQ(file->drift.model->deviation_ppm, 0);
}

TEST(Drift, AFaultySecondLineCostsTheModelAlone) {
  for (const char* line :
       {"17", "meridian", "meridian 2 wander_ppm 1", "meridian 1 wander_ppm", "meridian 1 wander_ppm x",
        "meridian 1 wander_ppm nan", "meridian 1 wander_ppm inf", "meridian 1 wander_ppm -1",
        "meridian 1 deviation_ppm 501", "meridian 1 aging_ppm_per_day 101", "meridian 1 temperature_ppm_per_K -51",
        "meridian 1 temperature_celsius 201", "\xff\x01"}) {
    const auto file = parse_drift(std::string("-3\n") + line + "\n");
    ASSERT_TRUE(file) << line;
    EXPECT_EQ(file->drift.frequency_ppm, -3) << line;
    EXPECT_FALSE(file->drift.model) << line;
    EXPECT_NE(file->notice, "") << line;
  }
}

TEST(Drift, WhatNoClockHasIsNotWritten) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(format_drift({.frequency_ppm = kNan, .model = kModel}), "");
  EXPECT_EQ(format_drift({.frequency_ppm = std::numeric_limits<double>::infinity(), .model = {}}), "");
  Model model = kModel;
  model.wander_ppm = kNan;
  EXPECT_EQ(format_drift({.frequency_ppm = 1, .model = model}), "1.000000\n");
}

RC_GTEST_PROP(Drift, WhatIsWrittenIsReadAgain, ()) {
  const auto among = [](double low, double high) {
    return low + (high - low) * 1e-6 * *rc::gen::inRange(0, 1'000'001);
  };
  const engine::DriftRecord drift{.frequency_ppm = among(-500, 500),
                                  .model = Model{.deviation_ppm = among(0, 500),
                                                 .wander_ppm = among(0, 10),
                                                 .aging_ppm_per_day = among(-100, 100),
                                                 .temperature_ppm_per_K = among(-50, 50),
                                                 .temperature_celsius = among(-100, 200)}};

  const auto read = parse_drift(format_drift(drift));

  RC_ASSERT(read.has_value());
  RC_ASSERT(std::abs(read->drift.frequency_ppm - drift.frequency_ppm) < 1e-6);
  RC_ASSERT(read->drift.model.has_value());
  RC_ASSERT(std::abs(read->drift.model->wander_ppm - drift.model->wander_ppm) <= 1e-5 * drift.model->wander_ppm);
  RC_ASSERT(std::abs(read->drift.model->temperature_celsius - drift.model->temperature_celsius) < 1e-3);
}

void assert_sound(std::string_view content) {
  const auto read = parse_drift(content);
  if (!read) return;
  RC_ASSERT(std::abs(read->drift.frequency_ppm) <= 500);
  if (!read->drift.model) return;
  const Model& model = *read->drift.model;
  RC_ASSERT(model.deviation_ppm >= 0 && model.deviation_ppm <= 500);
  RC_ASSERT(model.wander_ppm >= 0 && model.wander_ppm <= 10);
  RC_ASSERT(std::abs(model.aging_ppm_per_day) <= 100);
  RC_ASSERT(std::abs(model.temperature_ppm_per_K) <= 50);
  RC_ASSERT(model.temperature_celsius >= -100 && model.temperature_celsius <= 200);
}

RC_GTEST_PROP(Drift, NoContentGivesWhatNoClockHas, (const std::string& content)) {
  assert_sound(content);
  assert_sound("1\n" + content);
}

/// Random octets hardly ever make a line of ours: words of one, damaged and shuffled, do.
RC_GTEST_PROP(Drift, NoDamagedLineGivesWhatNoClockHas, ()) {
  const auto words =
      *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{"deviation_ppm",
                                                                                                "wander_ppm",
                                                                                                "aging_ppm_per_day",
                                                                                                "temperature_ppm_per_K",
                                                                                                "temperature_celsius",
                                                                                                "nan",
                                                                                                "inf",
                                                                                                "-inf",
                                                                                                "1e308",
                                                                                                "-1e308",
                                                                                                "1e999",
                                                                                                "0",
                                                                                                "-0",
                                                                                                "1",
                                                                                                "500",
                                                                                                "-1",
                                                                                                "x",
                                                                                                "\n",
                                                                                                "meridian",
                                                                                                "1e-320"}));
  std::string content = "1\nmeridian 1";
  for (const std::string& word : words) content += " " + word;

  assert_sound(content);
}

}  // namespace
}  // namespace ntp::daemon
