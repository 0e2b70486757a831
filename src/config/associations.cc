// SPDX-License-Identifier: BSD-2-Clause
//
// server and pool.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/handlers.h"
#include "config/hosts.h"
#include "config/reference_clocks.h"

namespace ntp::config {
namespace {

constexpr std::size_t kMaxAssociations = 1000;

Handled read_host(Arguments& arguments, Server& server) {
  if (arguments.take_word("-4")) {
    server.family = Family::ipv4;
  } else if (arguments.take_word("-6")) {
    server.family = Family::ipv6;
  }
  const auto host = arguments.take("a host name or an address");
  if (!host) return std::unexpected(host.error());
  server.name = (*host)->text;
  server.address = Address::parse(server.name);
  if (!server.address && !is_scoped_address(server.name) &&
      (!is_host_name(server.name) || looks_numeric(server.name))) {
    return std::unexpected(
        Arguments::wrong(**host, fmt::format("\"{}\": expected a host name or an address", quotable(server.name))));
  }
  if (server.address && server.family && server.address->family() != *server.family) {
    return std::unexpected(Arguments::wrong(**host, fmt::format("{}: expected an {} address after {}", server.name,
                                                                *server.family == Family::ipv4 ? "IPv4" : "IPv6",
                                                                *server.family == Family::ipv4 ? "-4" : "-6")));
  }
  if (server.address && !server.address->is_refclock() &&
      (server.address->is_multicast() || server.address->is_unspecified())) {
    return std::unexpected(Arguments::wrong(**host, fmt::format("{}: expected the address of a host", server.name)));
  }
  return {};
}

/// An address that no stranger answers at: of this machine, of this link, or of a private network (RFC 1918, 3927, 4193, 4291).
bool is_private(const Address& address) {
  const auto octets = address.octets();
  if (address.is_loopback()) return true;
  if (!address.is_v4()) return (octets[0] & 0xfeU) == 0xfcU || (octets[0] == 0xfe && (octets[1] & 0xc0U) == 0x80U);
  return octets[0] == 10 || (octets[0] == 172 && (octets[1] & 0xf0U) == 16) || (octets[0] == 192 && octets[1] == 168) ||
         (octets[0] == 169 && octets[1] == 254);
}

/// A name of the open Internet: one with a dot whose end isn't kept for private networks (RFC 6762, RFC 8375).
bool is_public_name(std::string_view name) {
  constexpr auto kPrivate = std::to_array<std::string_view>({".local", ".lan", ".internal", ".home.arpa", ".test"});
  return name.find('.') != std::string_view::npos && !is_scoped_address(name) &&
         std::ranges::none_of(kPrivate, [&](std::string_view end) { return name.ends_with(end); });
}

/// Pool zones and public servers are shared: the classic's lower limit is what their operators count on.
void note_fast_poll(Arguments& arguments, const Server& server, const Token& at) {
  constexpr int kPoliteMinPoll = 3;
  if (server.kind == Server::Kind::local_clock || server.min_poll_log2s.value_or(kPoliteMinPoll) >= kPoliteMinPoll)
    return;
  const bool is_shared = server.kind == Server::Kind::pool ||
                         (server.address ? !is_private(*server.address) : is_public_name(server.name));
  if (!is_shared) return;
  arguments.note(Severity::warning, at,
                 fmt::format("{}: minpoll {} is below {}: only where the server's operator allows it", server.name,
                             *server.min_poll_log2s, kPoliteMinPoll));
}

void apply_option(Server& server, const Option& option) {
  const std::string_view name = option.entry->name;
  if (name == "minpoll") server.min_poll_log2s = option.integer;
  if (name == "maxpoll") server.max_poll_log2s = option.integer;
  if (name == "version") server.version = option.integer;
  if (name == "iburst") server.has_iburst = true;
  if (name == "burst") server.has_burst = true;
  if (name == "prefer") server.is_preferred = true;
  if (name == "noselect") server.is_never_selected = true;
  if (name == "true") server.is_always_true = true;
  if (name == "preempt") server.is_preemptable = true;
  if (name == "key") server.key_id = static_cast<std::uint32_t>(option.integer);
}

Handled handle_association(Arguments& arguments, Config& config, Server::Kind kind) {
  Server server{.kind = kind};
  const Token* start = arguments.peek();
  if (auto host = read_host(arguments, server); !host) return host;
  bool is_withheld = false;
  while (!arguments.at_end()) {
    const auto option = arguments.take_option(OptionGroup::association);
    if (!option) return std::unexpected(option.error());
    if (option->entry->safety == Safety::withholds_association) is_withheld = true;
    apply_option(server, *option);
  }
  if (server.min_poll_log2s && server.max_poll_log2s && *server.min_poll_log2s > *server.max_poll_log2s) {
    return std::unexpected(
        Arguments::wrong(*start, fmt::format("minpoll {} and maxpoll {}: expected minpoll not above maxpoll",
                                             *server.min_poll_log2s, *server.max_poll_log2s)));
  }
  if (server.address && server.address->is_refclock()) {
    if (kind == Server::Kind::pool)
      return std::unexpected(Arguments::wrong(*start, "pool: expected a host name, not a reference clock"));
    if (!is_local_clock(*server.address)) {
      arguments.note(Severity::unsupported, *start,
                     fmt::format("{} ({}): {}; this clock is not used", server.name, driver_text(*server.address),
                                 kDriversAreLater));
      return {};
    }
    server.kind = Server::Kind::local_clock;
  }
  if (is_withheld) return {};
  note_fast_poll(arguments, server, *start);
  return add_association(arguments, *start, std::move(server), config);
}

}  // namespace

Handled add_association(Arguments& arguments, const Token& at, Server server, Config& config) {
  const bool is_known = std::ranges::any_of(config.servers, [&](const Server& other) {
    return other.kind == server.kind && other.name == server.name && other.family == server.family;
  });
  if (is_known) {
    arguments.note(Severity::warning, at,
                   fmt::format("{} is already there: the first line counts, this one is not used", server.name));
    return {};
  }
  if (config.servers.size() == kMaxAssociations)
    return std::unexpected(Arguments::wrong(at, fmt::format("expected at most {} associations", kMaxAssociations)));
  config.servers.push_back(std::move(server));
  return {};
}

Handled handle_server(Arguments& arguments, Config& config) {
  return handle_association(arguments, config, Server::Kind::server);
}

Handled handle_pool(Arguments& arguments, Config& config) {
  return handle_association(arguments, config, Server::Kind::pool);
}

}  // namespace ntp::config
