// SPDX-License-Identifier: BSD-2-Clause
//
// ntpd's command line: the classic's options, and ours.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "config/model.h"

namespace ntp::daemon {

struct Options {
  enum class Task : unsigned char { run, show_help, show_version, check_config, save_config, print_defaults };
  Task task = Task::run;

  std::string config_file = "/etc/ntp.conf";
  bool is_config_file_named = false;  ///< -c was given: it has to exist
  bool uses_default_config = false;   ///< the embedded one, whatever stands in /etc
  bool serves_local_clock = false;    ///< --local
  bool checks_as_json = false;
  std::string save_file;  ///< --saveconfigquit; "-": standard output

  bool lifts_panic_once = false;  ///< -g
  bool steps_once = false;        ///< -G
  bool quits_after_set = false;   ///< -q
  bool slews = false;             ///< -x: the step threshold is 600 s
  bool sets_clock = true;         ///< cleared by --no-set-clock

  bool stays_in_foreground = false;  ///< -n, -d, -D, -q, --live
  int debug_level = 0;
  bool shows_live_table = false;
  bool takes_any_port = false;  ///< --any-port: a free one where 123 can't be had
  bool only_ipv4 = false;
  bool only_ipv6 = false;
  int workers = 0;
  int update_interval_s = 300;   ///< -U: how often addresses are looked at where there is no netlink; 0: never
  bool raises_priority = false;  ///< -N

  std::string start_folder;  ///< in the background: where relative names begin; else empty
  std::optional<std::string> drift_file;
  std::optional<std::string> key_file;      ///< -k: as a keys line after all others
  std::vector<std::uint32_t> trusted_keys;  ///< -t: as trustedkey lines
  std::optional<std::string> log_file;
  std::optional<std::string> pid_file;
  std::optional<std::string> status_file;
  std::optional<std::string> statistics_folder;
  std::optional<std::string> jail;
  std::optional<std::string> user;                ///< user or user:group
  std::vector<config::SetVariable> variables;     ///< -v, -V: as setvar lines after all others
  std::vector<config::InterfaceRule> interfaces;  ///< -I: as "interface listen"
  std::vector<std::string> servers;               ///< arguments that are no options: as "server ARGUMENT iburst"
  std::vector<std::string> notices;               ///< options that this version takes but can't serve, for the log
};

/// The options, or a message for the user.
std::expected<Options, std::string> parse_options(const std::vector<std::string>& arguments);

/// What --help prints.
std::string help_text();
std::string version_text();

}  // namespace ntp::daemon
