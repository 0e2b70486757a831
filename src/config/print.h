// SPDX-License-Identifier: BSD-2-Clause
//
// A configuration back as ntp.conf text.
#pragma once

#include <string>

#include "config/model.h"

namespace ntp::config {

/// parse(print(config)) gives an equal configuration, for every configuration that the parser makes.
std::string print(const Config& config);

}  // namespace ntp::config
