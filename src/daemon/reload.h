// SPDX-License-Identifier: BSD-2-Clause
//
// The configuration of a daemon that runs already: taken as a whole or not at all.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "daemon/configuration.h"
#include "daemon/log.h"
#include "daemon/options.h"

namespace ntp::daemon {

/// At most this many messages about a configuration are repeated in the log; --check-config shows all.
inline constexpr std::size_t kReportedMessages = 8;

/// Repeats messages about the configuration in the log, faults first, whatever else is written in that second.
void report(std::vector<config::Message> messages, Log& log);

/// Reads again what was read from `origin` at the start, with all that the options say besides. Stricter than a start: a fault
/// that would cost a starting daemon a line leaves a running one as it is. The error says what is wrong, a line each.
[[nodiscard]] std::expected<LoadedConfiguration, std::vector<std::string>> read_again(const Options& options,
                                                                                      const std::string& origin);

}  // namespace ntp::daemon
