// SPDX-License-Identifier: BSD-2-Clause
//
// The commands, and how a typed line becomes one of them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/ntpq/context.h"
#include "tools/ntpq/result.h"

namespace ntp::ntpq {

/// The words after the command's name.
using Words = std::vector<std::string>;

struct Command {
  const char* name = "";
  Outcome (*run)(Context& context, const Words& words) = nullptr;
  std::size_t least = 0;       ///< words that it needs
  std::size_t most = 0;        ///< and takes
  const char* arguments = "";  ///< for people: "[ -4|-6 ]"
  const char* meaning = "";
};

/// By name.
[[nodiscard]] std::span<const Command> commands();
/// By its name or a start of it that no other has; an error is what people are told.
[[nodiscard]] std::expected<const Command*, Failure> find_command(std::string_view name);

struct CommandLine {
  const Command* command = nullptr;  ///< null: an empty line
  Words words;
  std::string rest;      ///< all that stands behind the name, as it was typed
  std::string redirect;  ///< "> FILE"; empty: none
};
/// Reads a typed line. What stands in double quotes is one word; ":config" takes the rest of its line as it is.
[[nodiscard]] std::expected<CommandLine, Failure> read_line(std::string_view line);

/// Runs it.
[[nodiscard]] Outcome run(Context& context, const CommandLine& line);

/// Candidates for the word at the end of a line.
[[nodiscard]] std::vector<std::string> complete(std::string_view line);

/// The names in columns, as `help` shows them.
[[nodiscard]] std::string columns_text(const std::vector<std::string>& names);

// clang-format off
#define NTPQ_COMMAND(name, function, least, most, arguments, meaning) Outcome function(Context& context, const Words& words);
#include "tools/ntpq/commands.def"
#undef NTPQ_COMMAND
// clang-format on

}  // namespace ntp::ntpq
