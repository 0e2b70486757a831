// SPDX-License-Identifier: BSD-2-Clause
//
// The sockets that the engine asked for, one a source, each on a random port; and which stamp belongs to which request.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "daemon/traffic.h"
#include "engine/events.h"
#include "net/poll_loop.h"
#include "net/udp_socket.h"

namespace ntp::daemon {

class ClientSockets {
 public:
  using Deliver = std::function<void(const engine::Input&)>;

  /// `deliver` gets what happens on the sockets; it may open and close sockets. `loop` outlives this.
  ClientSockets(net::PollLoop& loop, Deliver deliver);
  ClientSockets(const ClientSockets&) = delete;
  ClientSockets& operator=(const ClientSockets&) = delete;
  ~ClientSockets();

  void open(const engine::OpenEndpoint& effect);
  void close(const engine::CloseEndpoint& effect);
  void send(const engine::Send& effect);

  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  /// Our end of the socket that asks this source; nothing while there is none.
  [[nodiscard]] std::optional<Endpoint> local_of(const Endpoint& remote) const;

 private:
  static constexpr std::size_t kRemembered = 8;
  struct Request {
    std::uint32_t id = 0;
    engine::Token token = 0;
  };
  struct Client {
    engine::EndpointId endpoint = 0;
    Endpoint remote;
    Endpoint local;
    net::UdpSocket socket;
    Ring<Request, kRemembered> requests;
  };
  void ready(engine::EndpointId endpoint, net::Ready what);
  void deliver_stamps(Client& client);
  void deliver_datagrams(Client& client);

  net::PollLoop& loop_;
  Deliver deliver_;
  net::ReceiveBuffers buffers_{4};
  std::map<engine::EndpointId, std::unique_ptr<Client>> clients_;
  std::unique_ptr<Client> closing_;  ///< closed while its own datagrams are delivered
  engine::EndpointId active_ = 0;
  Traffic traffic_;
};

}  // namespace ntp::daemon
