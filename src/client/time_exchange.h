// SPDX-License-Identifier: BSD-2-Clause
//
// Asks servers for the time, all at once, in bounded time: each with a socket of its own on a random port, with the kernel's
// stamps, a random cookie a request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "client/time_reply.h"

namespace ntp::client {

/// Datagrams that answer nothing, to one request: more, and the server counts as silent.
inline constexpr std::size_t kMaxPassedOver = 1000;
inline constexpr std::size_t kMaxTimeServers = 256;

struct TimeServer {
  std::string name;  ///< as the user wrote it
  Endpoint endpoint;
};

enum class TimeEvent : std::uint8_t { transmit, receive };

struct TimeQuestions {
  int samples = 1;             ///< requests to each server
  double timeout_s = 5;        ///< for each request
  double spacing_s = 2;        ///< from a request to the next one to the same server
  double start_spacing_s = 0;  ///< from the first request to one server to the first one to the next
  std::uint8_t version = wire::kVersion;
  TimeKey key;
  Address local;                 ///< unspecified: the system chooses
  std::uint16_t local_port = 0;  ///< 0: a random one
  std::function<void(TimeEvent, const TimeServer&)> on_event = {};
  /// Each answer as it comes, with or without a fault; true ends everything.
  std::function<bool(const TimeServer&, const TimeAnswer&)> on_answer = {};
};

/// What became of one server.
struct TimeOutcome {
  TimeServer server;
  std::vector<TimeAnswer> answers;  ///< in the order of the requests; with a fault those that failed
  /// What was passed over and is worth telling (the last bad_mac, bogus or malformed), if no answer came.
  std::optional<TimeFault> passed_over;

  /// The usable answer of the least delay; null if there is none.
  [[nodiscard]] const TimeAnswer* best() const;
  /// Why there is none, for people.
  [[nodiscard]] std::string failure_text() const;
};

/// One outcome a server, in their order. An error is the system's: no sockets.
[[nodiscard]] std::expected<std::vector<TimeOutcome>, std::string> ask_time(const std::vector<TimeServer>& servers,
                                                                            const TimeQuestions& questions);

/// Waits for one usable broadcast at an address of ours, a broadcast address or a multicast group, which is joined. The outcome
/// names its sender; without one, `at`. An error is the system's.
[[nodiscard]] std::expected<TimeOutcome, std::string> hear_broadcast(const Endpoint& at, const TimeKey& key,
                                                                     double timeout_s);

}  // namespace ntp::client
