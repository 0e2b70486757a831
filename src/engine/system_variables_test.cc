// SPDX-License-Identifier: BSD-2-Clause
#include "engine/system_variables.h"

#include <gtest/gtest.h>

#include "base/calendar.h"
#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::mono;
using test::now;
using test::raw;

/// A second is inserted at the end of June 2027.
constexpr LeapPlan kInsertion = {
    .announced = wire::Leap::insert, .at = 4'023'388'800, .change_s = 1, .smear_interval_s = 3600, .tai_offset_s = 37};

Association good_source(const SourceSettings& settings = test::server(7)) {
  Association a(settings);
  a.remote = {*settings.address, 123};
  a.peer.leap = wire::Leap::none;
  a.peer.stratum = 2;
  a.peer.root_delay_s = 0.020;
  a.peer.root_dispersion_s = 0.003;
  a.peer.delay_s = 0.010;
  a.peer.dispersion_s = 0.002;
  a.peer.filtered_at = raw(90);
  return a;
}

SystemVariables::Followed following(Association& a) {
  return {
      .choice =
          {.peer = &a, .offset_s = 0, .jitter_s = 0.001, .leap = wire::Leap::insert, .survivors = 1, .followed = {}},
      .noise_s = 0.001};
}

void expect_unsynchronized(const state::ClockSummary& summary) {
  EXPECT_EQ(summary.leap, wire::Leap::unsynchronized);
  EXPECT_EQ(summary.stratum, 0);
  EXPECT_EQ(summary.refid, wire::Refid::ascii("INIT"));
  EXPECT_TRUE(summary.reference.is_unknown());
}

TEST(SystemVariables, AreUnsynchronizedAtFirst) {
  SystemVariables system(-20);

  const state::ClockSummary summary = system.summary(now(0));

  expect_unsynchronized(summary);
  EXPECT_EQ(summary.precision_log2s, -20);
  EXPECT_FALSE(system.kernel_status(now(0), 0).is_synchronized);
}

TEST(SystemVariables, ComeFromTheLeader) {
  SystemVariables system(-20);
  Association a = good_source();

  system.follow(now(100), following(a));

  const state::ClockSummary summary = system.summary(now(100));
  EXPECT_EQ(summary.leap, wire::Leap::none) << "what sources say is a vote";
  EXPECT_EQ(system.vote(), wire::Leap::insert);
  EXPECT_EQ(summary.stratum, 3);
  EXPECT_EQ(summary.refid, wire::Refid::v4(a.remote.address));
  EXPECT_EQ(summary.reference, now(100).real);
  EXPECT_DOUBLE_EQ(summary.root_delay_s, 0.030);
  EXPECT_DOUBLE_EQ(summary.root_dispersion_s, 0.003 + 0.002 + 15e-6 * 10 + 0.001);
  EXPECT_EQ(summary.valid_until, mono(100) + kPublishValidity_s);
}

TEST(SystemVariables, IncludeTheUncorrectedOffset) {
  SystemVariables system(-20);
  Association a = good_source();
  auto followed = following(a);
  followed.uncorrected_s = 0.1;

  system.follow(now(100), followed);

  EXPECT_GE(system.root_dispersion_s(mono(100)), 0.1 + 0.003);
}

TEST(SystemVariables, AreNeverBetterThanTheMinimumDistance) {
  SystemVariables system(-20);
  Association a = good_source();
  a.peer.dispersion_s = a.peer.root_dispersion_s = 0;
  a.peer.filtered_at = raw(100);
  auto followed = following(a);
  followed.noise_s = 0;

  system.follow(now(100), followed);

  EXPECT_DOUBLE_EQ(system.root_dispersion_s(mono(100)), kMinDistance_s);
}

TEST(SystemVariables, GrowOldAtTheRateOfTheClock) {
  SystemVariables system(-20);
  Association a = good_source();
  auto followed = following(a);
  followed.dispersion_rate = 500e-6;
  system.follow(now(100), followed);

  const double grown_s = system.root_dispersion_s(mono(1100)) - system.root_dispersion_s(mono(100));

  EXPECT_NEAR(grown_s, 0.5, 1e-9);
  EXPECT_EQ(system.summary(now(100)).dispersion_rate, 500e-6);
}

TEST(SystemVariables, AreWornOutAt16Seconds) {
  SystemVariables system(-20);
  Association a = good_source();
  auto followed = following(a);
  followed.dispersion_rate = 500e-6;
  system.follow(now(0), followed);

  EXPECT_FALSE(system.is_worn_out(mono(31000)));
  EXPECT_TRUE(system.is_worn_out(mono(32000)));
  system.lose();
  EXPECT_FALSE(system.is_worn_out(mono(32000)));
  expect_unsynchronized(system.summary(now(32000)));
}

TEST(SystemVariables, CallNoUnusableClockRight) {
  SystemVariables system(-20);
  Association a = good_source();
  system.follow(now(100), following(a));

  auto followed = following(a);
  followed.is_usable = false;
  system.follow(now(101), followed);

  expect_unsynchronized(system.summary(now(101)));
}

TEST(SystemVariables, EndAtStratum15) {
  SystemVariables system(-20);
  Association a = good_source();
  a.peer.stratum = 14;
  system.follow(now(100), following(a));
  EXPECT_EQ(system.stratum(), 15);

  a.peer.stratum = 15;
  system.follow(now(101), following(a));
  EXPECT_FALSE(system.is_synchronized());
}

TEST(SystemVariables, NameTheLocalClockByItsAddress) {
  SystemVariables system(-20);
  SourceSettings settings;
  settings.kind = SourceSettings::Kind::local_clock;
  settings.address = Address::v4(0x7f7f0100);
  Association a = good_source(settings);
  a.peer.stratum = 10;

  system.follow(now(100), following(a));

  EXPECT_EQ(system.stratum(), 11);
  EXPECT_EQ(system.refid().bits, 0x7f7f0100U);
}

TEST(SystemVariables, TellTheKernelItsBounds) {
  SystemVariables system(-20);
  Association a = good_source();
  system.follow(now(100), following(a));

  system.announce(kInsertion);
  const SetKernelStatus status = system.kernel_status(now(100), 0.0005);

  EXPECT_TRUE(status.is_synchronized);
  EXPECT_EQ(status.leap, wire::Leap::insert);
  EXPECT_DOUBLE_EQ(status.max_error_s, 0.015 + system.root_dispersion_s(mono(100)));
  EXPECT_EQ(status.estimated_error_s, 0.0005);
  EXPECT_EQ(status.tai_offset_s, 37);
}

TEST(SystemVariables, TellOfALeapSecondWhileTheyAreSynchronized) {
  SystemVariables system(-20);
  Association a = good_source();
  system.follow(now(100), following(a));
  EXPECT_TRUE(system.summary(now(100)).leap_at.is_unknown());

  system.announce(kInsertion);

  const state::ClockSummary summary = system.summary(now(100));
  EXPECT_EQ(system.leap(), wire::Leap::insert);
  EXPECT_EQ(summary.leap, wire::Leap::insert);
  EXPECT_EQ(summary.leap_at, Timestamp::from_parts(4'023'388'800U, 0));
  EXPECT_EQ(summary.leap_change_s, 1);
  EXPECT_EQ(summary.leap_smear_interval_s, 3600);
  system.leapt(Span::from_seconds(-1));
  EXPECT_EQ(system.summary(now(100)).reference, now(99).real);
  system.lose();
  EXPECT_EQ(system.leap(), wire::Leap::unsynchronized);
  EXPECT_TRUE(system.summary(now(100)).leap_at.is_unknown());
}

}  // namespace
}  // namespace ntp::engine
