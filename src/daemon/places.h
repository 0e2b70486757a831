// SPDX-License-Identifier: BSD-2-Clause
//
// Where the daemon's files are: an option's word before the configuration's, and neither depends on the working folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/model.h"
#include "daemon/log.h"
#include "daemon/options.h"

namespace ntp::daemon {

/// In the background the working folder is the root folder: names that were meant from here say so.
[[nodiscard]] Options with_absolute_names(Options options);

/// What options say besides the configuration (-k, -s, -t), and its names as those of with_absolute_names().
void merge_options(config::Config& config, const Options& options);

/// Lets the log go where options or configuration want it. An error is a message, and the log stays as it is.
[[nodiscard]] std::optional<std::string> direct_log(const Options& options, const config::Config& config, Log& log,
                                                    std::string_view farewell = {});

/// Where the frequency is kept; when nobody says where, only where an administrator has prepared the place.
[[nodiscard]] std::optional<std::string> choose_drift_file(const Options& options, const config::Config& config);

}  // namespace ntp::daemon
