// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: the data plane. The first four octets choose who asks and what the server knows, the rest is the
// datagram:
//
//   0  bit 0 IPv6, bit 1 from port 123, bit 2 from port 0, bit 3 from our own address, bits 4 and 5 a MAC is put behind
//      the datagram: of no key, of key 1 (MD5), 2 (SHA1) or 3 (SHA1, for other addresses); bit 6 a
//      leap second is being spread
//   1  the clock: 0 never set, 1 synchronised, 2 unsynchronised, 3 stale, 4 dispersion beyond all bounds (modulo 5)
//   2  restrict flags, low octet
//   3  restrict flags, high octet
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "server/authentication.h"
#include "server/respond.h"
#include "wire/datagram.h"

namespace {

using namespace ntp;

constexpr std::size_t kChoices = 4;
constexpr MonoTime kNow = MonoTime::from_nanoseconds(100'000'000'000);
constexpr std::byte kUntouched{0xee};

void publish(state::ClockState& clock, unsigned choice, bool is_smearing) {
  state::ClockSummary summary = {
      .leap = wire::Leap::none,
      .stratum = 3,
      .precision_log2s = -20,
      .refid = {0x0a000001},
      .reference = Timestamp::from_parts(0xfffffff0U, 0),
      .root_delay_s = 0.01,
      .root_dispersion_s = 0.02,
      .dispersion_rate = 15e-6,
      .as_of = MonoTime(),
      .valid_until = kNow,
  };
  if (choice == 0) return;
  if (choice == 2) summary.leap = wire::Leap::unsynchronized;
  if (choice == 3) summary.valid_until = MonoTime::from_nanoseconds(kNow.nanoseconds() - 1);
  if (choice == 4) summary.dispersion_rate = 1e300;
  if (is_smearing) {
    summary.leap = summary.is_synchronized() ? wire::Leap::insert : summary.leap;
    summary.leap_at = Timestamp::from_parts(100, 0);
    summary.leap_change_s = 1;
    summary.leap_smear_interval_s = 3600;
  }
  clock.publish(summary);
}

struct Keys {
  std::shared_ptr<const policy::KeyRing> ring = [] {
    constexpr std::string_view kSecret = "a secret";
    std::vector<policy::Key> keys;
    for (const std::uint32_t id : {1U, 2U, 3U}) {
      keys.push_back({.id = id,
                      .mac = crypto::MacKey::make(id == 1 ? "MD5" : "SHA1", std::as_bytes(std::span(kSecret))).value(),
                      .addresses = {},
                      .is_trusted = true});
    }
    keys.back().addresses = {{Address::v4(0x0a000001), 32}};
    return std::make_shared<const policy::KeyRing>(std::move(keys));
  }();
  crypto::MacWorkspace macs;
};

Keys& keys() {
  static Keys made;
  return made;
}

std::vector<std::byte> with_mac(Bytes payload, std::uint32_t id) {
  std::vector<std::byte> octets(payload.begin(), payload.end());
  if (id == 0) return octets;
  const policy::Key& key = *keys().ring->find(id);
  octets.resize(payload.size() + server::mac_length(key));
  NTP_ASSERT(server::sign(key, keys().macs, octets, payload.size()));
  return octets;
}

const policy::Key* proving_key(Bytes datagram) {
  const auto layout = wire::decode_layout(datagram);
  return layout ? server::proving_key(keys().ring.get(), keys().macs, datagram, *layout) : nullptr;
}

void check_reply(Bytes request, Bytes reply, bool is_clock_good) {
  NTP_ASSERT(reply.size() <= request.size());
  const auto asked = wire::decode_header(request).value();
  const auto told = wire::decode_header(reply).value();
  NTP_ASSERT(asked.mode == wire::Mode::client || asked.mode == wire::Mode::symmetric_active ||
             (asked.mode == wire::Mode::reserved && asked.version == 1));
  NTP_ASSERT(told.version == asked.version && told.version >= 1 && told.version <= 4);
  NTP_ASSERT(told.mode == wire::Mode::server || told.mode == wire::Mode::symmetric_passive);
  NTP_ASSERT(told.origin == asked.transmit);
  NTP_ASSERT(told.poll_log2s == std::max<std::int8_t>(asked.poll_log2s, 3));
  NTP_ASSERT((told.leap != wire::Leap::unsynchronized) == is_clock_good);
  NTP_ASSERT(is_clock_good || (told.stratum == 0 && told.refid == wire::kRefidInit && told.reference.is_unknown()));
  const auto layout = wire::decode_layout(reply);
  NTP_ASSERT(layout.has_value() && layout->field_count == 0 && layout->has_mac == (reply.size() != 48));
  // Authenticated to authenticated, and to nobody else.
  const policy::Key* key = proving_key(request);
  NTP_ASSERT(proving_key(reply) == key);
  NTP_ASSERT((reply.size() > 52) == (key != nullptr));
  NTP_ASSERT(key == nullptr || key->id != 3 || asked.mode != wire::Mode::symmetric_active);
}

/// What the same request gets a second time from a server that lets one through.
void check_second(Bytes request, Bytes reply, const server::Verdict& verdict, policy::Access flags) {
  const auto layout = wire::decode_layout(request);
  const policy::Key* key = proving_key(request);
  const bool is_limited = has(flags, policy::Access::limited);
  // A wrong MAC has had its crypto-NAK, and is worth no kiss.
  const bool is_wrong = layout.has_value() && layout->has_mac && key == nullptr;
  const bool is_kissed = is_limited && has(flags, policy::Access::kod) && !is_wrong;
  NTP_ASSERT((verdict.what == server::Verdict::What::reply) == (is_kissed || (!is_limited && !is_wrong)));
  NTP_ASSERT(verdict.is_stamped != is_kissed);
  if (!is_kissed) return;
  const auto asked = wire::decode_header(request).value();
  const auto told = wire::decode_header(reply).value();
  NTP_ASSERT(verdict.length == wire::kHeaderLength + (key == nullptr ? 0 : server::mac_length(*key)));
  NTP_ASSERT(told.stratum == 0 && told.leap == wire::Leap::unsynchronized && told.refid == wire::kKissRate);
  NTP_ASSERT(told.origin == asked.transmit && told.receive == asked.transmit && told.transmit == asked.transmit);
  NTP_ASSERT(told.mode == wire::Mode::server || told.mode == wire::Mode::symmetric_passive);
  NTP_ASSERT(told.poll_log2s >= 3 && told.version == asked.version);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size < kChoices) return 0;
  const unsigned who = octets[0];
  const unsigned clock_choice = octets[1] % 5U;
  const auto flags = static_cast<policy::Access>(octets[2] | (unsigned{octets[3]} << 8U));
  const auto payload = with_mac(std::as_bytes(std::span(octets, size)).subspan(kChoices), (who >> 4U) & 3U);

  state::ClockState clock;
  const bool is_smearing = (who & 64U) != 0;
  publish(clock, clock_choice, is_smearing);
  const bool is_v6 = (who & 1U) != 0;
  const Address any = is_v6 ? Address::v6({}) : Address::v4(0);
  const Address own = is_v6 ? Address::v6({0x20, 1, 0xd, 0xb8}) : Address::v4(0xc0000201);
  const Address stranger = is_v6 ? Address::v6({0x20, 1, 0xd, 0xb9}) : Address::v4(0xc0000202);
  const policy::Policy policy{.access = policy::AccessList({{.address = any, .mask = any, .flags = flags}}),
                              .limits = {.burst = 1.0},
                              .keys = keys().ring};
  policy::ClientTable clients({.clients = 1}, {1, 2});
  const std::array own_addresses = {own};
  const bool is_from_us = (who & 8U) != 0;
  std::uint16_t port = (who & 2U) != 0 ? wire::kPort : std::uint16_t{40000};
  if ((who & 4U) != 0) port = 0;

  server::WorkerState worker;
  std::array<std::byte, server::kMaxReplyLength + 16> buffer{};
  buffer.fill(kUntouched);
  const server::Snapshot snapshot{
      .clock = clock, .policy = policy, .clients = &clients, .own_addresses = own_addresses};
  const server::Request request{.remote = {.address = is_from_us ? own : stranger, .port = port},
                                .local = own,
                                .received = Timestamp::from_bits(1),
                                .payload = payload};
  const server::Instant now{.mono = kNow, .real = Timestamp::from_bits(2)};
  const server::Verdict verdict = server::respond(snapshot, worker, request, now, buffer);

  if (verdict.what == server::Verdict::What::reply)
    NTP_ASSERT(server::finish(worker, verdict, Timestamp::from_bits(3), buffer));
  NTP_ASSERT(std::all_of(buffer.begin() + static_cast<std::ptrdiff_t>(verdict.length), buffer.end(),
                         [](std::byte b) { return b == kUntouched; }));
  if (verdict.what != server::Verdict::What::reply) return 0;
  NTP_ASSERT(port != 0);
  NTP_ASSERT(!is_from_us || port != wire::kPort);
  NTP_ASSERT(!has(flags, policy::Access::ignore | policy::Access::noserve));
  NTP_ASSERT(!has(flags, policy::Access::notrust) || verdict.length > wire::kHeaderLength);
  check_reply(payload, Bytes(buffer).first(verdict.length), clock_choice == 1 || clock_choice == 4);
  const wire::Header told = wire::decode_header(Bytes(buffer)).value();
  if (is_smearing && told.mode == wire::Mode::server && told.stratum == 3)
    NTP_ASSERT(told.leap == wire::Leap::none && told.refid.bits >> 24U == 254 && verdict.smear < Span());

  const server::Verdict second = server::respond(snapshot, worker, request, now, buffer);
  check_second(payload, buffer, second, flags);
  return 0;
}
