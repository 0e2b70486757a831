// SPDX-License-Identifier: BSD-2-Clause
//
// A configuration back as ntp.conf text.
#pragma once

#include <string>

#include "config/model.h"
#include "config/parser.h"

namespace ntp::config {

/// parse(print(config)) gives an equal configuration, for every configuration that the parser makes.
std::string print(const Config& config);

/// The same, followed by the lines that this version does not apply as comments, so that nothing is lost silently.
std::string saved_configuration(const ParseResult& parsed);

}  // namespace ntp::config
