// SPDX-License-Identifier: BSD-2-Clause
#include "config/remote.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "config/fold.h"
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

LineCounts line_counts(const Config& config) {
  return {.restricts = config.restricts.size(),
          .interfaces = config.interfaces.size(),
          .trusted = config.keys.trusted.size()};
}

void change_trust(std::vector<KeyRange>& trusted, std::uint32_t id, bool is_trusted) {
  const auto holds = [&](const KeyRange& range) { return range.first <= id && id <= range.last; };
  if (is_trusted) {
    if (std::ranges::none_of(trusted, holds)) trusted.push_back({.first = id, .last = id});
    return;
  }
  std::vector<KeyRange> left;
  left.reserve(trusted.size() + 1);
  for (const KeyRange& range : trusted) {
    if (!holds(range)) {
      left.push_back(range);
      continue;
    }
    if (range.first < id) left.push_back({.first = range.first, .last = id - 1});
    if (id < range.last) left.push_back({.first = id + 1, .last = range.last});
  }
  trusted = std::move(left);
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
  const std::span<const Restrict> restricts(config.restricts);
  const auto added = restricts.subspan(std::min(restricts.size(), running.restricts.size()));
  // Who adds more than may be there at the end is not worth the work.
  const bool is_too_long = added.size() > kMaxRemoteLines;
  if (!added.empty() && !is_too_long) config.restricts = folded_onto(running.restricts, added);
  remove_repeated(config.keys.trusted, running.keys.trusted.size());
  remove_repeated(config.interfaces, std::min(config.interfaces.size(), running.interfaces.size()));
  const auto limit = [&](std::string_view what, std::size_t own, std::size_t before, std::size_t after) {
    const std::size_t most = own + kMaxRemoteLines;
    if (after > before && after > most)
      add_fault(result,
                fmt::format("{}: expected at most {}: {} of the configuration file, and {} that control messages add",
                            what, most, own, kMaxRemoteLines));
  };
  const LineCounts& own = remote.own;
  limit("interface lines", own.interfaces, running.interfaces.size(), config.interfaces.size());
  limit("restrict lines", own.restricts, running.restricts.size(), config.restricts.size());
  limit("ranges of trustedkey", own.trusted, running.keys.trusted.size(), config.keys.trusted.size());
  return result;
}

}  // namespace ntp::config
