// SPDX-License-Identifier: BSD-2-Clause
#include "engine/exchange.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/assert.h"
#include "wire/datagram.h"

namespace ntp::engine {
namespace {

/// The delay of a real exchange may come out negative by the clocks' resolution and frequency error, not by more.
constexpr double kMaxNegativeDelay_s = 0.001;
/// A clock's precision is mostly the time that a reading takes, which rounds no stamp.
constexpr double kFinePrecision_s = 1e-6;
/// No stamp is truer than this, whoever takes it.
constexpr double kFinestStamp_s = 3e-8;

/// Fills in the peer variables that the header states (RFC 5905 section 9.2.1), once all tests are passed: a packet that
/// fails one must not leave a leap second behind.
void adopt(PeerVariables& peer, const wire::Header& header) {
  peer.leap = header.leap;
  peer.stratum = header.stratum;
  peer.precision_log2s = header.precision_log2s;
  peer.root_delay_s = header.root_delay.seconds();
  peer.root_dispersion_s = header.root_dispersion.seconds();
  peer.refid = header.refid;
  peer.reference = header.reference;
  peer.mode = header.mode;
  peer.poll_log2s = header.poll_log2s;
}

/// The server says that it has no time. It is not followed until it says otherwise; nothing else of the packet counts.
void lose_time(PeerVariables& peer, const wire::Header& header) {
  peer.leap = wire::Leap::unsynchronized;
  peer.stratum = kMaxStratum;
  peer.refid = header.refid;
}

/// A kiss code that wants something of the client (RFC 5905 section 7.4).
bool is_acting_kiss(const wire::Header& header) {
  return header.stratum == 0 && header.leap == wire::Leap::unsynchronized &&
         (header.refid == wire::kKissRate || header.refid == wire::kKissDeny || header.refid == wire::kKissRestrict);
}

/// A well-formed datagram of a server.
struct Heard {
  wire::Header header;
  wire::Layout layout;
  Bytes octets;
};

std::optional<Heard> decode(Bytes datagram) {
  const auto header = wire::decode_header(datagram);
  const auto layout = wire::decode_layout(datagram);
  if (!header || !layout || header->mode != wire::Mode::server) return std::nullopt;
  if (header->version == 0 || header->version > wire::kVersion) return std::nullopt;
  return Heard{*header, *layout, datagram};
}

/// Counts a packet that is none of ours.
ReplyKind refuse(Association& a, ReplyKind kind) {
  const bool is_about_keys = kind == ReplyKind::bad_auth || kind == ReplyKind::crypto_nak;
  ++(is_about_keys ? a.counters.bad_auth : a.counters.bogus);
  if (kind == ReplyKind::duplicate) ++a.counters.duplicates;
  a.counters.last_refused = is_about_keys                  ? kPacketAuth
                            : kind == ReplyKind::duplicate ? kPacketDuplicate
                                                           : kPacketBogus;
  return kind;
}

/// Who sent it: `sample` if it is the answer of the source that we asked. Nothing but counters is changed.
///
///                             source without a key      source with a key
///   crypto-NAK                bogus                     crypto_nak if it answers our request, else bogus
///   no MAC, another's, wrong  is not looked at          bad_auth, whatever else it says
///   its key's MAC             is not looked at          goes on
///
/// A MAC that nobody asked for proves nothing; the reply counts as the unauthenticated one that it is.
ReplyKind judge_sender(Association& a, const Heard& heard, const Authentication& with) {
  const wire::Header& header = heard.header;
  const bool has_key = a.settings.key_id != 0;
  const bool answers_us = a.request.is_outstanding && a.request.has_left && header.origin == a.request.transmit;
  if (heard.layout.is_crypto_nak()) return refuse(a, answers_us && has_key ? ReplyKind::crypto_nak : ReplyKind::bogus);
  if (has_key && !is_authentic(with, a, heard.layout, heard.octets)) return refuse(a, ReplyKind::bad_auth);
  if (answers_us) return ReplyKind::sample;
  const bool is_duplicate = !header.transmit.is_unknown() && header.transmit == a.peer.last_transmit;
  return refuse(a, is_duplicate ? ReplyKind::duplicate : ReplyKind::bogus);
}

/// TEST7 has two kinds that tell an operator different things.
void count_bad_header(AssociationCounters& counters, const wire::Header& header) {
  const bool is_reference_later = !header.reference.is_unknown() && (header.transmit - header.reference).units() < 0;
  ++(is_reference_later ? counters.bad_reference : counters.bad_distance);
}

PacketTail tail_of(Bytes payload) {
  PacketTail tail;
  const Bytes rest = payload.subspan(wire::kHeaderLength);
  const std::size_t length = std::min(rest.size(), tail.octets.size());
  std::copy_n(rest.begin(), length, tail.octets.begin());
  tail.length = static_cast<std::uint8_t>(length);
  return tail;
}

Reply measure_reply(Association& a, const HeldReply& held, const ExchangeContext& context) {
  Reply reply{.kind = ReplyKind::unfit, .header = held.header};
  const Exchange stamps{a.request.t1, held.header.receive, held.header.transmit, held.at};
  const Measurement measured = measure(stamps);
  const double round_trip_s = (stamps.t4 - stamps.t1).seconds();
  // The legs wrap 68 years away from our clock, and then the delay comes out beyond the round trip.
  if (measured.delay_s < -kMaxNegativeDelay_s || std::max(measured.delay_s, round_trip_s) > kReplyTimeout_s) {
    ++a.counters.bad;
    a.flash |= kPacketHeader;
    return reply;
  }
  adopt(a.peer, held.header);
  // What a server may claim as precision: from a nanosecond to a second.
  const int server_precision = std::clamp<int>(held.header.precision_log2s, -30, 0);
  const double precision_s = exp2_s(context.precision_log2s);
  reply.kind = ReplyKind::sample;
  reply.stamps = stamps;
  reply.request_at = std::min(context.record->raw_of(stamps.t1, *context.now), context.now->raw);
  reply.reply_at = std::min(context.record->raw_of(stamps.t4, *context.now), context.now->raw);
  // A stamp that is taken late shows up in the delay, and there the estimator sees it. What it can't see is how finely the
  // clock is read, which counts only where that is coarse: an average of two stamps, each rounded.
  reply.stamp_error_s = precision_s > kFinePrecision_s ? precision_s / std::sqrt(24.0) : kFinestStamp_s;
  reply.local = held.local;
  reply.tail = held.tail;
  a.peer.local = held.local;
  a.peer.exchange = stamps;
  reply.sample = {.offset_s = measured.offset_s,
                  .delay_s = std::max(measured.delay_s, precision_s),
                  .dispersion_s = exp2_s(server_precision) + precision_s + a.request.error_s + held.error_s +
                                  context.dispersion_rate * std::max(round_trip_s, 0.0),
                  .at = reply.reply_at};
  a.peer.stamp_source = std::min(a.request.source, held.source);
  return reply;
}

}  // namespace

bool send_request(Association& a, const ExchangeContext& context, Random& random, Effects& out) {
  OutstandingRequest request;
  request.is_outstanding = true;
  request.token = random.next64();
  // Zero means "unknown" on the wire and never matches an origin.
  do request.transmit = Timestamp::from_bits(random.next64());
  while (request.transmit.is_unknown());
  request.sent_at = context.now->mono;
  a.request = {};
  a.held.reset();

  wire::Header header;
  header.version = a.settings.version;
  header.mode = wire::Mode::client;
  header.transmit = request.transmit;
  Send send{.token = request.token, .endpoint = a.endpoint, .remote = a.remote, .length = wire::kHeaderLength};
  wire::encode_header(header, send.octets);
  if (!sign(context.authentication, a, send)) return false;
  a.request = request;
  out.push_back(send);
  ++a.counters.sent;
  return true;
}

void request_left(Association& a, const PacketSent& event) {
  OutstandingRequest& request = a.request;
  if (request.has_left && event.source < request.source) return;
  request.has_left = true;
  request.t1 = event.at;
  request.source = event.source;
  request.error_s = event.error_s;
  request.is_better_stamp_expected = event.is_better_stamp_expected;
}

Reply take_reply(Association& a, const PacketReceived& packet, const ExchangeContext& context) {
  ++a.counters.received;
  Reply reply;
  const auto heard = decode(packet.payload);
  if (!heard) {
    ++a.counters.bad;
    return reply;
  }
  const wire::Header& header = reply.header = heard->header;
  reply.kind = judge_sender(a, *heard, context.authentication);
  if (reply.kind != ReplyKind::sample) return reply;

  // From here on the packet comes from somebody who saw our request and, if there is a key, has that. It counts once.
  a.request.is_outstanding = false;
  a.flash &= ~kPacketTests;
  a.counters.last_refused = 0;
  a.peer.is_authenticated = a.settings.key_id != 0;
  // A new answer with the stamp of the last one comes from a clock that stands still (TEST1).
  if (header.transmit == a.peer.last_transmit && !header.transmit.is_unknown()) a.flash |= kPacketDuplicate;
  a.peer.last_transmit = header.transmit;
  if (is_acting_kiss(header)) {
    reply.kind = ReplyKind::kiss;
    return reply;
  }
  // Other codes (STEP, or chrony's zero) only say what stratum 0 says anyway: it has no time.
  if (header.stratum == 0 && header.refid != wire::kRefidInit) ++a.counters.kisses;
  a.flash |= test_packet(header);
  if ((a.flash & kPacketTests) != 0) {
    if ((a.flash & kPacketStratum) != 0) lose_time(a.peer, header);
    if ((a.flash & kPacketHeader) != 0) count_bad_header(a.counters, header);
    reply.kind = ReplyKind::unfit;
    return reply;
  }
  const HeldReply held{header,
                       packet.at,
                       packet.source,
                       packet.error_s,
                       packet.local,
                       context.now->mono + kLateStampWait_s,
                       tail_of(packet.payload)};
  if (!a.request.is_better_stamp_expected) return measure_reply(a, held, context);
  a.held = held;
  reply.kind = ReplyKind::held;
  return reply;
}

Reply release_reply(Association& a, const ExchangeContext& context) {
  NTP_ASSERT(a.held.has_value());
  const HeldReply held = *a.held;
  a.held.reset();
  return measure_reply(a, held, context);
}

}  // namespace ntp::engine
