// SPDX-License-Identifier: BSD-2-Clause
//
// fudge, and refclock: NTPsec's words for server and fudge on one line.
#include "config/reference_clocks.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace ntp::config {
namespace {

constexpr unsigned kLocalClockType = 1;

struct Driver {
  unsigned type;
  std::string_view word;  ///< what NTPsec calls it on a refclock line
  std::string_view name;
};
constexpr auto kDrivers = std::to_array<Driver>({
    {1, "local", "this machine's own clock"},
    {4, "spectracom", "Spectracom receivers"},
    {5, "truetime", "TrueTime receivers"},
    {8, "generic", "generic radio receivers"},
    {11, "arbiter", "Arbiter receivers"},
    {18, "modem", "telephone modems"},
    {20, "nmea", "NMEA receivers"},
    {22, "pps", "pulse per second"},
    {26, "hpgps", "HP receivers"},
    {28, "shm", "shared memory"},
    {29, "trimble", "Trimble receivers"},
    {30, "oncore", "Motorola Oncore receivers"},
    {40, "jjy", "JJY receivers"},
    {42, "zyfer", "Zyfer receivers"},
    {46, "gpsd", "gpsd"},
});

unsigned clock_type(const Address& clock) { return clock.octets()[2]; }

std::string driver_text(unsigned type) {
  const auto* known = std::ranges::find(kDrivers, type, &Driver::type);
  if (known == kDrivers.end()) return fmt::format("type {}", type);
  return fmt::format("type {}: {}", type, known->name);
}

bool is_refid(std::string_view text) {
  return !text.empty() && text.size() <= 4 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '"'; });
}

Handled check(const Option& option) {
  if (option.entry->name != "refid" || is_refid(option.text)) return {};
  return std::unexpected(Arguments::wrong(
      *option.name, fmt::format("refid \"{}\": expected one to four printable characters", quotable(option.text))));
}

void apply_option(Fudge& fudge, const Option& option) {
  const std::string_view name = option.entry->name;
  if (name == "time1") fudge.time1_s = option.real;
  if (name == "time2") fudge.time2_s = option.real;
  if (name == "stratum") fudge.stratum = option.integer;
  if (name == "refid") fudge.refid = option.text;
  constexpr std::array<std::string_view, 4> kFlags{"flag1", "flag2", "flag3", "flag4"};
  for (std::size_t i = 0; i < kFlags.size(); ++i)
    if (name == kFlags[i]) fudge.flags[i] = option.integer != 0;
}

void apply_option(Server& server, const Option& option) {
  const std::string_view name = option.entry->name;
  if (name == "minpoll") server.min_poll_log2s = option.integer;
  if (name == "maxpoll") server.max_poll_log2s = option.integer;
  if (name == "prefer") server.is_preferred = true;
  if (name == "noselect") server.is_never_selected = true;
  if (name == "true") server.is_always_true = true;
}

Fudge fudge_so_far(const Config& config, const Address& clock) {
  const auto known = std::ranges::find(config.fudges, clock, &Fudge::clock);
  return known == config.fudges.end() ? Fudge{.clock = clock} : *known;
}

void keep(Fudge fudge, Config& config) {
  const auto known = std::ranges::find(config.fudges, fudge.clock, &Fudge::clock);
  if (known != config.fudges.end()) {
    *known = std::move(fudge);
  } else if (fudge != Fudge{.clock = fudge.clock}) {
    config.fudges.push_back(std::move(fudge));
  }
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The driver of a refclock line's first word; NTPsec takes capitals as well.
std::expected<Driver, Fault> take_driver(Arguments& arguments) {
  const auto token = arguments.take("the type of a reference clock, such as local");
  if (!token) return std::unexpected(token.error());
  std::string word((*token)->text);
  std::ranges::transform(word, word.begin(), lower);
  const auto* known = std::ranges::find(kDrivers, word, &Driver::word);
  if (known != kDrivers.end() && (*token)->kind == TokenKind::word) return *known;
  std::vector<std::string_view> words;
  for (const Driver& driver : kDrivers) words.push_back(driver.word);
  Fault fault = Arguments::unknown(**token, "type of reference clock", words);
  if (fault.nearest.empty()) fault.text += ": expected local, shm, gpsd, nmea, pps or another one of NTPsec's";
  return std::unexpected(std::move(fault));
}

}  // namespace

