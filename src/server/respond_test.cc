// SPDX-License-Identifier: BSD-2-Clause
#include "server/respond.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/datagram.h"

namespace ntp::server {
namespace {

using policy::Access;
using wire::Mode;

constexpr Timestamp kT1 = Timestamp::from_parts(0xeeab3759, 0x955e6f9a);
constexpr Timestamp kT2 = Timestamp::from_parts(0xeeab3759, 0x9523f9da);
constexpr Timestamp kT3 = Timestamp::from_parts(0xeeab3759, 0x95251111);
constexpr MonoTime kNow = MonoTime::from_nanoseconds(50'000'000'000);

state::ClockSummary synchronized_summary() {
  return {
      .leap = wire::Leap::insert,
      .stratum = 2,
      .precision_log2s = -23,
      .refid = wire::Refid::v4(Address::v4(0xc0000263)),
      .reference = Timestamp::from_parts(0xeeab3700, 7),
      .root_delay_s = 0.5,
      .root_dispersion_s = 0.25,
      .dispersion_rate = 0.01,
      .as_of = MonoTime::from_nanoseconds(kNow.nanoseconds() - 25'000'000'000),
      .valid_until = kNow,
  };
}

wire::Header request_header(std::uint8_t version, Mode mode) {
  return {.version = version, .mode = mode, .poll_log2s = 6, .transmit = kT1};
}

/// A server on 192.0.2.1:123 and whoever talks to it.
class Fixture {
 public:
  Fixture() { clock_.publish(synchronized_summary()); }

  Fixture& restrict(Access flags) {
    policy_.access = policy::AccessList({{.address = Address::v4(0), .mask = Address::v4(0), .flags = flags}});
    return *this;
  }
  Fixture& publish(const state::ClockSummary& summary) {
    clock_.publish(summary);
    return *this;
  }
  Fixture& from(const char* address, std::uint16_t port) {
    remote_ = {Address::parse(address).value(), port};
    return *this;
  }
  Fixture& to(const char* address) {
    local_ = Address::parse(address).value();
    return *this;
  }
  Fixture& at(MonoTime mono) {
    mono_ = mono;
    return *this;
  }

  Verdict send(Bytes payload) {
    const std::array own = {Address::v4(0xc0000201), Address::parse("fe80::1%2").value()};
    const Snapshot snapshot{.clock = clock_, .policy = policy_, .own_addresses = own};
    reply_.fill(std::byte{0xee});
    return respond(snapshot, worker_, {.remote = remote_, .local = local_, .received = kT2, .payload = payload},
                   {.mono = mono_, .real = kT3}, reply_);
  }
  Verdict send(const wire::Header& header, std::size_t tail_length = 0, std::uint32_t tail_start = 0) {
    std::vector<std::byte> payload(wire::kHeaderLength + tail_length);
    wire::encode_header(header, payload);
    if (tail_length >= 4) store_big_endian(MutableBytes(payload), wire::kHeaderLength, tail_start);
    return send(payload);
  }

  [[nodiscard]] wire::Header reply() const { return wire::decode_header(reply_).value(); }
  [[nodiscard]] const auto& octets() const { return reply_; }
  [[nodiscard]] std::uint64_t count(Outcome outcome) const { return worker_.counts[static_cast<std::size_t>(outcome)]; }

 private:
  state::ClockState clock_;
  policy::Policy policy_;
  Endpoint remote_{Address::v4(0xc6336402), 40000};
  Address local_ = Address::v4(0xc0000201);
  MonoTime mono_ = kNow;
  WorkerState worker_;
  std::array<std::byte, kMaxReplyLength + 4> reply_{};
};

bool is_reply(const Verdict& verdict) { return verdict.what == Verdict::What::reply; }

TEST(Respond, FillsAReplyFromTheClockAndTheRequest) {
  Fixture server;

  const Verdict verdict = server.send(request_header(4, Mode::client));

  ASSERT_TRUE(is_reply(verdict));
  EXPECT_EQ(verdict.length, 48U);
  const wire::Header expected = {
      .leap = wire::Leap::insert,
      .version = 4,
      .mode = Mode::server,
      .stratum = 2,
      .poll_log2s = 6,
      .precision_log2s = -23,
      .root_delay = ShortTime::from_seconds(0.5),
      .root_dispersion = ShortTime::from_seconds(0.5),  // 0.25, and 25 s at 0.01
      .refid = wire::Refid::v4(Address::v4(0xc0000263)),
      .reference = Timestamp::from_parts(0xeeab3700, 7),
      .origin = kT1,
      .receive = kT2,
      .transmit = kT3,
  };
  EXPECT_EQ(server.reply(), expected);
  EXPECT_EQ(server.octets()[48], std::byte{0xee}) << "nothing is written beyond the reply";
  EXPECT_EQ(server.count(Outcome::answered), 1U);
}

TEST(Respond, AnswersVersions1To4InTheirOwnVersion) {
  for (std::uint8_t version = 0; version < 8; ++version) {
    for (const auto& [mode, answer] :
         {std::pair(Mode::client, Mode::server), std::pair(Mode::symmetric_active, Mode::symmetric_passive)}) {
      Fixture server;

      const Verdict verdict = server.send(request_header(version, mode));

      const bool is_known = version >= 1 && version <= 4;
      ASSERT_EQ(is_reply(verdict), is_known) << int{version};
      EXPECT_EQ(server.count(Outcome::bad_version), is_known ? 0U : 1U);
      if (!is_known) continue;
      EXPECT_EQ(server.reply().version, version);
      EXPECT_EQ(server.reply().mode, answer);
    }
  }
}

TEST(Respond, TakesModeZeroOfVersion1ForAClientUnlessFromPort123) {
  EXPECT_TRUE(is_reply(Fixture().send(request_header(1, Mode::reserved))));
  EXPECT_FALSE(is_reply(Fixture().from("198.51.100.2", 123).send(request_header(1, Mode::reserved))));
  for (const std::uint8_t version : {std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{4}})
    EXPECT_FALSE(is_reply(Fixture().send(request_header(version, Mode::reserved))));

  Fixture server;
  server.send(request_header(1, Mode::reserved));
  EXPECT_EQ(server.reply().mode, Mode::server) << "a mode 0 is never sent";
  EXPECT_EQ(server.reply().version, 1);
}

TEST(Respond, NeverAnswersRepliesOrBroadcasts) {
  for (std::uint8_t version = 1; version <= 4; ++version) {
    for (const Mode mode : {Mode::symmetric_passive, Mode::server, Mode::broadcast}) {
      Fixture server;

      EXPECT_FALSE(is_reply(server.send(request_header(version, mode))));
      EXPECT_FALSE(is_reply(server.send(request_header(version, mode), 20)));
      EXPECT_EQ(server.count(Outcome::not_a_request), 2U);
    }
  }
}

TEST(Respond, IsSilentForShortOrMalformedDatagrams) {
  Fixture server;
  const std::vector<std::byte> octets(47, std::byte{0x23});

  for (std::size_t length = 0; length <= octets.size(); ++length)
    EXPECT_FALSE(is_reply(server.send(Bytes(octets).first(length))));
  for (const std::size_t tail : {1U, 8U, 12U, 16U, 28U, 100U})
    EXPECT_FALSE(is_reply(server.send(request_header(4, Mode::client), tail)));

  EXPECT_EQ(server.count(Outcome::bad_length), 48U + 6U);
}

TEST(Respond, IgnoresUnknownExtensionFieldsAndReplies48Octets) {
  Fixture server;

  const Verdict verdict = server.send(request_header(4, Mode::client), 28, 0xf0f0'001c);

  ASSERT_TRUE(is_reply(verdict));
  EXPECT_EQ(verdict.length, 48U);
}

TEST(Respond, AnswersAMacThatNoKeyFitsWithACryptoNak) {
  for (const std::size_t tail : {20U, 24U}) {
    Fixture server;

    const Verdict verdict = server.send(request_header(4, Mode::client), tail, 7);

    ASSERT_TRUE(is_reply(verdict));
    EXPECT_EQ(verdict.length, 52U);
    EXPECT_TRUE(wire::decode_layout(Bytes(server.octets()).first(verdict.length))->is_crypto_nak());
    EXPECT_EQ(load_big_endian<std::uint32_t>(server.octets(), 48), 0U);
    EXPECT_EQ(server.reply().origin, kT1) << "or the client could not tell whose NAK it is";
    EXPECT_EQ(server.octets()[52], std::byte{0xee});
    EXPECT_EQ(server.count(Outcome::answered_nak), 1U);
  }
}

TEST(Respond, SendsNoCryptoNakToANakAPeerOrAGroup) {
  Fixture server;

  EXPECT_FALSE(is_reply(server.send(request_header(4, Mode::client), 4)));
  EXPECT_FALSE(is_reply(server.send(request_header(3, Mode::symmetric_active), 4))) << "CVE-2015-7871";
  EXPECT_FALSE(is_reply(server.send(request_header(4, Mode::symmetric_active), 20, 7)));
  EXPECT_FALSE(is_reply(server.to("224.0.1.1").send(request_header(4, Mode::client), 20, 7)));

  EXPECT_EQ(server.count(Outcome::bad_mac), 4U);
}

TEST(Respond, ObeysRestrictFlags) {
  const auto answers = [](Access flags, std::uint8_t version) {
    return is_reply(Fixture().restrict(flags).send(request_header(version, Mode::client)));
  };

  for (const Access flags : {Access::ignore, Access::noserve, Access::notrust}) {
    EXPECT_FALSE(answers(flags, 4));
    EXPECT_FALSE(answers(flags, 3));
  }
  EXPECT_TRUE(answers(Access::version, 4));
  EXPECT_FALSE(answers(Access::version, 3));
  EXPECT_TRUE(
      answers(Access::noquery | Access::nomodify | Access::nopeer | Access::notrap | Access::limited | Access::kod, 3));
}

TEST(Respond, CountsWhatRestrictDenies) {
  Fixture server;
  server.restrict(Access::ignore);

  server.send(request_header(7, Mode::server));
  server.send(request_header(4, Mode::client));

  EXPECT_EQ(server.count(Outcome::denied), 2U);
}

TEST(Respond, NeverTalksToItselfToPort0OrToAGroup) {
  struct Row {
    const char* address;
    std::uint16_t port;
    bool is_answered;
  };
  const std::array<Row, 9> rows = {{
      {"192.0.2.1", 123, false},   // the address that was asked
      {"fe80::1%2", 123, false},   // another address of ours
      {"fe80::1", 123, false},     // the same, by a socket that doesn't know the scope
      {"fe80::1%3", 123, true},    // a neighbour on another link may bear the same address
      {"192.0.2.1", 40000, true},  // a client on this host
      {"192.0.2.3", 123, true},
      {"198.51.100.2", 0, false},
      {"224.0.1.1", 123, false},
      {"ff02::101", 40000, false},
  }};

  for (const Row& row : rows) {
    Fixture server;

    const Verdict verdict = server.from(row.address, row.port).send(request_header(4, Mode::client));

    EXPECT_EQ(is_reply(verdict), row.is_answered) << row.address << ' ' << row.port;
    EXPECT_EQ(server.count(Outcome::bad_source), row.is_answered ? 0U : 1U);
  }
}

TEST(Respond, RaisesThePollToThreeAsASignedNumber) {
  for (int poll = -128; poll < 128; ++poll) {
    Fixture server;
    wire::Header header = request_header(4, Mode::client);
    header.poll_log2s = static_cast<std::int8_t>(poll);

    server.send(header);

    EXPECT_EQ(server.reply().poll_log2s, std::max(poll, 3));
  }
}

TEST(Respond, SaysUnsynchronizedWhenTheClockIsNotWhereItShouldBe) {
  const wire::Header request = request_header(4, Mode::client);
  state::ClockSummary summary = synchronized_summary();
  Fixture server;

  // kT3 is read 25 s after the summary was made.
  summary.real_as_of = kT3 - Span::from_seconds(25.05);
  server.publish(summary).at(kNow).send(request);
  EXPECT_EQ(server.reply().leap, wire::Leap::insert) << "slewed";
  summary.real_as_of = kT3 - Span::from_seconds(3625);
  server.publish(summary).at(kNow).send(request);
  EXPECT_EQ(server.reply().leap, wire::Leap::unsynchronized) << "slept for an hour";
  summary.real_as_of = kT3 - Span::from_seconds(24.5);
  server.publish(summary).at(kNow).send(request);
  EXPECT_EQ(server.reply().leap, wire::Leap::unsynchronized) << "set back by another program";
}

TEST(Respond, SaysUnsynchronizedOnceTheSummaryIsStale) {
  Fixture server;
  const wire::Header request = request_header(4, Mode::client);

  server.at(kNow).send(request);
  EXPECT_EQ(server.reply().leap, wire::Leap::insert);
  server.at(MonoTime::from_nanoseconds(kNow.nanoseconds() + 1)).send(request);

  const wire::Header expected = {
      .leap = wire::Leap::unsynchronized,
      .version = 4,
      .mode = Mode::server,
      .stratum = 0,
      .poll_log2s = 6,
      .precision_log2s = -23,
      .root_dispersion = ShortTime::from_seconds(16),
      .refid = wire::kRefidInit,
      .origin = kT1,
      .receive = kT2,
      .transmit = kT3,
  };
  EXPECT_EQ(server.reply(), expected);
  EXPECT_EQ(server.count(Outcome::answered_unsynchronized), 1U);
}

TEST(Respond, LetsNothingOutOfAnUnsynchronizedSummary) {
  Fixture server;
  state::ClockSummary summary = synchronized_summary();
  summary.leap = wire::Leap::unsynchronized;

  server.publish(summary).send(request_header(4, Mode::client));

  EXPECT_EQ(server.reply().stratum, 0);
  EXPECT_EQ(server.reply().refid, wire::kRefidInit);
  EXPECT_TRUE(server.reply().reference.is_unknown());
}

TEST(Respond, SendsAT3ThatAStepHasPutBeforeT2) {
  Fixture server;
  const Verdict verdict = server.send(request_header(4, Mode::client));
  std::array<std::byte, 48> reply{};
  std::copy_n(server.octets().begin(), reply.size(), reply.begin());
  WorkerState worker;

  ASSERT_TRUE(finish(worker, verdict, kT2 - Span::from_seconds(1000), reply));

  const wire::Header header = wire::decode_header(reply).value();
  EXPECT_EQ(header.transmit, kT2 - Span::from_seconds(1000));
  EXPECT_EQ(header.receive, kT2);
}

TEST(Respond, NeverLetsDispersionShrinkOrWrap) {
  const auto dispersion = [](double at_start, double rate, MonoTime as_of) {
    Fixture server;
    state::ClockSummary summary = synchronized_summary();
    summary.root_dispersion_s = at_start;
    summary.dispersion_rate = rate;
    summary.as_of = as_of;
    server.publish(summary).send(request_header(4, Mode::client));
    return server.reply().root_dispersion;
  };

  EXPECT_EQ(dispersion(1, 1, MonoTime::from_nanoseconds(kNow.nanoseconds() + 500'000'000)), ShortTime::from_seconds(1));
  EXPECT_EQ(dispersion(1e9, 1, kNow).bits(), std::numeric_limits<std::uint32_t>::max());
  EXPECT_EQ(dispersion(1, 1e300, MonoTime()).bits(), std::numeric_limits<std::uint32_t>::max());
}

RC_GTEST_PROP(RespondProperty, ReplyIsNeverLongerThanItsRequestAndNeverAnswersAReply,
              (std::vector<std::uint8_t> payload, std::uint8_t first, std::uint8_t words)) {
  payload.resize(48 + std::size_t{4} * (words % 16));
  payload[0] = first;
  Fixture server;

  const Verdict verdict = server.send(std::as_bytes(std::span(payload)));

  if (!is_reply(verdict)) return;
  RC_ASSERT(verdict.length <= payload.size());
  RC_ASSERT(verdict.length == 48U || verdict.length == 52U);
  const unsigned mode = first & 7U;
  RC_ASSERT(mode == 0U || mode == 1U || mode == 3U);
  RC_ASSERT(unsigned{server.reply().version} == ((first >> 3U) & 7U));
  RC_ASSERT(!is_reply(Fixture().send(Bytes(server.octets()).first(verdict.length))));
}

RC_GTEST_PROP(RespondProperty, EveryDatagramIsCountedOnce, (const std::vector<std::uint8_t>& payload)) {
  Fixture server;

  server.send(std::as_bytes(std::span(payload)));

  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Outcome::count); ++i)
    sum += server.count(static_cast<Outcome>(i));
  RC_ASSERT(sum == 1U);
}

}  // namespace
}  // namespace ntp::server
