// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpdate/settings.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "client/tool_arguments.h"

namespace ntp::tools::ntpdate {
namespace {

/// Scripts pass what the classic takes, which raises what is too small.
constexpr double kLeastTimeout_s = 0.2;
constexpr double kMostTimeout_s = 30;
/// More is a slip of the fingers.
constexpr double kLargestNumber_s = 100'000;

constexpr std::array kOptions{
#define NTP_TOOL_OPTION(letter, name, value, meaning) client::Option{letter, name, value, meaning},
#include "tools/ntpdate/options.def"
#undef NTP_TOOL_OPTION
};

}  // namespace

const client::Tool kTool{
    .name = "ntpdate",
    .usage = "[options] SERVER...",
    .purpose = "asks servers for the time and sets the clock once: a step beyond 0.5 s, else a slew.",
    .notes = R"(Exit status: 0 the clock was set (or, with -q and -d, a server was found), 1 not, 2 wrong options.

  ntpdate -q time.example       how far is this clock off?
  ntpdate -b time.example       set it now, as root
)",
    .options = kOptions};

std::expected<Settings, std::string> settings_of(const client::Arguments& arguments) {
  Settings settings;
  const auto family = client::family_of(arguments);
  const auto samples = arguments.whole("samples", 4, 1, 8);
  const auto timeout_s = arguments.number("timeout", 2, 0, kLargestNumber_s);
  const auto version = arguments.whole("ntpversion", wire::kVersion, 1, wire::kVersion);
  const auto delay_s = arguments.number("authdelay", 0, 0, 10);
  if (!family) return std::unexpected(family.error());
  if (!samples) return std::unexpected(samples.error());
  if (!timeout_s) return std::unexpected(timeout_s.error());
  if (!version) return std::unexpected(version.error());
  if (!delay_s) return std::unexpected(delay_s.error());

  using Correction = Settings::Correction;
  if (arguments.has("slew")) settings.correction = Correction::always_slew;
  if (arguments.has("step")) settings.correction = Correction::always_step;  // both: as the classic
  settings.only_queries = arguments.has("query");
  settings.is_debugging = arguments.has("debug");
  settings.checks_port = !settings.only_queries && !settings.is_debugging && !arguments.has("unprivileged");
  settings.uses_syslog = arguments.has("syslog");
  settings.is_verbose = arguments.has("verbose") || settings.is_debugging;
  settings.is_json = arguments.has("json");
  settings.family = *family;
  settings.questions.samples = static_cast<int>(*samples);
  settings.questions.timeout_s = std::clamp(*timeout_s, kLeastTimeout_s, kMostTimeout_s);
  settings.questions.spacing_s = settings.questions.timeout_s;
  if (settings.questions.timeout_s != *timeout_s)
    settings.warning = fmt::format("-t {}: taken as {}, for it goes from {} to {}", *timeout_s,
                                   settings.questions.timeout_s, kLeastTimeout_s, kMostTimeout_s);
  settings.questions.version = static_cast<std::uint8_t>(*version);
  settings.servers = arguments.rest();
  return settings;
}

Action action_for(const Settings& settings, double offset_s) {
  switch (settings.correction) {
    case Settings::Correction::always_step:
      return Action::step;
    case Settings::Correction::always_slew:
      return Action::adjust;
    case Settings::Correction::by_size:
      break;
  }
  return std::abs(offset_s) > kStepThreshold_s ? Action::step : Action::adjust;
}

}  // namespace ntp::tools::ntpdate
