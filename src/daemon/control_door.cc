// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_door.h"

#include <algorithm>
#include <utility>

#include "net/control_messages.h"
#include "net/poll_loop.h"
#include "state/status.h"

namespace ntp::daemon {

bool is_this_host(const Address& remote, const Address& local, std::span<const net::LocalAddress> addresses) {
  if (remote.is_loopback()) return local.is_loopback() || local.is_unspecified();
  return remote.is_v4() &&
         std::ranges::any_of(addresses, [&](const net::LocalAddress& own) { return own.address == remote; });
}

ControlDoor::ControlDoor(const Parts& parts, control::ServiceOptions options)
    : parts_(parts), service_(parts.facts, parts.commands, parts.random, std::move(options)) {
  service_.reset_counts(net::monotonic_now());  // counted from now on
}

ControlDoor::~ControlDoor() = default;

void ControlDoor::note(const engine::ReportEvent& event) {
  if (events_.size() < kMostEvents) events_.push_back(event);
}

void ControlDoor::work() {
  const MonoTime start = net::monotonic_now();
  MonoTime now = start;
  report_events(now);
  for (std::size_t i = 0; i < kMostAnswers && now - start < kLongestTurn_s && parts_.link.queries.take(place_); ++i) {
    answer(place_.query, now);
    now = net::monotonic_now();
  }
  parts_.facts.release();
}

void ControlDoor::answer(const ReceivedQuery& received, MonoTime now) {
  const control::Query query{
      .remote = received.remote,
      .local = received.local,
      .received = received.received,
      .payload = received.payload,
      .access = received.access,
      .is_this_host = is_this_host(received.remote.address, received.local, parts_.addresses),
      .has_own_line = received.has_own_line,
  };
  service_.answer(query, {now, net::real_now()}, replies_);
  send_replies(&received);
}

void ControlDoor::report_events(MonoTime now) {
  for (const engine::ReportEvent& event : std::exchange(events_, {})) {
    std::uint16_t association_id = 0;
    if ((event.code & state::kPeerEventBit) != 0) {
      const auto& sources = parts_.facts.view().sources;
      const auto source =
          std::ranges::find(sources, event.source, [](const auto& known) { return known.remote.address; });
      if (source == sources.end()) continue;  // it is gone
      association_id = source->association_id;
    }
    service_.report(association_id, event.code, {now, net::real_now()}, replies_);
    send_replies(nullptr);
  }
}

void ControlDoor::send_replies(const ReceivedQuery* asked) {
  for (std::size_t i = 0; i < replies_.size(); ++i) {
    const control::Replies::Reply reply = replies_[i];
    const bool is_to_asker = asked != nullptr && reply.to == asked->remote;
    const Address local = is_to_asker ? asked->local : Address();
    // One that can't be sent is like one that is lost.
    const bool is_sent = parts_.link.sockets.send({.remote = reply.to,
                                                   .local = local,
                                                   .interface_index = is_to_asker ? asked->interface_index : 0,
                                                   .payload = reply.payload});
    parts_.link.replies.sent(local, is_sent);
  }
  replies_.clear();
}

}  // namespace ntp::daemon
