// SPDX-License-Identifier: BSD-2-Clause
//
// The data plane: a client's request answered from an immutable snapshot (RFC 5905 section 9.2, fast_xmit; section 14).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "policy/access_list.h"
#include "state/clock_state.h"

namespace ntp::server {

/// What a worker reads. Both outlive every call.
struct Snapshot {
  const state::ClockState& clock;
  const policy::AccessList& access;
};

/// One datagram and what the socket knows about it.
struct Request {
  Endpoint remote;
  Address local;
  Timestamp received;  ///< T2
  Bytes payload;
};

/// The clocks at the moment of answering. `real` becomes T3.
struct Instant {
  MonoTime mono;
  Timestamp real;
};

enum class Outcome : std::uint8_t {
  answered,
  answered_unsynchronized,
  to_engine,       ///< not for the data plane
  denied,          ///< restrict ignore or noserve
  bad_length,      ///< too short, or a malformed tail
  bad_version,     ///< 0 and 5 to 7
  not_a_request,   ///< a reply, a broadcast, a control packet that nobody here wants
  count,
};

/// A worker's own counters; summed when somebody asks.
struct WorkerState {
  std::array<std::uint64_t, static_cast<std::size_t>(Outcome::count)> counts{};
};

struct Verdict {
  enum class What : std::uint8_t { silent, reply, to_engine };
  What what = What::silent;
  std::size_t length = 0;  ///< of the reply; never more than the request's
};

/// Answers one datagram. Reads the snapshot, writes only `worker` and `reply` (at least 48 octets). No heap, no lock.
Verdict respond(const Snapshot& snapshot, WorkerState& worker, const Request& request, const Instant& now, MutableBytes reply);

/// Writes a later T3 into a reply that respond() made (the stamp is taken as late as the sender can).
void set_transmit(MutableBytes reply, Timestamp transmit);

}  // namespace ntp::server
