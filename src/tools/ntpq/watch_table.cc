// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.h"
#include "state/view.h"
#include "tools/ntpq/status_text.h"
#include "tools/ntpq/watch_text.h"

namespace ntp::ntpq {
namespace {

// ---------------------------------------------------------------------------------------------------------------- sources

/// Widths have the blank before the column in them.
struct Widths {
  std::size_t remote = 0;
  std::size_t refid = 0;
  std::size_t stratum = 0;
  std::size_t type = 0;
  std::size_t when = 0;
  std::size_t poll = 0;
  std::size_t reach = 0;
  std::size_t delay = 0;
  std::size_t offset = 0;
  std::size_t jitter = 0;
  std::size_t history = 0;
};

constexpr std::size_t kRemote = 16;
constexpr std::size_t kLeastHistory = 6;
constexpr std::size_t kGoodHistory = 12;
constexpr std::size_t kFullHistory = kOffsetHistory + 1;

/// The most useful first; the first one that has no room ends it.
Widths widths_for(std::size_t columns, std::size_t longest_name, bool is_wide) {
  Widths widths;
  std::size_t left = columns;
  const auto grow = [&left](std::size_t& width, std::size_t by) {
    if (by > left) return false;
    width += by;
    left -= by;
    return true;
  };
  const std::size_t wanted = is_wide ? std::clamp(longest_name + 1, kRemote, std::max(kRemote, columns / 2)) : kRemote;
  const bool has_all = grow(widths.remote, std::min(wanted, columns)) && grow(widths.offset, 9) &&
                       grow(widths.stratum, 3) && grow(widths.reach, 6) && grow(widths.history, kLeastHistory) &&
                       grow(widths.delay, 8) && grow(widths.poll, 5) && grow(widths.when, 5) &&
                       grow(widths.refid, 16) && grow(widths.history, kGoodHistory - kLeastHistory) &&
                       grow(widths.jitter, 8) && grow(widths.type, 2);
  if (widths.history != 0) grow(widths.history, std::min(left, kFullHistory - widths.history));
  if (has_all && longest_name + 1 > widths.remote)
    grow(widths.remote, std::min(left, longest_name + 1 - widths.remote));
  return widths;
}

std::string heading(const Widths& w) {
  std::string text = left_aligned(w.remote > kRemote - 1 ? "     remote" : " remote", w.remote);
  const auto add = [&text](std::string_view name, std::size_t width) { text += right_aligned(name, width); };
  if (w.refid != 0) text += left_aligned("      refid", w.refid);
  add("st", w.stratum);
  add("t", w.type);
  add("when", w.when);
  add("poll", w.poll);
  add("reach", w.reach);
  add("delay", w.delay);
  add("offset", w.offset);
  add("jitter", w.jitter);
  if (w.history != 0) text += left_aligned(w.history > kLeastHistory ? " offsets" : " trend", w.history);
  return text;
}

Style style_of(const WatchedSource& source) {
  switch (static_cast<state::Selection>(selection_of(source.listed.status))) {
    case state::Selection::system_peer:
    case state::Selection::pps_peer:
    case state::Selection::candidate:
      return Style::good;
    case state::Selection::falseticker:
      return Style::bad;
    case state::Selection::reject:
      return Style::warning;
    case state::Selection::excess:
    case state::Selection::outlier:
    case state::Selection::backup:
      break;
  }
  return Style::normal;
}

std::string history_text(const WatchedSource& source, std::size_t width, Glyphs glyphs) {
  std::vector<double> offsets;
  for (std::size_t i = 0; i < source.offsets_ms.size(); ++i) offsets.push_back(source.offsets_ms[i]);
  return " " + left_aligned(sparkline(offsets, width - 1, glyphs), width - 1);
}

Line source_line(const WatchModel& model, const WatchedSource& source, const Widths& w, Glyphs glyphs,
                 const Moment& now) {
  const SourceSample& s = source.sample;
  std::optional<double> since_s = s.since_received_s;
  if (since_s && !model.wishes().is_paused && !model.trouble())
    *since_s += std::max(0.0, now.steady_s - source.sampled_s);
  const std::string remote = tally_of(source.listed.status) + left_aligned(source_name(model, source), w.remote - 1);

  std::string text;
  if (w.refid != 0) text += " " + left_aligned(s.refid, w.refid - 1);
  const auto add = [&text](std::string_view value, std::size_t width) {
    if (width != 0) text += " " + right_aligned(value, width - 1);
  };
  add(s.stratum ? fmt::format("{}", *s.stratum) : "-", w.stratum);
  add(std::string(1, s.type), w.type);
  add(age_text(since_s), w.when);
  add(age_text(s.poll_s), w.poll);
  add(s.reach ? fmt::format("{:o}", *s.reach) : "-", w.reach);
  add(column_text(s.delay_ms, 7), w.delay);
  add(signed_column_text(s.offset_ms, 8), w.offset);
  add(column_text(s.jitter_ms, 7), w.jitter);
  const std::string history = w.history != 0 ? history_text(source, w.history, glyphs) : "";
  return {{remote, style_of(source)}, {text, s.reach.value_or(0) == 0 ? Style::dim : Style::normal}, {history}};
}

Line as_selected(const Line& line, std::size_t columns) {
  std::string text;
  for (const Piece& piece : line) text += piece.text;
  return {{left_aligned(text, columns), Style::selected}};
}

// ---------------------------------------------------------------------------------------------------------------- clients

constexpr std::size_t kColumnsOfAll = 60;

std::string client_line(const WatchModel& model, const ClientSample& client, bool has_all) {
  static constexpr double kMostSeconds = 999999;
  const auto whole = [](double seconds) { return std::round(std::clamp(seconds, 0.0, kMostSeconds)); };
  const std::string called = model.called(client.address);
  if (!has_all) return fmt::format("{:6.0f} {:6} {}", whole(client.since_last_s), client.count, called);
  return fmt::format("{:6.0f} {:6.0f} {:4x} {} {} {} {:6} {:5} {}", whole(client.since_last_s),
                     whole(client.interval_s), client.restrictions & 0xffffU, client.limited, client.mode & 7U,
                     client.version & 7U, client.count, client.port, called);
}

}  // namespace

std::string source_name(const WatchModel& model, const WatchedSource& source) {
  if (source.sample.address.empty()) return fmt::format("(association {})", source.listed.association_id);
  const bool has_name = model.wishes().wants_names && !source.sample.name.empty();
  return has_name ? source.sample.name : model.called(source.sample.address);
}

void add_sources(Page& page, const WatchModel& model, std::size_t rows, Glyphs glyphs, const Moment& now) {
  const auto& sources = model.sources();
  std::size_t longest_name = 0;
  for (const WatchedSource& source : sources)
    longest_name = std::max(longest_name, utf8_count(source_name(model, source)));
  const Widths widths = widths_for(page.columns(), longest_name, model.is_wide());

  page.add_bar(heading(widths), Style::heading);
  const std::size_t selected = model.selected().value_or(0);
  const std::size_t shown = std::min(rows, sources.size());
  // The selected one stands in the middle, as long as the list has no end there.
  const std::size_t first = std::min(selected - std::min(selected, shown / 2), sources.size() - shown);
  for (std::size_t i = first; i < first + shown; ++i) {
    const Line line = source_line(model, sources[i], widths, glyphs, now);
    page.add(model.selected() == i ? as_selected(line, page.columns()) : line);
  }
}

void add_clients(Page& page, const WatchModel& model, std::size_t first, std::size_t rows) {
  const bool has_all = page.columns() >= kColumnsOfAll;
  page.add_bar(has_all ? "lstint avgint rstr r m v  count rport remote address" : "lstint  count remote address",
               Style::heading);
  const auto& clients = model.clients()->newest_first;
  for (std::size_t i = first; i < clients.size() && i - first < rows; ++i)
    page.add(client_line(model, clients[i], has_all));
}

}  // namespace ntp::ntpq
