// SPDX-License-Identifier: BSD-2-Clause
//
// Between our Endpoint and the operating system's sockaddr.
#pragma once

#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/address.h"

namespace ntp::net {

/// A sockaddr of either family, in room for both.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  SocketAddress() = default;
  explicit SocketAddress(const Endpoint& endpoint);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// Nothing if it is too short or neither IPv4 nor IPv6. A scope is kept for link-local IPv6 addresses alone.
[[nodiscard]] std::optional<Endpoint> endpoint_from(const sockaddr* address, socklen_t length);

[[nodiscard]] Address address_from(const in_addr& address);
/// `interface_index` becomes the scope if the address is link-local.
[[nodiscard]] Address address_from(const in6_addr& address, unsigned interface_index);
[[nodiscard]] in_addr to_in_addr(const Address& address);
[[nodiscard]] in6_addr to_in6_addr(const Address& address);

[[nodiscard]] constexpr int family_of(const Address& address) { return address.is_v4() ? AF_INET : AF_INET6; }
/// fe80::/10, or link-local multicast: an address that means nothing without an interface.
[[nodiscard]] bool needs_scope(const in6_addr& address);

}  // namespace ntp::net
