// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_layout.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/utf8.h"
#include "tools/ntpq/watch_page.h"
#include "tools/ntpq/watch_pages.h"
#include "tools/ntpq/watch_table.h"
#include "tools/ntpq/watch_text.h"

namespace ntp::ntpq {
namespace {

constexpr std::size_t kLeastColumns = 20;
constexpr std::size_t kLeastRows = 4;

// What there is room for, by the rows of the screen.
constexpr std::size_t kRowsForFooter = 6;
constexpr std::size_t kRowsForReason = 7;
constexpr std::size_t kRowsForMoreReason = 10;
constexpr std::size_t kRowsForClients = 16;
constexpr std::size_t kRowsForAir = 20;

void add_title(Page& page, const WatchModel& model) {
  const WatchWishes wishes = model.wishes();
  std::string right = wishes.is_paused ? "paused" : fmt::format("every {:.0f} s", wishes.interval_s);
  if (model.heard_at()) right += "  " + time_text(model.heard_at()->unix_s);
  right = std::string(utf8_first(right, page.columns()));
  std::string left = "ntpq  " + model.server();
  if (model.clock() && !model.clock()->version.empty()) left += "  " + model.clock()->version;
  const std::size_t room = page.columns() - utf8_count(right);
  // Without a name of the program where there is little room for the server's.
  if (room < left.size() + 1 && room < 40) left = model.server();
  page.add(Line{{room > 1 ? left_aligned(left, room - 1) + " " : left_aligned("", room), Style::title},
                {right, Style::title}});
}

void add_trouble(Page& page, const WatchModel& model, const ScreenSize& size, const Moment& now) {
  const auto& trouble = model.trouble();
  if (!trouble) return;
  const double seconds = now.steady_s - trouble->since.steady_s;
  std::string text = model.heard_at() ? fmt::format("No answer since {} ({}): {}", time_text(trouble->since.unix_s),
                                                    since_text(seconds), trouble->text)
                                      : fmt::format("No answer yet ({}): {}", since_text(seconds), trouble->text);
  const std::size_t most = size.rows >= kRowsForClients ? 3 : size.rows >= kRowsForFooter ? 2 : 1;
  std::size_t count = 0;
  for (const std::string& line : wrapped(text, size.columns))
    if (count++ < most) page.add_bar(line, Style::bad);
}

// -------------------------------------------------------------------------------------------------------------- the clock

Line clock_state(const ClockSample& clock, std::size_t columns) {
  constexpr int kUnsynchronized = 3;
  Line line = {{"Clock: "}};
  std::size_t used = line.front().text.size();
  // What has no room is left out rather than cut.
  const auto add = [&](std::string text, Style style = Style::normal) {
    if (line.size() > 1 && used + text.size() > columns) return;
    used += text.size();
    line.push_back({std::move(text), style});
  };
  if (!clock.leap)
    add("state not told", Style::warning);
  else if (*clock.leap == kUnsynchronized)
    add("not synchronised", Style::bad);
  else
    add("synchronised", Style::good);
  if (clock.stratum) add(fmt::format(", stratum {}", *clock.stratum));
  if (clock.leap == 1) add(", leap second: one more", Style::warning);
  if (clock.leap == 2) add(", leap second: one less", Style::warning);
  if (!clock.refid.empty()) add(", refid " + clock.refid);
  return line;
}

std::vector<std::string> clock_figures(const ClockSample& clock, std::size_t columns, std::size_t indent) {
  std::vector<std::string> fields;
  if (clock.offset_ms) fields.push_back("offset " + signed_duration_text(clock.offset_ms));
  if (clock.bound_ms) fields.push_back("bound " + duration_text(clock.bound_ms));
  if (clock.frequency_ppm) fields.push_back(fmt::format("frequency {:+.3f} ppm", *clock.frequency_ppm));
  if (clock.jitter_ms) fields.push_back("jitter " + duration_text(clock.jitter_ms));
  std::vector<std::string> lines;
  for (const std::string& field : fields) {
    if (lines.empty() || lines.back().size() + 2 + field.size() > columns)
      lines.push_back(std::string(indent, ' ') + field);
    else
      lines.back() += "  " + field;
  }
  return lines;
}

void add_clock(Page& page, const WatchModel& model, const ScreenSize& size) {
  if (!model.clock()) {
    if (!model.trouble()) page.add("Asking " + model.server() + " ...", Style::dim);
    return;
  }
  const ClockSample& clock = *model.clock();
  const std::size_t indent = size.columns >= 60 ? 7 : 2;
  std::vector<std::string> more = clock_figures(clock, size.columns, indent);
  const bool is_synchronized = clock.leap && *clock.leap != 3;
  const std::vector<std::string> why = wrapped(clock.why, size.columns, indent, indent);
  // The reason comes first where something is wrong.
  more.insert(is_synchronized ? more.end() : more.begin(), why.begin(), why.end());

  const std::size_t most = std::max<std::size_t>(1, size.rows / 5);
  page.add(clock_state(clock, size.columns));
  for (std::size_t i = 0; i < more.size() && i + 1 < most; ++i) page.add(more[i]);
}

// ---------------------------------------------------------------------------------------------------- sources and clients

std::vector<Line> reason_lines(const WatchModel& model, const ScreenSize& size) {
  const auto selected = model.selected();
  if (!selected || size.rows < kRowsForReason) return {};
  const WatchedSource& source = model.sources()[*selected];
  const std::string name =
      fmt::format("{} of {}  {}: ", *selected + 1, model.sources().size(), source_name(model, source));
  const std::size_t most = size.rows >= kRowsForAir ? 3 : size.rows >= kRowsForMoreReason ? 2 : 1;

  std::vector<Line> lines;
  if (size.rows >= kRowsForAir) lines.emplace_back();
  const std::size_t head = lines.size();
  for (const std::string& text : wrapped(name + (source.why.empty() ? "..." : source.why), size.columns, 2))
    if (lines.size() < head + most) lines.push_back({{text}});
  if (size.rows >= kRowsForAir && source.offsets_ms.size() > 1) lines.push_back({{offsets_range(source), Style::dim}});
  return lines;
}

std::vector<std::string> refusal_lines(const WatchModel& model, const ScreenSize& size) {
  if (model.clients_refused().empty()) return {};
  std::vector<std::string> lines = wrapped("Clients: " + model.clients_refused(), size.columns, 2);
  lines.resize(std::min<std::size_t>(lines.size(), 2));
  return lines;
}

/// Rows that the clients would like to have, with the blank line before them.
std::size_t rows_for_clients(const WatchModel& model, const ScreenSize& size) {
  if (size.rows < kRowsForClients) return 0;
  if (model.clients()) return 2 + model.clients()->newest_first.size();
  const std::size_t lines = refusal_lines(model, size).size();
  return lines == 0 ? 0 : lines + 1;
}

void add_clients_below(Page& page, const WatchModel& model, const ScreenSize& size, std::size_t rows) {
  if (rows == 0) return;
  page.add("");
  if (model.clients()) return add_clients(page, model, 0, rows - 2);
  const std::vector<std::string> lines = refusal_lines(model, size);
  for (std::size_t i = 0; i < lines.size() && i + 1 < rows; ++i) page.add(lines[i], Style::dim);
}

void add_sources_page(Page& page, const WatchModel& model, const ScreenSize& size, Glyphs glyphs, const Moment& now) {
  add_clock(page, model, size);
  if (size.rows >= kRowsForAir) page.add("");
  const std::vector<Line> reason = reason_lines(model, size);
  const std::size_t footer = size.rows >= kRowsForFooter ? 1 : 0;
  const std::size_t taken = 1 + reason.size() + footer;
  const std::size_t room = page.left() > taken ? page.left() - taken : 0;

  const std::size_t sources = std::max<std::size_t>(model.sources().size(), 1);
  const std::size_t spare = room > sources ? room - sources : 0;
  std::size_t clients = std::min(rows_for_clients(model, size), std::max(spare, room / 3));
  if (model.clients() && clients < 3) clients = 0;

  if (model.sources().empty()) {
    if (model.clock()) page.add("(the server has no sources)", Style::dim);
  } else {
    add_sources(page, model, std::min(sources, room - clients), glyphs, now);
  }
  for (const Line& line : reason) page.add(line);
  add_clients_below(page, model, size, clients);
}

void add_footer(Page& page, const WatchModel& model, const ScreenSize& size) {
  if (size.rows < kRowsForFooter) return;
  page.fill(size.rows - 1);
  const bool is_list = model.page() == WatchPage::sources;
  std::string text;
  for (const char* hint : {"q quit", "? help", is_list ? "d detail" : "s sources", "c clients", "n names", "w wide",
                           "p pause", "+ slower", "- faster"}) {
    const std::string more = (text.empty() ? " " : "   ") + std::string(hint);
    if (text.size() + more.size() > size.columns) break;
    text += more;
  }
  page.add_bar(text, Style::title);
}

}  // namespace

Screen lay_out(const WatchModel& model, const ScreenSize& size, Glyphs glyphs, const Moment& now) {
  Screen screen;
  Page page(size);
  if (size.columns < kLeastColumns || size.rows < kLeastRows) {
    page.add(fmt::format("ntpq: {} x {} is too small", size.columns, size.rows));
    screen.lines = page.take();
    return screen;
  }

  add_title(page, model);
  add_trouble(page, model, size, now);
  if (model.page() == WatchPage::sources) {
    add_sources_page(page, model, size, glyphs, now);
    screen.page_lines = std::max<std::size_t>(size.rows / 2, 1);
  } else {
    const std::size_t footer = size.rows >= kRowsForFooter ? 1 : 0;
    const PageExtent extent = add_scrolled_page(page, model, page.left() - std::min(page.left(), footer));
    screen.most_scroll = extent.most_scroll;
    screen.page_lines = extent.lines;
  }
  add_footer(page, model, size);
  screen.lines = page.take();
  return screen;
}

std::string plain_text(const Screen& screen) {
  std::string text;
  for (const Line& line : screen.lines) {
    std::string row;
    for (const Piece& piece : line) row += piece.text;
    const std::size_t last = row.find_last_not_of(' ');
    text += row.substr(0, last == std::string::npos ? 0 : last + 1) + "\n";
  }
  return text;
}

}  // namespace ntp::ntpq
