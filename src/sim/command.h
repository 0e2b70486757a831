// SPDX-License-Identifier: BSD-2-Clause
//
// The command line of ntpsim.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/settings.h"

namespace ntp::sim {

struct Command {
  enum class Action : std::uint8_t { run, list, help };
  Action action = Action::run;
  std::optional<std::uint64_t> seed;                                ///< only this one
  std::optional<std::uint64_t> seeds;                               ///< 1 to this
  bool is_short = false;                                            ///< --check
  std::optional<engine::DisciplineSettings::Algorithm> discipline;  ///< instead of the scenario's
  std::string trace_file;
  std::string plot_file;
  std::vector<std::string> scenarios;
};

/// What the words after the program's name ask for, or what is wrong with them.
std::expected<Command, std::string> parse_command(const std::vector<std::string>& words);

/// Where ntpsim writes.
struct Console {
  std::function<void(std::string_view)> out;
  std::function<void(std::string_view)> error;
  bool shows_progress = false;  ///< on `error`
};

/// Does it. Exit status: 0 all bounds hold, 1 one does not, 2 a scenario could not be read or the words make no sense.
int run_command(const std::vector<std::string>& words, const Console& console);

}  // namespace ntp::sim
