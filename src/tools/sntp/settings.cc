// SPDX-License-Identifier: BSD-2-Clause
#include "tools/sntp/settings.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "client/tool_arguments.h"

namespace ntp::tools::sntp {
namespace {

constexpr std::array kOptions{
#define NTP_TOOL_OPTION(letter, name, value, meaning) client::Option{letter, name, value, meaning},
#include "tools/sntp/options.def"
#undef NTP_TOOL_OPTION
};

constexpr int kMaxDebugLevel = 9;

/// The numbers, or what is wrong with the first that is.
std::string read_numbers(const client::Arguments& arguments, Settings& settings) {
  const auto samples = arguments.whole("samples", 1, 1, 8);
  const auto timeout_s = arguments.number("timeout", 5, 0.1, 60);
  const auto same_timeout_s = arguments.number("uctimeout", 5, 0.1, 60);
  const auto gap_ms = arguments.number("gap", 50, 0, 10000);
  const auto limit_ms = arguments.number("steplimit", 0, 0, 1e12);
  const auto version = arguments.whole("ntpversion", wire::kVersion, 1, wire::kVersion);
  const auto broadcast_s = arguments.number("bctimeout", 68, 0.1, 1000);
  const auto level = arguments.whole("set-debug-level", 0, 0, kMaxDebugLevel);
  for (const auto* number : {&timeout_s, &same_timeout_s, &gap_ms, &limit_ms, &broadcast_s})
    if (!*number) return number->error();
  for (const auto* number : {&samples, &version, &level})
    if (!*number) return number->error();
  settings.questions.samples = static_cast<int>(*samples);
  settings.questions.timeout_s = arguments.has("uctimeout") ? *same_timeout_s : *timeout_s;
  settings.questions.start_spacing_s = *gap_ms / 1e3;
  settings.questions.version = static_cast<std::uint8_t>(*version);
  settings.broadcast_timeout_s = *broadcast_s;
  settings.step_limit_s = *limit_ms / 1e3;
  settings.debug_level = static_cast<int>(*level) + static_cast<int>(arguments.count("debug-level"));
  return "";
}

}  // namespace

const client::Tool kTool{
    .name = "sntp",
    .usage = "[options] SERVER...",
    .purpose = "asks servers for the time, a line each, and sets the clock if -S or -s tells it to.",
    .notes = R"(A line: date, time, zone, the server's offset to this clock (s), +/- its error bound, name, address,
stratum, leap second.

Exit status: 0 there was a usable answer (and the clock was set), 1 not, 64 wrong options, 66 a file
can't be read.

  sntp time.example                        how far is this clock off?
  sntp -S -s -M 128 time.example           set it, as root: step beyond 128 ms, else slew
)",
    .options = kOptions};

std::expected<Settings, std::string> settings_of(const client::Arguments& arguments) {
  Settings settings;
  const auto family = client::family_of(arguments);
  if (!family) return std::unexpected(family.error());
  settings.family = *family;
  if (const std::string problem = read_numbers(arguments, settings); !problem.empty()) return std::unexpected(problem);
  if (arguments.has("wait") && arguments.has("no-wait"))
    return std::unexpected("--wait and --no-wait exclude each other");
  if (const auto text = arguments.value("interface")) {
    const auto address = Address::parse(*text);
    if (!address) return std::unexpected(fmt::format("-I {}: expected an address of this host", *text));
    settings.questions.local = *address;
  }
  settings.steps = arguments.has("step");
  settings.slews = arguments.has("slew");
  settings.waits_for_all = arguments.has("wait") || (!settings.sets_clock() && !arguments.has("no-wait"));
  settings.is_json = arguments.has("json");
  settings.uses_reserved_port = arguments.has("usereservedport");
  settings.kiss_file = arguments.value("kod");
  settings.log_file = arguments.value("filelog");
  settings.hosts = arguments.rest();
  settings.concurrent = arguments.values("concurrent");
  settings.broadcast = arguments.value("broadcast");
  if (settings.broadcast && settings.sets_clock() && !arguments.has("authentication"))
    return std::unexpected("-b with -S or -s needs -a: anybody on the link may send a broadcast");
  if (settings.hosts.empty() && settings.concurrent.empty() && !settings.broadcast)
    return std::unexpected("expected a server; 'sntp --help' shows how");
  return settings;
}

clock::OneCorrection correction_for(const Settings& settings, double offset_s) {
  const bool is_above_limit = std::abs(offset_s) > settings.step_limit_s;
  if (settings.steps && (is_above_limit || !settings.slews)) return clock::OneCorrection::step;
  return clock::OneCorrection::slew;
}

}  // namespace ntp::tools::sntp
