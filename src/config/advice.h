// SPDX-License-Identifier: BSD-2-Clause
//
// What a configuration allows, and its writer probably didn't mean: found in the whole of it, told by --check-config alone.
#pragma once

#include <string>
#include <vector>

#include "config/message.h"
#include "config/parser.h"

namespace ntp::config {

/// Warnings only. `filename` is for those that have no line.
std::vector<Message> advice(const ParseResult& parsed, const std::string& filename);

}  // namespace ntp::config
