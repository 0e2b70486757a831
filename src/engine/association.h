// SPDX-License-Identifier: BSD-2-Clause
//
// One source's data: what was asked, what was answered, what became of it (RFC 5905 section 9.1).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "engine/change_log.h"
#include "engine/clock_filter.h"
#include "engine/events.h"
#include "engine/on_wire.h"
#include "engine/poll_process.h"
#include "engine/settings.h"
#include "state/view.h"
#include "wire/header.h"

namespace ntp::engine {

using AssociationId = std::uint16_t;

/// Bits of the flash word: what the last packet or the source failed (RFC 5905 section 9.2, RFC 9327 section 4).
inline constexpr std::uint32_t kPacketDuplicate = 0x1;  ///< TEST1: seen before
inline constexpr std::uint32_t kPacketBogus = 0x2;      ///< TEST2: not an answer to our request
inline constexpr std::uint32_t kPacketUnsync = 0x4;     ///< TEST3: a time stamp is missing
inline constexpr std::uint32_t kPacketDenied = 0x8;     ///< TEST4: access denied
inline constexpr std::uint32_t kPacketAuth = 0x10;      ///< TEST5: authentication failed
inline constexpr std::uint32_t kPacketStratum = 0x20;   ///< TEST6: the server isn't synchronised
inline constexpr std::uint32_t kPacketHeader = 0x40;    ///< TEST7: root delay, dispersion or stamps make no sense
inline constexpr std::uint32_t kPacketAutokey = 0x80;   ///< TEST8
inline constexpr std::uint32_t kPacketCrypto = 0x100;   ///< TEST9
inline constexpr std::uint32_t kPeerStratum = 0x200;    ///< TEST10: leap or stratum out of bounds
inline constexpr std::uint32_t kPeerDistance = 0x400;   ///< TEST11: too far from the root
inline constexpr std::uint32_t kPeerLoop = 0x800;       ///< TEST12: it is synchronised to us
inline constexpr std::uint32_t kPeerUnreach = 0x1000;   ///< TEST13: unreachable, or noselect
inline constexpr std::uint32_t kPacketTests = 0x1ff;
inline constexpr std::uint32_t kPeerTests = 0x1e00;

/// Whether a source can be asked with the key that was configured for it.
enum class KeyState : std::uint8_t {
  none,  ///< it is asked without one
  usable,
  missing,    ///< the key is in no keys file
  untrusted,  ///< no trustedkey line names it
  foreign,    ///< the keys file has it for other addresses
  refused,    ///< the cryptographic library can't compute with it
};

/// The request that may be answered: one at a time, and an answer counts once.
struct OutstandingRequest {
  bool is_outstanding = false;
  Token token = 0;
  Timestamp transmit;  ///< the random stamp on the wire; the answer's origin must equal it
  MonoTime sent_at;
  bool has_left = false;  ///< t1 is known
  Timestamp t1;
  state::StampSource source = state::StampSource::user;
  double error_s = 0;
  bool is_better_stamp_expected = false;

  friend bool operator==(const OutstandingRequest&, const OutstandingRequest&) = default;
};

/// A reply that waits for the late transmit stamp of its request.
struct HeldReply {
  wire::Header header;
  Timestamp at;
  state::StampSource source = state::StampSource::user;
  double error_s = 0;
  Address local;
  MonoTime until;
  PacketTail tail;

  friend bool operator==(const HeldReply&, const HeldReply&) = default;
};

/// What the source says of itself, and what the filter makes of its samples.
struct PeerVariables {
  wire::Leap leap = wire::Leap::unsynchronized;
  std::uint8_t stratum = kMaxStratum;
  std::int8_t precision_log2s = 0;
  double root_delay_s = 0;
  double root_dispersion_s = 0;
  wire::Refid refid = wire::kRefidInit;
  Timestamp reference;
  Timestamp last_transmit;  ///< t3 of the last answer, to know a duplicate
  double offset_s = 0;      ///< theta, against the system clock as of filtered_correction
  Correction filtered_correction;
  double delay_s = 0;                      ///< delta
  double dispersion_s = kMaxDispersion_s;  ///< epsilon, as of filtered_at
  double jitter_s = 0;                     ///< psi
  double noise_s = 0;                      ///< what the root distance counts for noise besides the dispersion
  RawTime filtered_at;
  RawTime sample_at;  ///< when the sample behind offset_s was taken
  std::optional<MonoTime> received_at;
  std::optional<Address> local;            ///< address of ours that the last sample's answer came to
  wire::Mode mode = wire::Mode::reserved;  ///< of the last answer, as the poll interval is
  std::int8_t poll_log2s = 0;
  Exchange exchange;   ///< the last one that was measured
  double spike_s = 0;  ///< what the last sample was off by if it was passed over as a spike; else 0
  state::StampSource stamp_source = state::StampSource::user;
  bool is_authenticated = false;  ///< the last answer was proven by the source's key

