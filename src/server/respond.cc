// SPDX-License-Identifier: BSD-2-Clause
#include "server/respond.h"

#include <algorithm>
#include <expected>
#include <optional>

#include "base/assert.h"
#include "base/random.h"
#include "server/authentication.h"
#include "server/served_leap.h"
#include "wire/datagram.h"

namespace ntp::server {
namespace {

/// Replies ask for no faster polling than every 8 s (the reference implementation's lower limit of minpoll).
constexpr std::int8_t kMinReplyPoll_log2s = 3;
/// RFC 5905 section 7.1, MAXDISP: what a host without time says of its error.
constexpr double kMaxDispersion_s = 16.0;
constexpr std::size_t kTransmitOffset = 40;
/// Much more than a worker takes from respond() to finish(), and much less than a leap second.
constexpr Span kLongestMaking = Span::from_nanoseconds(100'000'000);

/// What a request is answered with.
struct Answer {
  enum class Kind : std::uint8_t { time, crypto_nak, kiss };
  wire::Mode mode = wire::Mode::server;
  Kind kind = Kind::time;
  const policy::Key* key = nullptr;  ///< the one that proved the request, and signs the reply
};

/// A datagram, and all that it is judged by.
struct Case {
  const Snapshot& snapshot;
  WorkerState& worker;
  const Request& request;
  const wire::Header& header;
  const Instant& now;
};

/// What the octets behind the header say of who sent them.
struct Tail {
  enum class Mac : std::uint8_t { none, right, wrong, crypto_nak };
  Mac mac = Mac::none;
  const policy::Key* key = nullptr;  ///< if it is right
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

/// Nobody asks from there, or nobody should be answered there.
bool is_bad_source(const Snapshot& snapshot, const Request& request) {
  return request.remote.port == 0 || request.remote.address.is_multicast() || is_ourselves(snapshot, request) ||
         is_spoofed_loopback(request);
}

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

std::expected<Tail, Outcome> read_tail(const Case& c) {
  const Bytes payload = c.request.payload;
  if (payload.size() == wire::kHeaderLength) return Tail{};
  // Extension fields are walked for their shape alone: an unknown one is ignored (RFC 7822 section 7.5).
  const auto layout = wire::decode_layout(payload);
  if (!layout) return std::unexpected(Outcome::bad_length);
  if (!layout->has_mac) return Tail{};
  if (layout->is_crypto_nak()) return Tail{.mac = Tail::Mac::crypto_nak};
  const policy::Key* key = proving_key(c.snapshot.policy.keys.get(), c.worker.macs, payload, *layout, &c.worker.keys);
  // The address list of a key says whose time may be believed; a client's request brings none.
  const bool is_peer = c.header.mode == wire::Mode::symmetric_active;
  if (key == nullptr || (is_peer && !may_use(*key, c.request.remote.address))) return Tail{.mac = Tail::Mac::wrong};
  return Tail{.mac = Tail::Mac::right, .key = key};
}

/// A client whose MAC is wrong is told so: a plain reply would leave it guessing. No NAK goes to a NAK, to a symmetric peer
/// (RFC 5905 section 9.2), for what went to a group, or to a network that has just got one.
bool deserves_nak(const Case& c, const Tail& tail) {
  if (tail.mac != Tail::Mac::wrong || c.header.mode != wire::Mode::client || c.request.local.is_multicast())
    return false;
  policy::ClientTable* clients = c.snapshot.clients;
  return clients == nullptr || clients->may_send_nak(c.request.remote.address, c.now.mono);
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

/// What restrict lines say of a sender, and which one decides, if any.
struct Restrictions {
  policy::Access access = policy::Access::none;
  std::optional<std::size_t> rule;
};

Restrictions restrictions(const policy::Policy& policy, const WorkerState& worker, const Endpoint& remote) {
  const auto rule = policy.access.match_rule(remote);
  if (!rule) return {};
  if (policy.hits) policy.hits->count(worker.number, *rule);
  return {.access = policy.access.flags_of(*rule), .rule = rule};
}

std::expected<Answer, Outcome> judge(const Case& c) {
  const auto& [snapshot, worker, request, header, now] = c;
  using policy::Access;
  if (is_bad_source(snapshot, request)) return std::unexpected(Outcome::bad_source);
  const Access access = restrictions(snapshot.policy, worker, request.remote).access;
  if (has(access, Access::ignore)) return std::unexpected(Outcome::denied);
  if (header.version < 1 || header.version > wire::kVersion) return std::unexpected(Outcome::bad_version);
  if (has(access, Access::noserve) || (has(access, Access::version) && header.version != wire::kVersion) ||
      is_lost(access, worker))
    return std::unexpected(Outcome::denied);

  const auto mode = reply_mode(header, request.remote.port);
  const auto judgement = count(snapshot, request, header,
                               {.at = now.mono,
                                .restrictions = static_cast<std::uint16_t>(access),
                                .is_limited = mode.has_value() && has(access, Access::limited),
                                .wants_kisses = has(access, Access::kod)});
  if (judgement == policy::Judgement::dropped) return std::unexpected(Outcome::limited);

  if (!mode) return std::unexpected(mode.error());

  const auto tail = read_tail(c);
  if (!tail) return std::unexpected(tail.error());
  const bool has_wrong_mac = tail->mac == Tail::Mac::wrong || tail->mac == Tail::Mac::crypto_nak;
  if (judgement == policy::Judgement::kissed) {
    // A kiss is proven as the request was; who can't prove what it says, and says it too fast, gets nothing.
    if (has_wrong_mac) return std::unexpected(Outcome::limited);
    return Answer{.mode = *mode, .kind = Answer::Kind::kiss, .key = tail->key};
  }
  if (deserves_nak(c, *tail)) return Answer{.mode = *mode, .kind = Answer::Kind::crypto_nak};
  if (has_wrong_mac) return std::unexpected(Outcome::bad_mac);
  if (has(access, Access::notrust) && tail->key == nullptr) return std::unexpected(Outcome::denied);
  return Answer{.mode = *mode, .key = tail->key};
}

// Queries. What both modes have in common is the first octet, but for its upper two bits; the rest has no field of a time packet.
//
//   mode 6: |LI | VN  |  6  |R|E|M| opcode  |   12 octets and data
//   mode 7: |R|M| VN  |  7  |A|  sequence   |    8 octets and data
constexpr std::uint8_t kResponseBit = 0x80;
constexpr std::size_t kShortestControl = 12;
constexpr std::size_t kShortestPrivate = 8;

bool is_query(Bytes payload) {
  if (payload.empty()) return false;
  const auto mode = static_cast<wire::Mode>(std::to_integer<unsigned>(payload[0]) & 7U);
  return mode == wire::Mode::control || mode == wire::Mode::private_use;
}

/// Whether a query goes to the control service, which gets no other. `version` and `mode`: its own.
std::expected<Verdict, Outcome> judge_query(const Case& c) {
  const auto& [snapshot, worker, request, header, now] = c;
  using policy::Access;
  const Bytes payload = request.payload;
  const bool is_private = header.mode == wire::Mode::private_use;
  if (payload.size() < (is_private ? kShortestPrivate : kShortestControl) || payload.size() > kMaxQueryLength)
    return std::unexpected(Outcome::bad_length);
  if (is_bad_source(snapshot, request)) return std::unexpected(Outcome::bad_source);
  const auto [access, rule] = restrictions(snapshot.policy, worker, request.remote);
  if (has(access, Access::ignore) || has(access, Access::noquery)) return std::unexpected(Outcome::denied);
  if (header.version < 1 || header.version > wire::kVersion) return std::unexpected(Outcome::bad_version);
  // A reply is never answered, whoever sends it (CVE-2009-3563): two servers would talk to each other for ever.
  if ((std::to_integer<unsigned>(payload[is_private ? 0 : 1]) & kResponseBit) != 0)
    return std::unexpected(Outcome::not_a_request);
  count(snapshot, request, header, {.at = now.mono, .restrictions = static_cast<std::uint16_t>(access)});
  return Verdict{
      .what = Verdict::What::to_control,
      .access = access,
      .has_own_line = has(access, Access::amplify) || (rule && is_for_one_host(snapshot.policy.access.rules()[*rule]))};
}

/// The part of a reply that is about the clock. A stale summary says nothing but how finely the clock can be read.
wire::Header clock_fields(const state::ClockSummary& clock, ClockCourse course, const Instant& at) {
  const MonoTime now = at.mono;
  if (!clock.is_synchronized() || now > clock.valid_until || course == ClockCourse::jumped) {
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
      .leap = leap_indicator(clock, course, at.real),
      .stratum = clock.stratum,
      .precision_log2s = clock.precision_log2s,
      .root_delay = ShortTime::from_seconds(clock.root_delay_s),
      .root_dispersion = ShortTime::from_seconds(clock.root_dispersion_s + clock.dispersion_rate * age_s),
      .refid = clock.refid,
      // Of the time before the leap in the time after it.
      .reference =
          course == ClockCourse::leapt ? clock.reference - Span::from_seconds(clock.leap_change_s) : clock.reference,
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

/// Spreads a leap second for a client (leapsmearinterval): it must not hear of it, and gets the clock with the smear in it.
/// Gives what was added to T3.
Span spread_leap(wire::Header& out, const state::ClockSummary& clock, ClockCourse course, const Instant& now) {
  if (!(clock.leap_smear_interval_s > 0) || out.leap == wire::Leap::unsynchronized) return {};
  out.leap = wire::Leap::none;
  const Span smear = smear_of(clock, course, now, now.real);
  out.receive = out.receive + smear_of(clock, course, now, out.receive);
  if (smear == Span()) return smear;
  out.transmit = out.transmit + smear;
  out.reference = out.reference + smear;
  out.refid = wire::Refid::smear(smear);
  return smear;
}

Verdict silent(WorkerState& worker, Outcome outcome) {
  ++worker.counts[static_cast<std::size_t>(outcome)];
  return {};
}

Verdict take_query(const Snapshot& snapshot, WorkerState& worker, const Request& request, const Instant& now) {
  const auto first = std::to_integer<unsigned>(request.payload[0]);
  const wire::Header header{.version = static_cast<std::uint8_t>((first >> 3U) & 7U),
                            .mode = static_cast<wire::Mode>(first & 7U)};
  count_version(worker, header.version);
  const auto verdict = judge_query({snapshot, worker, request, header, now});
  if (!verdict) return silent(worker, verdict.error());
  ++worker.counts[static_cast<std::size_t>(Outcome::to_control)];
  return *verdict;
}

void write_kiss(const Case& c, wire::Mode mode, MutableBytes reply) {
  wire::Header kiss = kiss_fields(c.header, c.snapshot.policy.limits);
  kiss.mode = mode;
  wire::encode_header(kiss, reply);
}

/// Gives the outcome that it is counted as.
Outcome write_answer(const Case& c, const Answer& answer, Verdict& verdict, MutableBytes reply) {
  const state::ClockSummary clock = c.snapshot.clock.read();
  const ClockCourse course = course_of(clock, c.now);
  wire::Header out = clock_fields(clock, course, c.now);
  out.version = c.header.version;
  out.mode = answer.mode;
  out.poll_log2s = std::max(c.header.poll_log2s, kMinReplyPoll_log2s);
  out.origin = c.header.transmit;
  // Sent even where a step of the clock has put T3 before T2: the client's tests judge that.
  out.receive = c.request.received;
  out.transmit = c.now.real;
  if (answer.mode == wire::Mode::server) verdict.smear = spread_leap(out, clock, course, c.now);
  if (clock.leap_change_s != 0) verdict.made_at = c.now.real;
  wire::encode_header(out, reply);
  if (answer.key != nullptr) return Outcome::answered_authenticated;
  if (answer.kind == Answer::Kind::time)
    return out.leap == wire::Leap::unsynchronized ? Outcome::answered_unsynchronized : Outcome::answered;
  store_big_endian(reply, wire::kHeaderLength, std::uint32_t{0});
  return Outcome::answered_nak;
}

}  // namespace

// Five arguments: what is shared, what is the worker's own, what came, when, and where the reply goes.
// NOLINTNEXTLINE(readability-function-size)
Verdict respond(const Snapshot& snapshot, WorkerState& worker, const Request& request, const Instant& now,
                MutableBytes reply) {
  NTP_ASSERT(reply.size() >= kMaxReplyLength);
  if (is_query(request.payload)) return take_query(snapshot, worker, request, now);
  const auto header = wire::decode_header(request.payload);
  if (!header) return silent(worker, Outcome::bad_length);
  count_version(worker, header->version);
  const Case c{snapshot, worker, request, *header, now};
  const auto answer = judge(c);
  if (!answer) return silent(worker, answer.error());

  Verdict verdict{.what = Verdict::What::reply, .length = wire::kHeaderLength, .key = answer->key};
  Outcome outcome = Outcome::kissed;
  if (answer->kind == Answer::Kind::kiss) {
    write_kiss(c, answer->mode, reply);
    verdict.is_stamped = false;
  } else {
    outcome = write_answer(c, *answer, verdict, reply);
  }
  if (outcome == Outcome::answered_nak) verdict.length += wire::kCryptoNakLength;
  if (answer->key != nullptr) verdict.length += mac_length(*answer->key);
  NTP_ASSERT(verdict.length <= request.payload.size());
  ++worker.counts[static_cast<std::size_t>(outcome)];
  return verdict;
}

bool finish(WorkerState& worker, const Verdict& verdict, Timestamp transmit, MutableBytes reply) {
  // The leap second came in between: indicator and smear are of the time before it. The client asks again.
  if (!verdict.made_at.is_unknown()) {
    const Span taken = transmit - verdict.made_at;
    if (taken > kLongestMaking || taken < -kLongestMaking) return false;
  }
  if (verdict.is_stamped) store_big_endian(reply, kTransmitOffset, (transmit + verdict.smear).bits());
  if (verdict.key == nullptr) return true;
  ++worker.keys.signed_packets;
  return sign(*verdict.key, worker.macs, reply, verdict.length - mac_length(*verdict.key));
}

}  // namespace ntp::server
