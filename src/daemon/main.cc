// SPDX-License-Identifier: BSD-2-Clause
//
// ntpd: start-up in its order: options, configuration, port, background, privileges, then the runner.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "daemon/start.h"

int main(int argc, char** argv) {
  try {
    return ntp::daemon::start(std::vector<std::string>(argv, argv + argc));
  } catch (const std::exception& error) {
    // Not fmt::print: that would throw where standard error can't be written.
    std::fputs("ntpd: ", stderr);
    std::fputs(error.what(), stderr);
    std::fputs("\n", stderr);
    return 1;
  }
}
