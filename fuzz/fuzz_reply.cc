// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: what a source's socket may hear. The input is a sequence of datagrams, each after four octets:
//
//   0  bit 0 a new request goes out first, bit 1 the origin is made ours, bit 2 a late stamp is expected,
//      bit 3 the late stamp comes before the reply is released
//   1  milliseconds from the request to the arrival, times four
//   2  length of the datagram, in octets
//   3  signed seconds by which the datagram's stamps are taken to be near our own clock; -128 leaves them as they are
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "engine/exchange.h"

namespace {

using namespace ntp;
using engine::Association;

constexpr std::size_t kChoices = 4;
constexpr std::size_t kOriginAt = 24;
constexpr std::size_t kReceiveAt = 32;
constexpr std::size_t kTransmitAt = 40;
constexpr Timestamp kNow = Timestamp::from_parts(0xfffffff0U, 0);

struct Source {
  Association association{engine::SourceSettings{}};
  SeededRandom random{1};
  engine::Now now{.mono = {}, .raw = {}, .real = kNow};
  engine::ClockFilter filter;
};

void check_finite(const Association& a) {
  NTP_ASSERT(std::isfinite(a.peer.root_delay_s) && a.peer.root_delay_s >= 0);
  NTP_ASSERT(std::isfinite(a.peer.root_dispersion_s) && a.peer.root_dispersion_s >= 0);
}

void check_untouched(const Association& a, const Association& before) {
  NTP_ASSERT(a.request.is_outstanding == before.request.is_outstanding);
  NTP_ASSERT(a.request.transmit == before.request.transmit && a.request.t1 == before.request.t1);
  NTP_ASSERT(a.held.has_value() == before.held.has_value());
  NTP_ASSERT(a.flash == before.flash && a.denials_in_a_row == before.denials_in_a_row);
  NTP_ASSERT(a.peer.leap == before.peer.leap && a.peer.stratum == before.peer.stratum);
  NTP_ASSERT(a.peer.refid == before.peer.refid && a.peer.reference == before.peer.reference);
  NTP_ASSERT(a.peer.root_delay_s == before.peer.root_delay_s);
  NTP_ASSERT(a.peer.root_dispersion_s == before.peer.root_dispersion_s);
  NTP_ASSERT(a.peer.last_transmit == before.peer.last_transmit);
  NTP_ASSERT(a.poll.due() == before.poll.due() && a.poll.reach() == before.poll.reach());
}

void check_sample(Source& source, const engine::Reply& reply) {
  if (reply.kind != engine::ReplyKind::sample) return;
  NTP_ASSERT(std::isfinite(reply.sample.offset_s));
  NTP_ASSERT(reply.sample.delay_s > 0 && reply.sample.delay_s <= engine::kReplyTimeout_s);
  NTP_ASSERT(reply.sample.dispersion_s > 0 && reply.sample.dispersion_s <= engine::kMaxDispersion_s);
  const engine::FilterResult result = source.filter.add(reply.sample, {.now = source.now.raw, .correction = {}});
  NTP_ASSERT(std::isfinite(result.offset_s) && std::isfinite(result.jitter_s) && std::isfinite(result.delay_s));
  NTP_ASSERT(result.dispersion_s >= 0 && result.dispersion_s <= engine::kMaxDispersion_s);
}

void ask(Source& source, bool is_late_stamp_expected) {
  engine::Effects out;
  source.now.mono = source.now.mono + 1.0;
  source.now.raw = source.now.raw + 1.0;
  engine::send_request(source.association, source.now, source.random, out);
  engine::request_left(source.association, {.token = source.association.request.token,
                                            .at = source.now.real,
                                            .is_better_stamp_expected = is_late_stamp_expected});
}

void hear(Source& source, std::span<const std::uint8_t> choices, Bytes octets) {
  Association& a = source.association;
  if ((choices[0] & 1U) != 0) ask(source, (choices[0] & 4U) != 0);
  std::vector<std::byte> datagram(octets.begin(), octets.end());
  const auto near_s = static_cast<std::int8_t>(choices[3]);
  if (datagram.size() >= wire::kHeaderLength) {
    if ((choices[0] & 2U) != 0) store_big_endian<std::uint64_t>(datagram, kOriginAt, a.request.transmit.bits());
    const Timestamp stamp = source.now.real + Span::from_seconds(near_s);
    for (const std::size_t at : {kReceiveAt, kTransmitAt})
      if (near_s != -128) store_big_endian<std::uint64_t>(datagram, at, stamp.bits());
  }
  const Association before = a;
  const bool is_ours = a.request.is_outstanding && datagram.size() >= wire::kHeaderLength &&
                       load_big_endian<std::uint64_t>(datagram, kOriginAt) == a.request.transmit.bits();

  engine::CorrectionRecord record;
  record.start(source.now.raw, 0);
  const engine::ExchangeContext context{.now = &source.now, .record = &record};
  const engine::PacketReceived packet{.at = source.now.real + Span::from_seconds(choices[1] * 0.004),
                                      .payload = datagram};
  const engine::Reply reply = engine::take_reply(a, packet, context);

  check_finite(a);
  if (!is_ours || reply.kind == engine::ReplyKind::malformed) check_untouched(a, before);
  if (!is_ours) NTP_ASSERT(reply.kind <= engine::ReplyKind::bogus);
  check_sample(source, reply);
  if (!a.held) return;
  if ((choices[0] & 8U) != 0)
    engine::request_left(a, {.token = a.request.token, .at = source.now.real, .source = state::StampSource::kernel});
  check_sample(source, engine::release_reply(a, context));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  Source source;
  ask(source, false);
  std::span<const std::uint8_t> rest(octets, size);
  while (rest.size() >= kChoices) {
    const auto choices = rest.first(kChoices);
    rest = rest.subspan(kChoices);
    const std::size_t length = std::min<std::size_t>(choices[2], rest.size());
    hear(source, choices, std::as_bytes(rest.first(length)));
    rest = rest.subspan(length);
  }
  return 0;
}
