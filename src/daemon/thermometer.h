// SPDX-License-Identifier: BSD-2-Clause
//
// Reads the temperature near the oscillator from a file (tempcomp): hwmon's and thermal_zone's are in thousandths of a degree.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "config/model.h"
#include "daemon/log.h"

namespace ntp::daemon {

/// Degrees Celsius. An error and a message if the content is no number of thousandths of a degree between -100 and 200 degrees.
std::expected<double, std::string> parse_temperature(std::string_view content);

class Thermometer {
 public:
  static constexpr double kDefaultInterval_s = 60;

  /// Without a sensor it is never due. It is due at once.
  Thermometer(const std::optional<config::TemperatureSensor>& sensor, Log& log);

  [[nodiscard]] MonoTime next_deadline() const { return next_; }
  /// Reads if it is due. Nothing without a temperature; a reason is said once until the sensor works again.
  std::optional<double> tick(MonoTime now);

 private:
  std::string file_;
  double interval_s_ = kDefaultInterval_s;
  Log& log_;
  MonoTime next_ = MonoTime::never();
  bool has_complained_ = false;
};

}  // namespace ntp::daemon
