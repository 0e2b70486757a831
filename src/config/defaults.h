// SPDX-License-Identifier: BSD-2-Clause
//
// The configurations that are built into the program, as ntp.conf text.
#pragma once

#include <cstdint>
#include <string>

namespace ntp::config {

enum class DefaultConfig : std::uint8_t {
  pool,   ///< four pools of the zone that the program was built with
  local,  ///< this machine's own clock, for a lab without network
};

std::string default_config(DefaultConfig which);

}  // namespace ntp::config
