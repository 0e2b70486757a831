// SPDX-License-Identifier: BSD-2-Clause
#include "engine/exchange.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "engine/exchange_test_kit.h"

namespace ntp::engine {
namespace {

using state::StampSource;
using test::Asked;
using test::good_header;
using test::real;

/// All that a bogus packet must leave as it is.
void expect_same_state(const Association& now, const Association& before, const std::string& what) {
  EXPECT_TRUE(test::is_same_state(now, before)) << what;
}

TEST(Exchange, SampleIsTakenWhenItsReplyArrivedAndNotWhenItWasLookedAt) {
  Asked client;
  client.leave({.source = StampSource::kernel});
  client.now = test::now(0.5);

  const Reply reply = client.take(client.answer(), real(0.02));

  ASSERT_EQ(reply.kind, ReplyKind::sample);
  EXPECT_NEAR(client.now.raw - reply.sample.at, 0.48, 1e-6);
}

TEST(Request, GivesNothingAwayButVersionModeAndRandomBits) {
  Asked asked;

  ASSERT_EQ(asked.sent.length, wire::kHeaderLength);
  EXPECT_EQ(asked.sent.octets[0], std::byte{0x23}) << "leap 0, version 4, mode 3";
  for (std::size_t i = 1; i < 40; ++i) EXPECT_EQ(asked.sent.octets[i], std::byte{0}) << i;
  EXPECT_EQ(wire::decode_header(asked.sent.payload())->transmit, asked.a.request.transmit);
  EXPECT_EQ(asked.sent.endpoint, 3U);
  EXPECT_EQ(asked.sent.remote, asked.a.remote);
}

TEST(Request, UsesTheConfiguredVersion) {
  Asked asked;
  asked.a.settings.version = 3;

  asked.ask();

  EXPECT_EQ(asked.sent.octets[0], std::byte{0x1b});
}

TEST(Request, HasANewTransmitStampEachTime) {
  Asked asked;
  std::set<std::uint64_t> seen;

  for (int i = 0; i < 1000; ++i) {
    asked.ask();
    seen.insert(asked.a.request.transmit.bits());
  }

  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Request, NeverHasAZeroTransmitStamp) {
  class Zeros final : public Random {
   public:
    std::uint64_t next64() override { return count_++ < 5 ? 0 : 77; }

   private:
    int count_ = 0;
  } zeros;
  Association a(test::server());
  Effects out;
  const Now now = test::now(0);

  ASSERT_TRUE(send_request(a, {.now = &now}, zeros, out));

  EXPECT_EQ(a.request.transmit.bits(), 77U);
}

TEST(Reply, BecomesASample) {
  Asked asked;

  const Reply reply = asked.take(asked.answer());

  ASSERT_EQ(reply.kind, ReplyKind::sample);
  EXPECT_NEAR(reply.sample.offset_s, 1.0, 1e-9);
  EXPECT_NEAR(reply.sample.delay_s, 0.02, 1e-9);
  EXPECT_NEAR(reply.sample.dispersion_s, 2 * 0x1p-20 + 1e-5 + 15e-6 * 0.02, 1e-12);
  EXPECT_EQ(asked.a.peer.stratum, 2);
  EXPECT_EQ(asked.a.peer.leap, wire::Leap::none);
  EXPECT_EQ(asked.a.flash, 0U);
  EXPECT_EQ(asked.a.peer.stamp_source, StampSource::user) << "the worse of the two";
}

TEST(Reply, BringsWhatFollowedTheHeader) {
  for (const std::size_t length : {0U, 24U, 28U, 68U, 72U, 400U}) {
    Asked asked;
    std::vector<std::byte> octets(wire::kHeaderLength + length);
    wire::encode_header(asked.answer(), octets);
    // One unknown extension field where it is long enough for one, else a MAC.
    if (length >= 28) {
      octets[wire::kHeaderLength + 2] = std::byte(length >> 8U);
      octets[wire::kHeaderLength + 3] = std::byte(length & 0xffU);
    }
    if (length > 0) octets.back() = std::byte{0x5a};

    const Reply reply = asked.take(octets);
    ASSERT_EQ(reply.kind, ReplyKind::sample) << length;
    ASSERT_EQ(reply.tail.length, std::min<std::size_t>(length, 68));
    EXPECT_TRUE(std::ranges::equal(reply.tail.bytes(), Bytes(octets).subspan(wire::kHeaderLength, reply.tail.length)));
  }
}

TEST(Reply, CountsOnce) {
  Asked asked;
  const wire::Header header = asked.answer();
  asked.take(header);
  const Association before = asked.a;

  EXPECT_EQ(asked.take(header).kind, ReplyKind::duplicate);

  expect_same_state(asked.a, before, "duplicate");
  EXPECT_EQ(asked.a.counters.bogus, 1U);
}

TEST(Reply, ThatDoesNotAnswerUsChangesNothing) {
  const struct {
    const char* what;
    std::function<void(wire::Header&)> change;
    ReplyKind kind;
  } cases[] = {
      {"another origin", [](wire::Header& h) { h.origin = h.origin + Span::from_units(1); }, ReplyKind::bogus},
      {"no origin", [](wire::Header& h) { h.origin = {}; }, ReplyKind::bogus},
      {"a foreign DENY",
       [](wire::Header& h) {
         h.origin = {}, h.leap = wire::Leap::unsynchronized, h.stratum = 0, h.refid = wire::kKissDeny;
       },
       ReplyKind::bogus},
      {"a foreign RATE",
       [](wire::Header& h) {
         h.origin = real(5), h.leap = wire::Leap::unsynchronized, h.stratum = 0, h.refid = wire::kKissRate;
       },
       ReplyKind::bogus},
      {"mode 3", [](wire::Header& h) { h.mode = wire::Mode::client; }, ReplyKind::malformed},
      {"mode 5", [](wire::Header& h) { h.mode = wire::Mode::broadcast; }, ReplyKind::malformed},
      {"mode 6", [](wire::Header& h) { h.mode = wire::Mode::control; }, ReplyKind::malformed},
      {"version 0", [](wire::Header& h) { h.version = 0; }, ReplyKind::malformed},
      {"version 5", [](wire::Header& h) { h.version = 5; }, ReplyKind::malformed},
  };
  for (const auto& c : cases) {
    Asked asked;
    wire::Header header = asked.answer();
    c.change(header);
    const Association before = asked.a;

    EXPECT_EQ(asked.take(header).kind, c.kind) << c.what;
    expect_same_state(asked.a, before, c.what);
    EXPECT_EQ(asked.a.counters.received, 1U);

    EXPECT_EQ(asked.take(asked.answer()).kind, ReplyKind::sample) << "the true one still counts after: " << c.what;
  }
}

TEST(Reply, BeforeAnyRequestIsBogusEvenWithAZeroOrigin) {
  Asked asked;
  asked.a.request = {};
  wire::Header header = good_header();
  header.origin = {};
  const Association before = asked.a;

  EXPECT_EQ(asked.take(header).kind, ReplyKind::bogus);
  expect_same_state(asked.a, before, "unasked");
}

TEST(Reply, ThatIsNoDatagramOfNtpIsMalformed) {
  Asked asked;
  const Association before = asked.a;
  std::array<std::byte, 52> octets{};
  wire::encode_header(asked.answer(), octets);

  for (const std::size_t length : {0U, 1U, 47U, 49U, 50U}) {
    EXPECT_EQ(asked.take(Bytes(octets).first(length)).kind, ReplyKind::malformed) << length;
    expect_same_state(asked.a, before, "length");
  }
  EXPECT_EQ(asked.a.counters.bad, 5U);
}

TEST(Reply, OfAnUnfitServerSetsItsFlashBit) {
  Asked asked;
  wire::Header header = asked.answer();
  header.stratum = 16;

  EXPECT_EQ(asked.take(header).kind, ReplyKind::unfit);

  EXPECT_EQ(asked.a.flash & kPacketTests, std::uint32_t{kPacketStratum});
}

TEST(Reply, ThatIsAKissIsToldApartFromAServerThatHasNoTime) {
  Asked kissed;
  wire::Header header = kissed.answer();
  header.leap = wire::Leap::unsynchronized;
  header.stratum = 0;
  header.refid = wire::kKissRate;
  EXPECT_EQ(kissed.take(header).kind, ReplyKind::kiss);

  Asked asked;
  header.origin = asked.a.request.transmit;
  header.refid = wire::kRefidInit;
  EXPECT_EQ(asked.take(header).kind, ReplyKind::unfit);
}

TEST(Reply, WithAnAbsurdDelayIsRefused) {
  const struct {
    const char* what;
    Timestamp receive, transmit, arrival;
  } cases[] = {
      {"half a minute under way", real(1), real(1), real(30)},
      {"there and back before it left", real(1), real(1), real(-0.5)},
      {"longer at the server than under way", real(1), real(2), real(0.02)},
      {"both clocks went back meanwhile", real(1.01), real(0.8), real(-0.1)},
      {"the server's clock went back meanwhile", real(1.01), real(0.5), real(0.02)},
      {"legs that wrap 68 years away", real(0) + Span::from_units(0x7fffffffffffff00),
       real(0) + Span::from_units(0x7fffffffffffff00) + Span::from_units(0x200), real(0)},
  };
  for (const auto& c : cases) {
    Asked asked;
    wire::Header header = asked.answer();
    header.receive = c.receive;
    header.transmit = c.transmit;
    header.reference = {};

    EXPECT_EQ(asked.take(header, c.arrival).kind, ReplyKind::unfit) << c.what;
    EXPECT_NE(asked.a.flash & kPacketHeader, 0U) << c.what;
  }
}

TEST(Reply, OnAFastLinkHasNoDelayBelowThePrecision) {
  Asked asked;
  wire::Header header = asked.answer();
  header.receive = real(1);
  header.transmit = real(1.0001);

  const Reply reply = asked.take(header, real(0.00005));

  ASSERT_EQ(reply.kind, ReplyKind::sample);
  EXPECT_EQ(reply.sample.delay_s, 0x1p-20);
}

TEST(LateStamp, HoldsTheReplyAndReplacesAWorseOne) {
  Asked asked;
  asked.leave({.at = real(0), .source = StampSource::user, .is_better_stamp_expected = true});

  EXPECT_EQ(asked.take(asked.answer()).kind, ReplyKind::held);
  ASSERT_TRUE(asked.a.held);
  EXPECT_EQ(asked.a.held->until, test::mono(0) + kLateStampWait_s);

  asked.leave({.at = real(0.004), .source = StampSource::kernel});
  const Reply reply = release_reply(asked.a, asked.context());

  ASSERT_EQ(reply.kind, ReplyKind::sample);
  EXPECT_NEAR(reply.sample.delay_s, 0.016, 1e-9);
  EXPECT_EQ(asked.a.peer.stamp_source, StampSource::kernel);
  EXPECT_FALSE(asked.a.held);
}

TEST(LateStamp, IsNotWaitedForIfItIsThereAlready) {
  Asked asked;
  asked.leave({.at = real(0), .source = StampSource::user, .is_better_stamp_expected = true});
  asked.leave({.at = real(0.004), .source = StampSource::kernel});

  EXPECT_EQ(asked.take(asked.answer()).kind, ReplyKind::sample);
}

TEST(LateStamp, ThatNeverComesLeavesTheUserStamp) {
  Asked asked;
  asked.leave({.at = real(0.001), .source = StampSource::user, .is_better_stamp_expected = true});
  asked.take(asked.answer());

  const Reply reply = release_reply(asked.a, asked.context());

  ASSERT_EQ(reply.kind, ReplyKind::sample);
  EXPECT_NEAR(reply.sample.delay_s, 0.019, 1e-9);
}

TEST(LateStamp, NeverReplacesABetterOne) {
  Asked asked;
  asked.leave({.at = real(0.004), .source = StampSource::hardware});
  asked.leave({.at = real(0.001), .source = StampSource::kernel});

  EXPECT_EQ(asked.a.request.t1, real(0.004));
}

TEST(LateStamp, IsNoneOfTheNextRequestsBusiness) {
  Asked asked;
  asked.leave({.at = real(0), .source = StampSource::user, .is_better_stamp_expected = true});
  asked.take(asked.answer());

  asked.ask();

  EXPECT_FALSE(asked.a.held) << "a held reply belongs to the request before";
}

RC_GTEST_PROP(Reply, LeavesNothingNonFiniteWhateverItsBits,
              (std::vector<std::uint8_t> bits, std::uint64_t arrival, bool is_ours)) {
  Asked asked;
  bits.resize(wire::kHeaderLength);
  std::vector<std::byte> octets(wire::kHeaderLength);
  std::transform(bits.begin(), bits.end(), octets.begin(), [](std::uint8_t b) { return std::byte{b}; });
  octets[0] = (octets[0] & std::byte{0xc0}) | std::byte{0x24};
  if (is_ours) store_big_endian<std::uint64_t>(octets, 24, asked.a.request.transmit.bits());
  const Association before = asked.a;

  const Reply reply = asked.take(octets, Timestamp::from_bits(arrival));

  if (!is_ours) expect_same_state(asked.a, before, "random");
  RC_ASSERT(std::isfinite(asked.a.peer.root_delay_s) && std::isfinite(asked.a.peer.root_dispersion_s));
  if (reply.kind != ReplyKind::sample) return;
  RC_ASSERT(std::isfinite(reply.sample.offset_s));
  RC_ASSERT(reply.sample.delay_s > 0 && reply.sample.delay_s <= kReplyTimeout_s);
  RC_ASSERT(reply.sample.dispersion_s > 0 && reply.sample.dispersion_s < kMaxDispersion_s);
}

}  // namespace
}  // namespace ntp::engine
