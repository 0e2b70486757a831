// SPDX-License-Identifier: BSD-2-Clause
//
// One question for the time and what may come back: pure, for whoever asks once (RFC 5905 sections 8, 9.2 and 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "client/control_session.h"
#include "crypto/mac.h"
#include "wire/header.h"

namespace ntp::client {

/// What the question is proven with; key_id 0: with nothing.
using TimeKey = Credentials;

struct TimeRequest {
  Timestamp cookie;  ///< 64 random bits in place of our transmit stamp: they come back as origin. Never zero.
  std::uint8_t version = wire::kVersion;
  TimeKey key;
};

/// Version, mode and cookie; all else is zero (data minimisation). A MAC of the key follows if there is one. Nothing if the
/// library can't compute that.
[[nodiscard]] std::optional<std::vector<std::byte>> encode(const TimeRequest& request, crypto::MacWorkspace& macs);

/// When request and reply passed our network card, by our clock, and how wrong that may be.
struct LocalStamps {
  Timestamp t1;
  Timestamp t4;
  double t1_error_s = 0;
  double t4_error_s = 0;
};

enum class TimeFault : std::uint8_t {
  // Passed over: the true answer may still come.
  malformed,  ///< no NTP datagram, or no server's
  bogus,      ///< not an answer to our question
  bad_mac,    ///< without the MAC of our key
  // Answers us, and is no time.
  crypto_nak,      ///< the server takes our MAC for a wrong one
  kiss,            ///< it wants to be left alone: the code is the refid
  unsynchronized,  ///< it says that it has no time
  unfit,           ///< impossible stamps, or too far from the truth
  // There was no answer.
  timeout,
  refused,      ///< nobody listens there
  unreachable,  ///< the network says so
};
/// True for what leaves the question open.
[[nodiscard]] constexpr bool is_passed_over(TimeFault fault) { return fault <= TimeFault::bad_mac; }

struct TimeSample {
  double offset_s = 0;         ///< > 0: the server's clock is ahead of ours
  double delay_s = 0;          ///< round trip without the server's part, > 0
  double root_distance_s = 0;  ///< the server's time is right within this, if all servers up to the top tell the truth
  Timestamp at;                ///< t4
};

struct TimeAnswer {
  std::optional<TimeFault> fault;    ///< nothing: the sample can be used
  wire::Header header;               ///< if it answers us
  Timestamp t1;                      ///< when the request left, by our clock
  std::optional<TimeSample> sample;  ///< whenever the stamps make sense, also of a server that says it has no time
};

/// Judges one datagram that came from the server's address.
[[nodiscard]] TimeAnswer judge_time_reply(const TimeRequest& request, Bytes datagram, const LocalStamps& stamps,
                                          crypto::MacWorkspace& macs);

/// Half of it is added to what a broadcast says: the way that it came can't be measured (the classic's broadcastdelay).
inline constexpr double kBroadcastDelay_s = 0.004;
/// Judges a datagram that nobody asked for: mode 5. With a key it must carry that key's MAC; `stamps` without t1.
[[nodiscard]] TimeAnswer judge_broadcast(const TimeKey& key, Bytes datagram, const LocalStamps& stamps,
                                         crypto::MacWorkspace& macs);

/// For people, without a newline: "the server denies access (kiss code DENY)".
[[nodiscard]] std::string to_text(const TimeAnswer& answer);

}  // namespace ntp::client
