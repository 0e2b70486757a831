// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/client_sockets.h"

#include <algorithm>
#include <span>

namespace ntp::daemon {

ClientSockets::ClientSockets(net::PollLoop& loop, Deliver deliver) : loop_(loop), deliver_(std::move(deliver)) {}

ClientSockets::~ClientSockets() {
  for (const auto& [endpoint, client] : clients_) loop_.remove(client->socket.fd());
}

void ClientSockets::open(const engine::OpenEndpoint& effect) {
  auto socket = net::UdpSocket::open_client({.remote = effect.remote});
  if (!socket) {
    deliver_(engine::EndpointChanged{effect.endpoint, socket.error().os_error});
    return;
  }
  const Endpoint local = socket->local().value_or(Endpoint{});
  auto client = std::make_unique<Client>(Client{.endpoint = effect.endpoint,
                                                .remote = effect.remote,
                                                .local = local,
                                                .socket = std::move(*socket),
                                                .requests = {}});
  loop_.add(client->socket.fd(), [this, endpoint = effect.endpoint](net::Ready what) { ready(endpoint, what); });
  clients_[effect.endpoint] = std::move(client);
}

void ClientSockets::close(const engine::CloseEndpoint& effect) {
  const auto found = clients_.find(effect.endpoint);
  if (found == clients_.end()) return;
  loop_.remove(found->second->socket.fd());
  if (active_ == effect.endpoint) closing_ = std::move(found->second);
  clients_.erase(found);
}

void ClientSockets::send(const engine::Send& effect) {
  const auto found = clients_.find(effect.endpoint);
  if (found == clients_.end()) {
    deliver_(engine::SendFailed{effect.token, 0});
    return;
  }
  Client& client = *found->second;
  const auto sent = client.socket.send({.remote = effect.remote, .payload = effect.payload()});
  traffic_.sent(client.local.address, sent.has_value());
  if (!sent) {
    deliver_(engine::SendFailed{effect.token, sent.error().os_error});
    return;
  }
  client.requests.push({sent->id, effect.token});
  deliver_(engine::PacketSent{.token = effect.token,
                              .at = sent->at,
                              .source = state::StampSource::user,
                              .error_s = sent->error_s,
                              .is_better_stamp_expected = sent->is_better_stamp_expected});
}

std::optional<Endpoint> ClientSockets::local_of(const Endpoint& remote) const {
  const auto found = std::ranges::find_if(clients_, [&](const auto& entry) { return entry.second->remote == remote; });
  if (found == clients_.end()) return std::nullopt;
  return found->second->local;
}

void ClientSockets::ready(engine::EndpointId endpoint, net::Ready what) {
  const auto found = clients_.find(endpoint);
  if (found == clients_.end()) return;
  Client& client = *found->second;
  active_ = endpoint;
  // Transmit stamps first: the reply to the same request may be waiting behind them.
  if (what.error_queue) deliver_stamps(client);
  if (what.readable) deliver_datagrams(client);
  active_ = 0;
  closing_.reset();
}

void ClientSockets::deliver_stamps(Client& client) {
  std::array<net::TransmitStamp, kRemembered> stamps{};
  const std::size_t count = client.socket.read_transmit_stamps(stamps);
  for (const net::TransmitStamp& stamp : std::span(stamps).first(count)) {
    for (std::size_t i = 0; i < client.requests.size(); ++i) {
      if (client.requests[i].id != stamp.id) continue;
      deliver_(engine::PacketSent{
          .token = client.requests[i].token, .at = stamp.at, .source = stamp.source, .error_s = stamp.error_s});
      break;
    }
  }
}

void ClientSockets::deliver_datagrams(Client& client) {
  const auto received = client.socket.receive(buffers_);
  traffic_.woken(received && !received->empty());
  // Refused or unreachable: the reach register will tell, as it does for silence.
  if (!received) return;
  for (const net::Datagram& datagram : *received) {
    if (closing_ != nullptr) return;
    traffic_.received(datagram.local.is_unspecified() ? client.local.address : datagram.local);
    if (datagram.is_truncated) {
      traffic_.ignored();
      continue;
    }
    deliver_(engine::PacketReceived{.endpoint = client.endpoint,
                                    .remote = datagram.remote,
                                    .local = datagram.local,
                                    .at = datagram.at,
                                    .source = datagram.source,
                                    .error_s = datagram.error_s,
                                    .payload = datagram.payload});
  }
}

}  // namespace ntp::daemon
