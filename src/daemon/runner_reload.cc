// SPDX-License-Identifier: BSD-2-Clause
//
// SIGHUP: a new configuration for the running daemon, whole or not at all.
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "daemon/configuration.h"
#include "daemon/key_files.h"
#include "daemon/places.h"
#include "daemon/reload.h"
#include "daemon/runner.h"

namespace ntp::daemon {

void Runner::reload() {
  manager_.tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", net::monotonic_now().nanoseconds() / 1000));
  const bool is_log_new = log_.reopen();
  if (!is_log_new)
    log_.write(Log::Level::warning,
               fmt::format("hangup: the log can't be opened anew ({}) and goes on where it was", std::strerror(errno)));
  const char* const log_text = is_log_new ? "log opened anew, " : "";
  auto next = read_again(options_, origin_);
  LoadedKeys keys;
  if (next) {
    report(next->messages, log_);
    keys = load_keys(next->config, next->origin, KeysPurpose::use);
    report(keys.messages, log_);
  } else {
    for (const std::string& fault : next.error()) log_.write(Log::Level::error, fault);
  }
  if (!next || keys.is_faulty) {
    log_.write(Log::Level::error, fmt::format("hangup: {}the old configuration stays, see above", log_text));
    statistics_.reopen();
  } else {
    take_keys(std::move(keys));
    origin_ = std::move(next->origin);
    const ReloadChanges changes = take_configuration(std::move(next->config));
    log_.write(Log::Level::notice, fmt::format("hangup: {}{} read again: {}", log_text, origin_, describe(changes)));
  }
  manager_.tell("READY=1");
}

void Runner::take_keys(LoadedKeys keys) {
  if (!keys.is_complete) {
    log_.write(Log::Level::error, "hangup: the old keys stay, and which of them are trusted: see above");
    return;
  }
  keys_ = std::move(keys.ring);
  if (keys_ != nullptr) forbid_dumps();
}

ReloadChanges Runner::take_configuration(config::Config next) {
  const config::Config before = std::exchange(config_, std::move(next));
  ReloadChanges changes = compare(before, config_);
  take_files(before);
  take_words();
  access_.set_lines(config_.restricts, net::monotonic_now());
  publish_policy();
  if (config_.interfaces != before.interfaces) look_at_addresses();
  leap_file_.configure(config_.leap_file);
  engine::Settings settings = leap_file_.completed(engine_settings(config_, options_));
  settings.keys = keys_;
  changes.sources = engine_.reconfigure(clock_.read(), std::move(settings), queue_);
  may_have_other_sources_ = true;  // or they are wanted only now
  carry_out_all();
  return changes;
}

void Runner::take_files(const config::Config& before) {
  if (config_.log_file != before.log_file && !options_.log_file) {
    log_.write(Log::Level::notice, fmt::format("the log goes on in {}", config_.log_file.value_or("its usual place")));
    if (const auto problem = direct_log(options_, config_, log_); problem) log_.write(Log::Level::warning, *problem);
  }
  if (config_.statistics == before.statistics)
    statistics_.reopen();
  else
    statistics_.configure(config_.statistics);
  if (config_.drift_file != before.drift_file) {
    drift_file_ = choose_drift_file(options_, config_);
    has_drift_warning_ = false;
  }
  if (config_.temperature_sensor != before.temperature_sensor) thermometer_.emplace(config_.temperature_sensor, log_);
}

void Runner::take_words() {
  interface_rules_ = config_.interfaces;
  interface_rules_.insert(interface_rules_.end(), options_.interfaces.begin(), options_.interfaces.end());
  log_.set_classes(config_.log_classes.value_or(config::kDefaultLogClasses));
  variables_ = {};
  for (const config::SetVariable& variable : config_.variables)
    variables_.set({.name = variable.name, .value = variable.value, .is_default = variable.is_default});
}

}  // namespace ntp::daemon
