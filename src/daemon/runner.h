// SPDX-License-Identifier: BSD-2-Clause
//
// Drives the engine in the real world: turns sockets, clocks and names into events and carries effects out. Decides nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clock/linux_clock.h"
#include "config/model.h"
#include "daemon/client_sockets.h"
#include "daemon/configuration.h"
#include "daemon/control_commands.h"
#include "daemon/control_door.h"
#include "daemon/control_facts.h"
#include "daemon/displays.h"
#include "daemon/key_files.h"
#include "daemon/leap_file.h"
#include "daemon/listeners.h"
#include "daemon/live_access.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/policy_of.h"
#include "daemon/reload_changes.h"
#include "daemon/statistics.h"
#include "daemon/system_statistics.h"
#include "daemon/thermometer.h"
#include "daemon/workers.h"
#include "engine/engine.h"
#include "net/interfaces.h"
#include "net/resolver.h"
#include "net/system_random.h"
#include "state/variable_set.h"

namespace ntp::daemon {

struct RunnerParts {
  const Options& options;
  const config::Config& config;
  std::string origin;  ///< of the configuration
  engine::Settings settings;
  std::optional<std::string> drift_file;
  std::uint16_t port = 123;
  Log& log;
  const ServiceManager& manager;
};

class Runner {
 public:
  explicit Runner(RunnerParts parts);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner();

  /// Binds the server's sockets. An error is a message for the user.
  std::optional<std::string> listen();
  /// Until a signal or the engine ends it; gives the process's exit status.
  int run();

 private:
  void deliver(const engine::Input& input);
  void carry_out_all();
  void carry_out(engine::Send& effect) { clients_.send(effect); }
  void carry_out(engine::OpenEndpoint& effect);
  void carry_out(engine::CloseEndpoint& effect);
  void carry_out(engine::StepClock& effect);
  void carry_out(engine::SetFrequency& effect);
  void carry_out(engine::SetKernelStatus& effect);
  void carry_out(engine::Resolve& effect);
  void carry_out(engine::Publish& effect) { clock_state_.publish(effect.summary); }
  void carry_out(engine::SaveDrift& effect);
  void carry_out(engine::WriteStatistics& effect) { statistics_.write(effect); }
  void carry_out(engine::ReportEvent& effect);
  void carry_out(engine::Log& effect) { log_.write(effect); }
  void carry_out(engine::Terminate& effect);

  [[nodiscard]] MonoTime next_deadline() const;
  void on_deadline(MonoTime now);
  void on_signal(int signal);
  void take_names();
  void take_restrict_name(const net::NameAnswer& answer);
  /// Makes the policy anew, of all that it is made of.
  void publish_policy();
  [[nodiscard]] PolicyParts policy_parts() const;
  /// Old policies go, with their keys, as soon as no worker uses them.
  void free_old_policies();
  /// SIGHUP.
  void reload();
  /// Another configuration takes effect; gives what it changed. A hangup also looks names and files up again that stay the same.
  enum class Occasion : std::uint8_t { hangup, command };
  ReloadChanges take_configuration(config::Config next, Occasion occasion);
  void take_files(const config::Config& before, Occasion occasion);
  /// The old keys stay, for these uses, where this process may not read a file; true if that makes another ring.
  bool take_keys(LoadedKeys keys, const config::Keys& uses);
  /// What only has to be known: interface lines, log classes, variables.
  void take_words();
  // runner_control.cc
  void open_control();
  [[nodiscard]] control::ServiceOptions control_options() const;
  [[nodiscard]] std::vector<config::KnownSource> known_sources();
  bool read_keys_again();
  void reset_counts(control::ResetWhat what);
  void tell_addresses();
  void look_at_addresses();
  void write_system_statistics(MonoTime now);
  [[nodiscard]] std::uint64_t answered() const;
  [[nodiscard]] state::PacketCounts packet_counts();
  [[nodiscard]] Served served() const;

  const Options& options_;
  config::Config config_;
  config::LineCounts own_lines_;  ///< of the file, before what control messages added
  std::string origin_;
  std::shared_ptr<const policy::KeyRing> keys_;
  std::optional<std::string> drift_file_;
  std::uint16_t port_;
  Log& log_;
  const ServiceManager& manager_;
  std::vector<config::InterfaceRule> interface_rules_;

  LeapFile leap_file_;
  clock::LinuxClock clock_;
  net::SystemRandom random_;
  engine::Engine engine_;
  state::ClockState clock_state_;
  policy::PolicyBoard policies_;
  policy::PolicyBoard::Reader policy_reader_{policies_};
  std::unique_ptr<policy::ClientTable> client_table_;
  ControlLink control_link_;
  Published published_;
  net::PollLoop loop_;
  net::Resolver resolver_;
  LiveAccess access_;
  ClientSockets clients_;
  std::unique_ptr<Listeners> listeners_;  ///< without workers
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<net::AddressWatch> address_watch_;
  std::vector<net::LocalAddress> addresses_;
  StatisticsFiles statistics_;
  SystemStatistics system_statistics_;
  state::VariableSet variables_;            ///< setvar
  std::optional<Thermometer> thermometer_;  ///< always there
  Displays displays_;
  /// Queries and what they order.
  struct Control {
    std::optional<ControlFacts> facts;
    std::optional<ControlCommands> commands;
    std::optional<ControlDoor> door;
  };
  Control control_;  ///< always there

  engine::Effects queue_;
  bool is_carrying_out_ = false;
  bool may_have_other_sources_ = false;
  MonoTime next_address_look_ = MonoTime::never();
  MonoTime next_policy_look_ = MonoTime::never();
  bool has_drift_warning_ = false;
  bool has_status_refusal_ = false;
  int exit_status_ = 0;
};

}  // namespace ntp::daemon
