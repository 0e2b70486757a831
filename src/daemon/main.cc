// SPDX-License-Identifier: BSD-2-Clause
//
// ntpd: start-up in its order: options, configuration, port, background, privileges, then the runner.
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "daemon/start.h"

int main(int argc, char** argv) {
  try {
    return ntp::daemon::start(std::vector<std::string>(argv, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "ntpd: {}\n", error.what());
    return 1;
  }
}
