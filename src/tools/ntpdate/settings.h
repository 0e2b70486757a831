// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpdate's command line asks for.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "client/options.h"
#include "client/time_exchange.h"
#include "tools/ntpdate/report.h"

namespace ntp::tools::ntpdate {

extern const client::Tool kTool;

/// Beyond it the clock is stepped.
inline constexpr double kStepThreshold_s = 0.5;

struct Settings {
  enum class Correction : unsigned char { by_size, always_step, always_slew };
  Correction correction = Correction::by_size;
  bool only_queries = false;
  bool is_debugging = false;
  bool checks_port = true;  ///< refuses to run beside a server on port 123
  bool uses_syslog = false;
  bool is_verbose = false;
  bool is_json = false;
  std::optional<Family> family;
  client::TimeQuestions questions;  ///< the key isn't in it yet
  std::vector<std::string> servers;
  std::string warning;  ///< what was not taken as it was written; empty: nothing
};

[[nodiscard]] std::expected<Settings, std::string> settings_of(const client::Arguments& arguments);

/// What is to be done about an offset, -q and -d aside.
[[nodiscard]] Action action_for(const Settings& settings, double offset_s);

}  // namespace ntp::tools::ntpdate
