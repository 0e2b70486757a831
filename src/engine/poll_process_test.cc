// SPDX-License-Identifier: BSD-2-Clause
#include "engine/poll_process.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::mono;

SourceSettings settings(bool has_iburst = false, bool has_burst = false) {
  SourceSettings source = test::server();
  source.has_iburst = has_iburst;
  source.has_burst = has_burst;
  return source;
}

/// Polls a source whenever it is due.
class Poller {
 public:
  explicit Poller(const SourceSettings& source) : process(source) { process.restart(now); }

  PollProcess::Poll poll(bool is_answered, std::int8_t system_poll = 6, bool is_fit = true) {
    now = std::max(now, process.due());
    const PollProcess::Poll result = process.sent(now, system_poll, is_fit, random);
    if (is_answered) process.received();
    return result;
  }
  [[nodiscard]] double wait_s() const { return process.due() - now; }

  MonoTime now = mono(0);
  SeededRandom random{7};
  PollProcess process;
};

std::vector<double> sparse_start(bool is_answered) {
  PollProcess process(settings(true), StartBurst::sparse);
  SeededRandom random{7};
  MonoTime now = mono(0);
  process.restart(now);
  std::vector<double> times_s;
  while (now < mono(140)) {
    now = process.due();
    times_s.push_back(now - mono(0));
    process.sent(now, 6, true, random);
    if (is_answered) process.received();
  }
  return times_s;
}

TEST(PollStart, IsSparseForTheEstimator) {
  const std::vector<double> times_s = sparse_start(true);

  ASSERT_GE(times_s.size(), 9U);
  EXPECT_EQ(std::vector<double>(times_s.begin(), times_s.begin() + 8),
            (std::vector<double>{0, 2, 4, 6, 10, 18, 34, 66}));
  EXPECT_GE(times_s[8], 66 + 64);
}

TEST(PollStart, SendsNoLongBurstToNobody) {
  const std::vector<double> times_s = sparse_start(false);

  ASSERT_GE(times_s.size(), 7U);
  EXPECT_EQ(std::vector<double>(times_s.begin(), times_s.begin() + 6), (std::vector<double>{0, 2, 4, 6, 10, 18}));
  EXPECT_GE(times_s[6], 18 + 64);
}

TEST(PollStart, EndsWhereTheIntervalIsAsShortAndALostSourceIsMissed) {
  SourceSettings source = settings(true);
  source.min_poll_log2s = source.max_poll_log2s = 3;
  PollProcess process(source, StartBurst::sparse);
  SeededRandom random{7};
  process.restart(mono(0));
  process.sent(process.due(), 3, true, random);
  process.received();

  while (process.due() < mono(32)) process.sent(process.due(), 3, true, random);

  EXPECT_EQ(process.reach() & 3U, 0) << "two polls at 8 s are lost";
}

/// The first instants at which a source with short intervals is asked, if it answers after so long (never: not at all).
std::vector<double> fast_start(std::optional<double> round_trip_s, StartBurst burst) {
  SourceSettings source = settings(true);
  source.min_poll_log2s = source.max_poll_log2s = -2;
  PollProcess process(source, burst);
  SeededRandom random{7};
  MonoTime now = mono(0);
  process.restart(now);
  std::vector<double> times_s;
  while (times_s.size() < 12) {
    now = process.due();
    times_s.push_back(now - mono(0));
    process.sent(now, -2, true, random);
    if (round_trip_s && now + *round_trip_s < process.due()) process.received(*round_trip_s);
  }
  return times_s;
}

TEST(PollFast, HasNoBurstSlowerThanTheInterval) {
  for (const StartBurst burst : {StartBurst::even, StartBurst::sparse}) {
    const std::vector<double> times_s = fast_start(0.0001, burst);
    for (std::size_t i = 1; i < times_s.size(); ++i) {
      EXPECT_GE(times_s[i] - times_s[i - 1], 0.25);
      EXPECT_LE(times_s[i] - times_s[i - 1], 0.25 * (1 + kPollSpread));
    }
  }
}

TEST(PollFast, NeverOvertakesAnAnswer) {
  const std::vector<double> times_s = fast_start(0.4, StartBurst::sparse);
  for (std::size_t i = 1; i < times_s.size(); ++i) EXPECT_NEAR(times_s[i] - times_s[i - 1], 0.8, 1e-6);
}

TEST(PollFast, AsksASilentSourceEveryTwoSecondsAtMost) {
  const std::vector<double> times_s = fast_start(std::nullopt, StartBurst::sparse);
  for (std::size_t i = 1; i < times_s.size(); ++i) EXPECT_NEAR(times_s[i] - times_s[i - 1], 2, 1e-6);
}

