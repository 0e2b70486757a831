// SPDX-License-Identifier: BSD-2-Clause
#include "state/reasons.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace ntp::state {
namespace {

SourceView source(std::uint16_t id, SourceReason reason, Selection selection = Selection::reject) {
  SourceView view;
  view.association_id = id;
  view.remote = {Address::v4(0xc0000200U + id), 123};
  view.selection = selection;
  view.reach = 0377;
  view.judgement.reason = reason;
  return view;
}

SystemView with_majority() {
  SystemView system;
  system.majority_low_s = -0.4e-3;
  system.majority_high_s = 0.6e-3;
  system.majority_size = 2;
  system.majority_of = 3;
  return system;
}

TEST(Reasons, FalsetickerShowsBothIntervals) {
  SourceView liar = source(3, SourceReason::outside, Selection::falseticker);
  liar.judgement = {.reason = SourceReason::outside, .low_s = 12.1e-3, .high_s = 12.3e-3, .since_judged_s = 1};

  EXPECT_EQ(to_text(liar, with_majority()),
            "falseticker: its interval +12.1 to +12.3 ms misses the majority's -0.4 to +0.6 ms");
}

TEST(Reasons, NarrowMissesAreNotRoundedAway) {
  SourceView liar = source(3, SourceReason::outside, Selection::falseticker);
  liar.judgement = {.reason = SourceReason::outside, .low_s = 0.603e-3, .high_s = 0.9e-3, .since_judged_s = 1};
  SystemView system = with_majority();

  EXPECT_EQ(to_text(liar, system),
            "falseticker: its interval +0.603 to +0.900 ms misses the majority's -0.400 to +0.600 ms");
  system.majority_high_s = 0.60299e-3;
  EXPECT_EQ(to_text(liar, system),
            "falseticker: its interval +0.603000 to +0.900000 ms misses the majority's -0.400000 to +0.602990 ms");
}

TEST(Reasons, IntervalsTakeTheUnitOfTheirGreaterEnd) {
  EXPECT_EQ(interval_text(-0.01, 0.6), "-0.0 to +0.6 s");
  EXPECT_EQ(interval_text(-2, 1), "-2.0 to +1.0 s");
  EXPECT_EQ(interval_text(-20e-9, 30e-9), "-20.0 to +30.0 ns");
  EXPECT_EQ(interval_text(12, 12.0006), "+12.0000 to +12.0006 s");
  EXPECT_EQ(interval_text(0, 0), "+0.0 to +0.0 ns");
}

TEST(Reasons, EveryReasonHasASentenceAndAWordOfItsOwn) {
  std::set<std::string> sentences;
  std::set<std::string> words;
  constexpr int kReasons = static_cast<int>(SourceReason::spare) + 1;
  for (int i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<SourceReason>(i);
    const std::string sentence = to_text(source(1, reason), with_majority());
    EXPECT_NE(sentence.find(": "), std::string::npos) << sentence;
    EXPECT_EQ(sentence.find('\n'), std::string::npos);
    sentences.insert(sentence);
    words.insert(to_text(reason));
  }

  EXPECT_EQ(sentences.size(), std::size_t{kReasons});
  EXPECT_EQ(words.size(), std::size_t{kReasons});
  EXPECT_STREQ(to_text(SourceReason::few_samples), "few_samples");
  EXPECT_STREQ(to_text(SourceReason::spare), "spare");
}

TEST(Reasons, SilenceSaysHowOftenItWasAsked) {
  SourceView silent = source(1, SourceReason::silent);
  EXPECT_EQ(to_text(silent, {}), "silent: not asked yet");
  silent.sent = 1;
  EXPECT_EQ(to_text(silent, {}), "silent: no answer yet to 1 request");
  silent.sent = 12;
  EXPECT_EQ(to_text(silent, {}), "silent: no answer yet to 12 requests");
}

TEST(Reasons, UnreachableAndRestingSaySinceAndUntilWhen) {
  SourceView gone = source(1, SourceReason::unreachable);
  gone.since_received_s = 1200;
  EXPECT_EQ(to_text(gone, {}), "unreachable: the last polls got no answer; heard 20 min ago");

  SourceView resting = source(1, SourceReason::resting);
  resting.until_poll_s = 23 * 3600;
  EXPECT_EQ(to_text(resting, {}), "resting: it refuses to serve us; asked again in 23 h");
}

TEST(Reasons, RefusalNamesTheTestsThatFailed) {
  SourceView refused = source(1, SourceReason::refused);
  refused.flash = 0x44;
  EXPECT_EQ(to_text(refused, {}), "refused: a time stamp is missing; its times or distances make no sense");
}

TEST(Reasons, BadAuthenticationTellsAnUnusableKeyFromABadMac) {
  SourceView bad = source(1, SourceReason::bad_auth);
  bad.key_id = 7;
  EXPECT_EQ(to_text(bad, {}), "not authenticated: key 7 can't be used");
  bad.bad_auth = 3;
  EXPECT_EQ(to_text(bad, {}), "not authenticated: 3 packets without a valid MAC of key 7");
}

TEST(Reasons, ExcessIsNoOutlier) {
  EXPECT_EQ(to_text(source(1, SourceReason::outlier, Selection::excess), {}).substr(0, 7), "excess:");
  EXPECT_EQ(to_text(source(1, SourceReason::outlier, Selection::outlier), {}).substr(0, 8), "outlier:");
}

// ------------------------------------------------------------------------------------------------------------- the clock

TEST(Reasons, TooFewReachableServersAreCounted) {
  View view;
  view.system.needed = 2;
  view.sources = {source(1, SourceReason::no_majority), source(2, SourceReason::silent),
                  source(3, SourceReason::silent)};
  view.sources[1].reach = view.sources[2].reach = 0;

  EXPECT_EQ(why_not_synchronized(view), "not in sync: 1 of 3 servers reachable, minsane 2");
  EXPECT_EQ(why_clock(view), why_not_synchronized(view));
}

TEST(Reasons, EnoughServersThatContradictEachOtherHaveNoMajority) {
  View view;
  view.sources = {source(1, SourceReason::no_majority), source(2, SourceReason::no_majority)};
  EXPECT_EQ(why_not_synchronized(view), "not in sync: 2 of 2 servers reachable, no majority agrees");

  view.system.waiting_for = "the 2 sources contradict each other";
  EXPECT_EQ(why_not_synchronized(view), "not in sync: 2 of 2 servers reachable, the 2 sources contradict each other");
}

TEST(Reasons, WithoutServersTheReasonIsWhatIsWaitedFor) {
  View view;
  EXPECT_EQ(why_not_synchronized(view), "not in sync: there is no source");
  view.system.waiting_for = "an address for time.example (name server or network not there yet)";
  EXPECT_EQ(why_not_synchronized(view),
            "not in sync: waiting for an address for time.example (name server or network not there yet)");
}

TEST(Reasons, LocalClockIsNoServer) {
  View view;
  view.sources = {source(1, SourceReason::silent), source(2, SourceReason::spare)};
  view.sources[0].reach = 0;
  view.sources[1].remote.address = Address::v4(0x7f7f0100);

  EXPECT_EQ(why_not_synchronized(view), "not in sync: 0 of 1 server reachable, minsane 1");
}

View synchronized() {
  View view;
  view.system.leap = wire::Leap::none;
  view.system.stratum = 3;
  view.system.peer_association_id = 1;
  view.system.offset_s = 0.3e-3;
  view.system.root_distance_s = 4.1e-3;
  view.sources = {source(1, SourceReason::none, Selection::system_peer)};
  return view;
}

TEST(Reasons, ClockThatIsRightSaysWhomItFollows) {
  View view = synchronized();
  EXPECT_EQ(why_clock(view), "following 192.0.2.1 (system peer) alone: +0.3 ms, bound 4.1 ms");
  EXPECT_EQ(why_not_synchronized(view), "");

  for (std::uint16_t id = 2; id < 5; ++id) view.sources.push_back(source(id, SourceReason::none, Selection::candidate));
  view.sources.push_back(source(5, SourceReason::outside, Selection::falseticker));
  view.system.offset_s = -1.3e-3;
  EXPECT_EQ(why_clock(view), "following 192.0.2.1 (system peer) with 3 others: -1.3 ms, bound 4.1 ms");
}

TEST(Reasons, ClockThatFollowsNobodyIsNotCalledFollowing) {
  View view = synchronized();
  view.sources[0].remote.address = Address::v4(0x7f7f0100);
  EXPECT_EQ(why_clock(view), "following its own clock, 127.127.1.0, for want of others: bound 4.1 ms");

  view.system.peer_association_id = 0;
  EXPECT_EQ(why_clock(view), "on its own at stratum 3: no source is left, bound 4.1 ms");
}

}  // namespace
}  // namespace ntp::state
