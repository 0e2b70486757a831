// SPDX-License-Identifier: BSD-2-Clause
//
// Between the sockets and the control service: takes queries from the queue, a few a turn of the loop, and sends the answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/random.h"
#include "control/service.h"
#include "daemon/control_facts.h"
#include "daemon/control_queue.h"
#include "daemon/listeners.h"
#include "engine/events.h"
#include "net/interfaces.h"

namespace ntp::daemon {

class ControlDoor {
 public:
  /// In a turn of the loop; what comes for the time meanwhile is answered before the next turn.
  static constexpr std::size_t kMostAnswers = 16;
  static constexpr double kLongestTurn_s = 0.0005;
  /// Events that wait to be told to traps; more are told to nobody.
  static constexpr std::size_t kMostEvents = 64;

  /// All of it outlives the door.
  struct Parts {
    ControlLink& link;
    ControlFacts& facts;
    control::Commands& commands;
    Random& random;
    const std::vector<net::LocalAddress>& addresses;  ///< this host's
  };
  ControlDoor(const Parts& parts, control::ServiceOptions options);
  ControlDoor(const ControlDoor&) = delete;
  ControlDoor& operator=(const ControlDoor&) = delete;
  ~ControlDoor();

  /// After another configuration.
  void configure(control::ServiceOptions options) { service_.configure(std::move(options)); }
  /// For traps; they are told in the next turn.
  void note(const engine::ReportEvent& event);
  [[nodiscard]] bool has_work() const { return !parts_.link.queries.is_empty() || !events_.empty(); }
  /// One turn.
  void work();
  [[nodiscard]] control::Service& service() { return service_; }

 private:
  void answer(const ReceivedQuery& received, MonoTime now);
  void report_events(MonoTime now);
  /// `asked`: the query that is answered; null: nobody asked.
  void send_replies(const ReceivedQuery* asked);

  Parts parts_;
  control::Service service_;
  control::Replies replies_;
  ControlQueue::Place place_;
  std::vector<engine::ReportEvent> events_;
};

/// True if a packet between these addresses has not come over a network: a loopback address from outside is dropped before, and
/// the kernel takes no packet from outside that bears an IPv4 address of its own. Of its own IPv6 addresses it does, and nothing
/// tells them apart.
[[nodiscard]] bool is_this_host(const Address& remote, const Address& local,
                                std::span<const net::LocalAddress> addresses);

}  // namespace ntp::daemon
