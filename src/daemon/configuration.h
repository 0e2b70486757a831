// SPDX-License-Identifier: BSD-2-Clause
//
// The configuration of this run: read from where the options say, checked, and put into the words of those who use it.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "config/message.h"
#include "config/model.h"
#include "daemon/options.h"
#include "engine/settings.h"

namespace ntp::daemon {

struct LoadedConfiguration {
  std::string origin;  ///< the file's name, or "embedded default"
  config::Config config;
  std::vector<config::Message> messages;
};

/// Reads and parses (parse_configuration); a file that can't be read is an error.
std::expected<LoadedConfiguration, std::string> load_configuration(const Options& options);

/// What the engine is told. Precision, drift, local addresses and the kernel's frequency are the caller's.
engine::Settings engine_settings(const config::Config& config, const Options& options);

}  // namespace ntp::daemon
