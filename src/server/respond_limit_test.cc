// SPDX-License-Identifier: BSD-2-Clause
//
// Rate limits in the data plane: restrict limited, kod.
#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "server/respond.h"
#include "wire/datagram.h"

namespace ntp::server {
namespace {

using policy::Access;
using wire::Mode;

constexpr Timestamp kT1 = Timestamp::from_parts(0xeeab3759, 0x955e6f9a);
constexpr Timestamp kT2 = Timestamp::from_parts(0xeeab3759, 0x9523f9da);
constexpr Access kLimitedKod = Access::limited | Access::kod;

/// A request none of whose fields is zero.
wire::Header request_header(Mode mode = Mode::client) {
  return {
      .leap = wire::Leap::unsynchronized,
      .version = 4,
      .mode = mode,
      .stratum = 3,
      .poll_log2s = 6,
      .precision_log2s = -6,
      .root_delay = ShortTime::from_seconds(1),
      .root_dispersion = ShortTime::from_seconds(2),
      .refid = wire::Refid::ascii("ABCD"),
      .reference = Timestamp::from_parts(7, 8),
      .origin = Timestamp::from_parts(9, 10),
      .receive = Timestamp::from_parts(11, 12),
      .transmit = kT1,
  };
}

/// A synchronised server that limits to one packet at once and one a second.
class Fixture {
 public:
  explicit Fixture(Access flags) {
    clock_.publish({.leap = wire::Leap::none, .stratum = 2});
    policy_.access = policy::AccessList({{.address = Address::v4(0), .mask = Address::v4(0), .flags = flags}});
    policy_.limits = {.average_per_s = 1.0, .burst = 1.0, .kiss_interval_s = 2.0};
  }

  policy::Policy& policy() { return policy_; }
  policy::ClientTable& clients() { return clients_; }

  Verdict send(const wire::Header& header, double at_s, std::size_t tail = 0, const char* from = "198.51.100.2") {
    std::vector<std::byte> payload(wire::kHeaderLength + tail);
    wire::encode_header(header, payload);
    if (tail >= 4) store_big_endian(MutableBytes(payload), wire::kHeaderLength, std::uint32_t{7});
    const Snapshot snapshot{.clock = clock_, .policy = policy_, .clients = &clients_};
    const Request request{.remote = {.address = Address::parse(from).value(), .port = 40000},
                          .local = Address::v4(0xc0000201),
                          .received = kT2,
                          .payload = payload};
    return respond(snapshot, worker_, request, {.mono = at(at_s), .real = kT2}, reply_);
  }

  static MonoTime at(double seconds) { return MonoTime::from_nanoseconds(static_cast<std::int64_t>(seconds * 1e9)); }
  [[nodiscard]] wire::Header reply() const { return wire::decode_header(reply_).value(); }
  [[nodiscard]] std::uint64_t count(Outcome outcome) const { return worker_.counts[static_cast<std::size_t>(outcome)]; }

