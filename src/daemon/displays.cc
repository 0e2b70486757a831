// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/displays.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "daemon/files.h"
#include "daemon/presentation.h"

namespace ntp::daemon {
namespace {

constexpr double kRefreshInterval_s = 1;
/// Without a terminal the live table is a report, not a picture.
constexpr double kReportInterval_s = 10;

std::string utc_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text.data(), length};
}

winsize terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) return size;
  size.ws_col = 80;
  size.ws_row = 24;
  return size;
}

/// What fits: a wrapped line or one below the last row would scroll the picture away.
std::string cut_to(const std::string& text, const winsize& size) {
  std::string out;
  std::size_t column = 0;
  int row = 1;
  for (const char c : text) {
    if (c == '\n') {
      if (++row > size.ws_row) return out + "\033[K";
      out += "\033[K\n";
      column = 0;
    } else if (column++ < size.ws_col) {
      out += c;
    }
  }
  return out;
}

}  // namespace

void Displays::begin(MonoTime now) {
  if (options_.status_file) next_status_ = now;
  if (options_.shows_live_table) next_table_ = now;
}

MonoTime Displays::next_deadline() const { return std::min(next_status_, next_table_); }

void Displays::show(MonoTime now, const Content& content) {
  if (next_status_ <= now) write_status(now, content);
  if (next_table_ <= now) draw_live_table(now, content);
}

void Displays::write_status(MonoTime now, const Content& content) {
  next_status_ = now + kRefreshInterval_s;
  const auto written =
      replace_file(*options_.status_file, status_json(content.view, content.variables), Durability::written);
  if (!written && !has_status_warning_) log_.write(Log::Level::warning, written.error().text);
  has_status_warning_ = !written;
}

void Displays::draw_live_table(MonoTime now, const Content& content) {
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  next_table_ = now + (is_terminal ? kRefreshInterval_s : kReportInterval_s);
  const LiveContext context{.clock_text = utc_text(),
                            .origin = content.origin,
                            .last_message = log_.last(),
                            .port = content.port,
                            .answered = content.answered};
  const std::string table = live_table(content.view, context);
  if (is_terminal)
    fmt::print("\033[H{}\033[J", cut_to(table, terminal_size()));
  else
    fmt::print("{}\n", table);
  std::fflush(stdout);
}

}  // namespace ntp::daemon