bool is_local_clock(const Address& clock) { return clock.is_refclock() && clock_type(clock) == kLocalClockType; }

std::string driver_text(const Address& clock) { return driver_text(clock_type(clock)); }

Handled handle_fudge(Arguments& arguments, Config& config) {
  const auto clock = arguments.take("the address of a reference clock, 127.127.t.u");
  if (!clock) return std::unexpected(clock.error());
  const auto address = Address::parse((*clock)->text);
  if (!address || !address->is_refclock()) {
    return std::unexpected(Arguments::wrong(
        **clock,
        fmt::format("\"{}\": expected the address of a reference clock, 127.127.t.u", quotable((*clock)->text))));
  }
  Fudge fudge = fudge_so_far(config, *address);
  do {
    const auto option = arguments.take_option(OptionGroup::fudge);
    if (!option) return std::unexpected(option.error());
    if (auto checked = check(*option); !checked) return checked;
    apply_option(fudge, *option);
  } while (!arguments.at_end());

  if (is_local_clock(*address)) {
    keep(std::move(fudge), config);
    return {};
  }
  arguments.note(
      Severity::unsupported, **clock,
      fmt::format("{} ({}): {}; this line is not used", (*clock)->text, driver_text(*address), kDriversAreLater));
  return {};
}

Handled handle_refclock(Arguments& arguments, Config& config) {
  const Token* start = arguments.peek();
  const auto driver = take_driver(arguments);
  if (!driver) return std::unexpected(driver.error());
  Server server{.kind = Server::Kind::local_clock};
  Fudge fudge;
  unsigned unit = 0;
  while (!arguments.at_end()) {
    const auto option = arguments.take_option(OptionGroup::refclock);
    if (!option) return std::unexpected(option.error());
    if (auto checked = check(*option); !checked) return checked;
    if (option->entry->name == "unit") unit = static_cast<unsigned>(option->integer);
    apply_option(server, *option);
    apply_option(fudge, *option);
  }
  if (server.min_poll_log2s && server.max_poll_log2s && *server.min_poll_log2s > *server.max_poll_log2s)
    return std::unexpected(
        Arguments::wrong(*start, fmt::format("minpoll {} and maxpoll {}: expected minpoll not above maxpoll",
                                             *server.min_poll_log2s, *server.max_poll_log2s)));
  if (driver->type != kLocalClockType) {
    arguments.note(Severity::unsupported, *start,
                   fmt::format("refclock {} ({}): {}; this clock is not used", driver->word, driver_text(driver->type),
                               kDriversAreLater));
    return {};
  }
  constexpr std::uint32_t kLocalClocks = 0x7f7f0100;
  server.address = Address::v4(kLocalClocks | unit);
  server.name = server.address->text();
  const std::size_t before = config.servers.size();
  if (auto added = add_association(arguments, *start, server, config); !added) return added;
  if (config.servers.size() == before) return {};
  Fudge whole = fudge_so_far(config, *server.address);
  if (fudge.time1_s) whole.time1_s = fudge.time1_s;
  if (fudge.time2_s) whole.time2_s = fudge.time2_s;
  if (fudge.stratum) whole.stratum = fudge.stratum;
  if (fudge.refid) whole.refid = fudge.refid;
  for (std::size_t i = 0; i < fudge.flags.size(); ++i)
    if (fudge.flags[i]) whole.flags[i] = fudge.flags[i];
  keep(std::move(whole), config);
  return {};
}

}  // namespace ntp::config
