// SPDX-License-Identifier: BSD-2-Clause
//
// The data plane: a client's request answered from an immutable snapshot (RFC 5905 section 9.2, fast_xmit; section 14).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/mac.h"
#include "policy/policy.h"
#include "state/clock_state.h"
#include "state/key_use.h"
#include "wire/datagram.h"
#include "wire/header.h"

namespace ntp::server {

/// Room that a reply may need: a header, and the longest MAC.
inline constexpr std::size_t kMaxReplyLength = wire::kHeaderLength + wire::kLongMacLength;

/// The longest query (modes 6 and 7) that anybody sends: 480 octets, padding and a MAC; with room.
inline constexpr std::size_t kMaxQueryLength = 1024;

/// What a worker reads. All of it outlives every call.
struct Snapshot {
  const state::ClockState& clock;
  const policy::Policy& policy;
  /// Who asked how often; shared by all workers. Null: nobody is counted, and nobody limited.
  policy::ClientTable* clients = nullptr;
  /// The host's addresses and the port we answer from: what comes from there is our own packet, and gets no answer.
  std::span<const Address> own_addresses = {};
  std::uint16_t own_port = wire::kPort;
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
  answered_authenticated,  ///< with a MAC, synchronised or not
  answered_nak,            ///< a crypto-NAK: the request's MAC is of no key that we trust, or wrong
  kissed,                  ///< came too fast, and was told so (restrict limited kod)
  limited,                 ///< came too fast, and got nothing (restrict limited)
  denied,                  ///< restrict ignore, noserve, notrust, version or flake
  bad_source,              ///< port 0, a group's address, our own address and port, or a loopback address from outside
  bad_length,              ///< too short, or a malformed tail
  bad_version,             ///< 0 and 5 to 7
  bad_mac,                 ///< a wrong MAC, on a packet that gets no crypto-NAK
  not_a_request,           ///< a reply, a broadcast
  to_control,              ///< a query (modes 6 and 7) that the control service gets
  count,
};

/// A worker's own counters; summed when somebody asks.
struct WorkerCounts {
  std::array<std::uint64_t, static_cast<std::size_t>(Outcome::count)> counts{};
  std::uint64_t current_version = 0;  ///< packets of version 4
  std::uint64_t older_version = 0;    ///< and of 1 to 3
  state::KeyUse keys;
};

/// What a worker has to itself.
struct WorkerState : WorkerCounts {
  std::size_t number = 0;  ///< its row in the policy's hits
  std::uint64_t dice = 0;  ///< for flake: each throw is the seed of the next
  crypto::MacWorkspace macs;
};

struct Verdict {
  enum class What : std::uint8_t { silent, reply, to_control };
  What what = What::silent;
  std::size_t length = 0;  ///< of the reply with its MAC; never more than the request's
  bool is_stamped = true;  ///< T3 is the time of sending; in a kiss it is the client's own stamp, and stays
  Span smear;              ///< what finish() adds to T3: a leap second that is being spread
  /// Close to a leap second, the clock that all of the reply was made from: T3 must be of the same. Else unknown.
  Timestamp made_at;
  /// Whose MAC finish() puts behind the reply, if any; lives as long as the snapshot's policy.
  const policy::Key* key = nullptr;
  // to_control:
  policy::Access access = policy::Access::none;  ///< what restrict lines say of the sender
  /// A line for this address alone decides (not the template of restrict source), or one with amplify: the sender was meant.
  bool has_own_line = false;
};

/// Answers one datagram. Reads the snapshot, writes only `worker` and `reply` (at least kMaxReplyLength). No heap, no lock.
/// What is to be sent goes through finish() first.
///
///   request                                              reply
///   mode 3, version 1 to 4                               mode 4, same version
///   mode 0, version 1, from a port other than 123        mode 4: NTPv1 has no modes, and a mode 0 is never sent
///   mode 1, version 1 to 4 (from who is no peer of ours) mode 2, same version, nothing remembered
///   the same with a MAC of a key that we trust           the same with a MAC of that key
///   mode 3 with another MAC                              mode 4 as a crypto-NAK, 52 octets, now and then
///   any of these from a limited address, too fast        a kiss RATE where the address has kod, now and then; else none
///   modes 6 and 7, version 1 to 4, not forbidden          none from here: the control service gets them
///   all else                                             none
///
/// A reply is never longer than its request and never answers a reply, so no two servers can be made to talk to each
/// other. Unsynchronised (leap 3, or the snapshot is stale) is leap 3, stratum 0, refid INIT, no reference time, root
/// delay 0 and root dispersion 16 s, RFC 5905's MAXDISP: also a client that looks at the distance alone turns away.
Verdict respond(const Snapshot& snapshot, WorkerState& worker, const Request& request, const Instant& now,
                MutableBytes reply);

/// Makes a reply of respond() ready to be sent: writes T3 (taken as late as the sender can; the smear is added) unless the
/// verdict says that it is not stamped, and last the MAC over all of it. False if that can't be computed, or if the clock leapt
/// since respond() looked: such a reply must not be sent.
[[nodiscard]] bool finish(WorkerState& worker, const Verdict& verdict, Timestamp transmit, MutableBytes reply);

}  // namespace ntp::server
