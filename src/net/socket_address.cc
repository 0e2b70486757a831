// SPDX-License-Identifier: BSD-2-Clause
#include "net/socket_address.h"

#include <array>
#include <cstring>

namespace ntp::net {

SocketAddress::SocketAddress(const Endpoint& endpoint) {
  if (endpoint.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    v4.sin_addr = to_in_addr(endpoint.address);
    std::memcpy(&storage, &v4, sizeof v4);
    length = sizeof v4;
    return;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  v6.sin6_addr = to_in6_addr(endpoint.address);
  v6.sin6_scope_id = endpoint.address.scope();
  std::memcpy(&storage, &v6, sizeof v6);
  length = sizeof v6;
}

std::optional<Endpoint> endpoint_from(const sockaddr* address, socklen_t length) {
  if (address == nullptr || length < sizeof(sa_family_t)) return std::nullopt;
  sa_family_t family = AF_UNSPEC;
  std::memcpy(&family, address, sizeof family);  // sa_family is the first member of every sockaddr on Linux
  if (family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return Endpoint{address_from(v4.sin_addr), ntohs(v4.sin_port)};
  }
  if (family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    return Endpoint{address_from(v6.sin6_addr, v6.sin6_scope_id), ntohs(v6.sin6_port)};
  }
  return std::nullopt;
}

Address address_from(const in_addr& address) { return Address::v4(ntohl(address.s_addr)); }

Address address_from(const in6_addr& address, unsigned interface_index) {
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &address, octets.size());
  return Address::v6(octets, needs_scope(address) ? interface_index : 0);
}

in_addr to_in_addr(const Address& address) { return in_addr{htonl(address.v4_host_order())}; }

in6_addr to_in6_addr(const Address& address) {
  in6_addr out{};
  std::memcpy(&out, address.octets().data(), sizeof out);
  return out;
}

bool needs_scope(const in6_addr& address) {
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &address, octets.size());
  const bool is_link_local = octets[0] == 0xfe && (octets[1] & 0xc0U) == 0x80;
  const bool is_link_local_group = octets[0] == 0xff && (octets[1] & 0x0fU) <= 2;
  return is_link_local || is_link_local_group;
}

}  // namespace ntp::net
