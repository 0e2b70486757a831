// SPDX-License-Identifier: BSD-2-Clause
//
// The lists that mode 7 tells: restrictions, interfaces, traps and clients (operations 16, 20, 29, 42, 44 and 45).
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "control/newest_clients.h"
#include "control/private_access.h"
#include "control/private_answer.h"
#include "policy/client_table.h"

namespace ntp::control {
namespace {

using wire::InterfaceAction;
using wire::PrivateError;

PrivateError none_or_no_data(const PrivateCall& call) {
  return call.answer.item_count() == 0 ? PrivateError::no_data : PrivateError::none;
}

wire::InterfaceItem item_of(const state::InterfaceView& interface, InterfaceAction action) {
  return {.address = interface.address.address,
          .broadcast = interface.broadcast,
          .mask = interface.mask,
          .name = interface.name,
          .flags = interface.flags,
          .last_ttl = interface.last_ttl,
          .multicast_count = interface.multicast_count,
          .received = counter(interface.received),
          .sent = counter(interface.sent),
          .send_failed = counter(interface.send_failed),
          .uptime_s = whole_seconds(interface.since_open_s),
          .scope = interface.interface_index,
          .interface_index = interface.interface_index,
          .number = interface.number,
          .peer_count = interface.peer_count,
          .is_ignored = !interface.is_enabled,
          .action = static_cast<std::uint8_t>(action)};
}

/// Of a client's packets, as monlist shows them.
std::uint32_t average_interval_s(const policy::ClientRecord& client) {
  if (client.count < 2) return 0;
  return whole_seconds((client.since_first_s - client.since_last_s) / (client.count - 1) + 0.5);
}

/// The table doesn't keep at which of our addresses a client asked: no address of its family.
Address unknown_address(const Address& remote) { return remote.is_v4() ? Address() : Address::v6({}); }

template <class Make>
PrivateError each_client(PrivateCall& call, Make make) {
  const policy::ClientTable* clients = call.world.facts.clients();
  if (call.clients == ClientsFor::nobody || has(call.query.access, policy::Access::nomrulist) || clients == nullptr)
    return PrivateError::no_data;
  NewestClients& newest = call.newest_clients;
  if (call.clients == ClientsFor::own_line)
    newest.read_rarely(*clients, call.world.facts.listed_clients(), call.now.mono);
  else
    newest.read(*clients, call.world.facts.listed_clients(), call.now.mono);
  for (const policy::DatedClient& each : newest.clients()) {
    policy::ClientRecord client = each.client;
    client.since_first_s = std::max(0.0, call.now.mono - each.first);
    client.since_last_s = std::max(0.0, call.now.mono - each.last);
    if (call.can_tell(client.remote.address) && !call.answer.add(make(client))) break;
  }
  return none_or_no_data(call);
}

}  // namespace

PrivateError list_restrictions(PrivateCall& call) {
  const auto& rules = call.world.facts.policy().access.rules();
  // The list stands with the greatest address first; it is told the other way round, IPv4 first all the same.
  const auto first_v6 =
      std::ranges::partition_point(rules, [](const policy::AccessRule& rule) { return rule.address.is_v4(); });
  const auto v4_count = static_cast<std::size_t>(first_v6 - rules.begin());
  const auto tell = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = end; i-- > begin && !call.answer.is_full();) {
      const policy::AccessRule& rule = rules[i];
      call.answer.add(
          wire::RestrictItem{.address = rule.address,
                             .mask = rule.mask,
                             .count = counter(call.world.facts.rule_hits(i)),
                             .flags = wire_flags(rule.flags),
                             .match_flags = rule.only_from_ntp_port ? wire::kMatchNtpPort : std::uint16_t{0}});
    }
  };
  tell(0, v4_count);
  if (!call.is_old) tell(v4_count, rules.size());
  return none_or_no_data(call);
}

PrivateError list_interfaces(PrivateCall& call) {
  for (const state::InterfaceView& interface : call.world.facts.interfaces())
    if (!call.answer.add(item_of(interface, InterfaceAction::exists))) break;
  return none_or_no_data(call);
}

PrivateError reload_interfaces(PrivateCall& call) {
  std::map<std::uint32_t, state::InterfaceView> before;
  for (const state::InterfaceView& interface : call.world.facts.interfaces()) before[interface.number] = interface;
  call.world.commands.read_interfaces();
  for (const state::InterfaceView& interface : call.world.facts.interfaces()) {
    const bool is_known = before.erase(interface.number) != 0;
    if ((interface.flags & state::kInterfaceWildcard) != 0) continue;  // they come and go with the program alone
    call.answer.add(item_of(interface, is_known ? InterfaceAction::exists : InterfaceAction::created));
  }
  for (const auto& [number, interface] : before) call.answer.add(item_of(interface, InterfaceAction::removed));
  return none_or_no_data(call);
}

PrivateError list_traps(PrivateCall& call) {
  for (const TrapView& trap : call.world.state.traps(call.now.mono)) {
    if (!call.can_tell(trap.remote.address)) continue;
    call.answer.add(wire::TrapItem{
        .remote = trap.remote.address,
        .port = trap.remote.port,
        .sequence = trap.sequence,
        .since_set_s = whole_seconds(trap.since_set_s),
        .since_first_set_s = whole_seconds(trap.since_first_set_s),
        .resets = trap.resets,
        .flags = wire::kTrapInUse | (trap.is_configured ? wire::kTrapConfigured : 0U) |
                 (trap.is_low_priority ? wire::kTrapLowPriority : 0U),
    });
  }
  return none_or_no_data(call);
}

PrivateError list_clients(PrivateCall& call) {
  return each_client(call, [&](const policy::ClientRecord& client) {
    return wire::ClientItem{.average_interval_s = average_interval_s(client),
                            .since_last_s = whole_seconds(client.since_last_s),
                            .restrictions = wire_flags(static_cast<policy::Access>(client.restrictions)),
                            .count = client.count,
                            .remote = client.remote.address,
                            .local = unknown_address(client.remote.address),
                            .flags = wire::kClientUnicast,
                            .port = client.remote.port,
                            .mode = client.mode,
                            .version = client.version};
  });
}

PrivateError list_clients_old(PrivateCall& call) {
  return each_client(call, [](const policy::ClientRecord& client) {
    return wire::OldClientItem{.average_interval_s = average_interval_s(client),
                               .since_last_s = whole_seconds(client.since_last_s),
                               .restrictions = wire_flags(static_cast<policy::Access>(client.restrictions)),
                               .count = client.count,
                               .remote = client.remote.address,
                               .port = client.remote.port,
                               .mode = client.mode,
                               .version = client.version};
  });
}

}  // namespace ntp::control
