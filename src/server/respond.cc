// SPDX-License-Identifier: BSD-2-Clause
#include "server/respond.h"

#include <algorithm>
#include <cmath>
#include <expected>

#include "base/assert.h"
#include "base/random.h"
#include "wire/datagram.h"

namespace ntp::server {
namespace {

/// Replies ask for no faster polling than every 8 s (the reference implementation's lower limit of minpoll).
constexpr std::int8_t kMinReplyPoll_log2s = 3;
/// RFC 5905 section 7.1, MAXDISP: what a host without time says of its error.
constexpr double kMaxDispersion_s = 16.0;
/// More than the clock can be slewed between two summaries.
constexpr double kLargestDeviation_s = 0.1;
constexpr std::size_t kTransmitOffset = 40;

/// What a request is answered with.
struct Answer {
  enum class Kind : std::uint8_t { time, crypto_nak, kiss };
  wire::Mode mode = wire::Mode::server;
  Kind kind = Kind::time;
};

bool is_same_host(const Address& a, const Address& b) {
  // A scope of 0 is an unknown one: not every socket tells.
  return a.family() == b.family() && a.octets() == b.octets() &&
         (a.scope() == b.scope() || a.scope() == 0 || b.scope() == 0);
}

bool is_ourselves(const Snapshot& snapshot, const Request& request) {
  if (request.remote.port != snapshot.own_port) return false;
  if (is_same_host(request.remote.address, request.local)) return true;
  return std::any_of(snapshot.own_addresses.begin(), snapshot.own_addresses.end(),
                     [&](const Address& own) { return is_same_host(request.remote.address, own); });
}

/// A loopback address can't have come from another address of ours, except from the wire (CVE-2016-1551, CVE-2014-9298): there
/// are hosts that let such packets in, and a rule for this host must not hold for them.
bool is_spoofed_loopback(const Request& request) {
  return request.remote.address.is_loopback() && !request.local.is_loopback() && !request.local.is_unspecified();
}

bool is_control(wire::Mode mode) { return mode == wire::Mode::control || mode == wire::Mode::private_use; }

/// The mode of the reply to a packet that asks for one.
std::expected<wire::Mode, Outcome> reply_mode(const wire::Header& header, std::uint16_t remote_port) {
  switch (header.mode) {
    case wire::Mode::client:
      return wire::Mode::server;
    case wire::Mode::symmetric_active:
      return wire::Mode::symmetric_passive;
    case wire::Mode::reserved:
      // NTPv1 has no mode field; client and server are told apart by their ports (RFC 1059 section 3.3). The reference
      // implementation (any port) and chrony (ports other than 123) reply in mode 4, and so do we.
      if (header.version == 1 && remote_port != wire::kPort) return wire::Mode::server;
      return std::unexpected(Outcome::not_a_request);
    case wire::Mode::symmetric_passive:
    case wire::Mode::server:
    case wire::Mode::broadcast:
    case wire::Mode::control:
    case wire::Mode::private_use:
      return std::unexpected(Outcome::not_a_request);
  }
  return std::unexpected(Outcome::not_a_request);
}

/// There are no keys, so no MAC can be right. A client is told so, like the reference implementation does it: a plain reply
/// would leave it guessing. No NAK goes to a NAK, to a symmetric peer (RFC 5905 section 9.2), or for what went to a group.
std::expected<Answer, Outcome> answer_to_mac(const wire::Layout& layout, const wire::Header& header,
                                             const Request& request) {
  if (layout.is_crypto_nak() || header.mode != wire::Mode::client || request.local.is_multicast())
    return std::unexpected(Outcome::bad_mac);
  return Answer{.mode = wire::Mode::server, .kind = Answer::Kind::crypto_nak};
}

/// Counts the packet, and judges a request whether it came too fast. What is no request is never limited: answers to our own
/// requests come to other sockets, and those that somebody sends here in a source's name must not cost the source anything.
policy::Judgement count(const Snapshot& snapshot, const Request& request, const wire::Header& header,
                        policy::ClientTable::Packet packet) {
  using policy::Access;
  if (snapshot.clients == nullptr || (!snapshot.policy.is_monitoring && !packet.is_limited))
    return policy::Judgement::passes;
  packet.remote = request.remote;
  packet.mode = static_cast<std::uint8_t>(header.mode);
  packet.version = header.version;
  return snapshot.clients->update(packet, snapshot.policy.limits);
}

/// restrict flake: one packet in ten is lost.
bool is_lost(policy::Access access, WorkerState& worker) {
  if (!has(access, policy::Access::flake)) return false;
  constexpr std::uint64_t kOneIn = 10;
  worker.dice = SeededRandom(worker.dice).next64();
  return worker.dice % kOneIn == 0;
}

// As respond(), without the reply. NOLINTNEXTLINE(readability-function-size)
std::expected<Answer, Outcome> judge(const Snapshot& snapshot, WorkerState& worker, const Request& request,
                                     const wire::Header& header, MonoTime now) {
  using policy::Access;
  if (request.remote.port == 0 || request.remote.address.is_multicast() || is_ourselves(snapshot, request) ||
      is_spoofed_loopback(request))
    return std::unexpected(Outcome::bad_source);
  const Access access = snapshot.policy.access.match(request.remote);
  if (has(access, Access::ignore)) return std::unexpected(Outcome::denied);
  if (header.version < 1 || header.version > wire::kVersion) return std::unexpected(Outcome::bad_version);
  // What follows the first 48 octets of a control packet is no extension field.
  if (is_control(header.mode)) return std::unexpected(Outcome::not_a_request);
  if (has(access, Access::noserve) || (has(access, Access::version) && header.version != wire::kVersion) ||
      is_lost(access, worker))
    return std::unexpected(Outcome::denied);

  const auto mode = reply_mode(header, request.remote.port);
  const auto judgement = count(snapshot, request, header,
                               {.at = now,
                                .restrictions = static_cast<std::uint16_t>(access),
                                .is_limited = mode.has_value() && has(access, Access::limited),
                                .wants_kisses = has(access, Access::kod)});
  if (judgement == policy::Judgement::dropped) return std::unexpected(Outcome::limited);

  wire::Layout layout;
  if (request.payload.size() > wire::kHeaderLength) {
    // Extension fields are walked for their shape alone: an unknown one is ignored (RFC 7822 section 7.5).
    const auto known = wire::decode_layout(request.payload);
    if (!known) return std::unexpected(Outcome::bad_length);
    layout = *known;
  }
  if (!mode) return std::unexpected(mode.error());
  // Before any MAC is looked at: who comes too fast is not worth its cost.
  if (judgement == policy::Judgement::kissed) return Answer{.mode = *mode, .kind = Answer::Kind::kiss};
  if (layout.has_mac) return answer_to_mac(layout, header, request);
  if (has(access, Access::notrust)) return std::unexpected(Outcome::denied);
  return Answer{.mode = *mode};
}

/// The system clock is not where it would be had it run on since the summary was made: the machine slept, or another
/// program set it, and the engine has not looked yet.
bool has_jumped(const state::ClockSummary& clock, const Instant& now) {
  if (clock.real_as_of.is_unknown()) return false;
  const double moved_s = (now.real - clock.real_as_of).seconds() - (now.mono - clock.as_of);
  return std::abs(moved_s) > kLargestDeviation_s;
}

/// The part of a reply that is about the clock. A stale summary says nothing but how finely the clock can be read.
wire::Header clock_fields(const state::ClockSummary& clock, const Instant& at) {
  const MonoTime now = at.mono;
  if (!clock.is_synchronized() || now > clock.valid_until || has_jumped(clock, at)) {
    return {
        .leap = wire::Leap::unsynchronized,
        .stratum = 0,
        .precision_log2s = clock.precision_log2s,
        .root_dispersion = ShortTime::from_seconds(kMaxDispersion_s),
        .refid = wire::kRefidInit,
    };
  }
  const double age_s = std::max(0.0, now - clock.as_of);
  return {
      .leap = clock.leap,
      .stratum = clock.stratum,
      .precision_log2s = clock.precision_log2s,
      .root_delay = ShortTime::from_seconds(clock.root_delay_s),
      .root_dispersion = ShortTime::from_seconds(clock.root_dispersion_s + clock.dispersion_rate * age_s),
      .refid = clock.refid,
      .reference = clock.reference,
  };
}

/// "Slow down", as the reference implementation says it (RFC 5905 section 7.4): in every stamp the client's own, so that only
/// who has seen the request can make one, and of the client's own fields nothing that it doesn't know.
wire::Header kiss_fields(const wire::Header& request, const policy::RateLimits& limits) {
  wire::Header out = request;
  out.leap = wire::Leap::unsynchronized;
  out.stratum = 0;
  out.poll_log2s = std::max(request.poll_log2s, static_cast<std::int8_t>(policy::kiss_poll_log2s(limits)));
  out.refid = wire::kKissRate;
  out.origin = request.transmit;
  out.receive = request.transmit;
  return out;
}

void count_version(WorkerState& worker, std::uint8_t version) {
  if (version == wire::kVersion)
    ++worker.current_version;
  else if (version >= 1 && version < wire::kVersion)
    ++worker.older_version;
}

Verdict silent(WorkerState& worker, Outcome outcome) {
  ++worker.counts[static_cast<std::size_t>(outcome)];
  return {};
}

}  // namespace

// Five arguments: what is shared, what is the worker's own, what came, when, and where the reply goes.
// NOLINTNEXTLINE(readability-function-size)
Verdict respond(const Snapshot& snapshot, WorkerState& worker, const Request& request, const Instant& now,
                MutableBytes reply) {
  NTP_ASSERT(reply.size() >= kMaxReplyLength);
  const auto header = wire::decode_header(request.payload);
  if (!header) return silent(worker, Outcome::bad_length);
  count_version(worker, header->version);
  const auto answer = judge(snapshot, worker, request, *header, now.mono);
  if (!answer) return silent(worker, answer.error());
  if (answer->kind == Answer::Kind::kiss) {
    wire::Header kiss = kiss_fields(*header, snapshot.policy.limits);
    kiss.mode = answer->mode;
    wire::encode_header(kiss, reply);
    ++worker.counts[static_cast<std::size_t>(Outcome::kissed)];
    return {.what = Verdict::What::reply, .length = wire::kHeaderLength, .is_stamped = false};
  }

  wire::Header out = clock_fields(snapshot.clock.read(), now);
  out.version = header->version;
  out.mode = answer->mode;
  out.poll_log2s = std::max(header->poll_log2s, kMinReplyPoll_log2s);
  out.origin = header->transmit;
  // Sent even where a step of the clock has put T3 before T2: the client's tests judge that.
  out.receive = request.received;
  out.transmit = now.real;
  wire::encode_header(out, reply);

  std::size_t length = wire::kHeaderLength;
  Outcome outcome = out.leap == wire::Leap::unsynchronized ? Outcome::answered_unsynchronized : Outcome::answered;
  if (answer->kind == Answer::Kind::crypto_nak) {
    store_big_endian(reply, length, std::uint32_t{0});
    length += wire::kCryptoNakLength;
    outcome = Outcome::answered_nak;
  }
  NTP_ASSERT(length <= request.payload.size());
  ++worker.counts[static_cast<std::size_t>(outcome)];
  return {.what = Verdict::What::reply, .length = length};
}

void set_transmit(MutableBytes reply, Timestamp transmit) { store_big_endian(reply, kTransmitOffset, transmit.bits()); }

}  // namespace ntp::server
