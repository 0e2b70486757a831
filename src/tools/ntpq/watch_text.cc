// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/civil_date.h"

namespace ntp::ntpq {
namespace {

constexpr double kMinute_s = 60;
constexpr double kHour_s = 3600;
constexpr double kDay_s = 86400;

/// As many decimals, up to three, as leave the text within the width.
std::string fitted(double value, std::size_t width, bool has_sign) {
  constexpr int kDecimals = 3;
  for (int decimals = kDecimals; decimals >= 0; --decimals) {
    const std::string text =
        has_sign ? fmt::format("{:+.{}f}", value, decimals) : fmt::format("{:.{}f}", value, decimals);
    if (text.size() <= width) return text;
  }
  return std::string(1, value < 0 ? '-' : '+') + "huge";
}

std::string scaled(double milliseconds, bool has_sign) {
  constexpr struct {
    double least_ms, unit_ms;
    const char* name;
    int decimals;
  } kUnits[] = {{9.9995e5, 1e3, "s", 0},
                {999.95, 1e3, "s", 3},
                {0.99995, 1, "ms", 3},
                {0.99995e-3, 1e-3, "us", 1},
                {0, 1e-6, "ns", 0}};
  for (const auto& unit : kUnits) {
    if (std::abs(milliseconds) < unit.least_ms) continue;
    const double value = milliseconds / unit.unit_ms;
    return has_sign ? fmt::format("{:+.{}f} {}", value, unit.decimals, unit.name)
                    : fmt::format("{:.{}f} {}", value, unit.decimals, unit.name);
  }
  return "-";
}

}  // namespace

std::string duration_text(std::optional<double> milliseconds) {
  return milliseconds ? scaled(*milliseconds, false) : "-";
}

std::string signed_duration_text(std::optional<double> milliseconds) {
  return milliseconds ? scaled(*milliseconds, true) : "-";
}

std::string age_text(std::optional<double> seconds) {
  constexpr double kMostSeconds = 2048;
  constexpr double kMostMinutes = 300;
  constexpr double kMostHours = 96;
  if (!seconds || *seconds < 0.5) return "-";
  if (*seconds <= kMostSeconds) return fmt::format("{:.0f}", *seconds);
  const double minutes = std::floor((*seconds + kMinute_s / 2) / kMinute_s);
  if (minutes <= kMostMinutes) return fmt::format("{:.0f}m", minutes);
  const double hours = std::floor((minutes + kMinute_s / 2) / kMinute_s);
  if (hours <= kMostHours) return fmt::format("{:.0f}h", hours);
  return fmt::format("{:.0f}d", std::min(std::floor((hours + 12) / 24), 999.0));
}

std::string column_text(std::optional<double> milliseconds, std::size_t width) {
  return milliseconds ? fitted(*milliseconds, width, false) : "-";
}

std::string signed_column_text(std::optional<double> milliseconds, std::size_t width) {
  return milliseconds ? fitted(*milliseconds, width, true) : "-";
}

std::string time_text(std::int64_t unix_s) {
  const std::int64_t second = ((unix_s % kSecondsPerDay) + kSecondsPerDay) % kSecondsPerDay;
  return fmt::format("{:02}:{:02}:{:02} UTC", second / 3600, second / 60 % 60, second % 60);
}

std::string since_text(double seconds) {
  if (seconds < 2 * kMinute_s) return fmt::format("{:.0f} s", std::max(seconds, 0.0));
  if (seconds < 2 * kHour_s) return fmt::format("{:.0f} min", seconds / kMinute_s);
  if (seconds < 2 * kDay_s) return fmt::format("{:.0f} h", seconds / kHour_s);
  return fmt::format("{:.0f} days", seconds / kDay_s);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t first) {
  std::vector<std::string> lines;
  if (width == 0) return lines;
  while (!text.empty()) {
    const std::string lead(std::min(lines.empty() ? first : indent, width / 2), ' ');
    const std::size_t room = width - lead.size();
    std::size_t end = text.size();
    if (end > room) {
      const std::size_t blank = text.rfind(' ', room);
      end = blank == std::string_view::npos || blank == 0 ? room : blank;
    }
    lines.push_back(lead + std::string(text.substr(0, end)));
    text.remove_prefix(end);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  return lines;
}

}  // namespace ntp::ntpq