  friend bool operator==(const PeerVariables&, const PeerVariables&) = default;
};

/// What may change when a packet is refused; nothing else may.
struct AssociationCounters {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t bogus = 0;  ///< duplicates are among them
  std::uint64_t duplicates = 0;
  std::uint64_t bad_distance = 0;   ///< answers whose root distance is out of bounds
  std::uint64_t bad_reference = 0;  ///< answers that were synchronised after they were sent
  std::uint64_t readings = 0;       ///< of a clock that is read and not asked
  std::uint64_t bad = 0;
  std::uint64_t kisses = 0;
  std::uint64_t bad_auth = 0;       ///< no valid MAC of the source's key, or a crypto-NAK to our request
  std::uint64_t bad_auth_told = 0;  ///< how many of them the log knows of
  std::optional<MonoTime> bad_auth_told_at;
  std::uint32_t last_refused = 0;  ///< TEST1, 2 or 5: what was wrong with the last packet that was none of ours
};

/// What mitigation made of a source that passed its own tests, when it looked last.
struct Judged {
  state::SourceReason reason = state::SourceReason::few_samples;
  std::uint32_t order = 0;  ///< place among those that are followed, from 1; 0: not among them
  double low_s = 0;         ///< correctness interval against the system clock then
  double high_s = 0;
  std::optional<RawTime> at;  ///< of the interval

  friend bool operator==(const Judged&, const Judged&) = default;
};

struct Association {
  explicit Association(const SourceSettings& source, StartBurst burst = StartBurst::even)
      : settings(source), poll(source, burst) {}

  AssociationId id = 0;
  SourceSettings settings;
  std::size_t source_index = 0;  ///< the line it comes from
  Endpoint remote;
  EndpointId endpoint = 0;  ///< 0: no socket is open
  PollProcess poll;
  OutstandingRequest request;
  std::optional<HeldReply> held;
  PeerVariables peer;
  ClockFilter filter;
  std::uint32_t flash = 0;
  state::Selection selection = state::Selection::reject;
  bool is_convicted = false;  ///< the estimator found it drifting against a majority
  Judged judged;
  int denials_in_a_row = 0;
  int last_send_error = 0;
  KeyState key_state = KeyState::none;  ///< as the log knows it
  AssociationCounters counters;
  state::EventCount event;  ///< the last one, a state::PeerEvent
  MonoTime mobilised_at;
  MonoTime reach_changed_at;  ///< it became reachable or unreachable, or was mobilised
  bool was_reachable = false;
  ToldSource told;

  [[nodiscard]] bool is_local_clock() const { return settings.kind == SourceSettings::Kind::local_clock; }
  /// Denied too often: not a packet until its rest is over.
  [[nodiscard]] bool is_resting() const { return denials_in_a_row >= kDenialLimit; }
  /// Forgets samples and the outstanding request; who the source is and what it may stays.
  void flush();
};

using Associations = std::span<const std::unique_ptr<Association>>;

/// lambda: half the way to the root and back, and all that may be wrong on it (RFC 5905 section 11.2.1, with ntpd's jitter).
[[nodiscard]] double root_distance_s(const Association& association, RawTime now, double dispersion_rate);

/// The filter's result becomes the peer variables, as of `now`; `correction` is the system clock's then.
void adopt(PeerVariables& peer, const FilterResult& result, RawTime now, Correction correction);

/// theta against the system clock as it is now.
[[nodiscard]] double offset_now_s(const Association& association, Correction now);

/// The bit of the first packet test that the header fails, 0 if it may become a sample. Tests 3, 6 and 7.
[[nodiscard]] std::uint32_t test_packet(const wire::Header& header);

/// What says of a source that it is this host, or is synchronised to it.
struct OwnNames {
  std::vector<Address> addresses;
  std::vector<wire::Refid> refids;
  std::uint16_t port = 0;  ///< where we serve; another daemon of this host may be a source on another port

  [[nodiscard]] bool is_ourselves(const Endpoint& remote) const;
};

struct PeerTestContext {
  RawTime now;
  double dispersion_rate = kFrequencyTolerance;
  const SelectionSettings* selection = nullptr;
  const OwnNames* own = nullptr;
};
/// Bits of tests 10 to 13.
[[nodiscard]] std::uint32_t test_peer(const Association& association, const PeerTestContext& context);

}  // namespace ntp::engine
