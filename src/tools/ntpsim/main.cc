// SPDX-License-Identifier: BSD-2-Clause
//
// ntpsim: the simulator for users. "What would the daemon do on such a network?"
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include "sim/command.h"

int main(int argc, char** argv) {
  try {
    const ntp::sim::Console console{
        .out = [](std::string_view text) { std::cout << text << std::flush; },
        .error = [](std::string_view text) { std::cerr << text << std::flush; },
        .shows_progress = isatty(STDERR_FILENO) == 1,
    };
    return ntp::sim::run_command(std::vector<std::string>(argv + 1, argv + argc), console);
  } catch (const std::exception& error) {
    std::cerr << "ntpsim: " << error.what() << '\n';
    return 2;
  }
}
