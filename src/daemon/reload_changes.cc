// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/reload_changes.h"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ntp::daemon {
namespace {

using config::Config;

struct Part {
  const char* name;
  bool (*differs)(const Config&, const Config&);
};

template <auto Member>
bool differ(const Config& a, const Config& b) {
  return a.*Member != b.*Member;
}

/// What of tinker takes effect while the clock runs.
config::Tinker thresholds(config::Tinker tinker) {
  tinker.discipline.reset();
  tinker.frequency_ppm.reset();
  return tinker;
}

config::Switches in_force(config::Switches switches) {
  switches.ntp.reset();
  return switches;
}

constexpr auto kParts = std::to_array<Part>({
    {"access rules", differ<&Config::restricts>},
    {"key files", [](const Config& a, const Config& b) { return a.keys.files != b.keys.files; }},
    {"trusted keys", [](const Config& a, const Config& b) { return a.keys.trusted != b.keys.trusted; }},
    {"control key", [](const Config& a, const Config& b) { return a.keys.control_key != b.keys.control_key; }},
    {"request key", [](const Config& a, const Config& b) { return a.keys.request_key != b.keys.request_key; }},
    {"rate limits", [](const Config& a, const Config& b) { return a.discard != b.discard || a.limit != b.limit; }},
    {"selection", differ<&Config::tos>},
    {"thresholds", [](const Config& a, const Config& b) { return thresholds(a.tinker) != thresholds(b.tinker); }},
    {"leap seconds",
     [](const Config& a, const Config& b) {
       return a.leap_file != b.leap_file || a.leap_smear_interval_s != b.leap_smear_interval_s;
     }},
    {"interfaces", differ<&Config::interfaces>},
    {"statistics", differ<&Config::statistics>},
    {"log file", differ<&Config::log_file>},
    {"log classes", differ<&Config::log_classes>},
    {"drift file", differ<&Config::drift_file>},
    {"temperature sensor", differ<&Config::temperature_sensor>},
    {"variables", differ<&Config::variables>},
    {"traps", differ<&Config::traps>},
    {"saveconfigdir", differ<&Config::save_folder>},
    {"switches", [](const Config& a, const Config& b) { return in_force(a.switches) != in_force(b.switches); }},
});

constexpr auto kFixed = std::to_array<Part>({
    {"pidfile", differ<&Config::pid_file>},
    {"tinker discipline", [](const Config& a, const Config& b) { return a.tinker.discipline != b.tinker.discipline; }},
    {"tinker freq", [](const Config& a, const Config& b) { return a.tinker.frequency_ppm != b.tinker.frequency_ppm; }},
    {"mru", differ<&Config::mru>},
    {"enable ntp", [](const Config& a, const Config& b) { return a.switches.ntp != b.switches.ntp; }},
});

template <std::size_t N>
std::vector<std::string_view> different(const std::array<Part, N>& parts, const Config& before, const Config& after) {
  std::vector<std::string_view> names;
  for (const Part& part : parts)
    if (part.differs(before, after)) names.emplace_back(part.name);
  return names;
}

std::string describe(const engine::SourceChanges& sources) {
  std::string text;
  const auto add = [&](std::size_t count, const char* what) {
    if (count == 0) return;
    const char* const noun = !text.empty() ? "" : count == 1 ? " source" : " sources";
    text += fmt::format("{}{}{} {}", text.empty() ? "" : ", ", count, noun, what);
  };
  add(sources.added, "added");
  add(sources.removed, "removed");
  add(sources.changed, "with other options");
  add(sources.restarted, "started anew with another key");
  add(sources.unchanged, "unchanged");
  return text;
}

}  // namespace

ReloadChanges compare(const Config& before, const Config& after) {
  return {.sources = {}, .parts = different(kParts, before, after), .at_next_start = different(kFixed, before, after)};
}

std::string describe(const ReloadChanges& changes) {
  if (changes.sources.is_none() && changes.parts.empty() && changes.at_next_start.empty()) return "nothing has changed";
  std::string text = describe(changes.sources);
  const auto add = [&](const char* what, const std::vector<std::string_view>& names) {
    if (names.empty()) return;
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", what, fmt::join(names, ", "));
  };
  add("changed", changes.parts);
  add("waits for a restart", changes.at_next_start);
  return text;
}

}  // namespace ntp::daemon
