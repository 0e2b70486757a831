// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_page.h"

#include "base/utf8.h"

namespace ntp::ntpq {

std::string left_aligned(std::string_view text, std::size_t width) {
  std::string out(utf8_first(text, width));
  out.append(width - utf8_count(out), ' ');
  return out;
}

std::string right_aligned(std::string_view text, std::size_t width) {
  const std::string_view kept = utf8_first(text, width);
  return std::string(width - utf8_count(kept), ' ') + std::string(kept);
}

void Page::add(Line line) {
  if (left() == 0) return;
  std::size_t room = size_.columns;
  for (Piece& piece : line) {
    piece.text = utf8_first(piece.text, room);
    room -= utf8_count(piece.text);
  }
  lines_.push_back(std::move(line));
}

void Page::add_bar(std::string_view text, Style style) { add(left_aligned(text, size_.columns), style); }

void Page::fill(std::size_t rows) {
  while (lines_.size() < rows && left() > 0) lines_.emplace_back();
}

}  // namespace ntp::ntpq
