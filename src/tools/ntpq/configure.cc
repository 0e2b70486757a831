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

#include <sys/stat.h>

#include <fmt/format.h>

#include "client/variables.h"
#include "tools/ntpq/commands.h"
#include "tools/ntpq/numbers.h"

namespace ntp::ntpq {
namespace {

using client::printable;

constexpr std::size_t kMostLines = 10000;
constexpr std::size_t kMostOctets = 1 << 20;
constexpr std::string_view kDone = "Config Succeeded";
constexpr std::string_view kSaved = "Configuration saved to ";
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

/// Nothing if the answer begins as that of a server that has done it.
std::string refusal_of(const std::string& data, std::string_view done) {
  if (data.starts_with(done)) return {};
  std::string out = line_of(data);
  while (out.ends_with('\n') || out.ends_with('\r')) out.pop_back();
  return out;
}

/// The column of "column 7 syntax error".
std::optional<std::size_t> faulty_column(std::string_view answer) {
  const std::size_t end = answer.find(kSyntaxError);
  if (!answer.starts_with(kColumn) || end == std::string_view::npos) return std::nullopt;
  const auto column = parse_unsigned(answer.substr(kColumn.size(), end - kColumn.size()));
  return column ? std::optional<std::size_t>(*column) : std::nullopt;
}

/// What the server says to a line of configuration, with the place of a fault pointed at.
std::expected<Text, Failure> configure(Context& context, const std::string& line) {
  const auto answer = context.ask_proven({.opcode = wire::ControlOpcode::configure, .data = line});
  if (!answer) return std::unexpected(answer.error());
  const auto column = faulty_column(answer->data);
  std::string out;
  if (column && *column <= line.size()) out = fmt::format("{}\n{}^\n", printable(line), std::string(*column, '_'));
  out += line_of(answer->data);
  return Text{.lines = out, .refusal = refusal_of(answer->data, kDone)};
}

std::unexpected<Failure> unreadable(const char* what, const std::string& path) {
  return failure(
      fmt::format("***Could not {} file `{}': {}", what, printable(path), std::generic_category().message(errno)));
}

std::expected<std::vector<std::string>, Failure> lines_of(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) return unreadable("open", path);
  struct stat kind{};
  if (::fstat(::fileno(file.get()), &kind) != 0) return unreadable("read", path);
  if (!S_ISREG(kind.st_mode) && !S_ISFIFO(kind.st_mode))
    return failure(fmt::format("***`{}' is neither a file nor a pipe", printable(path)));
  std::vector<std::string> lines;
  std::string line;
  std::size_t length = 0;
  for (int c = std::fgetc(file.get()); c != EOF; c = std::fgetc(file.get())) {
    if (++length > kMostOctets)
      return failure(fmt::format("***`{}' has more than {} octets", printable(path), kMostOctets));
    if (c != '\n') {
      if (line.size() <= wire::kMaxControlData) line += static_cast<char>(c);
      continue;
    }
    lines.push_back(std::exchange(line, {}));
    if (lines.size() > kMostLines)
      return failure(fmt::format("***`{}' has more than {} lines", printable(path), kMostLines));
  }
  if (std::ferror(file.get()) != 0) return unreadable("read", path);
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

Outcome run_config(Context& context, const Words& words) {
  auto answer = configure(context, words[0]);
  if (!answer) return std::unexpected(answer.error());
  return *std::move(answer);
}

Outcome run_config_from_file(Context& context, const Words& words) {
  const auto lines = lines_of(words[0]);
  if (!lines) return std::unexpected(lines.error());
  Text text{.lines = "Sending configuration file, one line at a time.\n"};
  for (std::size_t i = 0; i < lines->size(); ++i) {
    const std::string& line = (*lines)[i];
    const std::size_t start = std::min(line.find_first_not_of(" \t\r"), line.size());
    if (start == line.size() || line[start] == '#') continue;
    const auto answer = configure(context, line);
    if (!answer) return failure(fmt::format("{}line {}: {}", text.lines, i + 1, answer.error().text));
    text.lines += fmt::format("Line No: {} {}", i + 1, answer->lines);
    if (answer->refusal.empty()) continue;
    if (!text.refusal.empty()) text.refusal += '\n';
    text.refusal += fmt::format("line {}: {}", i + 1, answer->refusal);
  }
  text.lines += "Done sending file\n";
  return text;
}

Outcome run_saveconfig(Context& context, const Words& words) {
  const auto answer = context.ask_proven({.opcode = wire::ControlOpcode::save_configuration, .data = words[0]});
  if (!answer) return std::unexpected(answer.error());
  return Text{.lines = line_of(answer->data), .refusal = refusal_of(answer->data, kSaved)};
}

}  // namespace ntp::ntpq
