// SPDX-License-Identifier: BSD-2-Clause
#include "client/time_reply.h"

#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::client {
namespace {

using Octets = std::vector<std::byte>;

constexpr Timestamp kNow = Timestamp::from_parts(0xeeab391eU, 0);
constexpr Timestamp kCookie = Timestamp::from_bits(0x0123456789abcdefU);

TimeKey key(std::uint32_t id, std::string_view type = "SHA1", std::string_view secret = "a secret") {
  return {.key_id = id,
          .key = std::make_shared<const crypto::MacKey>(
              crypto::MacKey::make(type, std::as_bytes(std::span(secret))).value())};
}

/// A server 1.5 s ahead of us, 10 ms away each way, which takes 1 ms.
struct Scene {
  TimeRequest request{.cookie = kCookie};
  wire::Header header{.leap = wire::Leap::none,
                      .mode = wire::Mode::server,
                      .stratum = 2,
                      .precision_log2s = -20,
                      .root_delay = ShortTime::from_seconds(0.25),
                      .root_dispersion = ShortTime::from_seconds(0.125),
                      .refid = wire::Refid::v4(Address::v4(0x0a4d0004)),
                      .reference = kNow,
                      .origin = kCookie,
                      .receive = kNow + Span::from_seconds(1.510),
                      .transmit = kNow + Span::from_seconds(1.511)};
  LocalStamps stamps{.t1 = kNow, .t4 = kNow + Span::from_seconds(0.021)};
  crypto::MacWorkspace macs;

