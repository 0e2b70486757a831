// SPDX-License-Identifier: BSD-2-Clause
#include "server/served_leap.h"

#include <array>
#include <cmath>
#include <optional>

#include <gtest/gtest.h>

#include "state/leap_smear.h"

namespace ntp::server {
namespace {

using wire::Leap;

/// The end of June 2027.
constexpr Timestamp kMidnight = Timestamp::from_parts(4'023'388'800U, 0);
constexpr double kInterval_s = 3600;

/// A server with a right clock, whose engine published 8 s before midnight and is not heard of any more.
class Server {
 public:
  explicit Server(int change_s, double interval_s = kInterval_s) : change_s_(change_s) {
    clock_.publish({.leap = change_s > 0 ? Leap::insert : Leap::remove,
                    .stratum = 2,
                    .precision_log2s = -23,
                    .refid = {0x0a000001},
                    .reference = kMidnight - Span::from_seconds(100),
                    .as_of = mono(-8),
                    .real_as_of = kMidnight - Span::from_seconds(8),
                    .valid_until = mono(5000),
                    .leap_at = kMidnight,
                    .leap_change_s = static_cast<std::int8_t>(change_s),
                    .leap_smear_interval_s = interval_s});
  }

  /// The clock `elapsed_s` of true time after it showed midnight for the first time, or would have: it leaps as kernels do.
  [[nodiscard]] Timestamp clock_at(double elapsed_s) const {
    const double leap_at_s = change_s_ > 0 ? 0 : -1;
    const bool has_leapt = is_leaping && elapsed_s >= leap_at_s;
    return kMidnight + Span::from_seconds(elapsed_s - (has_leapt ? change_s_ : 0));
  }

  wire::Header ask(double elapsed_s, wire::Mode mode = wire::Mode::client, double waited_s = 0.0001) {
    std::array<std::byte, wire::kHeaderLength> request{};
    wire::encode_header({.version = 4, .mode = mode, .transmit = Timestamp::from_bits(7)}, request);
    std::array<std::byte, kMaxReplyLength> reply{};
    const policy::Policy policy;
    WorkerState worker;
    verdict = respond({.clock = clock_, .policy = policy}, worker,
                      {.remote = {Address::v4(0xc6336402), 40000},
                       .local = Address::v4(0xc0000201),
                       .received = clock_at(elapsed_s - waited_s) + Span::from_seconds(wrong_s),
                       .payload = request},
                      {.mono = mono(elapsed_s), .real = clock_at(elapsed_s) + Span::from_seconds(wrong_s)}, reply);
    return wire::decode_header(reply).value();
  }

  /// Whether the last reply is sent when its T3 is taken at `elapsed_s`.
  [[nodiscard]] bool finishes(double elapsed_s) const {
    std::array<std::byte, kMaxReplyLength> reply{};
    WorkerState worker;
    return finish(worker, verdict, clock_at(elapsed_s), reply);
  }

  bool is_leaping = true;
  double wrong_s = 0;
  Verdict verdict;

 private:
  static MonoTime mono(double seconds) { return MonoTime::from_nanoseconds(1'000'000'000'000) + seconds; }

  int change_s_;
  state::ClockState clock_;
};

double after_midnight_s(Timestamp t) { return (t - kMidnight).seconds(); }

TEST(ServedLeap, IsAnnouncedUntilItHappens) {
  Server server(1, 0);

  EXPECT_EQ(server.ask(-5).leap, Leap::insert);
  EXPECT_EQ(server.ask(-0.001).leap, Leap::insert);
  EXPECT_EQ(server.ask(0.001).leap, Leap::none) << "23:59:60";
  EXPECT_NEAR(after_midnight_s(server.ask(0.5).transmit), -0.5, 1e-6) << "as the kernel writes it";
  EXPECT_EQ(server.ask(1.5).leap, Leap::none);
  EXPECT_EQ(server.ask(1.5).stratum, 2) << "no jump that nobody knows of";
}

TEST(ServedLeap, LeavesASecondOut) {
  Server server(-1, 0);

  EXPECT_EQ(server.ask(-1.001).leap, Leap::remove);
  EXPECT_EQ(server.ask(-0.999).leap, Leap::none);
  EXPECT_NEAR(after_midnight_s(server.ask(-0.999).transmit), 0.001, 1e-6);
  EXPECT_EQ(server.ask(-0.999).stratum, 2);
}

TEST(ServedLeap, MovesTheReferenceTimeAlong) {
  Server server(1, 0);
  EXPECT_NEAR(after_midnight_s(server.ask(0.5).reference), -101, 1e-6);
}

TEST(ServedLeap, ThatComesWhileAReplyIsMadeKeepsItFromBeingSent) {
  for (const int change : {1, -1}) {
    for (const double interval_s : {0.0, kInterval_s}) {
      Server server(change, interval_s);
      const double leap_at_s = change > 0 ? 0 : -1;
      server.ask(leap_at_s - 0.001);
      EXPECT_TRUE(server.finishes(leap_at_s - 0.0001)) << change;
      EXPECT_FALSE(server.finishes(leap_at_s + 0.0001)) << change;
      server.ask(leap_at_s + 0.001);
      EXPECT_TRUE(server.finishes(leap_at_s + 0.002)) << change;
    }
  }
}

TEST(ServedLeap, IsNoExcuseForAnotherJump) {
  for (const int change : {1, -1}) {
    Server server(change);
    server.wrong_s = change;
    EXPECT_EQ(server.ask(-4).leap, Leap::unsynchronized) << "the wrong way";
    server.wrong_s = -change;
    EXPECT_EQ(server.ask(-4).leap, Leap::unsynchronized) << "too early";
    server.wrong_s = 0.3;
    EXPECT_EQ(server.ask(5).leap, Leap::unsynchronized);
  }
}

TEST(SmearedLeap, FollowsTheCurveInAllStampsAndTheRefid) {
  Server server(1);
  // The summary is of 8 s before midnight; what the reply is made of is the clock alone.
  for (const double at_s : {-7.0, -3.0, -1.0, -0.001}) {
    const wire::Header reply = server.ask(at_s, wire::Mode::client, 0.5);
    const double smear_s = state::leap_smear_s(-at_s, 1, kInterval_s);
    EXPECT_NEAR(after_midnight_s(reply.transmit), at_s + smear_s, 1e-9);
    EXPECT_NEAR(after_midnight_s(reply.receive), at_s - 0.5 + state::leap_smear_s(0.5 - at_s, 1, kInterval_s), 1e-9);
    EXPECT_NEAR(after_midnight_s(reply.reference), -100 + smear_s, 1e-9);
    EXPECT_EQ(reply.refid, wire::Refid::smear(Span::from_seconds(smear_s)));
    EXPECT_EQ(reply.leap, Leap::none) << "hidden";
    EXPECT_NEAR(server.verdict.smear.seconds(), smear_s, 1e-9);
  }
}

TEST(SmearedLeap, IsOverWhenTheClockHasLeapt) {
  Server server(1);
  const wire::Header reply = server.ask(0.001);

  EXPECT_NEAR(after_midnight_s(reply.transmit), -0.999, 1e-6);
  EXPECT_EQ(reply.refid.bits, 0x0a000001U);
  EXPECT_EQ(server.verdict.smear, Span());
}

TEST(SmearedLeap, IsMonotonicAcrossTheLeap) {
  for (const int change : {1, -1}) {
    Server server(change);
    std::optional<double> last_s;
    for (int i = -6000; i < 3000; ++i) {
      const double at_s = i / 1000.0 + 0.0005;
      const wire::Header reply = server.ask(at_s);
      const double now_s = after_midnight_s(reply.transmit);
      const double waited_s = (reply.transmit - reply.receive).seconds();
      EXPECT_NEAR(waited_s, 0.0001, 1e-6) << at_s;
      if (last_s) {
        EXPECT_NEAR(now_s - *last_s, 0.001, 1e-6) << at_s;
      }
      last_s = now_s;
    }
  }
}

TEST(SmearedLeap, IsTheSameForARequestThatCameBeforeIt) {
  for (const int change : {1, -1}) {
    Server server(change);
    const wire::Header reply = server.ask(change > 0 ? 0.1 : -0.9, wire::Mode::client, 0.2);
    EXPECT_NEAR((reply.transmit - reply.receive).seconds(), 0.2, 1e-6);
  }
}

TEST(SmearedLeap, WaitsForAKernelThatIsLate) {
  Server server(1);
  server.is_leaping = false;
  const wire::Header reply = server.ask(0.004);

  EXPECT_NEAR(after_midnight_s(reply.transmit), -0.996, 1e-6);
  EXPECT_EQ(reply.leap, Leap::none);
}

TEST(SmearedLeap, IsForClientsAlone) {
  Server server(1);
  const wire::Header reply = server.ask(-1, wire::Mode::symmetric_active);

  EXPECT_EQ(reply.leap, Leap::insert);
  EXPECT_NEAR(after_midnight_s(reply.transmit), -1, 1e-6);
  EXPECT_EQ(reply.refid.bits, 0x0a000001U);
}

}  // namespace
}  // namespace ntp::server
