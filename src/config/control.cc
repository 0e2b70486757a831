// SPDX-License-Identifier: BSD-2-Clause
//
// What is about control messages, or comes in them: trap, saveconfigdir, reset, unpeer and unconfig.
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "config/handlers.h"
#include "config/hosts.h"

namespace ntp::config {
namespace {

constexpr std::size_t kMaxTraps = 16;
constexpr int kTrapPort = 18447;  // the reference implementation's
constexpr std::size_t kMaxFolder = 1024;

/// A number, so that it can be an association's.
std::optional<std::uint16_t> id_of(const Token& token) {
  std::uint16_t id = 0;
  const char* const end = token.text.data() + token.text.size();
  const auto [stop, error] = std::from_chars(token.text.data(), end, id);
  return error == std::errc() && stop == end && id != 0 ? std::optional(id) : std::nullopt;
}

/// The name of the line that is meant, as far as the lines themselves tell.
std::optional<std::string> line_named(const Config& config, std::string_view word) {
  const auto address = Address::parse(word);
  const auto found = std::ranges::find_if(config.servers, [&](const Server& server) {
    return server.name == word || (address && server.address == address);
  });
  return found == config.servers.end() ? std::nullopt : std::optional(found->name);
}

}  // namespace

Handled handle_trap(Arguments& arguments, Config& config) {
  const auto host = arguments.take("the address of a host");
  if (!host) return std::unexpected(host.error());
  const auto address = Address::parse((*host)->text);
  constexpr Address kEverybodyHere = Address::v4(0xffffffff);
  if (!address || address->is_unspecified() || address->is_multicast() || *address == kEverybodyHere)
    return std::unexpected(
        Arguments::wrong(**host, fmt::format("trap \"{}\": expected the address of a host", quotable((*host)->text))));
  Trap trap{.address = *address, .port = kTrapPort};
  while (!arguments.at_end()) {
    const auto option = arguments.take_option(OptionGroup::trap);
    if (!option) return std::unexpected(option.error());
    if (option->entry->name == "port") trap.port = static_cast<std::uint16_t>(option->integer);
  }
  if (std::ranges::find(config.traps, trap) != config.traps.end()) return {};
  if (config.traps.size() == kMaxTraps)
    return std::unexpected(Arguments::wrong(**host, fmt::format("trap: expected at most {} hosts", kMaxTraps)));
  config.traps.push_back(trap);
  return {};
}

Handled handle_saveconfigdir(Arguments& arguments, Config& config) {
  const auto name = arguments.take("the name of a folder");
  if (!name) return std::unexpected(name.error());
  if ((*name)->text.empty() || (*name)->text.size() > kMaxFolder)
    return std::unexpected(Arguments::wrong(
        **name, fmt::format("saveconfigdir: expected the name of a folder, of at most {} octets", kMaxFolder)));
  if (auto end = arguments.finish(); !end) return end;
  config.save_folder = (*name)->text;
  return {};
}

std::expected<std::vector<std::string_view>, Fault> take_resets(Arguments& arguments) {
  std::vector<std::string_view> names;
  do {
    const auto option = arguments.take_option(OptionGroup::reset);
    if (!option) return std::unexpected(option.error());
    if (std::ranges::find(names, option->entry->name) == names.end()) names.push_back(option->entry->name);
  } while (!arguments.at_end());
  return names;
}

Handled remove_association(Arguments& arguments, Config& config, std::span<const KnownSource> sources) {
  const auto taken = arguments.take("an address, a name or the number of an association");
  if (!taken) return std::unexpected(taken.error());
  const Token& token = **taken;
  if (auto end = arguments.finish(); !end) return end;
  const auto name = line_named(config, token.text);
  std::string line = name.value_or("");
  if (!name) {
    const auto id = id_of(token);
    const auto address = Address::parse(token.text);
    const auto source = std::ranges::find_if(sources, [&](const KnownSource& known) {
      return (id && known.association_id == *id) || (address && known.address == *address);
    });
    if (source == sources.end())
      return std::unexpected(Arguments::wrong(
          token, fmt::format("{} {}: there is no such association", arguments.command().name, quotable(token.text))));
    line = source->line;
    const auto known = std::ranges::find(config.servers, line, &Server::name);
    if (known == config.servers.end())
      return std::unexpected(
          Arguments::wrong(token, fmt::format("{} {}: this association stands on the command line of ntpd, and stays",
                                              arguments.command().name, quotable(token.text))));
    if (known->kind == Server::Kind::pool)
      return std::unexpected(Arguments::wrong(
          token,
          fmt::format("{} {}: the pool {} brings this association, and would bring it again: {} {} removes the pool",
                      arguments.command().name, quotable(token.text), line, arguments.command().name, line)));
  }
  const auto known = std::ranges::find(config.servers, line, &Server::name);
  if (known->kind == Server::Kind::local_clock)
    std::erase_if(config.fudges, [&](const Fudge& fudge) { return fudge.clock == known->address; });
  std::erase_if(config.servers, [&](const Server& server) { return server.name == line; });
  return {};
}

}  // namespace ntp::config
