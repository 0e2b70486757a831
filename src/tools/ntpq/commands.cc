// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/commands.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "client/variables.h"

namespace ntp::ntpq {
namespace {

// clang-format off
#define NTPQ_COMMAND(name, function, least, most, arguments, meaning) Command{name, &function, least, most, arguments, meaning},
constexpr std::array kCommands{
#include "tools/ntpq/commands.def"
};
#undef NTPQ_COMMAND
// clang-format on

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kConfig = ":config";

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// Takes the first word off; what stands in quotes belongs to it, the quotes don't.
std::string take_word(std::string_view& text) {
  std::string word;
  bool is_quoted = false;
  std::size_t at = 0;
  for (; at < text.size() && (is_quoted || kBlanks.find(text[at]) == std::string_view::npos); ++at) {
    if (text[at] == '"')
      is_quoted = !is_quoted;
    else
      word += text[at];
  }
  text = without_blanks(text.substr(at));
  return word;
}

std::expected<void, Failure> read_words(std::string_view rest, CommandLine& out) {
  while (!rest.empty()) {
    const bool is_redirect = rest.front() == '>';
    if (is_redirect) rest = without_blanks(rest.substr(1));
    std::string word = take_word(rest);
    if (!is_redirect) {
      out.words.push_back(std::move(word));
      continue;
    }
    if (word.empty()) return failure("***No file name follows `>'");
    out.redirect = std::move(word);
  }
  return {};
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

std::expected<const Command*, Failure> find_command(std::string_view name) {
  if (name == "?") name = "help";
  const Command* found = nullptr;
  for (const Command& command : kCommands) {
    const std::string_view known = command.name;
    if (known == name) return &command;
    if (!known.starts_with(name)) continue;
    if (found != nullptr) return failure(fmt::format("***Command `{}' ambiguous", client::printable(name)));
    found = &command;
  }
  if (found == nullptr) return failure(fmt::format("***Command `{}' unknown", client::printable(name)));
  return found;
}

std::expected<CommandLine, Failure> read_line(std::string_view line) {
  CommandLine out;
  line = without_blanks(line);
  if (line.empty()) return out;
  std::string_view rest = line;
  const std::string name = take_word(rest);
  const auto command = find_command(name);
  if (!command) return std::unexpected(command.error());
  out.command = *command;
  out.rest = rest;
  if ((*command)->name == kConfig) {
    if (!rest.empty()) out.words = {out.rest};
  } else if (auto read = read_words(rest, out); !read) {
    return std::unexpected(read.error());
  }
  if (out.words.size() < out.command->least || out.words.size() > out.command->most)
    return failure(fmt::format("***Command `{0}' {1}\nusage: {0} {2}", out.command->name,
                               out.words.size() < out.command->least ? "needs more arguments" : "takes fewer arguments",
                               out.command->arguments));
  return out;
}

Outcome run(Context& context, const CommandLine& line) { return line.command->run(context, line.words); }

std::vector<std::string> complete(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::size_t end = line.find_first_of(kBlanks);
  const bool is_first = end == std::string_view::npos;
  const std::string_view first = line.substr(0, end);
  const bool is_help = first == "?" || (first.size() > 2 && std::string_view("help").starts_with(first));
  if (!is_first && !is_help) return {};
  const std::size_t start = line.find_last_of(kBlanks);
  const std::string_view word = is_first ? line : line.substr(start + 1);
  std::vector<std::string> out;
  for (const Command& command : kCommands)
    if (std::string_view(command.name).starts_with(word)) out.emplace_back(command.name);
  return out;
}

}  // namespace ntp::ntpq