 private:
  state::ClockState clock_;
  policy::Policy policy_;
  policy::ClientTable clients_{{.clients = 1000}, {1, 2}};
  WorkerState worker_;
  std::array<std::byte, kMaxReplyLength> reply_{};
};

bool is_reply(const Verdict& verdict) { return verdict.what == Verdict::What::reply; }

TEST(RespondLimit, KissesWhoComesTooFastAndThenIsSilent) {
  Fixture server(kLimitedKod);

  EXPECT_TRUE(server.send(request_header(), 1).is_stamped);
  EXPECT_EQ(server.reply().stratum, 2);
  const Verdict kiss = server.send(request_header(), 1.5);
  EXPECT_TRUE(is_reply(kiss));
  EXPECT_EQ(server.reply().refid, wire::kKissRate);
  EXPECT_FALSE(is_reply(server.send(request_header(), 1.6)));
  EXPECT_FALSE(is_reply(server.send(request_header(), 1.9)));
  EXPECT_TRUE(is_reply(server.send(request_header(), 2.1)));
  EXPECT_EQ(server.reply().stratum, 2) << "a second has passed";

  EXPECT_EQ(server.count(Outcome::answered), 2U);
  EXPECT_EQ(server.count(Outcome::kissed), 1U);
  EXPECT_EQ(server.count(Outcome::limited), 2U);
}

TEST(RespondLimit, AKissHasTheReferencesForm) {
  Fixture server(kLimitedKod);
  server.send(request_header(), 1);

  const Verdict kiss = server.send(request_header(), 1);

  ASSERT_TRUE(is_reply(kiss));
  EXPECT_EQ(kiss.length, 48U);
  EXPECT_FALSE(kiss.is_stamped) << "the stamp of sending would tell a client which of its requests was meant";
  wire::Header expected = request_header(Mode::server);
  expected.stratum = 0;
  expected.refid = wire::kKissRate;
  expected.origin = expected.receive = expected.transmit = kT1;
  EXPECT_EQ(server.reply(), expected);
}

TEST(RespondLimit, AKissAsksForThePollThatTheLimitsAllow) {
  const auto poll = [](int asked, double average_per_s) {
    Fixture server(kLimitedKod);
    server.policy().limits.average_per_s = average_per_s;
    wire::Header header = request_header();
    header.poll_log2s = static_cast<std::int8_t>(asked);
    server.send(header, 1);
    server.send(header, 1);
    EXPECT_EQ(server.reply().refid, wire::kKissRate);
    return server.reply().poll_log2s;
  };

  EXPECT_EQ(poll(-3, 1.0), 3);
  EXPECT_EQ(poll(6, 1.0), 6);
  EXPECT_EQ(poll(6, 1.0 / 256), 8);
  EXPECT_EQ(poll(-128, 1.0), 3);
  EXPECT_EQ(poll(127, 1.0), 127);
}

TEST(RespondLimit, SymmetricPeersAndOldVersionsAreKissedInTheirOwn) {
  Fixture server(kLimitedKod);
  wire::Header header = request_header(Mode::symmetric_active);
  header.version = 3;
  server.send(header, 1);

  server.send(header, 1);

  EXPECT_EQ(server.reply().refid, wire::kKissRate);
  EXPECT_EQ(server.reply().mode, Mode::symmetric_passive);
  EXPECT_EQ(server.reply().version, 3);
}

TEST(RespondLimit, NobodyIsKissedWithoutKodNorLimitedWithoutLimited) {
  Fixture silent(Access::limited);
  Fixture open(Access::kod);
  silent.send(request_header(), 1);

  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(is_reply(silent.send(request_header(), 1)));
    EXPECT_TRUE(is_reply(open.send(request_header(), 1)));
  }
  EXPECT_EQ(silent.count(Outcome::limited), 10U);
  EXPECT_EQ(open.count(Outcome::answered), 10U);
}

TEST(RespondLimit, WithoutATableNobodyIsLimited) {
  state::ClockState clock;
  const policy::Policy policy{
      .access = policy::AccessList({{.address = Address::v4(0), .mask = Address::v4(0), .flags = kLimitedKod}})};
  WorkerState worker;
  std::vector<std::byte> payload(wire::kHeaderLength);
  wire::encode_header(request_header(), payload);
  std::array<std::byte, kMaxReplyLength> reply{};

  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(is_reply(respond({.clock = clock, .policy = policy}, worker,
                                 {.remote = {.address = Address::v4(1), .port = 123}, .payload = payload}, {}, reply)));
}

TEST(RespondLimit, AnIburstAndItsPollsAreAnsweredByTheUsualLimits) {
  for (const double spacing_s : {1.0, 2.0}) {
    Fixture server(kLimitedKod);
    server.policy().limits = {};
    for (int i = 0; i < 8; ++i) server.send(request_header(), 1 + i * spacing_s);
    for (int i = 1; i < 20; ++i) server.send(request_header(), 20 + i * 64);

    EXPECT_EQ(server.count(Outcome::answered), 27U);
  }
}

TEST(RespondLimit, WhoIsDeniedGetsNoKiss) {
  for (const Access denied : {Access::ignore, Access::noserve}) {
    Fixture server(denied | kLimitedKod);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(is_reply(server.send(request_header(), 1)));
    EXPECT_EQ(server.count(Outcome::denied), 5U);
  }
}

TEST(RespondLimit, MonitoringCountsAllRequestsAndWithoutItOnlyTheLimited) {
  Fixture on(Access::none);
  Fixture off(Access::none);
  Fixture forced(Access::limited);
  off.policy().is_monitoring = forced.policy().is_monitoring = false;

  for (Fixture* server : {&on, &off, &forced}) server->send(request_header(), 1);

  ASSERT_EQ(on.clients().snapshot(Fixture::at(2)).size(), 1U);
  const policy::ClientRecord client = on.clients().snapshot(Fixture::at(2))[0];
  EXPECT_EQ(client.remote.text(), "198.51.100.2:40000");
  EXPECT_EQ(client.mode, 3);
  EXPECT_EQ(client.version, 4);
  EXPECT_TRUE(off.clients().snapshot(Fixture::at(2)).empty());
  EXPECT_EQ(forced.clients().snapshot(Fixture::at(2)).size(), 1U);
}

TEST(RespondLimit, AWrongMacThatComesTooFastGetsNoKiss) {
  for (const std::size_t tail : {4U, 20U, 24U}) {
    Fixture server(kLimitedKod);
    server.send(request_header(), 1, tail);

    EXPECT_FALSE(is_reply(server.send(request_header(), 1, tail)));
    EXPECT_EQ(server.count(Outcome::limited), 1U);
  }
}

TEST(RespondLimit, WhatIsMalformedIsNeitherAnsweredNorKissed) {
  Fixture server(kLimitedKod);

  for (int i = 0; i < 3; ++i) EXPECT_FALSE(is_reply(server.send(request_header(), 1, 8)));

  EXPECT_EQ(server.count(Outcome::kissed), 0U);
}

// The reference implementation limited its own sources: replies forged in a source's name made it drop the true ones, or
// stopped it from asking (CVE-2016-7426). Here what is no request is never limited, and costs its sender's name nothing.
TEST(RespondLimit, Cve2016_7426_ForgedRepliesOfASourceLimitNobody) {
  Fixture server(kLimitedKod);
  for (const Mode mode : {Mode::server, Mode::broadcast, Mode::symmetric_passive})
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(is_reply(server.send(request_header(mode), 1)));

  EXPECT_EQ(server.count(Outcome::not_a_request), 150U);
  EXPECT_EQ(server.count(Outcome::limited) + server.count(Outcome::kissed), 0U);
  EXPECT_TRUE(is_reply(server.send(request_header(), 1))) << "as a client it has all of its allowance";
  EXPECT_EQ(server.reply().stratum, 2);
}

// Memory and log that grow with the number of clients (CVE-2010-0293, CVE-2010-0294).
TEST(RespondLimit, Cve2010_0294_AHundredThousandSourcesTakeNoMoreMemory) {
  Fixture server(kLimitedKod);
  const std::size_t octets = server.clients().octets();
  for (std::uint32_t i = 0; i < 100'000; ++i)
    server.send(request_header(), 1, 0, Address::v4(0x0a000000 + i).text().c_str());

  EXPECT_EQ(server.clients().octets(), octets);
  EXPECT_LE(server.clients().snapshot(Fixture::at(2)).size(), server.clients().capacity());
}

}  // namespace
}  // namespace ntp::server