  Octets encoded() const {
    Octets octets(wire::kHeaderLength);
    wire::encode_header(header, octets);
    return octets;
  }
  Octets signed_with(const TimeKey& with) {
    Octets octets = encoded();
    crypto::MacWorkspace::Digest digest{};
    const std::size_t length = macs.sign(*with.key, octets, digest);
    octets.resize(wire::kHeaderLength + 4);
    store_big_endian(MutableBytes(octets), wire::kHeaderLength, with.key_id);
    octets.insert(octets.end(), digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(length));
    return octets;
  }
  TimeAnswer judge(const Octets& octets) { return judge_time_reply(request, octets, stamps, macs); }
  TimeAnswer judge() { return judge(encoded()); }
};

TEST(TimeRequest, TellsNothingButVersionAndCookie) {
  crypto::MacWorkspace macs;

  const Octets octets = encode({.cookie = kCookie, .version = 3}, macs).value();

  const auto header = wire::decode_header(octets).value();
  EXPECT_EQ(header, (wire::Header{.version = 3, .mode = wire::Mode::client, .transmit = kCookie}));
  EXPECT_EQ(octets.size(), wire::kHeaderLength);
}

TEST(TimeRequest, CarriesTheMacOfItsKey) {
  for (const auto& [type, length] : {std::pair{"MD5", 68U}, {"SHA1", 72U}, {"AES128CMAC", 68U}, {"SHA256", 72U}}) {
    crypto::MacWorkspace macs;
    const TimeKey with = key(7, type);

    const Octets octets = encode({.cookie = kCookie, .key = with}, macs).value();

    ASSERT_EQ(octets.size(), length) << type;
    EXPECT_EQ(load_big_endian<std::uint32_t>(octets, 48), 7U);
    EXPECT_TRUE(macs.verify(*with.key, Bytes(octets).first(48), Bytes(octets).subspan(52))) << type;
  }
}

TEST(TimeReply, AnAnswerBecomesOffsetDelayAndDistance) {
  Scene scene;

  const TimeAnswer answer = scene.judge();

  ASSERT_FALSE(answer.fault);
  EXPECT_NEAR(answer.sample->offset_s, 1.5, 1e-9);
  EXPECT_NEAR(answer.sample->delay_s, 0.020, 1e-9);
  EXPECT_NEAR(answer.sample->root_distance_s, 0.125 + 0.01 + 0.125 + 1e-6, 1e-6);
  EXPECT_EQ(answer.sample->at, scene.stamps.t4);
}

TEST(TimeReply, ErrorsOfOurStampsWidenTheDistance) {
  Scene scene;
  const double before_s = scene.judge().sample->root_distance_s;
  scene.stamps.t1_error_s = 0.25;
  scene.stamps.t4_error_s = 0.5;

  EXPECT_NEAR(scene.judge().sample->root_distance_s - before_s, 0.75, 1e-12);
}

TEST(TimeReply, OnlyTheAnswerToOurCookieCounts) {
  Scene scene;
  scene.header.origin = kCookie + Span::from_units(1);

  const TimeAnswer answer = scene.judge();

  EXPECT_EQ(answer.fault, TimeFault::bogus);
  EXPECT_TRUE(is_passed_over(*answer.fault));
  EXPECT_FALSE(answer.sample);
}

TEST(TimeReply, WhatIsNoServersReplyIsPassedOver) {
  for (const wire::Mode mode : {wire::Mode::client, wire::Mode::symmetric_active, wire::Mode::broadcast,
                                wire::Mode::control, wire::Mode::private_use}) {
    Scene scene;
    scene.header.mode = mode;
    EXPECT_EQ(scene.judge().fault, TimeFault::malformed);
  }
  Scene scene;
  for (const int version : {0, 5, 7}) {
    scene.header.version = static_cast<std::uint8_t>(version);
    EXPECT_EQ(scene.judge().fault, TimeFault::malformed);
  }
  EXPECT_EQ(scene.judge({}).fault, TimeFault::malformed);
  EXPECT_EQ(scene.judge(Octets(47)).fault, TimeFault::malformed);
  Octets unaligned = Scene().encoded();
  unaligned.resize(50);
  EXPECT_EQ(scene.judge(unaligned).fault, TimeFault::malformed);
}

TEST(TimeReply, AKeyedQuestionTakesItsOwnMacAlone) {
  Scene scene;
  scene.request.key = key(7);
  // From a forger who knows the cookie, even a kiss counts for nothing.
  Scene kiss;
  kiss.request.key = key(7);
  kiss.header.stratum = 0;
  kiss.header.leap = wire::Leap::unsynchronized;
  kiss.header.refid = wire::kKissDeny;

  EXPECT_FALSE(scene.judge(scene.signed_with(key(7))).fault);
  EXPECT_EQ(scene.judge().fault, TimeFault::bad_mac);
  EXPECT_EQ(scene.judge(scene.signed_with(key(8))).fault, TimeFault::bad_mac);
  EXPECT_EQ(scene.judge(scene.signed_with(key(7, "MD5"))).fault, TimeFault::bad_mac);
  EXPECT_EQ(scene.judge(scene.signed_with(key(7, "SHA1", "another"))).fault, TimeFault::bad_mac);
  EXPECT_EQ(kiss.judge().fault, TimeFault::bad_mac);
  EXPECT_EQ(kiss.judge(kiss.signed_with(key(7))).fault, TimeFault::kiss);
}

TEST(TimeReply, ACryptoNakOfOurQuestionSaysThatTheKeyIsRefused) {
  Scene scene;
  Octets nak = scene.encoded();
  nak.resize(52);
  EXPECT_EQ(scene.judge(nak).fault, TimeFault::bogus) << "we used no key";
  scene.request.key = key(7);
  EXPECT_EQ(scene.judge(nak).fault, TimeFault::crypto_nak);
  scene.header.origin = {};
  Octets foreign = scene.encoded();
  foreign.resize(52);
  EXPECT_EQ(scene.judge(foreign).fault, TimeFault::bogus);
}

TEST(TimeReply, KissCodesAreTold) {
  Scene scene;
  scene.header.stratum = 0;
  scene.header.leap = wire::Leap::unsynchronized;

  scene.header.refid = wire::kKissRate;
  EXPECT_EQ(to_text(scene.judge()), "the server says that we ask too often (kiss code RATE)");
  scene.header.refid = wire::kKissDeny;
  EXPECT_EQ(to_text(scene.judge()), "the server says that it denies access (kiss code DENY)");
  scene.header.refid = wire::kRefidInit;
  EXPECT_EQ(to_text(scene.judge()), "the server says that its clock is not synchronised (INIT)");
  scene.header.refid = wire::Refid::ascii("\x1b[2J");
  EXPECT_EQ(to_text(scene.judge()).find('\x1b'), std::string::npos);
}

TEST(TimeReply, AServerWithoutTimeIsMeasuredAndNotUsed) {
  Scene scene;
  scene.header.leap = wire::Leap::unsynchronized;

  const TimeAnswer answer = scene.judge();

  EXPECT_EQ(answer.fault, TimeFault::unsynchronized);
  ASSERT_TRUE(answer.sample);
  EXPECT_NEAR(answer.sample->offset_s, 1.5, 1e-9);
  scene.header.leap = wire::Leap::none;
  scene.header.stratum = 16;
  EXPECT_EQ(scene.judge().fault, TimeFault::unsynchronized);
}

TEST(TimeReply, StampsThatCannotBeAreRefused) {
  const auto fault_with = [](auto change) {
    Scene scene;
    change(scene);
    return scene.judge();
  };

  EXPECT_EQ(fault_with([](Scene& s) { s.header.receive = {}; }).fault, TimeFault::unsynchronized);
  EXPECT_EQ(fault_with([](Scene& s) { s.header.transmit = {}; }).fault, TimeFault::unsynchronized);
  EXPECT_EQ(fault_with([](Scene& s) { s.header.transmit = s.header.receive - Span::from_seconds(1); }).fault,
            TimeFault::unfit);
  EXPECT_EQ(fault_with([](Scene& s) { s.header.reference = s.header.transmit + Span::from_seconds(9); }).fault,
            TimeFault::unfit);
  EXPECT_EQ(fault_with([](Scene& s) { s.header.root_dispersion = ShortTime::from_bits(~0U); }).fault, TimeFault::unfit);
  // It claims to have had the request for longer than we waited.
  const TimeAnswer late = fault_with([](Scene& s) { s.header.transmit = s.header.receive + Span::from_seconds(5); });
  EXPECT_EQ(late.fault, TimeFault::unfit);
  EXPECT_FALSE(late.sample);
}

TEST(TimeReply, AnExactNeighbourStillHasADelay) {
  Scene scene;
  scene.stamps.t4 = scene.stamps.t1 + Span::from_seconds(0.001);  // all of it the server's

  const TimeAnswer answer = scene.judge();

  ASSERT_TRUE(answer.sample);
  EXPECT_GT(answer.sample->delay_s, 0);
}

TEST(TimeReply, ASlowSendingCallIsNoImpossibleStamp) {
  // The call took 8 ms, and the answer was there before it returned: T1, its middle, seems to be behind T2.
  Scene scene;
  scene.stamps = {.t1 = kNow + Span::from_seconds(0.014), .t4 = kNow + Span::from_seconds(0.0141), .t1_error_s = 0.014};
  scene.header.transmit = scene.header.receive + Span::from_seconds(0.003);

  const TimeAnswer answer = scene.judge();

  ASSERT_FALSE(answer.fault);
  EXPECT_GT(answer.sample->root_distance_s, 0.014);
  scene.stamps.t1_error_s = 0.0001;
  EXPECT_EQ(scene.judge().fault, TimeFault::unfit);
}

TEST(TimeReply, EveryFaultHasWords) {
  for (int i = 0; i <= static_cast<int>(TimeFault::unreachable); ++i)
    EXPECT_GT(to_text({.fault = static_cast<TimeFault>(i)}).size(), 5U) << i;
}

/// A broadcast that says 1.5 s more than our clock.
struct BroadcastScene : Scene {
  BroadcastScene() {
    header.mode = wire::Mode::broadcast;
    header.origin = {};
    header.receive = {};
    header.transmit = kNow + Span::from_seconds(1.5);
    stamps = {.t4 = kNow};
  }
  TimeAnswer hear(const Octets& octets, const TimeKey& with = {}) {
    return judge_broadcast(with, octets, stamps, macs);
  }
};

TEST(TimeBroadcast, IsMeasuredOneWay) {
  BroadcastScene scene;

  const TimeAnswer answer = scene.hear(scene.encoded());

  ASSERT_FALSE(answer.fault);
  EXPECT_NEAR(answer.sample->offset_s, 1.5 + kBroadcastDelay_s / 2, 1e-9);
  EXPECT_NEAR(answer.sample->root_distance_s, 0.125 + 0.125 + kBroadcastDelay_s + 1e-6, 1e-6);
}

TEST(TimeBroadcast, AnAnswerIsNone) { EXPECT_EQ(BroadcastScene().hear(Scene().encoded()).fault, TimeFault::malformed); }

TEST(TimeBroadcast, WithAKeyOnlyItsMacCounts) {
  BroadcastScene scene;

  EXPECT_FALSE(scene.hear(scene.signed_with(key(7)), key(7)).fault);
  EXPECT_EQ(scene.hear(scene.encoded(), key(7)).fault, TimeFault::bad_mac);
  EXPECT_EQ(scene.hear(scene.signed_with(key(7, "SHA1", "another")), key(7)).fault, TimeFault::bad_mac);
}

TEST(TimeBroadcast, WithoutTimeItIsNotUsed) {
  BroadcastScene scene;
  scene.header.leap = wire::Leap::unsynchronized;
  EXPECT_EQ(scene.hear(scene.encoded()).fault, TimeFault::unsynchronized);
  scene.header.leap = wire::Leap::none;
  scene.header.transmit = {};
  EXPECT_TRUE(scene.hear(scene.encoded()).fault);
}

/// Row 37 of the attacks' history (CVE-2015-5219) was a loop over a delay: whatever a server says, numbers stay finite.
RC_GTEST_PROP(TimeReply, WhateverItSaysTheNumbersAreFinite, (std::array<std::uint8_t, 48> octets, std::uint64_t t4)) {
  Scene scene;
  Octets datagram(octets.size());
  for (std::size_t i = 0; i < octets.size(); ++i) datagram[i] = static_cast<std::byte>(octets[i]);
  datagram[0] = static_cast<std::byte>((octets[0] & 0xc0U) | 0x24U);
  store_big_endian(MutableBytes(datagram), 24, kCookie.bits());
  scene.stamps.t4 = Timestamp::from_bits(t4);

  const TimeAnswer answer = scene.judge(datagram);

  if (!answer.sample) return;
  RC_ASSERT(std::isfinite(answer.sample->offset_s));
  RC_ASSERT(answer.sample->delay_s > 0 && answer.sample->delay_s <= 60);
  RC_ASSERT(std::isfinite(answer.sample->root_distance_s) && answer.sample->root_distance_s > 0);
}

RC_GTEST_PROP(TimeReply, OffsetsOfAnyEraComeBack, ()) {
  Scene scene;
  const double offset_s = *rc::gen::inRange<int>(-2'000'000'000, 2'000'000'000);
  scene.header.reference = {};
  scene.header.receive = kNow + Span::from_seconds(offset_s + 0.010);
  scene.header.transmit = kNow + Span::from_seconds(offset_s + 0.011);

  const TimeAnswer answer = scene.judge();

  RC_ASSERT(!answer.fault);
  RC_ASSERT(std::abs(answer.sample->offset_s - offset_s) < 1e-6);
}

}  // namespace
}  // namespace ntp::client
