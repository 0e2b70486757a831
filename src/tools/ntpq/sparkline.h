// SPDX-License-Identifier: BSD-2-Clause
//
// A row of numbers as a small drawing, one character each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace ntp::ntpq {

/// What a terminal can show.
enum class Glyphs : std::uint8_t { ascii, unicode };

/// The newest `width` of `values` (oldest first, finite), the lowest and the highest of which fill the scale; values that are
/// all the same stand in the middle. One character of one column for each.
[[nodiscard]] std::string sparkline(std::span<const double> values, std::size_t width, Glyphs glyphs);

}  // namespace ntp::ntpq
