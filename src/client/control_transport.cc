// SPDX-License-Identifier: BSD-2-Clause
#include "client/control_transport.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <span>
#include <utility>

#include <poll.h>

#include "net/udp_socket.h"

namespace ntp::client {
namespace {

/// A signal that comes between the look at the flag and poll() is seen after so long.
constexpr double kLongestNap_s = 0.25;

double monotonic_s() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

TransportFailure failure_of(const net::NetError& error) {
  const bool is_refused = error.os_error == ECONNREFUSED;
  return {.fault = is_refused ? TransportFault::refused : TransportFault::unreachable, .detail = error.text()};
}

class UdpTransport final : public ControlTransport {
 public:
  UdpTransport(net::UdpSocket socket, const volatile std::sig_atomic_t* interrupt)
      : socket_(std::move(socket)), interrupt_(interrupt) {}

  std::optional<TransportFailure> send(Bytes datagram) override {
    auto sent = socket_.send({.payload = datagram});
    // What an earlier datagram met (ICMP) is told by the next call: that one was not sent yet.
    if (!sent && sent.error().os_error == ECONNREFUSED) sent = socket_.send({.payload = datagram});
    if (!sent) return failure_of(sent.error());
    return std::nullopt;
  }

  std::expected<Bytes, TransportFailure> receive(double wait_s) override {
    const double deadline = monotonic_s() + wait_s;
    while (waiting_.empty()) {
      const double left = deadline - monotonic_s();
      if (is_interrupted()) return std::unexpected(TransportFailure{.fault = TransportFault::interrupted});
      pollfd descriptor{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
      const int ready = ::poll(&descriptor, 1, static_cast<int>(std::clamp(left, 0.0, kLongestNap_s) * 1000.0 + 0.5));
      if (ready > 0) {
        const auto received = socket_.receive(buffers_);
        if (!received) return std::unexpected(failure_of(received.error()));
        waiting_ = *received;
      } else if (left <= 0) {
        return std::unexpected(TransportFailure{.fault = TransportFault::nothing});
      }
    }
    const Bytes payload = waiting_.front().payload;
    waiting_ = waiting_.subspan(1);
    return payload;
  }

  [[nodiscard]] double now_s() const override { return monotonic_s(); }

 private:
  [[nodiscard]] bool is_interrupted() const { return interrupt_ != nullptr && *interrupt_ != 0; }

  net::UdpSocket socket_;
  net::ReceiveBuffers buffers_;
  std::span<const net::Datagram> waiting_;  // of buffers_
  const volatile std::sig_atomic_t* interrupt_;
};

}  // namespace

std::expected<std::unique_ptr<ControlTransport>, std::string> open_udp_transport(
    const Endpoint& server, const volatile std::sig_atomic_t* interrupt) {
  auto socket = net::UdpSocket::open_client(
      {.remote = server, .transmit_stamps = net::UdpSocket::TransmitStamps::off, .dscp = 0});
  if (!socket) return std::unexpected(server.text() + ": " + socket.error().text());
  return std::make_unique<UdpTransport>(std::move(*socket), interrupt);
}

}  // namespace ntp::client
