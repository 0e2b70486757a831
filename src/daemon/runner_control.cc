// SPDX-License-Identifier: BSD-2-Clause
//
// What control messages reach of the daemon.
#include <ctime>
#include <utility>

#include "daemon/key_files.h"
#include "daemon/reload.h"
#include "daemon/runner.h"

namespace ntp::daemon {

void Runner::open_control() {
  // Workers offer queries from their own threads; without workers the loop looks before it waits.
  if (options_.workers > 0) control_link_.queries.on_filled([this] { loop_.wake(); });
  CommandTargets targets{
      .config = config_,
      .own_lines = own_lines_,
      .log = log_,
      .keys = [this] { return keys_.get(); },
      .sources = [this] { return known_sources(); },
      .take_configuration =
          [this](config::Config next) { return take_configuration(std::move(next), Occasion::command); },
      .read_keys = [this] { return read_keys_again(); },
      .read_interfaces = [this] { look_at_addresses(); },
      .reset_source = [this](const Endpoint& source) { return engine_.reset_counters(source); },
      .reset_counts = [this](control::ResetWhat what) { reset_counts(what); },
      .unix_time_s = [] { return std::int64_t{::time(nullptr)}; },
  };
  control_.facts.emplace(ControlSources{.view = [this] { return engine_.view(clock_.read()); },
                                        .served = [this] { return served(); },
                                        .config = config_,
                                        .variables = variables_,
                                        .policies = policies_,
                                        .clients = *client_table_,
                                        .client_sockets = clients_,
                                        .replies = control_link_.replies,
                                        .loop = loop_,
                                        .addresses = addresses_,
                                        .interface_rules = interface_rules_,
                                        .port = port_,
                                        .queries = &control_link_.queries});
  control_.commands.emplace(std::move(targets));
  control_.door.emplace(ControlDoor::Parts{.link = control_link_,
                                           .facts = *control_.facts,
                                           .commands = *control_.commands,
                                           .random = random_,
                                           .addresses = addresses_},
                        control_options());
}

control::ServiceOptions Runner::control_options() const {
  control::ServiceOptions options{.has_mode7 = config_.switches.mode7.value_or(false),
                                  .save_folder = config_.save_folder.value_or("")};
  for (const config::Trap& trap : config_.traps) options.traps.push_back({trap.address, trap.port});
  return options;
}

std::vector<config::KnownSource> Runner::known_sources() {
  std::vector<config::KnownSource> known;
  for (const state::SourceView& source : control_.facts->view().sources)
    known.push_back({.association_id = source.association_id, .address = source.remote.address, .line = source.name});
  return known;
}

bool Runner::read_keys_again() {
  LoadedKeys keys = load_keys(config_, origin_, KeysPurpose::use);
  report(keys.messages, log_);
  if (keys.is_faulty || !keys.is_complete) {
    log_.write(Log::Level::warning, "a control message wants the keys read again: the old ones stay, see above");
    return false;
  }
  if (take_keys(std::move(keys), config_.keys)) {
    take_configuration(config_, Occasion::command);
  }
  return true;
}

Served Runner::served() const {
  Served served;
  if (listeners_) listeners_->add_to(served);
  if (workers_) workers_->add_to(served);
  return served;
}

void Runner::reset_counts(control::ResetWhat what) {
  control_.facts->reset_counts(what);
  control_.facts->forget();
  if (what == control::ResetWhat::peers) engine_.reset_counters({});
  if (what == control::ResetWhat::control) control_.door->service().reset_counts(net::monotonic_now());
}

}  // namespace ntp::daemon
