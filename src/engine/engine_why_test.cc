// SPDX-License-Identifier: BSD-2-Clause
//
// Why sources are where they are, and what changed of late.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/test_kit.h"
#include "state/reasons.h"

namespace ntp::engine {
namespace {

using state::SourceReason;
using test::address;
using test::Driver;

Settings lines_for(std::uint32_t count) {
  Settings settings;
  settings.drift = DriftRecord{.frequency_ppm = 0};
  for (std::uint32_t i = 1; i <= count; ++i) {
    settings.sources.push_back(test::server(i));
    settings.sources.back().has_iburst = true;
  }
  return settings;
}

struct World : Driver {
  explicit World(std::uint32_t count) : World(lines_for(count)) {}
  explicit World(const Settings& settings) : Driver(settings) {
    for (const SourceSettings& source : settings.sources)
      if (source.address && !source.address->is_refclock()) servers[*source.address];
  }
  void start_and_run(double seconds) {
    start();
    run(seconds);
  }
  SourceReason reason(std::size_t i = 0) { return view().sources.at(i).judgement.reason; }
  std::string why(std::size_t i = 0) {
    const state::View now = view();
    return state::to_text(now.sources.at(i), now.system);
  }
  /// The changes' texts, of one association or (0) of the clock.
  std::vector<std::string> changes(std::uint16_t id) {
    std::vector<std::string> out;
    for (const state::Change& change : view().changes)
      if (change.association_id == id) out.push_back(change.text);
    return out;
  }
};

bool begins(const std::string& text, std::string_view with) { return text.starts_with(with); }

// ------------------------------------------------------------------------------------------------------------- reasons

TEST(Why, SilentThenMeasuredThenFollowed) {
  World world(1);
  world.start();
  EXPECT_EQ(world.reason(), SourceReason::silent);
  world.run(200);
  EXPECT_EQ(world.reason(), SourceReason::none);
  EXPECT_TRUE(begins(world.why(), "system peer:")) << world.why();
}

TEST(Why, FalsetickerAndMajorityAreBothShown) {
  World world(4);
  world.servers[address(4)].offset_s = 7;
  world.start_and_run(120);

  EXPECT_EQ(world.reason(3), SourceReason::outside);
  const state::View view = world.view();
  const state::Judgement& judged = view.sources[3].judgement;
  EXPECT_LT(judged.low_s, 7);
  EXPECT_GT(judged.high_s, 7);
  EXPECT_GT(judged.low_s, view.system.majority_high_s) << "that is what makes it a falseticker";
  EXPECT_LT(judged.since_judged_s, 64);
  EXPECT_GE(judged.since_judged_s, 0);
  EXPECT_TRUE(begins(world.why(3), "falseticker: its interval +")) << world.why(3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(world.reason(i), SourceReason::none);
}

TEST(Why, TwoThatContradictEachOtherHaveNoMajority) {
  World world(2);
  world.servers[address(2)].offset_s = 7;
  world.start_and_run(120);

  EXPECT_EQ(world.reason(0), SourceReason::no_majority);
  EXPECT_EQ(world.reason(1), SourceReason::no_majority);
  EXPECT_EQ(state::why_not_synchronized(world.view()),
            "not in sync: 2 of 2 servers reachable, the 2 sources contradict each other");
}

TEST(Why, FewerThanMinsaneAreCounted) {
  Settings settings = lines_for(3);
  settings.selection.min_sane = 2;
  World world(settings);
  world.servers[address(2)].is_silent = world.servers[address(3)].is_silent = true;
  world.start_and_run(120);

  EXPECT_EQ(world.reason(0), SourceReason::no_majority);
  EXPECT_EQ(world.reason(1), SourceReason::silent);
  EXPECT_EQ(state::why_clock(world.view()), "not in sync: 1 of 3 servers reachable, minsane 2");
}

TEST(Why, AtStartTheOthersAreAwaited) {
  World world(3);
  world.servers[address(2)].is_silent = world.servers[address(3)].is_silent = true;
  world.start_and_run(3.5);
  EXPECT_EQ(world.reason(0), SourceReason::waiting);
}

TEST(Why, SourceThatFallsSilentIsUnreachable) {
  World world(2);
  world.start_and_run(120);
  world.servers[address(2)].is_silent = true;
  world.run(2000);
  EXPECT_EQ(world.reason(1), SourceReason::unreachable);
  EXPECT_TRUE(begins(world.why(1), "unreachable: the last polls got no answer; heard ")) << world.why(1);
}

TEST(Why, ServerWithoutTimeIsNotSynchronized) {
  World world(1);
  world.servers[address(1)].header.leap = wire::Leap::unsynchronized;
  world.start_and_run(120);
  EXPECT_EQ(world.reason(), SourceReason::unsynchronized);

  World lost(1);
  lost.start_and_run(120);
  lost.servers[address(1)].header.leap = wire::Leap::unsynchronized;
  lost.run(200);
  EXPECT_EQ(lost.reason(), SourceReason::unsynchronized) << "also while older samples are in reach";
}

TEST(Why, RefusedPacketsNameTheirTest) {
  World world(1);
  world.servers[address(1)].header.root_dispersion = ShortTime::from_seconds(17);
  world.start_and_run(120);
  EXPECT_EQ(world.reason(), SourceReason::refused);
  EXPECT_EQ(world.why(), "refused: its times or distances make no sense");
}

TEST(Why, SourceFarFromTheRootIsTooFar) {
  World world(1);
  world.servers[address(1)].header.root_dispersion = ShortTime::from_seconds(3);
  world.start_and_run(600);
  EXPECT_EQ(world.reason(), SourceReason::too_far);
  EXPECT_TRUE(begins(world.why(), "too far: its root distance of 3.")) << world.why();
}

TEST(Why, SourceThatFollowsUsIsALoop) {
  World world(1);
  world.engine.set_own_names({Address::v4(0x0a010101)}, 123);
  world.start_and_run(120);
  EXPECT_EQ(world.reason(), SourceReason::loop);
}

TEST(Why, NoselectIsSaid) {
  Settings settings = lines_for(2);
  settings.sources[1].is_never_selected = true;
  World world(settings);
  world.start_and_run(120);
  EXPECT_EQ(world.reason(1), SourceReason::not_selectable);
}

TEST(Why, DeniedSourceIsRefusedThenRests) {
  World world(2);
  world.start_and_run(120);
  wire::Header& header = world.servers[address(2)].header;
  header.leap = wire::Leap::unsynchronized;
  header.stratum = 0;
  header.refid = wire::kKissDeny;
  world.run(2000);
  EXPECT_EQ(world.reason(1), SourceReason::resting);
  EXPECT_EQ(world.why(1).substr(0, 50), "resting: it refuses to serve us; asked again in 23");
}

TEST(Why, SourceWithoutItsKeyCannotProveItself) {
  Settings settings = lines_for(1);
  settings.sources[0].key_id = 9;
  World world(settings);
  world.start_and_run(10);
  EXPECT_EQ(world.reason(), SourceReason::bad_auth);
  EXPECT_EQ(world.why(), "not authenticated: key 9 can't be used");
}

TEST(Why, ClassicOutlierAgreesAndIsNotFollowed) {
  Settings settings = lines_for(5);
  settings.discipline.algorithm = DisciplineSettings::Algorithm::classic;
  World world(settings);
  world.servers[address(5)].offset_s = 0.02;
  world.servers[address(5)].delay_s = 0.1;
  world.start_and_run(200);
  EXPECT_EQ(world.view().sources[4].selection, state::Selection::outlier);
  EXPECT_EQ(world.reason(4), SourceReason::outlier);
}

TEST(Why, LocalClockIsASpareWhileOthersLead) {
  Settings settings = lines_for(1);
  SourceSettings clock;
  clock.kind = SourceSettings::Kind::local_clock;
  clock.address = Address::v4(0x7f7f0100);
  clock.name = "127.127.1.0";
  settings.sources.push_back(clock);
  World world(settings);
  world.start_and_run(200);
  EXPECT_EQ(world.reason(1), SourceReason::spare);
  EXPECT_EQ(world.reason(0), SourceReason::none);

  world.servers[address(1)].is_silent = true;
  world.run(3000);
  EXPECT_EQ(world.reason(1), SourceReason::none) << "now it leads";
  EXPECT_TRUE(begins(state::why_clock(world.view()), "following its own clock, 127.127.1.0"))
      << state::why_clock(world.view());
}

// ------------------------------------------------------------------------------------------------------------- changes

TEST(Changes, AStartTellsWhoIsFollowedAndNothingTwice) {
  World world(3);
  world.servers[address(3)].offset_s = 7;
  world.start_and_run(300);

  for (std::uint16_t id = 1; id <= 3; ++id) EXPECT_EQ(world.changes(id).size(), 1U) << id;
  EXPECT_TRUE(begins(world.changes(3)[0], "falseticker: its interval "));
  ASSERT_FALSE(world.changes(0).empty());
  EXPECT_TRUE(begins(world.changes(0)[0], "in sync: following 192.0.2.")) << world.changes(0)[0];
}

TEST(Changes, UnreachableAndBackAreTold) {
  World world(2);
  world.start_and_run(120);
  world.servers[address(2)].is_silent = true;
  world.run(2000);
  ASSERT_EQ(world.changes(2).size(), 2U);
  EXPECT_TRUE(begins(world.changes(2)[1], "unreachable:"));

  world.servers[address(2)].is_silent = false;
  world.run(3000);
  ASSERT_EQ(world.changes(2).size(), 3U);
  EXPECT_EQ(world.changes(2)[2], "candidate: it agrees with the majority, and counts");
}

TEST(Changes, LostSynchronizationIsTold) {
  World world(1);
  world.start_and_run(120);
  world.clock.jump(300);
  world.servers[address(1)].is_silent = true;
  world.run(120);

  const auto changes = world.changes(0);
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[1], "the clock was moved by +300.000 s by another program or while the machine slept");
  EXPECT_EQ(changes[2], "not in sync: 0 of 1 server reachable, minsane 1");
}

TEST(Changes, StepIsToldOnceAndTheClockIsNotCalledLostForIt) {
  World world(1);
  world.servers[address(1)].offset_s = 2.5;
  world.start_and_run(300);

  const auto changes = world.changes(0);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_TRUE(begins(changes[0], "the clock was stepped by +2.5")) << changes[0];
  EXPECT_TRUE(begins(changes[1], "in sync: ")) << changes[1];
}

TEST(Changes, SourcesThatComeAndGoAreNamed) {
  Settings settings = lines_for(1);
  World world(settings);
  world.start_and_run(60);
  Settings other = lines_for(2);
  other.sources.erase(other.sources.begin());
  world.servers[address(2)];
  world.reconfigure(other);

  ASSERT_FALSE(world.changes(1).empty());
  EXPECT_EQ(world.changes(1).back(), "removed: 192.0.2.1");
  EXPECT_EQ(world.changes(2), std::vector<std::string>{"added: 192.0.2.2"});
}

TEST(Changes, WhatFlapsDoesNotPushAllElseOut) {
  Settings settings = lines_for(4);
  for (SourceSettings& source : settings.sources) source.max_poll_log2s = source.min_poll_log2s = 3;
  World world(settings);
  world.start_and_run(120);
  for (int i = 0; i < 20; ++i) {
    world.servers[address(4)].is_silent = i % 2 == 0;
    world.run(120);
  }

  EXPECT_GT(world.changes(4).size(), 3U) << "it does flap";
  EXPECT_LE(world.changes(4).size(), 1 + 3 * 4U) << "three times in ten minutes, forty minutes long";
  EXPECT_FALSE(world.changes(1).empty());
}

/// Its leader is whichever of the two is preferred.
struct Passing : World {
  Passing() : World(settings_for(0)) { start_and_run(300); }
  static Settings settings_for(std::size_t preferred) {
    Settings settings = lines_for(3);
    settings.sources[preferred].is_preferred = true;
    return settings;
  }
  void prefer(std::size_t i) { reconfigure(settings_for(i)); }
  std::string leader() { return view().sources.at(view().system.peer_association_id - 1U).remote.address.text(); }
};

TEST(Changes, EndWithWhoLeadsNowHoweverOftenThatPasses) {
  Passing world;
  for (std::size_t i = 1; i <= 20; ++i) {
    const std::string before = world.leader();
    world.prefer(i % 3);
    world.run(5);
    ASSERT_NE(world.leader(), before) << "the lead does pass";
    const auto changes = world.changes(0);
    ASSERT_FALSE(changes.empty());
    EXPECT_TRUE(begins(changes.back(), "following " + world.leader() + " (system peer)"))
        << i << ": " << changes.back();
    EXPECT_TRUE(begins(changes.front(), "in sync: ")) << changes.front();
  }
  EXPECT_EQ(world.changes(0).size(), 1 + 3U) << "three times in ten minutes";
  world.run(700);
  EXPECT_EQ(world.changes(0).size(), 1 + 3U) << "and nothing twice";
  world.prefer(0);
  world.run(5);
  EXPECT_EQ(world.changes(0).size(), 1 + 4U);
}

TEST(Changes, TheLastThirtyTwoAreKeptOldestFirst) {
  World world(1);
  world.start_and_run(60);
  world.servers[address(1)].is_silent = true;
  for (int i = 0; i < 40; ++i) {
    world.clock.jump(100 + i);
    world.run(3);
  }

  const state::View view = world.view();
  ASSERT_EQ(view.changes.size(), state::kMaxChanges);
  EXPECT_NE(view.changes.back().text.find("+139.000 s"), std::string::npos) << view.changes.back().text;
  for (std::size_t i = 1; i < view.changes.size(); ++i)
    EXPECT_GE((view.changes[i].at - view.changes[i - 1].at).seconds(), 0);
}

}  // namespace
}  // namespace ntp::engine
