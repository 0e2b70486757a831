// SPDX-License-Identifier: BSD-2-Clause
//
// Draws ntpq --watch: a model and a size give lines. No terminal in it: what a style looks like is the shell's affair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/ntpq/sparkline.h"
#include "tools/ntpq/watch_model.h"

namespace ntp::ntpq {

enum class Style : std::uint8_t { normal, title, heading, dim, good, warning, bad, selected };

struct Piece {
  std::string text;
  Style style = Style::normal;
};
using Line = std::vector<Piece>;

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

struct Screen {
  std::vector<Line> lines;      ///< at most `rows`, each of at most `columns` characters
  std::size_t most_scroll = 0;  ///< for WatchModel::set_extent()
  std::size_t page_lines = 0;
};

[[nodiscard]] Screen lay_out(const WatchModel& model, const ScreenSize& size, Glyphs glyphs, const Moment& now);

/// The lines without their styles, each ended by a newline, without blanks at their ends.
[[nodiscard]] std::string plain_text(const Screen& screen);

}  // namespace ntp::ntpq
