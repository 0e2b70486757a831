// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpdc/commands.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "client/variables.h"

namespace ntp::tools::ntpdc {
namespace {

constexpr std::array kCommands{
#define NTP_COMMAND(name, least, most, words, meaning) Command{#name, least, most, words, meaning, run_##name},
#include "tools/ntpdc/commands.def"
#undef NTP_COMMAND
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Words between blanks; one in double quotes may hold blanks.
std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < line.size();) {
    if (is_blank(line[i])) {
      ++i;
      continue;
    }
    const char end = line[i] == '"' ? '"' : ' ';
    if (end == '"') ++i;
    std::string word;
    while (i < line.size() && !(end == '"' ? line[i] == '"' : is_blank(line[i]))) word += line[i++];
    if (end == '"' && i < line.size()) ++i;
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<const Command*> find(std::string_view name) {
  std::vector<const Command*> found;
  for (const Command& command : kCommands) {
    if (command.name == name) return {&command};
    if (std::string_view(command.name).starts_with(name)) found.push_back(&command);
  }
  return found;
}

}  // namespace

std::string Command::usage() const {
  return std::string_view(words).empty() ? std::string(name) : fmt::format("{} {}", name, words);
}

std::span<const Command> commands() { return kCommands; }

void run_line(Console& console, std::string_view line) {
  Words words = split(line);
  if (words.empty()) return;
  const std::string name = words.front();
  words.erase(words.begin());
  const auto found = find(name == "?" ? "help" : name);
  if (found.size() != 1) {
    const char* what = found.empty() ? "unknown" : "ambiguous";
    return console.complain(fmt::format("***Command `{}' {}", client::printable(name), what));
  }
  const Command& command = *found.front();
  if (words.size() < command.least_words || words.size() > command.most_words)
    return console.explain_use(command.usage());
  command.run(console, words);
}

std::vector<std::string> complete(std::string_view line) {
  const auto begin = std::ranges::find_if_not(line, is_blank);
  const std::string_view word(begin, line.end());
  std::vector<std::string> names;
  if (std::ranges::any_of(word, is_blank)) return names;
  for (const Command* command : find(word)) names.emplace_back(command->name);
  return names;
}

}  // namespace ntp::tools::ntpdc
