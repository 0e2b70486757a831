// SPDX-License-Identifier: BSD-2-Clause
//
// :config, config-from-file, saveconfig
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "client/variables.h"
#include "tools/ntpq/commands.h"
#include "tools/ntpq/numbers.h"

namespace ntp::ntpq {
namespace {

using client::printable;

constexpr std::size_t kMostLines = 10000;
constexpr std::string_view kColumn = "column ";
constexpr std::string_view kSyntaxError = " syntax error";

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

/// A line of its own. A carriage return at its end is passed on, as the reference implementation does.
std::string line_of(const std::string& data) {
  std::string out = printable(data, true);
  if (out.empty()) out = "(no answer text)";
  if (out.ends_with('\n')) out.pop_back();
  return out + (data.ends_with("\r\n") ? "\r\n" : "\n");
}

/// The column of "column 7 syntax error".
std::optional<std::size_t> faulty_column(std::string_view answer) {
  const std::size_t end = answer.find(kSyntaxError);
  if (!answer.starts_with(kColumn) || end == std::string_view::npos) return std::nullopt;
  const auto column = parse_unsigned(answer.substr(kColumn.size(), end - kColumn.size()));
  return column ? std::optional<std::size_t>(*column) : std::nullopt;
}

/// What the server says to a line of configuration, with the place of a fault pointed at.
std::expected<std::string, Failure> configure(Context& context, const std::string& line) {
  const auto answer = context.ask_proven({.opcode = wire::ControlOpcode::configure, .data = line});
  if (!answer) return std::unexpected(answer.error());
  const auto column = faulty_column(answer->data);
  std::string out;
  if (column && *column <= line.size()) out = fmt::format("{}\n{}^\n", printable(line), std::string(*column, '_'));
  return out + line_of(answer->data);
}

std::expected<std::vector<std::string>, Failure> lines_of(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr)
    return failure(
        fmt::format("***Could not open file `{}': {}", printable(path), std::generic_category().message(errno)));
  std::vector<std::string> lines;
  std::string line;
  for (int c = std::fgetc(file.get()); c != EOF; c = std::fgetc(file.get())) {
    if (c != '\n') {
      if (line.size() <= wire::kMaxControlData) line += static_cast<char>(c);
      continue;
    }
    lines.push_back(std::exchange(line, {}));
    if (lines.size() > kMostLines)
      return failure(fmt::format("***`{}' has more than {} lines", printable(path), kMostLines));
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

Outcome run_config(Context& context, const Words& words) {
  auto answer = configure(context, words[0]);
  if (!answer) return std::unexpected(answer.error());
  return Text{*std::move(answer)};
}

Outcome run_config_from_file(Context& context, const Words& words) {
  const auto lines = lines_of(words[0]);
  if (!lines) return std::unexpected(lines.error());
  std::string out = "Sending configuration file, one line at a time.\n";
  for (std::size_t i = 0; i < lines->size(); ++i) {
    const std::string& line = (*lines)[i];
    const std::size_t start = std::min(line.find_first_not_of(" \t\r"), line.size());
    if (start == line.size() || line[start] == '#') continue;
    const auto answer = configure(context, line);
    if (!answer) return failure(fmt::format("{}line {}: {}", out, i + 1, answer.error().text));
    out += fmt::format("Line No: {} {}", i + 1, *answer);
  }
  return Text{out + "Done sending file\n"};
}

Outcome run_saveconfig(Context& context, const Words& words) {
  const auto answer = context.ask_proven({.opcode = wire::ControlOpcode::save_configuration, .data = words[0]});
  if (!answer) return std::unexpected(answer.error());
  return Text{line_of(answer->data)};
}

}  // namespace ntp::ntpq
