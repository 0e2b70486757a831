// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: what ntpdate, sntp and their kin may hear, as an answer or as a broadcast. The first octet chooses, the second one is the round trip in units
// of 4 ms, the rest is a datagram:
//
//   bit 0 the question has a key, bit 1 the origin is made ours, bit 2 the key's MAC is put behind, bit 3 receive and
//   transmit stamps are taken to be near our own clock
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
#include "client/time_reply.h"

namespace {

using namespace ntp;

constexpr std::size_t kChoices = 2;
constexpr std::size_t kOriginAt = 24;
constexpr std::size_t kReceiveAt = 32;
constexpr std::size_t kTransmitAt = 40;
constexpr Timestamp kNow = Timestamp::from_parts(0xfffffff0U, 0);
constexpr Timestamp kCookie = Timestamp::from_bits(0x5ca1ab1e5ca1ab1eU);

client::TimeKey make_key() {
  constexpr std::string_view kSecret = "a secret";
  return {.key_id = 1,
          .key = std::make_shared<const crypto::MacKey>(
              crypto::MacKey::make("SHA1", std::as_bytes(std::span(kSecret))).value())};
}

void put_mac(std::vector<std::byte>& datagram, const client::TimeKey& key, crypto::MacWorkspace& macs) {
  crypto::MacWorkspace::Digest digest{};
  const std::size_t at = datagram.size();
  const std::size_t length = macs.sign(*key.key, datagram, digest);
  datagram.resize(at + sizeof key.key_id + length);
  store_big_endian(MutableBytes(datagram), at, key.key_id);
  std::copy_n(digest.begin(), length, datagram.begin() + static_cast<std::ptrdiff_t>(at + sizeof key.key_id));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size < kChoices) return 0;
  static const client::TimeKey key = make_key();
  static crypto::MacWorkspace macs;
  const unsigned choices = octets[0];
  const Bytes given = std::as_bytes(std::span(octets, size)).subspan(kChoices);
  std::vector<std::byte> datagram(given.begin(), given.end());
  const bool has_header = datagram.size() >= wire::kHeaderLength;
  if (has_header && (choices & 2U) != 0) store_big_endian<std::uint64_t>(datagram, kOriginAt, kCookie.bits());
  if (has_header && (choices & 8U) != 0)
    for (const std::size_t at : {kReceiveAt, kTransmitAt}) store_big_endian<std::uint64_t>(datagram, at, kNow.bits());
  if ((choices & 4U) != 0) put_mac(datagram, key, macs);

  const client::TimeRequest request{.cookie = kCookie, .key = (choices & 1U) != 0 ? key : client::TimeKey{}};
  const client::LocalStamps stamps{.t1 = kNow, .t4 = kNow + Span::from_seconds(octets[1] * 0.004)};
  const client::TimeAnswer answer = client::judge_time_reply(request, datagram, stamps, macs);

  const bool is_ours = has_header && load_big_endian<std::uint64_t>(datagram, kOriginAt) == kCookie.bits();
  const bool is_open = answer.fault && client::is_passed_over(*answer.fault);
  NTP_ASSERT(is_ours || is_open);
  // Octets that hit the digest by chance would be a find.
  const bool is_proven = (choices & 1U) == 0 || (choices & 4U) != 0;
  NTP_ASSERT(is_proven || is_open || answer.fault == client::TimeFault::crypto_nak);
  NTP_ASSERT(answer.fault || answer.sample);
  NTP_ASSERT(!client::to_text(answer).empty());
  const client::TimeAnswer heard = client::judge_broadcast(request.key, datagram, stamps, macs);
  NTP_ASSERT(is_proven || heard.fault == client::TimeFault::malformed || heard.fault == client::TimeFault::bad_mac);
  NTP_ASSERT(!heard.sample || (std::isfinite(heard.sample->offset_s) && heard.sample->root_distance_s > 0));
  NTP_ASSERT(!answer.sample || !heard.sample);
  if (!answer.sample) return 0;
  NTP_ASSERT(std::isfinite(answer.sample->offset_s));
  NTP_ASSERT(answer.sample->delay_s > 0 && answer.sample->delay_s <= 60);
  NTP_ASSERT(std::isfinite(answer.sample->root_distance_s) && answer.sample->root_distance_s > 0);
  return 0;
}
