// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/thermometer.h"

#include <limits>

#include <gtest/gtest.h>

#include "estimator/test_kit.h"

namespace ntp::estimator {
namespace {

using test::raw;

TEST(Thermometer, HasNoHeatBeforeItsFirstReading) {
  const Thermometer thermometer;

  EXPECT_FALSE(thermometer.has_reading());
  EXPECT_EQ(thermometer.heat_Ks(raw(100)), 0);
}

TEST(Thermometer, CountsFromItsFirstReading) {
  Thermometer thermometer;
  thermometer.read(raw(0), 40);
  thermometer.read(raw(60), 42);
  thermometer.read(raw(120), 39);

  EXPECT_EQ(thermometer.heat_Ks(raw(120)), 120);
  EXPECT_EQ(thermometer.heat_Ks(raw(130)), 110);
  EXPECT_EQ(thermometer.excess_K(), -1);
}

TEST(Thermometer, CountsFromTheTemperatureOfAnEarlierRun) {
  Thermometer thermometer;
  thermometer.set_reference(30);
  thermometer.read(raw(0), 40);

  EXPECT_EQ(thermometer.excess_K(), 10);
  EXPECT_EQ(thermometer.heat_Ks(raw(10)), 100);
}

TEST(Thermometer, RefusesWhatIsNoTemperature) {
  Thermometer thermometer;

  EXPECT_FALSE(thermometer.read(raw(0), std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(thermometer.read(raw(0), std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(thermometer.has_reading());
}

}  // namespace
}  // namespace ntp::estimator
