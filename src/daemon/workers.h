// SPDX-License-Identifier: BSD-2-Clause
//
// Threads that answer strangers besides the engine's: each has a loop and sockets of its own, and reads the published state.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "daemon/listeners.h"
#include "net/net_error.h"
#include "state/packet_counts.h"

namespace ntp::daemon {

class Workers {
 public:
  /// `published` outlives the workers.
  Workers(int count, const Published& published, std::uint16_t port);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  /// Ends all threads.
  ~Workers();

  /// Opens the sockets, before start(). Gives the first error that should not be, else nothing.
  std::optional<net::NetError> open(const std::vector<Address>& addresses);
  /// Starts the threads.
  void start();
  /// The addresses to serve from now on.
  void listen_on(const std::vector<Address>& addresses);
  /// Requests answered so far by all of them.
  [[nodiscard]] std::uint64_t answered() const;
  /// What all of them received so far.
  [[nodiscard]] state::PacketCounts packet_counts() const;
  void add_to(Served& served) const;

 private:
  class Worker;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace ntp::daemon
