// SPDX-License-Identifier: BSD-2-Clause
#include "engine/association.h"

#include <functional>

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::good_header;
using test::raw;
using test::real;

TEST(TestPacket, SetsTheBitOfTheTestThatFails) {
  const struct {
    const char* what;
    std::function<void(wire::Header&)> change;
    std::uint32_t flash;
  } cases[] = {
      {"all is well", [](wire::Header&) {}, 0},
      {"no receive stamp", [](wire::Header& h) { h.receive = {}; }, kPacketUnsync},
      {"no transmit stamp", [](wire::Header& h) { h.transmit = {}; }, kPacketUnsync},
      {"leap 3", [](wire::Header& h) { h.leap = wire::Leap::unsynchronized; }, kPacketStratum},
      {"stratum 0", [](wire::Header& h) { h.stratum = 0; }, kPacketStratum},
      {"stratum 15", [](wire::Header& h) { h.stratum = 15; }, 0},
      {"stratum 16", [](wire::Header& h) { h.stratum = 16; }, kPacketStratum},
      {"stratum 255", [](wire::Header& h) { h.stratum = 255; }, kPacketStratum},
      {"root distance of 16 s",
       [](wire::Header& h) {
         h.root_delay = ShortTime::from_seconds(20), h.root_dispersion = ShortTime::from_seconds(6);
       },
       kPacketHeader},
      {"root distance just below",
       [](wire::Header& h) {
         h.root_delay = ShortTime::from_seconds(20), h.root_dispersion = ShortTime::from_seconds(5.9);
       },
       0},
      {"root delay beyond all bounds", [](wire::Header& h) { h.root_delay = ShortTime::from_bits(0xffffffffU); },
       kPacketHeader},
      {"set after it was sent", [](wire::Header& h) { h.reference = real(1); }, kPacketHeader},
      {"set when it was sent", [](wire::Header& h) { h.reference = h.transmit; }, 0},
      {"never set", [](wire::Header& h) { h.reference = {}; }, 0},
      {"sent before it received", [](wire::Header& h) { h.receive = real(0.001); }, kPacketHeader},
  };

  for (const auto& c : cases) {
    wire::Header header = good_header();
    c.change(header);
    EXPECT_EQ(test_packet(header), c.flash) << c.what;
  }
}

Association good_source() {
  Association a(test::server());
  a.remote = {test::address(1), 123};
  a.peer.leap = wire::Leap::none;
  a.peer.stratum = 2;
  a.peer.refid = wire::Refid::v4(test::address(77));
  a.peer.dispersion_s = 0.01;
  a.peer.filtered_at = raw(0);
  a.poll.received();
  return a;
}

TEST(TestPeer, SetsTheBitsOfTheTestsThatFail) {
  const struct {
    const char* what;
    std::function<void(Association&)> change;
    std::uint32_t flash;
  } cases[] = {
      {"all is well", [](Association&) {}, 0},
      {"leap 3", [](Association& a) { a.peer.leap = wire::Leap::unsynchronized; }, kPeerStratum},
      {"below the floor", [](Association& a) { a.peer.stratum = 1; }, kPeerStratum},
      {"at the ceiling", [](Association& a) { a.peer.stratum = 10; }, kPeerStratum},
      {"too far", [](Association& a) { a.peer.dispersion_s = 1.51; }, kPeerDistance},
      {"root delay counts half", [](Association& a) { a.peer.root_delay_s = 3.1; }, kPeerDistance},
      {"jitter counts", [](Association& a) { a.peer.noise_s = 1.5; }, kPeerDistance},
      {"age counts", [](Association& a) { a.peer.filtered_at = raw(-200000); }, kPeerDistance},
      {"synchronised to us", [](Association& a) { a.peer.refid = wire::Refid::v4(test::address(200)); }, kPeerLoop},
      {"unreachable", [](Association& a) { a.poll.rest(test::mono(0), 1); }, kPeerUnreach},
      {"noselect", [](Association& a) { a.settings.is_never_selected = true; }, kPeerUnreach},
      {"several at once", [](Association& a) { a.settings.is_never_selected = true, a.peer.stratum = 15; },
       kPeerUnreach | kPeerStratum},
  };
  SelectionSettings limits;
  limits.floor_stratum = 2;
  limits.ceiling_stratum = 10;
  const OwnNames own{.addresses = {}, .refids = {wire::Refid::v4(test::address(200))}, .port = 0};

  for (const auto& c : cases) {
    Association a = good_source();
    c.change(a);
    EXPECT_EQ(test_peer(a, {.now = raw(0), .selection = &limits, .own = &own}), c.flash) << c.what;
  }
}

TEST(TestPeer, TakesAPrimaryServersRefidForNoAddress) {
  SelectionSettings limits;
  Association a = good_source();
  a.peer.stratum = 1;
  const OwnNames own{.addresses = {}, .refids = {a.peer.refid}, .port = 0};

  EXPECT_EQ(test_peer(a, {.now = raw(0), .selection = &limits, .own = &own}), 0U);
}

TEST(TestPeer, TakesItselfForNoSource) {
  SelectionSettings limits;
  const OwnNames own{.addresses = {test::address(7)}, .refids = {}, .port = 123};
  const auto flash = [&](const Address& address, std::uint16_t port) {
    Association a = good_source();
    a.remote = {address, port};
    return test_peer(a, {.now = raw(0), .selection = &limits, .own = &own});
  };

  EXPECT_EQ(flash(test::address(7), 123), kPeerLoop);
  EXPECT_EQ(flash(*Address::parse("127.0.0.1"), 123), kPeerLoop);
  EXPECT_EQ(flash(*Address::parse("::1"), 123), kPeerLoop);
  EXPECT_EQ(flash(test::address(8), 123), 0U);
  EXPECT_EQ(flash(test::address(7), 1123), 0U) << "another daemon of this host";
}

TEST(RootDistance, AddsUpAllThatMayBeWrong) {
  Association a = good_source();
  a.peer.root_delay_s = 0.040;
  a.peer.delay_s = 0.020;
  a.peer.root_dispersion_s = 0.005;
  a.peer.dispersion_s = 0.002;
  a.peer.noise_s = 0.001;

  EXPECT_DOUBLE_EQ(root_distance_s(a, raw(100), 15e-6), 0.030 + 0.005 + 0.002 + 0.0015 + 0.001);
}

TEST(OffsetNow, TakesOffWhatTheClockWasMovedBySince) {
  Association a = good_source();
  a.peer.offset_s = 0.5;
  a.peer.filtered_correction = test::corrected(1);

  EXPECT_DOUBLE_EQ(offset_now_s(a, test::corrected(1.25)), 0.25);
}

TEST(AssociationFlush, ForgetsWhatWasMeasured) {
  Association a = good_source();
  a.peer.offset_s = 3;
  a.peer.received_at = test::mono(5);
  a.request.is_outstanding = true;
  a.held.emplace();
  a.flash = kPeerLoop;

  a.flush();

  EXPECT_EQ(a.peer.offset_s, 0);
  EXPECT_EQ(a.peer.dispersion_s, kMaxDispersion_s);
  EXPECT_EQ(a.peer.received_at, test::mono(5));
  EXPECT_FALSE(a.request.is_outstanding);
  EXPECT_FALSE(a.held);
  EXPECT_EQ(a.flash, 0U);
}

}  // namespace
}  // namespace ntp::engine
