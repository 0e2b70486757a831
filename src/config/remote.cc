// SPDX-License-Identifier: BSD-2-Clause
#include "config/remote.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "config/hosts.h"

namespace ntp::config {
namespace {

/// Files, folders and the process itself.
constexpr auto kLocalCommands = std::to_array<Command>({
    Command::driftfile,
    Command::pidfile,
    Command::logfile,
    Command::statsdir,
    Command::keys,
    Command::keysdir,
    Command::crypto,
    Command::nts,
    Command::includefile,
    Command::leapfile,
    Command::saveconfigdir,
    Command::tempcomp,
    Command::ntpsigndsocket,
    Command::rlimit,
    Command::device,
    Command::simulate,
    Command::nonvolatile,
});
/// Switches of enable and disable.
constexpr auto kLocalSwitches = std::to_array<std::string_view>({"mode7", "stats"});

constexpr std::string_view kAdvice = "only the host's own configuration file may say this; nothing was changed";

Fault refused(const Token& token, std::string_view what) {
  return Arguments::wrong(token, fmt::format("{}: {}", what, kAdvice));
}

std::optional<std::uint32_t> number_of(std::string_view digits) {
  std::uint32_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

bool is_trusted(const Config& config, std::uint32_t id) {
  return std::ranges::any_of(config.keys.trusted,
                             [&](const KeyRange& range) { return range.first <= id && id <= range.last; });
}

/// controlkey and requestkey: whoever names a key that proves nothing shuts every operator out.
std::optional<Fault> refuse_key(const Line& line, const Config& so_far, const policy::KeyRing* keys) {
  if (line.tokens.size() < 2) return std::nullopt;  // the command itself says what it misses
  const Token& token = line.tokens[1];
  const auto id = number_of(token.text);
  if (!id || *id == 0 || *id > policy::kMaxKeyId) return std::nullopt;
  const std::string_view command = line.tokens[0].text;
  if (keys == nullptr || keys->find(*id) == nullptr)
    return Arguments::wrong(token, fmt::format("{} {}: no keys file has this key; nothing was changed", command, *id));
  if (!is_trusted(so_far, *id))
    return Arguments::wrong(
        token, fmt::format("{} {}: this key is not trusted: trustedkey {} comes first; nothing was changed", command,
                           *id, *id));
  return std::nullopt;
}

/// One rule, whatever lines say of it.
bool is_same_rule(const Restrict& a, const Restrict& b) {
  return a.is_source == b.is_source && a.host == b.host && a.family == b.family && a.rule.address == b.rule.address &&
         a.rule.mask == b.rule.mask && a.rule.only_from_ntp_port == b.rule.only_from_ntp_port;
}

/// Puts a line behind others, or does to the one of the same rule what it says: there is never more than one. (Where a name and a
/// line for one of its addresses meet, the later one may lose its place.)
void fold(std::vector<Restrict>& lines, Restrict line) {
  using Action = Restrict::Action;
  const auto last = std::ranges::find_if(lines, [&](const Restrict& known) { return is_same_rule(known, line); });
  if (last == lines.end()) {
    lines.push_back(std::move(line));
    return;
  }
  switch (line.action) {
    case Action::add:
      if (last->action == Action::add && !line.is_source) {
        last->rule.flags = last->rule.flags | line.rule.flags;
        if (line.peer_limit) last->peer_limit = line.peer_limit;
        return;
      }
      // Of the template the last line counts; a rule that is written takes nothing from the built-in one.
      lines.erase(last);
      lines.push_back(std::move(line));
      return;
    case Action::remove_flags:
      if (last->action == Action::add)
        last->rule.flags = without(last->rule.flags, line.rule.flags);
      else if (last->action == Action::remove_flags)
        last->rule.flags = last->rule.flags | line.rule.flags;
      else
        *last = std::move(line);
      return;
    case Action::remove_rule:
      if (last->action != Action::add) return;
      // The rule may also be one that a name has made.
      if (std::ranges::any_of(lines, [](const Restrict& known) { return !known.host.empty(); }))
        *last = std::move(line);
      else
        lines.erase(last);
      return;
  }
}

template <class Value>
void remove_repeated(std::vector<Value>& values, std::size_t from) {
  std::vector<Value> added(values.begin() + static_cast<std::ptrdiff_t>(from), values.end());
  values.resize(from);
  for (Value& value : added) {
    std::erase(values, value);
    values.push_back(std::move(value));
  }
}

void add_fault(ParseResult& result, std::string text) {
  result.messages.push_back({.line = 1, .column = 1, .severity = Severity::unsupported, .text = std::move(text)});
}

}  // namespace

std::optional<Fault> remote_refusal(const CommandEntry& command, const Line& line, const Config& so_far,
                                    const policy::KeyRing* keys) {
  const Token& start = line.tokens.front();
  if (std::ranges::find(kLocalCommands, command.command) != kLocalCommands.end()) return refused(start, command.name);
  if (command.command == Command::filegen) {
    // A type of statistics may be turned on and off; where its files are is the host's own.
    const auto file = std::ranges::find_if(line.tokens, [](const Token& token) { return token.is_word("file"); });
    if (file != line.tokens.end()) return refused(*file, "filegen file");
  }
  if (command.command == Command::enable || command.command == Command::disable)
    for (const Token& token : line.tokens)
      if (std::ranges::find(kLocalSwitches, token.text) != kLocalSwitches.end())
        return refused(token, fmt::format("{} {}", command.name, token.text));
  if (command.command == Command::controlkey || command.command == Command::requestkey)
    return refuse_key(line, so_far, keys);
  return std::nullopt;
}

std::vector<Restrict> folded(std::vector<Restrict> lines) {
  std::vector<Restrict> out;
  out.reserve(lines.size());
  for (Restrict& line : lines) fold(out, std::move(line));
  return out;
}

ParseResult parse_remote(const RemoteText& remote) {
  const Config& running = remote.running;
  ParseResult result =
      parse_more(remote.text, {.base = running,
                               .sources = remote.sources,
                               .refuse = [&](const CommandEntry& command, const Line& line, const Config& so_far) {
                                 return remote_refusal(command, line, so_far, remote.keys);
                               }});
  Config& config = result.config;
  if (config.restricts.size() > running.restricts.size()) {
    config.restricts = folded(std::move(config.restricts));
    if (config.restricts == folded(running.restricts)) config.restricts = running.restricts;
  }
  remove_repeated(config.keys.trusted, running.keys.trusted.size());
  remove_repeated(config.interfaces, std::min(config.interfaces.size(), running.interfaces.size()));
  if (config.interfaces != running.interfaces && config.interfaces.size() > kMaxRemoteLines)
    add_fault(result, fmt::format("interface: expected at most {} lines", kMaxRemoteLines));
  if (config.restricts.size() > std::max(kMaxRemoteLines, running.restricts.size()))
    add_fault(result, fmt::format("restrict: expected at most {} lines", kMaxRemoteLines));
  if (config.keys.trusted.size() > std::max(kMaxRemoteLines, running.keys.trusted.size()))
    add_fault(result, fmt::format("trustedkey: expected at most {} ranges", kMaxRemoteLines));
  return result;
}

}  // namespace ntp::config
