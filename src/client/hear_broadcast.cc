// SPDX-License-Identifier: BSD-2-Clause
#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "base/bytes.h"
#include "client/time_exchange.h"
#include "net/poll_loop.h"
#include "net/udp_socket.h"

namespace ntp::client {
namespace {

/// 0 or the errno.
int join_group(int fd, const Address& group) {
  if (group.is_v4()) {
    ip_mreqn request{};
    std::memcpy(&request.imr_multiaddr, group.octets().data(), sizeof request.imr_multiaddr);
    return ::setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0 ? 0 : errno;
  }
  ipv6_mreq request{};
  std::memcpy(&request.ipv6mr_multiaddr, group.octets().data(), sizeof request.ipv6mr_multiaddr);
  request.ipv6mr_interface = group.scope();
  return ::setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request) == 0 ? 0 : errno;
}

}  // namespace

std::expected<TimeOutcome, std::string> hear_broadcast(const Endpoint& at, const TimeKey& key, double timeout_s) {
  auto socket = net::UdpSocket::open_server({.local = at.address, .port = at.port});
  if (!socket) return std::unexpected(fmt::format("{}: {}", at.text(), socket.error().text()));
  if (at.address.is_multicast())
    if (const int problem = join_group(socket->fd(), at.address); problem != 0)
      return std::unexpected(fmt::format("{}: joining the group: {}", at.text(), std::strerror(problem)));

  TimeOutcome outcome{.server = {at.address.text(), at}, .answers = {}, .passed_over = {}};
  crypto::MacWorkspace macs;
  net::ReceiveBuffers buffers;
  const MonoTime deadline = net::monotonic_now() + timeout_s;
  bool is_over = false;
  net::PollLoop loop({.next_deadline = [&] { return deadline; },
                      .on_deadline = [&](MonoTime) { is_over = true; },
                      .on_wake = {},
                      .on_signal = {}});
  loop.add(socket->fd(), [&](net::Ready) {
    const auto received = socket->receive(buffers);
    if (!received) return;
    for (const net::Datagram& datagram : *received) {
      const TimeAnswer answer =
          judge_broadcast(key, datagram.payload, {.t4 = datagram.at, .t4_error_s = datagram.error_s}, macs);
      if (is_over) break;
      is_over = !answer.fault;
      if (answer.fault) outcome.passed_over = answer.fault;
      if (is_over)
        outcome = {.server = {datagram.remote.address.text(), datagram.remote}, .answers = {answer}, .passed_over = {}};
    }
  });
  while (!is_over)
    if (const auto done = loop.run_once(); !done) return std::unexpected(done.error().text());
  loop.remove(socket->fd());
  if (outcome.answers.empty()) outcome.answers.push_back({.fault = TimeFault::timeout});
  return outcome;
}

}  // namespace ntp::client
