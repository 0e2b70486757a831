// SPDX-License-Identifier: BSD-2-Clause
#include "engine/exchange.h"

#include <algorithm>
#include <cmath>

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

/// Fills in the peer variables that the header states (RFC 5905 section 9.2.1).
void adopt(PeerVariables& peer, const wire::Header& header) {
  peer.leap = header.leap;
  peer.stratum = header.stratum == 0 ? kMaxStratum : header.stratum;
  peer.precision_log2s = header.precision_log2s;
  peer.root_delay_s = header.root_delay.seconds();
  peer.root_dispersion_s = header.root_dispersion.seconds();
  peer.refid = header.refid;
  peer.reference = header.reference;
}

/// A kiss code that wants something of the client (RFC 5905 section 7.4).
bool is_acting_kiss(const wire::Header& header) {
  return header.stratum == 0 && header.leap == wire::Leap::unsynchronized &&
         (header.refid == wire::kKissRate || header.refid == wire::kKissDeny || header.refid == wire::kKissRestrict);
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
  reply.sample = {.offset_s = measured.offset_s,
                  .delay_s = std::max(measured.delay_s, precision_s),
                  .dispersion_s = exp2_s(server_precision) + precision_s + a.request.error_s + held.error_s +
                                  context.dispersion_rate * std::max(round_trip_s, 0.0),
                  .at = reply.reply_at};
  a.peer.stamp_source = std::min(a.request.source, held.source);
  return reply;
}

}  // namespace

void send_request(Association& a, const Now& now, Random& random, Effects& out) {
  OutstandingRequest request;
  request.is_outstanding = true;
  request.token = random.next64();
  // Zero means "unknown" on the wire and never matches an origin.
  do request.transmit = Timestamp::from_bits(random.next64());
  while (request.transmit.is_unknown());
  request.sent_at = now.mono;
  a.request = request;
  a.held.reset();

  wire::Header header;
  header.version = a.settings.version;
  header.mode = wire::Mode::client;
  header.transmit = request.transmit;
  Send send{.token = request.token, .endpoint = a.endpoint, .remote = a.remote, .length = wire::kHeaderLength};
  wire::encode_header(header, send.octets);
  out.push_back(send);
  ++a.counters.sent;
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
  const auto header = wire::decode_header(packet.payload);
  if (!header || !wire::decode_layout(packet.payload) || header->mode != wire::Mode::server || header->version == 0 ||
      header->version > wire::kVersion) {
    ++a.counters.bad;
    return reply;
  }
  reply.header = *header;

  if (!a.request.is_outstanding || header->origin != a.request.transmit || !a.request.has_left) {
    const bool is_duplicate = !header->transmit.is_unknown() && header->transmit == a.peer.last_transmit;
    reply.kind = is_duplicate ? ReplyKind::duplicate : ReplyKind::bogus;
    ++a.counters.bogus;
    a.counters.last_refused = is_duplicate ? kPacketDuplicate : kPacketBogus;
    return reply;
  }
  // From here on the packet comes from somebody who saw our request. It counts once.
  a.request.is_outstanding = false;
  a.flash &= ~kPacketTests;
  a.counters.last_refused = 0;
  // A new answer with the stamp of the last one comes from a clock that stands still (TEST1).
  if (header->transmit == a.peer.last_transmit && !header->transmit.is_unknown()) a.flash |= kPacketDuplicate;
  a.peer.last_transmit = header->transmit;
  if (is_acting_kiss(*header)) {
    reply.kind = ReplyKind::kiss;
    return reply;
  }
  // Other codes (STEP, or chrony's zero) only say what stratum 0 says anyway: it has no time.
  if (header->stratum == 0 && header->refid != wire::kRefidInit) ++a.counters.kisses;
  a.flash |= test_packet(*header);
  adopt(a.peer, *header);
  if ((a.flash & kPacketTests) != 0) {
    reply.kind = ReplyKind::unfit;
    return reply;
  }
  const HeldReply held{*header,
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