TEST(PollFast, WaitsWhateverAnAnswerSaysOnceItIsToldTo) {
  SourceSettings source = settings();
  source.min_poll_log2s = source.max_poll_log2s = -2;
  Poller poller(source);
  poller.poll(false);

  poller.process.rest(poller.now, 86400);
  poller.process.received(0.001);

  EXPECT_EQ(poller.wait_s(), 86400);
}

TEST(PollInterval, MayBeASixteenthOfASecond) {
  SourceSettings source = settings();
  source.min_poll_log2s = source.max_poll_log2s = -4;
  Poller poller(source);

  poller.poll(true, 6);

  EXPECT_GE(poller.wait_s(), 0.0625);
  EXPECT_LE(poller.wait_s(), 0.0625 * (1 + kPollSpread));
}

TEST(PollReach, ShiftsOnceAnInterval) {
  Poller poller(settings());
  const struct {
    bool is_answered;
    int reach;
  } steps[] = {{true, 1}, {true, 3}, {false, 6}, {true, 13}, {false, 26}};

  for (const auto& step : steps) {
    poller.poll(step.is_answered);
    EXPECT_EQ(poller.process.reach(), step.reach);
  }
}

TEST(PollReach, IsLostAfterEightSilentIntervals) {
  Poller poller(settings());
  poller.poll(true);

  for (int i = 0; i < 7; ++i) EXPECT_FALSE(poller.poll(false).became_unreachable) << i;
  EXPECT_TRUE(poller.poll(false).became_unreachable);
  EXPECT_FALSE(poller.poll(false).became_unreachable) << "it is said once";
}

TEST(PollReach, AgesTheFilterAfterThreeSilentIntervals) {
  Poller poller(settings());
  poller.poll(true);

  EXPECT_FALSE(poller.poll(false).is_filter_aged);
  EXPECT_FALSE(poller.poll(false).is_filter_aged);
  EXPECT_TRUE(poller.poll(false).is_filter_aged);
}

/// How many packets leave until the next one waits for a whole interval.
int packets_in_a_row(Poller& poller, bool is_answered) {
  int count = 0;
  do {
    poller.poll(is_answered);
    ++count;
    if (poller.process.is_bursting()) {
      EXPECT_EQ(poller.wait_s(), 2.0);
    }
  } while (poller.process.is_bursting());
  EXPECT_GE(poller.wait_s(), 64.0);
  return count;
}

TEST(PollBurst, SixPacketsTwoSecondsApartAtTheStart) {
  Poller poller(settings(true));

  EXPECT_EQ(packets_in_a_row(poller, true), 6);
  EXPECT_EQ(poller.process.reach(), 1) << "a burst is one interval";
  EXPECT_EQ(packets_in_a_row(poller, true), 1);
}

TEST(PollBurst, ComesAgainOnlyWhenTheSourceIsLost) {
  Poller poller(settings(true));
  EXPECT_EQ(packets_in_a_row(poller, true), 6);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(packets_in_a_row(poller, false), 1) << i;

  EXPECT_EQ(packets_in_a_row(poller, false), 6);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(packets_in_a_row(poller, false), 1) << "a dead source gets no second burst";
}

TEST(PollBurst, EightPacketsEachIntervalIfAskedForAndFit) {
  Poller poller(settings(false, true));
  EXPECT_EQ(packets_in_a_row(poller, true), 1) << "nothing is known of it yet";

  EXPECT_EQ(packets_in_a_row(poller, true), 8);
  EXPECT_EQ(packets_in_a_row(poller, true), 8);
  poller.poll(true, 6, false);
  EXPECT_FALSE(poller.process.is_bursting()) << "not for a source that can't be selected";
}

TEST(PollInterval, FollowsTheSystemsWithinTheSourcesBounds) {
  Poller poller(settings());
  poller.poll(true);

  poller.poll(true, 8);
  EXPECT_EQ(poller.process.poll_log2s(), 8);
  poller.poll(true, 3);
  EXPECT_EQ(poller.process.poll_log2s(), 6);
  poller.poll(true, 17);
  EXPECT_EQ(poller.process.poll_log2s(), 10);
}

TEST(PollInterval, BacksOffAfterTenUnansweredPolls) {
  Poller poller(settings());

  for (int i = 0; i < 10; ++i) poller.poll(false);
  EXPECT_EQ(poller.process.poll_log2s(), 6);
  for (std::int8_t expected = 7; expected <= 10; ++expected) {
    poller.poll(false);
    EXPECT_EQ(poller.process.poll_log2s(), expected);
  }
  poller.poll(false);
  EXPECT_EQ(poller.process.poll_log2s(), 10);
  EXPECT_EQ(poller.process.unreached_polls(), 15) << "the count goes on";

  poller.poll(true);
  poller.poll(true);
  EXPECT_EQ(poller.process.poll_log2s(), 6);
}

