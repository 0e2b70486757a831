// SPDX-License-Identifier: BSD-2-Clause
//
// The sockets that strangers ask: each datagram is answered from the published state, in the thread whose loop watches them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "daemon/control_queue.h"
#include "daemon/reply_sockets.h"
#include "daemon/shared_counts.h"
#include "daemon/traffic.h"
#include "net/poll_loop.h"
#include "net/udp_socket.h"
#include "policy/policy_board.h"
#include "server/packet_counts.h"
#include "server/respond.h"

namespace ntp::daemon {

/// How queries get to whoever answers them, and the answers back.
struct ControlLink {
  ControlQueue queries;
  ReplySockets sockets;
  Traffic replies;  ///< counted by the thread that answers
};

/// What all listeners answer by. It outlives them.
struct Published {
  const state::ClockState& clock;
  const policy::PolicyBoard& policies;
  policy::ClientTable& clients;
  ControlLink& control;
  std::uint16_t own_port = wire::kPort;
};

/// What all listeners did so far.
struct Served {
  state::PacketCounts packets;
  state::KeyUse keys;
  TrafficCounts traffic;
  std::vector<AddressTraffic> addresses;
  std::size_t buffers = 0;  ///< datagrams that there is room for
};

class Listeners {
 public:
  /// All references outlive the listeners. `shared`: other threads bind the same addresses. `worker`: the thread's number.
  Listeners(net::PollLoop& loop, const Published& published, net::UdpSocket::Port shared, std::size_t worker = 0);
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;
  ~Listeners();

  /// Opens what is wanted and not open, closes what is open and not wanted. A family that the host lacks is no error.
  /// Gives the first error that should not be, else nothing.
  std::optional<net::NetError> reconcile(std::span<const Address> wanted, std::uint16_t port);

  [[nodiscard]] std::size_t count() const { return sockets_.size(); }
  /// Requests answered so far, in any way. From any thread.
  [[nodiscard]] std::uint64_t answered() const;
  /// What came in so far. From any thread.
  [[nodiscard]] state::PacketCounts packet_counts() const { return server::packet_counts(counts_.read()); }
  /// What went through so far. From any thread.
  void add_to(Served& served) const;

 private:
  /// Before a socket is closed.
  void let_go(const net::UdpSocket& socket);
  void serve(net::UdpSocket& socket);
  void answer(net::UdpSocket& socket, const net::Datagram& datagram, const server::Snapshot& snapshot, MonoTime now);

  net::PollLoop& loop_;
  const Published& published_;
  policy::PolicyBoard::Reader policies_;
  net::UdpSocket::Port port_use_;
  net::ReceiveBuffers buffers_;
  server::WorkerState worker_;
  SharedCounts counts_;
  Traffic traffic_;
  std::map<Address, net::UdpSocket> sockets_;
};

/// A port for the server: `preferred`, or a free one if that can't be had and `any` is allowed. Fails if another process
/// holds the port.
std::expected<std::uint16_t, net::NetError> choose_port(std::uint16_t preferred, bool is_any_allowed);

}  // namespace ntp::daemon
