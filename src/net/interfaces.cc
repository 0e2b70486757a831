// SPDX-License-Identifier: BSD-2-Clause
#include "net/interfaces.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <tuple>

#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "net/socket_address.h"

namespace ntp::net {
namespace {

struct FreeIfaddrs {
  void operator()(ifaddrs* list) const { ::freeifaddrs(list); }
};

std::optional<Address> address_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  const socklen_t length = address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  const auto endpoint = endpoint_from(address, length);
  if (!endpoint) return std::nullopt;
  return endpoint->address;
}

std::uint8_t prefix_length_of(const sockaddr* mask) {
  const auto address = address_of(mask);
  if (!address) return 0;
  int ones = 0;
  for (std::size_t i = 0; i < address->length(); ++i) ones += std::popcount(address->octets()[i]);
  return static_cast<std::uint8_t>(ones);
}

}  // namespace

std::expected<std::vector<LocalAddress>, NetError> local_addresses() {
  ifaddrs* raw_list = nullptr;
  if (::getifaddrs(&raw_list) != 0) return std::unexpected(NetError{errno, "getifaddrs"});
  const std::unique_ptr<ifaddrs, FreeIfaddrs> list(raw_list);

  std::vector<LocalAddress> found;
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    const auto address = address_of(entry->ifa_addr);
    if (!address || entry->ifa_name == nullptr) continue;
    LocalAddress local{.interface_name = entry->ifa_name,
                       .interface_index = ::if_nametoindex(entry->ifa_name),
                       .address = *address,
                       .prefix_length = prefix_length_of(entry->ifa_netmask),
                       .is_up = (entry->ifa_flags & unsigned{IFF_UP}) != 0,
                       .is_loopback = (entry->ifa_flags & unsigned{IFF_LOOPBACK}) != 0,
                       .is_point_to_point = (entry->ifa_flags & unsigned{IFF_POINTOPOINT}) != 0,
                       .has_multicast = (entry->ifa_flags & unsigned{IFF_MULTICAST}) != 0};
    if (address->is_v4() && (entry->ifa_flags & unsigned{IFF_BROADCAST}) != 0)
      local.broadcast = address_of(entry->ifa_broadaddr);
    found.push_back(std::move(local));
  }
  std::ranges::sort(found, [](const LocalAddress& a, const LocalAddress& b) {
    return std::tie(a.interface_index, a.interface_name, a.address) <
           std::tie(b.interface_index, b.interface_name, b.address);
  });
  return found;
}

AddressWatch::AddressWatch(PollLoop& loop, std::function<void()> on_change)
    : loop_(loop), on_change_(std::move(on_change)) {
  auto socket = open_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  if (!socket) return;
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  sockaddr_storage storage{};
  std::memcpy(&storage, &groups, sizeof groups);
  if (::bind(socket->get(), reinterpret_cast<sockaddr*>(&storage), sizeof groups) != 0) return;
  socket_ = std::move(*socket);
  loop_.add(socket_.get(), [this](Ready) { drain(monotonic_now()); });
}

AddressWatch::~AddressWatch() {
  if (socket_.is_open()) loop_.remove(socket_.get());
}

void AddressWatch::drain(MonoTime now) {
  // What the messages say does not matter: the owner reads all addresses anew. Lost messages (ENOBUFS) are a change too.
  constexpr int kMostMessages = 64;
  std::array<std::byte, 4096> message;
  for (int i = 0; i < kMostMessages; ++i) {
    const ssize_t length = ::recv(socket_.get(), message.data(), message.size(), MSG_DONTWAIT);
    if (length < 0 && errno != ENOBUFS) break;
    if (!first_change_) first_change_ = now;
    last_change_ = now;
  }
}

MonoTime AddressWatch::next_deadline() const {
  if (!first_change_ || !last_change_) return MonoTime::never();
  return std::min(*last_change_ + kQuiet_s, *first_change_ + kLongestDelay_s);
}

void AddressWatch::tick(MonoTime now) {
  if (now < next_deadline()) return;
  first_change_.reset();
  last_change_.reset();
  on_change_();
}

}  // namespace ntp::net
