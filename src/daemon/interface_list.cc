// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/interface_list.h"

#include <algorithm>

#include "daemon/interface_rules.h"
#include "policy/access_list.h"

namespace ntp::daemon {
namespace {

bool is_link_local(const Address& address) {
  return !address.is_v4() && address.octets()[0] == 0xfe && (address.octets()[1] & 0xc0U) == 0x80;
}

/// As the reference implementation shows them on Linux (its ifstats of a host with both families).
std::uint32_t flags_of(const net::LocalAddress& local) {
  std::uint32_t flags = local.is_up ? state::kInterfaceUp : 0;
  if (local.is_point_to_point) flags |= state::kInterfacePointToPoint;
  if (local.is_loopback) return flags | state::kInterfaceLoopback;
  if (local.has_multicast) flags |= state::kInterfaceMulticast;
  if (local.broadcast) flags |= state::kInterfaceBroadcast | state::kInterfacePermanent;
  if (is_link_local(local.address)) flags |= state::kInterfaceLinkLocal;
  return flags;
}

/// Sockets of these names are there to hold the port; what comes in is told at the address that it came to.
state::InterfaceView wildcard(Family family, std::uint16_t port) {
  const bool is_v4 = family == Family::ipv4;
  state::InterfaceView view;
  view.number = is_v4 ? 1 : 0;
  view.name = is_v4 ? "v4wildcard" : "v6wildcard";
  view.address = {is_v4 ? Address::v4(0) : Address::v6({}), port};
  view.mask = view.address.address;
  view.is_enabled = false;
  view.flags = state::kInterfaceUp | state::kInterfaceWildcard | (is_v4 ? state::kInterfaceBroadcast : 0);
  return view;
}

}  // namespace

/// New addresses get the next numbers, IPv4 first; those that are gone lose theirs.
void InterfaceList::number(std::span<const net::LocalAddress> addresses, MonoTime now) {
  const MonoTime since = views_.empty() ? since_ : now;
  std::erase_if(known_, [&](const auto& entry) {
    return std::ranges::find(addresses, entry.first, &net::LocalAddress::address) == addresses.end();
  });
  for (const Family family : {Family::ipv4, Family::ipv6})
    for (const net::LocalAddress& local : addresses)
      if (local.address.family() == family && !known_.contains(local.address))
        known_[local.address] = {next_number_++, since};
}

std::span<const state::InterfaceView> InterfaceList::look(const Parts& parts, MonoTime now) {
  number(parts.addresses, now);
  views_.clear();
  for (const Family family : {Family::ipv6, Family::ipv4}) {
    views_.push_back(wildcard(family, parts.port));
    views_.back().since_open_s = now - since_;
  }
  for (const net::LocalAddress& local : parts.addresses) {
    const Known& known = known_[local.address];
    state::InterfaceView& view = views_.emplace_back();
    view.number = known.number;
    view.name = local.interface_name;
    view.address = {local.address, parts.port};
    view.mask = policy::prefix_mask(local.address.family(), local.prefix_length);
    view.broadcast = local.broadcast.value_or(Address::v4(0));
    view.is_enabled = local.is_up && is_served(local, parts.rules);
    view.flags = flags_of(local);
    view.interface_index = local.interface_index;
    view.since_open_s = now - known.since;
    view.peer_count = static_cast<std::uint32_t>(std::ranges::count_if(
        parts.sources, [&](const state::SourceView& source) { return source.local.address == local.address; }));
    const auto traffic = std::ranges::find(parts.traffic, local.address, &AddressTraffic::local);
    if (traffic == parts.traffic.end()) continue;
    view.received = traffic->received;
    view.sent = traffic->sent;
    view.send_failed = traffic->send_failed;
  }
  std::ranges::sort(views_, {}, &state::InterfaceView::number);
  return views_;
}

}  // namespace ntp::daemon
