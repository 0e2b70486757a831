// SPDX-License-Identifier: BSD-2-Clause
//
// help, ?
#include <algorithm>

#include <fmt/format.h>

#include "tools/ntpq/commands.h"

namespace ntp::ntpq {

std::string columns_text(const std::vector<std::string>& names) {
  constexpr std::size_t kScreen = 76;
  std::size_t width = 1;
  for (const std::string& name : names) width = std::max(width, name.size() + 1);
  const std::size_t columns = std::max<std::size_t>(1, kScreen / width);
  const std::size_t lines = (names.size() + columns - 1) / columns;
  std::string out;
  for (std::size_t line = 0; line < lines; ++line) {
    for (std::size_t at = line; at < names.size(); at += lines) out += fmt::format("{:<{}}", names[at], width);
    out += '\n';
  }
  return out;
}

Outcome run_help(Context&, const Words& words) {
  if (words.empty()) {
    std::vector<std::string> names;
    for (const Command& command : commands()) names.emplace_back(command.name);
    return Text{"ntpq commands:\n" + columns_text(names)};
  }
  const auto command = find_command(words[0]);
  if (!command) return std::unexpected(command.error());
  const Command& found = **command;
  const std::string space = *found.arguments == '\0' ? "" : " ";
  return Text{fmt::format("function: {}\nusage: {}{}{}\n", found.meaning, found.name, space, found.arguments)};
}

}  // namespace ntp::ntpq
