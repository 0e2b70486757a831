// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/thermometer.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "daemon/files.h"

namespace ntp::daemon {
namespace {

constexpr MonoTime second(double s) { return MonoTime() + s; }

/// A sensor's file, removed with the test.
class Sensor {
 public:
  Sensor() { read("41500\n"); }
  Sensor(const Sensor&) = delete;
  Sensor& operator=(const Sensor&) = delete;
  ~Sensor() { std::remove(path_.c_str()); }
  void read(std::string_view content) const {
    ASSERT_TRUE(replace_file(path_, content, Durability::written).has_value());
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "thermometer_test_sensor";
};

TEST(Temperature, IsInThousandthsOfADegree) {
  EXPECT_EQ(parse_temperature("41500\n"), 41.5);
  EXPECT_EQ(parse_temperature(" -5000 mC"), -5);
  EXPECT_EQ(parse_temperature("+0"), 0);
  EXPECT_EQ(parse_temperature("200000"), 200);
}

TEST(Temperature, WhatNoOscillatorHasIsRefused) {
  for (const char* content : {"", "\n", "warm", "41.5C", "nan", "inf", "200001", "-100001", "1e300"})
    EXPECT_FALSE(parse_temperature(content)) << content;
}

RC_GTEST_PROP(Temperature, NoContentGivesWhatNoOscillatorHas, (const std::string& content)) {
  const auto celsius = parse_temperature(content);

  if (celsius) RC_ASSERT(std::abs(*celsius - 50) <= 150);
}

TEST(Thermometer, WithoutASensorIsNeverDue) {
  Log log;
  EXPECT_EQ(Thermometer(std::nullopt, log).next_deadline(), MonoTime::never());
}

TEST(Thermometer, ReadsAtOnceAndThenAtEachInterval) {
  Log log;
  const Sensor sensor;
  Thermometer thermometer(config::TemperatureSensor{.file = sensor.path(), .interval_s = 30}, log);

  EXPECT_EQ(thermometer.tick(second(5)), 41.5);
  EXPECT_EQ(thermometer.next_deadline(), second(35));
  EXPECT_EQ(thermometer.tick(second(34)), std::nullopt);
  sensor.read("42000\n");
  EXPECT_EQ(thermometer.tick(second(35)), 42);
}

TEST(Thermometer, ASilentSensorIsToldOnceUntilItSpeaks) {
  Log log;
  log.keep_last_only();
  const Sensor sensor;
  sensor.read("broken\n");
  Thermometer thermometer(config::TemperatureSensor{.file = sensor.path(), .interval_s = {}}, log);

  EXPECT_EQ(thermometer.tick(second(0)), std::nullopt);
  EXPECT_NE(log.last().find("its first word is no number"), std::string::npos);
  log.write(Log::Level::notice, "all quiet");
  EXPECT_EQ(thermometer.tick(second(60)), std::nullopt);
  EXPECT_EQ(log.last().find("sensor"), std::string::npos);
  sensor.read("20000\n");
  EXPECT_EQ(thermometer.tick(second(120)), 20);
  sensor.read("\n");
  EXPECT_EQ(thermometer.tick(second(180)), std::nullopt);
  EXPECT_NE(log.last().find("sensor"), std::string::npos);
}

}  // namespace
}  // namespace ntp::daemon
