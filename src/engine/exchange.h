// SPDX-License-Identifier: BSD-2-Clause
//
// One request and its reply, on the client's side: what is sent gives nothing away, and a reply counts once, and only if it
// answers what was sent (RFC 5905 sections 8, 9.2 and 9.3; data minimisation).
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "engine/association.h"
#include "engine/authentication.h"
#include "engine/on_wire.h"

namespace ntp::engine {

struct ExchangeContext {
  const Now* now = nullptr;
  double dispersion_rate = kFrequencyTolerance;
  std::int8_t precision_log2s = -20;
  const CorrectionRecord* record = nullptr;  ///< tells when, in undisciplined time, a stamp was taken
  Authentication authentication;
};

/// Sends a client request: version and mode, and a transmit stamp of 64 random bits. All else is zero. The MAC of the
/// source's key follows; false if there should be one and can't be: then nothing is sent.
[[nodiscard]] bool send_request(Association& association, const ExchangeContext& context, Random& random, Effects& out);

/// The request left at the event's time. A worse stamp never replaces a better one.
void request_left(Association& association, const PacketSent& event);

enum class ReplyKind : std::uint8_t {
  malformed,   ///< no NTP datagram, or no server's
  duplicate,   ///< the reply that was counted already
  bogus,       ///< not an answer to our outstanding request
  bad_auth,    ///< without a valid MAC of the key that the source was asked with
  crypto_nak,  ///< answers us: the server takes our MAC for a wrong one
  kiss,        ///< a kiss-o'-death that answers us
  unfit,       ///< answers us, but a packet test failed (flash says which)
  held,        ///< answers us, waits for the late stamp of its request
  sample,      ///< answers us and was measured
};

struct Reply {
  ReplyKind kind = ReplyKind::malformed;
  wire::Header header;
  // If kind is sample:
  Sample sample;  ///< correction is the caller's to fill in
  Exchange stamps;
  RawTime request_at;  ///< t1 in undisciplined time
  RawTime reply_at;    ///< t4 in undisciplined time
  double stamp_error_s =
      0;          ///< standard deviation that the stamps' errors give the offset, besides what the delay shows
  Address local;  ///< the address of ours that was answered
  PacketTail tail;
};

/// Judges a datagram from the source's socket. What is malformed, a duplicate, bogus, bad_auth or a crypto_nak changes the
/// counters and nothing else: the request stays outstanding, and the true reply still counts.
Reply take_reply(Association& association, const PacketReceived& packet, const ExchangeContext& context);
/// The held reply's stamp has come, or it has waited long enough.
Reply release_reply(Association& association, const ExchangeContext& context);

}  // namespace ntp::engine
