// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_commands.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "config/message.h"
#include "config/print.h"
#include "daemon/saved_file.h"

namespace ntp::daemon {
namespace {

using config::Message;
using config::Severity;
using control::ResetWhat;

bool is_fault(const Message& message) {
  return message.severity == Severity::error || message.severity == Severity::unsupported;
}

struct ResetName {
  std::string_view name;
  ResetWhat what;
};
constexpr ResetName kResets[] = {
    {"allpeers", ResetWhat::peers}, {"io", ResetWhat::io},       {"sys", ResetWhat::system},
    {"mem", ResetWhat::memory},     {"timer", ResetWhat::timer}, {"auth", ResetWhat::authentication},
    {"ctl", ResetWhat::control},
};

/// A tool's nonce goes before the text, as a comment.
std::string_view without_nonce(std::string_view text) {
  if (!text.starts_with("#nonce=")) return text;
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string date_text(std::int64_t unix_time_s) {
  const auto seconds = static_cast<std::time_t>(unix_time_s);
  std::tm utc{};
  if (gmtime_r(&seconds, &utc) == nullptr) return "?";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string key_list(std::span<const std::uint32_t> ids) {
  return fmt::format("{} {}", ids.size() == 1 ? "key" : "keys", fmt::join(ids, " "));
}

/// Text of a stranger, in a reply that a terminal may show.
std::string quoted_name(std::string_view name) { return config::quotable(name); }

}  // namespace

std::string fault_text(const std::vector<Message>& messages, bool has_several_lines) {
  std::string out;
  std::size_t count = 0;
  for (const Message& message : messages) {
    if (!is_fault(message) || ++count > kMostFaults) continue;
    if (!out.empty()) out += '\n';
    if (has_several_lines) out += fmt::format("line {} ", message.line);
    const char* const kind = message.severity == Severity::error ? "syntax error: " : "";
    out += fmt::format("column {} {}{}", std::max<std::size_t>(message.column, 1) - 1, kind, message.text);
    if (!message.nearest.empty()) out += fmt::format("; did you mean \"{}\"?", message.nearest);
  }
  if (count > kMostFaults) out += fmt::format("\nand {} more faults", count - kMostFaults);
  return out;
}

std::string ControlCommands::configure(std::string_view given, const control::Orderer& orderer) {
  did_configure_ = false;
  const std::string_view text = trimmed(without_nonce(given));
  const std::string who = orderer.remote.address.text();
  const std::string shown = config::escaped(text);
  const std::vector<config::KnownSource> sources = targets_.sources();
  config::ParseResult result = config::parse_remote({.text = text,
                                                     .running = targets_.config,
                                                     .sources = sources,
                                                     .keys = targets_.keys(),
                                                     .own = targets_.own_lines});
  const bool has_several_lines = text.find('\n') != std::string_view::npos;
  if (std::string faults = fault_text(result.messages, has_several_lines); !faults.empty()) {
    targets_.log.write(Log::Level::notice,
                       fmt::format("{} wanted \"{}\": refused: {}", who, shown, faults.substr(0, faults.find('\n'))));
    return faults;
  }
  ++changes_;
  did_configure_ = true;
  std::string changed = "nothing";
  if (result.config != targets_.config) changed = describe(targets_.take_configuration(std::move(result.config)));
  for (const std::string_view name : result.resets) {
    const auto* const known = std::ranges::find(kResets, name, &ResetName::name);
    if (known != std::end(kResets)) targets_.reset_counts(known->what);
  }
  targets_.log.write(Log::Level::notice, fmt::format("{} says \"{}\": {}", who, shown, changed));
  std::string reply = "Config Succeeded";
  for (const Message& message : result.messages) reply += fmt::format("\n{}", message.text);
  return reply;
}

bool ControlCommands::change_trust(std::span<const std::uint32_t> ids, bool is_trusted,
                                   const control::Orderer& orderer) {
  config::Config config = targets_.config;
  for (const std::uint32_t id : ids) config::change_trust(config.keys.trusted, id, is_trusted);
  if (config.keys.trusted.size() > targets_.own_lines.trusted + config::kMaxRemoteLines) return false;
  ++changes_;
  targets_.take_configuration(std::move(config));
  targets_.log.write(Log::Level::notice,
                     fmt::format("{} {} trust {} {}", orderer.remote.address.text(), is_trusted ? "gives" : "takes",
                                 is_trusted ? "to" : "from", key_list(ids)));
  return true;
}

std::string ControlCommands::save_configuration(std::string_view pattern, const control::Orderer& orderer) {
  const std::string who = orderer.remote.address.text();
  const auto& folder = targets_.config.save_folder;
  if (!folder) return "saveconfig prohibited by ntp.conf: it has no line saveconfigdir";
  const std::int64_t now = targets_.unix_time_s();
  const auto name = saved_file_name(trimmed(pattern), now);
  if (!name) {
    targets_.log.write(Log::Level::notice, fmt::format("{} wanted to save the configuration as \"{}\": refused", who,
                                                       config::quotable(pattern)));
    return fmt::format("saveconfig rejects unsafe file name '{}'", quoted_name(trimmed(pattern)));
  }
  const std::string text =
      fmt::format(
          "# {}/{}: the configuration in force on {}\n# saved by Meridian ntpd {} for saveconfig from {}\n"
          "# {} changes by control messages since the start; a hangup takes them back\n",
          config::quotable(*folder), *name, date_text(now), MERIDIAN_VERSION, who, changes_) +
      config::print(targets_.config);
  if (const auto written = write_new_file(*folder, *name, text); !written) {
    targets_.log.write(Log::Level::warning, fmt::format("{} wanted to save the configuration: {}/{}: {}", who, *folder,
                                                        *name, written.error()));
    return fmt::format("Unable to save configuration to file '{}': {}", *name, written.error());
  }
  targets_.log.write(Log::Level::notice, fmt::format("{} saved the configuration: {}/{}", who, *folder, *name));
  return fmt::format("Configuration saved to '{}'", *name);
}

}  // namespace ntp::daemon
