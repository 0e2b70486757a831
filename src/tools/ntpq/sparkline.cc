// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace ntp::ntpq {
namespace {

constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 5> kMarks = {"_", ".", "-", "~", "^"};

std::span<const std::string_view> levels_of(Glyphs glyphs) {
  if (glyphs == Glyphs::unicode) return kBlocks;
  return kMarks;
}

}  // namespace

std::string sparkline(std::span<const double> values, std::size_t width, Glyphs glyphs) {
  values = values.last(std::min(width, values.size()));
  if (values.empty()) return {};
  const auto [low, high] = std::ranges::minmax(values);
  // Halves: the difference of two large numbers may be none.
  const double range = high / 2 - low / 2;
  const auto levels = levels_of(glyphs);
  const auto highest = static_cast<double>(levels.size() - 1);
  std::string line;
  for (const double value : values) {
    const double part = range > 0 ? (value / 2 - low / 2) / range : 0.5;
    line += levels[static_cast<std::size_t>(std::clamp(std::round(part * highest), 0.0, highest))];
  }
  return line;
}

}  // namespace ntp::ntpq
