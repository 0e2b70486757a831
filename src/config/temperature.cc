// SPDX-License-Identifier: BSD-2-Clause
//
// tempcomp: a sensor near the oscillator. chrony's lines are taken as they stand; their coefficients have no use here.
#include <array>

#include "config/handlers.h"

namespace ntp::config {
namespace {

constexpr double kShortestInterval_s = 1;
constexpr double kLongestInterval_s = 86400;
constexpr double kAnyNumber = 1e9;

/// The coefficients (T0 K0 K1 K2) or the file of points that may follow the interval. True if there were any.
std::expected<bool, Fault> take_coefficients(Arguments& arguments) {
  if (arguments.at_end()) return false;
  const bool is_file = arguments.peek()->text.find('/') != std::string_view::npos;
  if (is_file) {
    arguments.skip();
    return true;
  }
  for (const std::string_view name : {"T0", "K0", "K1", "K2"})
    if (const auto number = arguments.take_real(name, -kAnyNumber, kAnyNumber); !number)
      return std::unexpected(number.error());
  return true;
}

}  // namespace

Handled handle_tempcomp(Arguments& arguments, Config& config) {
  const auto file = arguments.take("the name of a sensor's file");
  if (!file) return std::unexpected(file.error());
  if ((*file)->text.empty())
    return std::unexpected(Arguments::wrong(**file, "tempcomp: expected the name of a sensor's file"));
  TemperatureSensor sensor{.file = std::string((*file)->text), .interval_s = {}};
  if (!arguments.at_end()) {
    const auto interval = arguments.take_real("an interval in seconds", kShortestInterval_s, kLongestInterval_s);
    if (!interval) return std::unexpected(interval.error());
    sensor.interval_s = *interval;
  }
  const Token* extra = arguments.peek();
  const auto has_coefficients = take_coefficients(arguments);
  if (!has_coefficients) return std::unexpected(has_coefficients.error());
  if (auto end = arguments.finish(); !end) return end;
  if (*has_coefficients)
    arguments.note(
        Severity::warning, *extra,
        "tempcomp: the coefficients are not used: what the temperature does to the clock is learnt, and kept "
        "in the drift file");
  config.temperature_sensor = std::move(sensor);
  return {};
}

}  // namespace ntp::config
