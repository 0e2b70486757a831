// SPDX-License-Identifier: BSD-2-Clause
//
// The listeners' sockets as another thread sends by them: control replies leave from the address and port that were asked.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "base/address.h"
#include "net/udp_socket.h"

namespace ntp::daemon {

/// All of it from any thread. A socket is removed before it is closed; no send is under way when remove() returns.
class ReplySockets {
 public:
  ReplySockets() = default;
  ReplySockets(const ReplySockets&) = delete;
  ReplySockets& operator=(const ReplySockets&) = delete;

  /// `bound`: the address that the socket was opened for; several threads may have one each.
  void add(const Address& bound, const net::UdpSocket& socket);
  void remove(const net::UdpSocket& socket);

  /// By the socket of this local address, else by the one of all addresses of the family, else (where no local address is given)
  /// by any of the family. False if there is none, or it can't send: a reply that is lost.
  bool send(const net::Outgoing& datagram);

 private:
  [[nodiscard]] const net::UdpSocket* choose(const net::Outgoing& datagram) const;

  std::mutex mutex_;
  std::map<Address, std::vector<const net::UdpSocket*>> sockets_;  ///< guarded by mutex_
};

}  // namespace ntp::daemon
