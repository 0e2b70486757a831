// SPDX-License-Identifier: BSD-2-Clause
//
// The terminal of ntpq --watch, by ncurses: draws screens, reads keys, and leaves the terminal as it was.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "tools/ntpq/watch_layout.h"

namespace ntp::ntpq {

class WatchTerminal {
 public:
  /// Standard input and output, which have to be a terminal of a kind that is known; an error says what is missing, and what
  /// does the same without one.
  static std::expected<WatchTerminal, std::string> open();
  WatchTerminal(WatchTerminal&&) noexcept;
  WatchTerminal& operator=(WatchTerminal&&) noexcept;
  ~WatchTerminal();

  void draw(const Screen& screen);
  /// Of all that was typed, in its order; waits for nothing.
  [[nodiscard]] std::vector<WatchKey> keys();
  /// After the window changed.
  void resize();
  [[nodiscard]] ScreenSize size() const;
  [[nodiscard]] Glyphs glyphs() const;

 private:
  class Impl;
  explicit WatchTerminal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ntp::ntpq
