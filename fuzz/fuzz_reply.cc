// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: what a source's socket may hear. The input is a sequence of datagrams, each after four octets:
//
//   0  bit 0 a new request goes out first, bit 1 the origin is made ours, bit 2 a late stamp is expected,
//      bit 3 the late stamp comes before the reply is released, bit 4 a MAC of the source's key is put behind the
//      datagram, bit 5 one of another key, bit 6 (of the first datagram) the source has a key
//   1  milliseconds from the request to the arrival, times four
//   2  length of the datagram, in octets
//   3  signed seconds by which the datagram's stamps are taken to be near our own clock; -128 leaves them as they are
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "engine/exchange.h"
#include "engine/test_kit.h"

namespace {

using namespace ntp;
using engine::Association;

constexpr std::size_t kChoices = 4;
constexpr std::size_t kOriginAt = 24;
constexpr std::size_t kReceiveAt = 32;
constexpr std::size_t kTransmitAt = 40;
constexpr Timestamp kNow = Timestamp::from_parts(0xfffffff0U, 0);

constexpr std::uint32_t kKey = 1;
constexpr std::uint32_t kOtherKey = 2;

struct Keys {
  std::shared_ptr<const policy::KeyRing> ring = [] {
    std::vector<policy::Key> keys;
    for (const std::uint32_t id : {kKey, kOtherKey}) {
      const std::string_view secret = id == kKey ? "a secret" : "another";
      keys.push_back({.id = id,
                      .mac = crypto::MacKey::make("SHA1", std::as_bytes(std::span(secret))).value(),
                      .addresses = {},
                      .is_trusted = true});
    }
    return std::make_shared<const policy::KeyRing>(std::move(keys));
  }();
  crypto::MacWorkspace macs;
  [[nodiscard]] engine::Authentication authentication() { return {ring.get(), &macs}; }
};

Keys& keys() {
  static Keys made;
  return made;
}

void put_mac(std::vector<std::byte>& datagram, std::uint32_t id) {
  crypto::MacWorkspace::Digest digest{};
  const std::size_t at = datagram.size();
  const std::size_t length = keys().macs.sign(keys().ring->find(id)->mac, datagram, digest);
  datagram.resize(at + sizeof id + length);
  store_big_endian(MutableBytes(datagram), at, id);
  std::copy_n(digest.begin(), length, datagram.begin() + static_cast<std::ptrdiff_t>(at + sizeof id));
}

struct Source {
  explicit Source(bool has_key) { association.settings.key_id = has_key ? kKey : 0; }

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
  NTP_ASSERT(engine::test::is_same_state(a, before));
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
  NTP_ASSERT(engine::send_request(source.association, {.now = &source.now, .authentication = keys().authentication()},
                                  source.random, out));
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
  if ((choices[0] & 0x10U) != 0) put_mac(datagram, kKey);
  if ((choices[0] & 0x20U) != 0) put_mac(datagram, kOtherKey);
  const Association before = a;
  const bool is_ours = a.request.is_outstanding && datagram.size() >= wire::kHeaderLength &&
                       load_big_endian<std::uint64_t>(datagram, kOriginAt) == a.request.transmit.bits();

  engine::CorrectionRecord record;
  record.start(source.now.raw, 0);
  const engine::ExchangeContext context{
      .now = &source.now, .record = &record, .authentication = keys().authentication()};
  const engine::PacketReceived packet{.at = source.now.real + Span::from_seconds(choices[1] * 0.004),
                                      .payload = datagram};
  const engine::Reply reply = engine::take_reply(a, packet, context);

  check_finite(a);
  // Octets that hit the digest by chance would be a find.
  const bool is_proven = a.settings.key_id == 0 || (choices[0] & 0x30U) == 0x10U;
  if (!is_ours || reply.kind <= engine::ReplyKind::crypto_nak) check_untouched(a, before);
  if (!is_ours || !is_proven) NTP_ASSERT(reply.kind <= engine::ReplyKind::crypto_nak);
  check_sample(source, reply);
  if (!a.held) return;
  if ((choices[0] & 8U) != 0)
    engine::request_left(a, {.token = a.request.token, .at = source.now.real, .source = state::StampSource::kernel});
  check_sample(source, engine::release_reply(a, context));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  std::span<const std::uint8_t> rest(octets, size);
  Source source(!rest.empty() && (rest[0] & 0x40U) != 0);
  ask(source, false);
  while (rest.size() >= kChoices) {
    const auto choices = rest.first(kChoices);
    rest = rest.subspan(kChoices);
    const std::size_t length = std::min<std::size_t>(choices[2], rest.size());
    hear(source, choices, std::as_bytes(rest.first(length)));
    rest = rest.subspan(length);
  }
  return 0;
}
