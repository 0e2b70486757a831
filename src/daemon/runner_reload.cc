// SPDX-License-Identifier: BSD-2-Clause
//
// SIGHUP: a new configuration for the running daemon, whole or not at all.
#include <utility>
#include <vector>

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
    log_.answer(Log::Level::warning,
                fmt::format("hangup: the log can't be opened anew ({}) and goes on where it was", log_.problem()));
  const char* const log_text = is_log_new ? "log opened anew, " : "";
  auto next = read_again(options_, origin_);
  LoadedKeys keys;
  if (next) {
    keys = load_keys(next->config, next->origin, KeysPurpose::use);
    std::vector<config::Message> messages = next->messages;
    messages.insert(messages.end(), keys.messages.begin(), keys.messages.end());
    report(std::move(messages), log_);
  } else {
    for (const std::string& fault : next.error()) log_.answer(Log::Level::error, fault);
  }
  if (!next || keys.is_faulty) {
    log_.answer(Log::Level::error, fmt::format("hangup: {}the old configuration stays, see above", log_text));
    statistics_.reopen();
  } else {
    const bool has_other_keys = take_keys(std::move(keys), next->config.keys);
    origin_ = std::move(next->origin);
    ReloadChanges changes = take_configuration(std::move(next->config), Occasion::hangup);
    if (has_other_keys) changes.parts.emplace_back("keys");
    log_.answer(Log::Level::notice, fmt::format("hangup: {}{} read again: {}", log_text, origin_, describe(changes)));
  }
  manager_.tell("READY=1");
}

bool Runner::take_keys(LoadedKeys keys, const config::Keys& uses) {
  if (!keys.is_complete) {
    log_.answer(Log::Level::error, "hangup: the old keys stay, with the new trust: see above");
    keys.ring = used_by(uses, keys_.get());
  }
  const std::shared_ptr<const policy::KeyRing> before = std::exchange(keys_, std::move(keys.ring));
  if (keys_ != nullptr) forbid_dumps();
  if (!differ(before.get(), keys_.get())) return false;
  if (const auto notice = keys_ != nullptr ? key_memory_notice(*keys_) : std::nullopt)
    log_.answer(Log::Level::warning, *notice);
  return true;
}

ReloadChanges Runner::take_configuration(config::Config next, Occasion occasion) {
  const config::Config before = std::exchange(config_, std::move(next));
  ReloadChanges changes = compare(before, config_);
  const bool is_hangup = occasion == Occasion::hangup;
  take_files(before, occasion);
  take_words();
  if (!is_hangup && config_.keys != before.keys) keys_ = used_by(config_.keys, keys_.get());
  if (is_hangup || config_.restricts != before.restricts) access_.set_lines(config_.restricts, net::monotonic_now());
  if (is_hangup) own_lines_ = config::line_counts(config_);
  // Each new policy is work, as much as there are rules.
  if (is_hangup || needs_another_policy(*policy_reader_.hold(), before, policy_parts())) publish_policy();
  if (config_.interfaces != before.interfaces) look_at_addresses();
  if (is_hangup) leap_file_.configure(config_.leap_file);
  engine::Settings settings = leap_file_.completed(engine_settings(config_, options_));
  settings.keys = keys_;
  changes.sources = engine_.reconfigure(clock_.read(), std::move(settings), queue_);
  may_have_other_sources_ = true;  // or they are wanted only now
  carry_out_all();
  control_.door->configure(control_options());
  control_.facts->forget();
  return changes;
}

void Runner::take_files(const config::Config& before, Occasion occasion) {
  if (config_.log_file != before.log_file && !options_.log_file) {
    const std::string farewell = fmt::format("the log goes on in {}", config_.log_file.value_or("its usual place"));
    if (const auto problem = direct_log(options_, config_, log_, farewell); problem)
      log_.answer(Log::Level::warning, *problem);
  }
  if (config_.statistics != before.statistics)
    statistics_.configure(config_.statistics);
  else if (occasion == Occasion::hangup)
    statistics_.reopen();
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
