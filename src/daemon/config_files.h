// SPDX-License-Identifier: BSD-2-Clause
//
// The configuration's files: the main one, what it includes, and the drop-ins beside it.
#pragma once

#include <expected>
#include <string>

#include "config/parser.h"
#include "daemon/options.h"

namespace ntp::daemon {

struct ParsedConfiguration {
  std::string origin;  ///< the file's name, the folder of drop-ins if there is no such file, or "embedded default"
  config::ParseResult parsed;
};

/// The text that is built into the program.
std::string embedded_configuration(const Options& options);

/// Reads and parses. After the main file come the files NAME.conf of the folder ntp.d beside it, by name, as NTPsec reads
/// them. A file that -c names has to be there; where neither /etc/ntp.conf nor a drop-in is, the embedded default stands in.
std::expected<ParsedConfiguration, std::string> parse_configuration(const Options& options);

}  // namespace ntp::daemon
