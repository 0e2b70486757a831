// SPDX-License-Identifier: BSD-2-Clause
//
// The commands of ntpdc: their table (commands.def), how a line finds its command, and what each does.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/ntpdc/console.h"

namespace ntp::tools::ntpdc {

struct Command {
  const char* name;
  std::size_t least_words;
  std::size_t most_words;
  const char* words;    ///< what follows the name, for people
  const char* meaning;  ///< one sentence
  void (*run)(Console&, const Words&);

  [[nodiscard]] std::string usage() const;
};

/// By name.
[[nodiscard]] std::span<const Command> commands();
/// Runs one line: a command's name or a clear beginning of it, and its words.
void run_line(Console& console, std::string_view line);
/// Names of commands that can stand at the end of `line`.
[[nodiscard]] std::vector<std::string> complete(std::string_view line);

#define NTP_COMMAND(name, least, most, words, meaning) void run_##name(Console& console, const Words& words_given);
#include "tools/ntpdc/commands.def"
#undef NTP_COMMAND

}  // namespace ntp::tools::ntpdc
