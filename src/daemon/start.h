// SPDX-License-Identifier: BSD-2-Clause
//
// From the command line to a running daemon.
#pragma once

#include <string>
#include <vector>

namespace ntp::daemon {

/// The process's exit status.
int start(const std::vector<std::string>& arguments);

}  // namespace ntp::daemon
