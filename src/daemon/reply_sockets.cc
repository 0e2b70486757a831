// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/reply_sockets.h"

#include <algorithm>

namespace ntp::daemon {

void ReplySockets::add(const Address& bound, const net::UdpSocket& socket) {
  const std::lock_guard lock(mutex_);
  sockets_[bound].push_back(&socket);
}

void ReplySockets::remove(const net::UdpSocket& socket) {
  const std::lock_guard lock(mutex_);
  for (auto& [bound, sockets] : sockets_) std::erase(sockets, &socket);
  std::erase_if(sockets_, [](const auto& entry) { return entry.second.empty(); });
}

const net::UdpSocket* ReplySockets::choose(const net::Outgoing& datagram) const {
  const Family family = datagram.remote.address.family();
  const auto is_usable = [&](const auto& entry) { return entry.first.family() == family; };
  if (const auto own = sockets_.find(datagram.local); own != sockets_.end() && is_usable(*own))
    return own->second.front();
  const auto wildcard = std::ranges::find_if(
      sockets_, [&](const auto& entry) { return is_usable(entry) && entry.first.is_unspecified(); });
  if (wildcard != sockets_.end()) return wildcard->second.front();
  if (!datagram.local.is_unspecified()) return nullptr;
  const auto any = std::ranges::find_if(sockets_, is_usable);
  return any == sockets_.end() ? nullptr : any->second.front();
}

bool ReplySockets::send(const net::Outgoing& datagram) {
  const std::lock_guard lock(mutex_);
  const net::UdpSocket* const socket = choose(datagram);
  return socket != nullptr && socket->send_unstamped(datagram).has_value();
}

}  // namespace ntp::daemon
