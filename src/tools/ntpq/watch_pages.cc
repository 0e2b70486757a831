// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_pages.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "tools/ntpq/watch_table.h"
#include "tools/ntpq/watch_text.h"

namespace ntp::ntpq {
namespace {

constexpr const char* kHelp[] = {
    "Up, Down, j, k         select a source; scroll a page",
    "PgUp, PgDn, Home, End  the same in larger steps",
    "d, Enter               all variables of the selected source",
    "c                      the clients of the server, newest first",
    "s, Esc                 back to the sources",
    "n                      names or addresses",
    "w                      long names in full",
    "p, Space               pause, and go on",
    "+, -                   ask less often, or more often",
    "?, h                   this page",
    "q, Ctrl-C              quit",
    "",
    "In front of a source stands what was made of it:",
    "  *  leads: the system peer          o  leads by its pulses",
    "  +  agrees, and counts              -  agrees, and is an outlier",
    "  #  agrees, and is not needed       .  agrees, and there are enough",
    "  x  falseticker                     (blank) can't be used",
    "",
    "\"bound\" is the most that the clock can be wrong: half the delay to the root, and the dispersion.",
    "The drawing shows a source's last offsets, the oldest at the left, between their least and their greatest.",
};

std::vector<Line> help_lines(std::size_t columns) {
  std::vector<Line> lines;
  for (const char* text : kHelp) {
    const std::vector<std::string> parts = wrapped(text, columns, 2);
    if (parts.empty()) lines.emplace_back();
    for (const std::string& part : parts) lines.push_back({{part}});
  }
  return lines;
}

std::vector<Line> detail_lines(const WatchModel& model, std::size_t columns) {
  const auto selected = model.selected();
  if (!selected) return {{{"(the source is gone)", Style::dim}}};
  const WatchedSource& source = model.sources()[*selected];
  const std::string name = source_name(model, source);
  std::string head =
      fmt::format("{}, association {}, status {:04x}", name, source.listed.association_id, source.listed.status);
  if (name != source.sample.address && !source.sample.address.empty()) head += ", " + source.sample.address;

  std::vector<Line> lines;
  for (const std::string& line : wrapped(head, columns, 2)) lines.push_back({{line, Style::heading}});
  for (const std::string& line : wrapped(source.why, columns, 2)) lines.push_back({{line}});
  if (source.offsets_ms.size() > 1) lines.push_back({{offsets_range(source), Style::dim}});
  lines.emplace_back();

  std::size_t longest = 0;
  for (const auto& [variable, value] : source.sample.variables) longest = std::max(longest, variable.size());
  longest = std::min({longest, columns / 2, std::size_t{16}});
  for (const auto& [variable, value] : source.sample.variables) {
    const std::vector<std::string> parts = wrapped(value, columns - longest - 2);
    lines.push_back({{left_aligned(variable, longest), Style::dim}, {"  " + (parts.empty() ? "" : parts.front())}});
    for (std::size_t i = 1; i < parts.size(); ++i) lines.push_back({{std::string(longest + 2, ' ') + parts[i]}});
  }
  return lines;
}

PageExtent add_lines(Page& page, const std::vector<Line>& lines, std::size_t scroll, std::size_t rows) {
  const PageExtent extent{.most_scroll = lines.size() - std::min(rows, lines.size()), .lines = rows};
  const std::size_t first = std::min(scroll, extent.most_scroll);
  for (std::size_t i = first; i < lines.size() && i - first < rows; ++i) page.add(lines[i]);
  return extent;
}

PageExtent add_clients_page(Page& page, const WatchModel& model, std::size_t rows) {
  if (!model.clients()) {
    const std::string text =
        model.clients_refused().empty() ? "Clients: not heard yet" : "Clients: " + model.clients_refused();
    std::vector<Line> lines;
    for (const std::string& line : wrapped(text, page.columns(), 2)) lines.push_back({{line}});
    return add_lines(page, lines, model.scroll(), rows);
  }
  const std::size_t list_rows = rows > 1 ? rows - 1 : 0;
  const std::size_t count = model.clients()->newest_first.size();
  const PageExtent extent{.most_scroll = count - std::min(list_rows, count), .lines = list_rows};
  add_clients(page, model, std::min(model.scroll(), extent.most_scroll), list_rows);
  return extent;
}

}  // namespace

PageExtent add_scrolled_page(Page& page, const WatchModel& model, std::size_t rows) {
  switch (model.page()) {
    case WatchPage::sources:
      break;
    case WatchPage::detail:
      return add_lines(page, detail_lines(model, page.columns()), model.scroll(), rows);
    case WatchPage::clients:
      return add_clients_page(page, model, rows);
    case WatchPage::help:
      return add_lines(page, help_lines(page.columns()), model.scroll(), rows);
  }
  return {};
}

std::string offsets_range(const WatchedSource& source) {
  double low_ms = source.offsets_ms[0];
  double high_ms = low_ms;
  for (std::size_t i = 1; i < source.offsets_ms.size(); ++i) {
    low_ms = std::min(low_ms, source.offsets_ms[i]);
    high_ms = std::max(high_ms, source.offsets_ms[i]);
  }
  return fmt::format("offsets {} to {} in the last {} measurements", signed_duration_text(low_ms),
                     signed_duration_text(high_ms), source.offsets_ms.size());
}

}  // namespace ntp::ntpq
