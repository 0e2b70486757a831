// SPDX-License-Identifier: BSD-2-Clause
//
// What sntp's command line asks for.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "client/options.h"
#include "client/time_exchange.h"
#include "clock/set_once.h"

namespace ntp::tools::sntp {

extern const client::Tool kTool;

struct Settings {
  bool steps = false;  ///< -S
  bool slews = false;  ///< -s
  double step_limit_s = 0;
  bool waits_for_all = true;
  bool is_json = false;
  bool uses_reserved_port = false;
  int debug_level = 0;
  std::optional<std::string> kiss_file;
  std::optional<std::string> log_file;
  std::optional<std::string> broadcast;  ///< where one is waited for
  double broadcast_timeout_s = 68;
  std::optional<Family> family;
  client::TimeQuestions questions;      ///< the key isn't in it yet
  std::vector<std::string> hosts;       ///< of each the first address that answers
  std::vector<std::string> concurrent;  ///< of each all addresses

  [[nodiscard]] bool sets_clock() const { return steps || slews; }
};

[[nodiscard]] std::expected<Settings, std::string> settings_of(const client::Arguments& arguments);

/// How an offset is to be corrected; the clock is to be set.
[[nodiscard]] clock::OneCorrection correction_for(const Settings& settings, double offset_s);

}  // namespace ntp::tools::sntp
