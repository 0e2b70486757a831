// SPDX-License-Identifier: BSD-2-Clause
//
// Lines of a screen, cut to its size.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/ntpq/watch_layout.h"

namespace ntp::ntpq {

/// Cut, or filled with blanks, to exactly `width` characters.
[[nodiscard]] std::string left_aligned(std::string_view text, std::size_t width);
[[nodiscard]] std::string right_aligned(std::string_view text, std::size_t width);

/// Takes lines as long as there are rows.
class Page {
 public:
  explicit Page(const ScreenSize& size) : size_(size) {}

  void add(Line line);
  void add(std::string_view text, Style style = Style::normal) { add(Line{{std::string(text), style}}); }
  /// The same over the whole width, so that its style is seen to the edge.
  void add_bar(std::string_view text, Style style);
  /// Blank lines until `rows` of all rows are used.
  void fill(std::size_t rows);

  [[nodiscard]] std::size_t columns() const { return size_.columns; }
  [[nodiscard]] std::size_t used() const { return lines_.size(); }
  [[nodiscard]] std::size_t left() const { return size_.rows - lines_.size(); }
  [[nodiscard]] std::vector<Line> take() { return std::move(lines_); }

 private:
  ScreenSize size_;
  std::vector<Line> lines_;
};

}  // namespace ntp::ntpq
