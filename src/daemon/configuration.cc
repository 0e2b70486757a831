// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/configuration.h"

#include <algorithm>
#include <utility>

#include "daemon/config_files.h"
#include "daemon/statistics.h"

namespace ntp::daemon {
namespace {

/// -x: what the step threshold becomes.
constexpr double kSlewStepThreshold_s = 600;

engine::Resolve::Wanted wanted_family(const config::Server& server, const Options& options) {
  using Wanted = engine::Resolve::Wanted;
  if (server.family) return *server.family == Family::ipv4 ? Wanted::ipv4 : Wanted::ipv6;
  if (options.only_ipv4) return Wanted::ipv4;
  return options.only_ipv6 ? Wanted::ipv6 : Wanted::any;
}

template <class Target, class Value>
void assign(Target& target, const std::optional<Value>& value) {
  if (value) target = static_cast<Target>(*value);
}

void apply_fudge(engine::SourceSettings& source, const config::Config& config) {
  for (const config::Fudge& fudge : config.fudges) {
    if (fudge.clock != source.address) continue;
    if (fudge.stratum) source.stratum = static_cast<std::uint8_t>(*fudge.stratum);
    if (fudge.refid) source.refid = wire::Refid::ascii(*fudge.refid);
    if (fudge.time1_s) source.time_offset_s = *fudge.time1_s;
  }
}

engine::SourceSettings source_settings(const config::Server& server, const config::Config& config,
                                       const Options& options) {
  using Kind = engine::SourceSettings::Kind;
  engine::SourceSettings source;
  switch (server.kind) {
    case config::Server::Kind::server:
      source.kind = Kind::server;
      break;
    case config::Server::Kind::pool:
      source.kind = Kind::pool;
      break;
    case config::Server::Kind::local_clock:
      source.kind = Kind::local_clock;
      break;
  }
  source.name = server.name;
  source.address = server.address;
  source.wanted = wanted_family(server, options);
  assign(source.min_poll_log2s, server.min_poll_log2s);
  assign(source.max_poll_log2s, server.max_poll_log2s);
  // The end of the range that is written counts: the default of the other one gives way to it.
  if (!server.max_poll_log2s) source.max_poll_log2s = std::max(source.min_poll_log2s, source.max_poll_log2s);
  source.min_poll_log2s = std::min(source.min_poll_log2s, source.max_poll_log2s);
  if (server.version) source.version = static_cast<std::uint8_t>(*server.version);
  source.has_iburst = server.has_iburst;
  source.has_burst = server.has_burst;
  source.is_preferred = server.is_preferred;
  source.is_never_selected = server.is_never_selected;
  source.is_always_true = server.is_always_true;
  assign(source.key_id, server.key_id);
  if (source.kind == Kind::local_clock) apply_fudge(source, config);
  return source;
}

void apply_tinker(engine::Settings& settings, const config::Tinker& tinker) {
  engine::DisciplineSettings& d = settings.discipline;
  if (tinker.discipline)
    d.algorithm = *tinker.discipline == config::Tinker::Discipline::classic
                      ? engine::DisciplineSettings::Algorithm::classic
                      : engine::DisciplineSettings::Algorithm::estimator;
  assign(d.allan_intercept_log2s, tinker.allan_intercept_log2s);
  if (tinker.dispersion_ppm) d.dispersion_rate = *tinker.dispersion_ppm * 1e-6;
  if (tinker.packets_per_hour) d.packets_per_hour = tinker.packets_per_hour;
  assign(d.panic_threshold_s, tinker.panic_s);
  assign(d.step_threshold_s, tinker.step_forward_s);
  assign(d.step_back_threshold_s, tinker.step_back_s);
  assign(d.stepout_s, tinker.stepout_s);
  if (tinker.frequency_ppm) settings.drift = engine::DriftRecord{.frequency_ppm = *tinker.frequency_ppm};
}

}  // namespace

std::expected<LoadedConfiguration, std::string> load_configuration(const Options& options) {
  auto read = parse_configuration(options);
  if (!read) return std::unexpected(read.error());
  return LoadedConfiguration{.origin = std::move(read->origin),
                             .config = std::move(read->parsed.config),
                             .messages = std::move(read->parsed.messages)};
}

engine::Settings engine_settings(const config::Config& config, const Options& options) {
  engine::Settings settings;
  for (const config::Server& server : config.servers)
    settings.sources.push_back(source_settings(server, config, options));
  for (const std::string& name : options.servers) {
    config::Server server;
    server.name = name;
    server.address = Address::parse(name);
    server.has_iburst = true;
    if (server.address && server.address->is_refclock()) server.kind = config::Server::Kind::local_clock;
    settings.sources.push_back(source_settings(server, config, options));
  }
  assign(settings.selection.min_clock, config.tos.min_clock);
  assign(settings.selection.max_clock, config.tos.max_clock);
  assign(settings.selection.min_sane, config.tos.min_sane);
  assign(settings.selection.floor_stratum, config.tos.floor_stratum);
  assign(settings.selection.ceiling_stratum, config.tos.ceiling_stratum);
  assign(settings.selection.min_distance_s, config.tos.min_distance_s);
  assign(settings.selection.max_distance_s, config.tos.max_distance_s);
  assign(settings.selection.orphan_wait_s, config.tos.orphan_wait_s);
  assign(settings.selection.orphan_stratum, config.tos.orphan_stratum);
  apply_tinker(settings, config.tinker);
  assign(settings.leap_smear_interval_s, config.leap_smear_interval_s);
  settings.statistics = statistics_settings(config.statistics);
  if (options.slews)
    settings.discipline.step_threshold_s = settings.discipline.step_back_threshold_s = kSlewStepThreshold_s;
  settings.lifts_panic_once = options.lifts_panic_once;
  // With -q there is no later to slew in: the clock is right when the program ends.
  settings.steps_once = options.steps_once || options.quits_after_set;
  settings.quits_after_set = options.quits_after_set;
  settings.sets_clock = options.sets_clock && config.switches.ntp.value_or(true);
  return settings;
}

}  // namespace ntp::daemon
