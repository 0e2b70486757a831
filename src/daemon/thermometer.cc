// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/thermometer.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "daemon/files.h"

namespace ntp::daemon {
namespace {

constexpr std::size_t kLongestFile = 4096;
constexpr double kLowest_celsius = -100;
constexpr double kHighest_celsius = 200;

}  // namespace

std::expected<double, std::string> parse_temperature(std::string_view content) {
  constexpr std::string_view kBlanks = " \t\r\n";
  content.remove_prefix(std::min(content.find_first_not_of(kBlanks), content.size()));
  content = content.substr(0, content.find_first_of(kBlanks));
  if (content.starts_with('+')) content.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(content.data(), content.data() + content.size(), value);
  if (content.empty() || error != std::errc() || end != content.data() + content.size() || !std::isfinite(value))
    return std::unexpected("its first word is no number");
  const double celsius = value / 1000;
  if (celsius < kLowest_celsius || celsius > kHighest_celsius)
    return std::unexpected(fmt::format("{} thousandths of a degree Celsius: expected {} to {} degrees", value,
                                       kLowest_celsius, kHighest_celsius));
  return celsius;
}

Thermometer::Thermometer(const std::optional<config::TemperatureSensor>& sensor, Log& log) : log_(log) {
  if (!sensor) return;
  file_ = sensor->file;
  interval_s_ = sensor->interval_s.value_or(kDefaultInterval_s);
  next_ = MonoTime();
}

std::optional<double> Thermometer::tick(MonoTime now) {
  if (next_ > now) return std::nullopt;
  next_ = now + interval_s_;
  const auto content = read_file(file_, kLongestFile);
  const auto celsius = content ? parse_temperature(*content) : std::unexpected(content.error().text);
  if (!celsius && !has_complained_)
    log_.write(Log::Level::warning, fmt::format("temperature sensor {}: {}", file_, celsius.error()));
  has_complained_ = !celsius;
  return celsius ? std::optional(*celsius) : std::nullopt;
}

}  // namespace ntp::daemon
