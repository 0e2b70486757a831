// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/listeners.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "net/control_messages.h"
#include "net/system_random.h"
#include "wire/header.h"

namespace ntp::daemon {
namespace {

/// More than the longest that the data plane answers.
constexpr std::size_t kReplyRoom = 128;
static_assert(kReplyRoom >= server::kMaxReplyLength);

std::uint64_t answered_by(const server::WorkerCounts& counters) {
  const auto count = [&](server::Outcome outcome) { return counters.counts.at(static_cast<std::size_t>(outcome)); };
  return count(server::Outcome::answered) + count(server::Outcome::answered_unsynchronized) +
         count(server::Outcome::answered_authenticated) + count(server::Outcome::answered_nak);
}

bool is_family_missing(int os_error) {
  return os_error == EAFNOSUPPORT || os_error == EINVAL || os_error == EADDRNOTAVAIL;
}

}  // namespace

Listeners::Listeners(net::PollLoop& loop, const Published& published, net::UdpSocket::Port shared, std::size_t worker)
    : loop_(loop), published_(published), policies_(published.policies), port_use_(shared) {
  worker_.number = worker;
  worker_.dice = net::SystemRandom().next64();
}

Listeners::~Listeners() {
  for (const auto& [address, socket] : sockets_) let_go(socket);
}

void Listeners::let_go(const net::UdpSocket& socket) {
  loop_.remove(socket.fd());
  published_.control.sockets.remove(socket);
}

std::optional<net::NetError> Listeners::reconcile(std::span<const Address> wanted, std::uint16_t port) {
  std::erase_if(sockets_, [&](const auto& entry) {
    if (std::find(wanted.begin(), wanted.end(), entry.first) != wanted.end()) return false;
    let_go(entry.second);
    return true;
  });
  std::optional<net::NetError> first_error;
  for (const Address& address : wanted) {
    if (sockets_.contains(address)) continue;
    auto opened = net::UdpSocket::open_server({.local = address, .port = port, .port_use = port_use_});
    if (!opened) {
      if (!first_error && !is_family_missing(opened.error().os_error)) first_error = opened.error();
      continue;
    }
    net::UdpSocket& socket = sockets_.emplace(address, std::move(*opened)).first->second;
    published_.control.sockets.add(address, socket);
    loop_.add(socket.fd(), [this, &socket](net::Ready) { serve(socket); });
  }
  return first_error;
}

std::uint64_t Listeners::answered() const { return answered_by(counts_.read()); }

void Listeners::add_to(Served& served) const {
  const server::WorkerCounts counts = counts_.read();
  served.packets += server::packet_counts(counts);
  served.keys += counts.keys;
  served.traffic += traffic_.counts();
  traffic_.add_to(served.addresses);
  served.buffers += buffers_.capacity();
}

void Listeners::serve(net::UdpSocket& socket) {
  const auto received = socket.receive(buffers_);
  traffic_.woken(received && !received->empty());
  if (!received) return;
  const MonoTime now = net::monotonic_now();
  const auto policy = policies_.hold();  // one policy for the whole batch
  const server::Snapshot snapshot{
      .clock = published_.clock, .policy = *policy, .clients = &published_.clients, .own_port = published_.own_port};
  // In a large table each client is a miss of the processor's caches: those of a batch are fetched side by side.
  if (received->size() > 1)
    for (const net::Datagram& datagram : *received) published_.clients.prepare(datagram.remote.address);
  for (const net::Datagram& datagram : *received) {
    traffic_.received(datagram.local);
    if (datagram.is_truncated || datagram.is_to_group)
      traffic_.ignored();
    else
      answer(socket, datagram, snapshot, now);
  }
  counts_.publish(worker_);
}

void Listeners::answer(net::UdpSocket& socket, const net::Datagram& datagram, const server::Snapshot& snapshot,
                       MonoTime now) {
  const server::Request request{datagram.remote, datagram.local, datagram.at, datagram.payload};
  std::array<std::byte, kReplyRoom> reply{};
  const server::Verdict verdict = server::respond(snapshot, worker_, request, {now, net::real_now()}, reply);
  if (verdict.what == server::Verdict::What::to_control)
    published_.control.queries.offer({.remote = datagram.remote,
                                      .local = datagram.local,
                                      .interface_index = datagram.interface_index,
                                      .received = datagram.at,
                                      .access = verdict.access,
                                      .has_own_line = verdict.has_own_line,
                                      .names_key = names_operators_key(datagram.payload, snapshot.policy.keys.get()),
                                      .payload = datagram.payload});
  if (verdict.what != server::Verdict::What::reply) return;
  // The stamp is the last thing that happens before the packet leaves, but for the MAC, which proves it. A reply that can't
  // be sent is like one that is lost.
  if (!server::finish(worker_, verdict, net::real_now(), reply)) return;
  const auto sent = socket.send({.remote = datagram.remote,
                                 .local = datagram.local,
                                 .interface_index = datagram.interface_index,
                                 .payload = Bytes(reply).first(verdict.length)});
  traffic_.sent(datagram.local, sent.has_value());
}

std::expected<std::uint16_t, net::NetError> choose_port(std::uint16_t preferred, bool is_any_allowed) {
  const auto probe = [](std::uint16_t port) { return net::UdpSocket::open_server({.local = Address(), .port = port}); };
  const auto socket = probe(preferred);
  if (socket) return preferred;
  if (!is_any_allowed) return std::unexpected(socket.error());
  const auto free_socket = probe(0);
  if (!free_socket) return std::unexpected(free_socket.error());
  const auto local = free_socket->local();
  if (!local) return std::unexpected(local.error());
  return local->port;
}

}  // namespace ntp::daemon
