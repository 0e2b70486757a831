// SPDX-License-Identifier: BSD-2-Clause
//
// What carries control messages to one server and back: a UDP socket, or in tests whatever they like.
#pragma once

#include <csignal>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/bytes.h"

namespace ntp::client {

enum class TransportFault : std::uint8_t {
  nothing,      ///< no datagram came in time
  refused,      ///< nobody listens there
  unreachable,  ///< the network says so
  interrupted,  ///< the user has enough
};

struct TransportFailure {
  TransportFault fault = TransportFault::nothing;
  std::string detail;
};

class ControlTransport {
 public:
  virtual ~ControlTransport() = default;
  virtual std::optional<TransportFailure> send(Bytes datagram) = 0;
  /// The next datagram of the server; lives until the next call.
  virtual std::expected<Bytes, TransportFailure> receive(double wait_s) = 0;
  /// A clock that only goes forward.
  [[nodiscard]] virtual double now_s() const = 0;
};

/// A connected UDP socket; an error is a message for the user. `interrupt`: a signal's flag that ends waiting when it isn't
/// zero; may be null.
[[nodiscard]] std::expected<std::unique_ptr<ControlTransport>, std::string> open_udp_transport(
    const Endpoint& server, const volatile std::sig_atomic_t* interrupt);

}  // namespace ntp::client
