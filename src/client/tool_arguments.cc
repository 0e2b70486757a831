// SPDX-License-Identifier: BSD-2-Clause
#include "client/tool_arguments.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/credentials.h"
#include "client/hosts.h"

namespace ntp::client {

std::expected<std::optional<Family>, std::string> family_of(const Arguments& arguments) {
  const bool is_v4 = arguments.has("ipv4");
  const bool is_v6 = arguments.has("ipv6");
  if (is_v4 && is_v6) return std::unexpected("-4 and -6 exclude each other");
  if (is_v4) return Family::ipv4;
  if (is_v6) return Family::ipv6;
  return std::nullopt;
}

std::expected<std::string, std::string> host_of(const Arguments& arguments, const std::string& otherwise) {
  std::vector<std::string> hosts = arguments.values("host");
  hosts.insert(hosts.end(), arguments.rest().begin(), arguments.rest().end());
  if (hosts.size() > 1) return std::unexpected(fmt::format("expected one host, got {} and {}", hosts[0], hosts[1]));
  return hosts.empty() ? otherwise : hosts[0];
}

std::expected<Credentials, std::string> key_of(const Arguments& arguments, std::string_view id_option) {
  const auto text = arguments.value(id_option);
  if (!text) {
    if (arguments.has("keyfile"))
      return std::unexpected(fmt::format("a keys file without --{}: which key?", id_option));
    return Credentials{};
  }
  const auto id = parse_key_id(*text);
  if (!id) return std::unexpected(fmt::format("--{}: {}", id_option, id.error()));
  if (const auto file = arguments.value("keyfile")) return key_of_file(*file, *id);
  const auto usual = usual_keys_files();
  if (usual.empty())
    return std::unexpected(
        fmt::format("key {}: there is no keys file that may be read (/etc/ntp.keys); -k names one", *id));
  return key_of_file(usual.front(), *id);
}

FoundServers find_servers(const std::vector<std::string>& names, std::optional<Family> family, AddressesOfName which) {
  FoundServers found;
  for (const std::string& name : names) {
    const auto endpoints = find_hosts(name, family);
    if (!endpoints) {
      found.problems.push_back(endpoints.error());
      continue;
    }
    for (const Endpoint& endpoint : *endpoints) {
      const bool is_known =
          std::ranges::any_of(found.servers, [&](const TimeServer& one) { return one.endpoint == endpoint; });
      if (!is_known) found.servers.push_back({name, endpoint});
      if (which == AddressesOfName::first) break;
    }
  }
  return found;
}

}  // namespace ntp::client