RC_GTEST_PROP(PollInterval, IsStretchedByASixteenthAtMost, (std::uint64_t seed, std::uint8_t poll)) {
  SeededRandom random(seed);
  SourceSettings source = settings();
  source.min_poll_log2s = source.max_poll_log2s = static_cast<std::int8_t>(3 + poll % 15);
  PollProcess process(source);
  process.restart(mono(0));
  process.sent(mono(0), 6, true, random);

  const double interval_s = exp2_s(source.min_poll_log2s);
  const double wait_s = process.due() - mono(0);
  RC_ASSERT(wait_s >= interval_s - 1e-9);
  RC_ASSERT(wait_s <= interval_s * 17 / 16);
}

TEST(PollRate, RaisesTheFloorAndEndsABurst) {
  Poller poller(settings(true));
  poller.poll(true);

  poller.process.slow_down(poller.now, 6, poller.random);

  EXPECT_FALSE(poller.process.is_bursting());
  EXPECT_EQ(poller.process.poll_log2s(), 7);
  EXPECT_GE(poller.wait_s(), 128);
  poller.poll(true, 6);
  EXPECT_EQ(poller.process.poll_log2s(), 7) << "it is a floor";
}

TEST(PollRate, TakesTheServersWishUpToMaxpoll) {
  Poller poller(settings());

  poller.process.slow_down(poller.now, 9, poller.random);
  EXPECT_EQ(poller.process.poll_log2s(), 9);
  for (int i = 0; i < 5; ++i) poller.process.slow_down(poller.now, 17, poller.random);
  EXPECT_EQ(poller.process.poll_log2s(), 10);
}

TEST(PollRate, IsHarmlessWhateverThePollFieldSays) {
  for (int octet = 0; octet < 256; ++octet) {
    Poller poller(settings());
    poller.process.slow_down(poller.now, static_cast<std::int8_t>(octet), poller.random);
    EXPECT_GE(poller.process.poll_log2s(), 7) << octet;
    EXPECT_LE(poller.process.poll_log2s(), 10) << octet;
    EXPECT_GE(poller.wait_s(), 128) << octet;
    EXPECT_LE(poller.wait_s(), 1024 * 17.0 / 16) << octet;
  }
}

TEST(PollRest, LastsAndThenAllIsAsBefore) {
  Poller poller(settings(true));
  poller.poll(true);
  poller.process.slow_down(poller.now, 9, poller.random);

  poller.process.rest(poller.now, 86400);
  EXPECT_EQ(poller.wait_s(), 86400);
  EXPECT_EQ(poller.process.reach(), 0);

  poller.poll(true);
  packets_in_a_row(poller, true);
  poller.poll(true, 6);
  EXPECT_EQ(poller.process.poll_log2s(), 6);
}

TEST(PollReconfigure, WhoAskedForFewerPacketsStillGetsFewer) {
  Poller poller(settings());
  poller.poll(true);
  poller.process.slow_down(poller.now, 9, poller.random);
  SourceSettings other = settings();
  other.min_poll_log2s = 4;
  other.max_poll_log2s = 10;

  poller.process.reconfigure(other);
  EXPECT_EQ(poller.process.min_poll_log2s(), 9);
  other.max_poll_log2s = 8;
  poller.process.reconfigure(other);

  EXPECT_EQ(poller.process.min_poll_log2s(), 8) << "maxpoll is the operator's word";
}

TEST(PollReconfigure, ShorterIntervalBringsTheNextPacketForward) {
  Poller poller(settings());
  for (int i = 0; i < 3; ++i) poller.poll(true, 10);
  ASSERT_GE(poller.wait_s(), 1024);
  SourceSettings other = settings();
  other.max_poll_log2s = 7;

  poller.process.reconfigure(other);

  EXPECT_EQ(poller.wait_s(), 128);
  EXPECT_NE(poller.process.reach(), 0);
}

RC_GTEST_PROP(PollReconfigure, SameOptionsChangeNothing, (const std::vector<bool>& answers, bool has_iburst)) {
  Poller plain(settings(has_iburst));
  Poller reconfigured(settings(has_iburst));
  for (const bool is_answered : answers) {
    plain.poll(is_answered, 9);
    reconfigured.process.reconfigure(settings(has_iburst));
    reconfigured.poll(is_answered, 9);

    RC_ASSERT(plain.process.due() == reconfigured.process.due());
    RC_ASSERT(plain.process.reach() == reconfigured.process.reach());
    RC_ASSERT(plain.process.poll_log2s() == reconfigured.process.poll_log2s());
  }
}

}  // namespace
}  // namespace ntp::engine
