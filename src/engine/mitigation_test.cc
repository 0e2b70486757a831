// SPDX-License-Identifier: BSD-2-Clause
#include "engine/mitigation.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using state::Selection;
using test::raw;

class Sky {
 public:
  Association& add(double offset_s, double distance_s = 0.05) {
    auto source = std::make_unique<Association>(test::server(static_cast<std::uint32_t>(all.size()) + 1));
    Association& a = *source;
    a.id = static_cast<AssociationId>(all.size() + 1);
    a.remote = {*a.settings.address, 123};
    a.peer.leap = wire::Leap::none;
    a.peer.stratum = 2;
    a.peer.refid = wire::Refid::v4(test::address(99));
    a.peer.offset_s = offset_s;
    a.peer.dispersion_s = distance_s;
    a.peer.jitter_s = a.peer.noise_s = 0.001;
    a.peer.filtered_at = raw(0);
    a.poll.received();
    all.push_back(std::move(source));
    return a;
  }
  Association& add_local_clock() {
    Association& a = add(0);
    a.settings.kind = SourceSettings::Kind::local_clock;
    a.peer.stratum = 5;
    return a;
  }
  std::optional<SystemChoice> choose() {
    context.now = raw(0);
    context.selection = &selection;
    context.own = &own;
    return mitigation.choose(all, context);
  }

  std::vector<std::unique_ptr<Association>> all;
  SelectionSettings selection;
  OwnNames own;
  MitigationContext context;
  Mitigation mitigation;
};

TEST(Mitigation, FollowsOneSource) {
  Sky sky;
  Association& a = sky.add(0.3);

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->peer, &a);
  EXPECT_DOUBLE_EQ(choice->offset_s, 0.3);
  EXPECT_EQ(a.selection, Selection::system_peer);
}

TEST(Mitigation, MarksFalsetickersAndCandidates) {
  Sky sky;
  sky.add(0.000);
  sky.add(0.001);
  Association& liar = sky.add(5);

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_EQ(liar.selection, Selection::falseticker);
  EXPECT_EQ(choice->survivors, 2U);
  EXPECT_LT(std::abs(choice->offset_s), 0.001);
  EXPECT_EQ(sky.all[0]->selection, Selection::system_peer);
  EXPECT_EQ(sky.all[1]->selection, Selection::candidate);
}

TEST(Mitigation, ChoosesNobodyWithoutAMajority) {
  Sky sky;
  sky.add(0);
  sky.add(5);

  EXPECT_FALSE(sky.choose());
  EXPECT_EQ(sky.mitigation.reason(), "the 2 sources contradict each other");
}

TEST(Mitigation, SaysWhyItHasNobody) {
  Sky sky;
  EXPECT_FALSE(sky.choose());
  EXPECT_EQ(sky.mitigation.reason(), "no source is configured");

  sky.add(0).peer.stratum = 16;
  EXPECT_FALSE(sky.choose());
  EXPECT_EQ(sky.mitigation.reason(), "no source is fit to be followed");
}

TEST(Mitigation, WantsMinsaneSourcesThatAgree) {
  Sky sky;
  sky.selection.min_sane = 3;
  sky.add(0);
  sky.add(0.001);

  EXPECT_FALSE(sky.choose());
  EXPECT_NE(sky.mitigation.reason().find("minsane"), std::string::npos);

  sky.add(0.002);
  EXPECT_TRUE(sky.choose());
}

TEST(Mitigation, FollowsThePreferredSourceAmongTheTrue) {
  Sky sky;
  sky.add(0.000, 0.01);
  sky.add(0.001, 0.01);
  Association& preferred = sky.add(0.010, 0.2);
  preferred.settings.is_preferred = true;

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->peer, &preferred);
  EXPECT_DOUBLE_EQ(choice->offset_s, 0.010);
}

TEST(Mitigation, DoesNotFollowAPreferredFalseticker) {
  Sky sky;
  sky.add(0);
  sky.add(0.001);
  Association& preferred = sky.add(7);
  preferred.settings.is_preferred = true;

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_NE(choice->peer, &preferred);
}

TEST(Mitigation, BelievesASourceThatIsDeclaredTrue) {
  Sky sky;
  sky.add(0);
  Association& declared = sky.add(7);
  declared.settings.is_always_true = true;

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->peer, &declared);
}

TEST(Mitigation, NeverSelectsNoselect) {
  Sky sky;
  sky.add(0).settings.is_never_selected = true;

  EXPECT_FALSE(sky.choose());
  EXPECT_NE(sky.all[0]->flash & kPeerUnreach, 0U);
}

TEST(Mitigation, RefusesASourceThatIsSynchronizedToUs) {
  Sky sky;
  sky.own.refids.push_back(wire::Refid::v4(test::address(99)));
  sky.add(0);

  EXPECT_FALSE(sky.choose());
  EXPECT_NE(sky.all[0]->flash & kPeerLoop, 0U);
}

TEST(Mitigation, LeavesOutWhatIsBeyondMaxclockButNotThePreferred) {
  Sky sky;
  sky.selection.max_clock = 3;
  for (int i = 0; i < 5; ++i) sky.add(0, 0.01 * (i + 1));
  sky.all[4]->settings.is_preferred = true;

  ASSERT_TRUE(sky.choose());

  EXPECT_EQ(sky.all[4]->selection, Selection::system_peer);
  EXPECT_EQ(sky.all[2]->selection, Selection::excess);
  EXPECT_EQ(sky.all[3]->selection, Selection::excess);
}

TEST(MitigationHop, KeepsTheLeaderWhileAnotherIsHardlyBetter) {
  Sky sky;
  Association& first = sky.add(0, 0.010);
  Association& second = sky.add(0.0004, 0.011);
  EXPECT_EQ(sky.choose()->peer, &first);

  second.peer.dispersion_s = 0.009;
  EXPECT_EQ(sky.choose()->peer, &first) << "0.4 ms apart, below 1 ms";
  EXPECT_EQ(sky.choose()->peer, &first) << "below 0.5 ms";
  EXPECT_EQ(sky.choose()->peer, &second) << "not below 0.25 ms: the better one wins in the end";
}

TEST(MitigationHop, LeavesALeaderThatIsFarOff) {
  Sky sky;
  sky.add(0, 0.010);
  Association& second = sky.add(0.002, 0.011);
  sky.choose();

  second.peer.dispersion_s = 0.009;

  EXPECT_EQ(sky.choose()->peer, &second);
}

TEST(MitigationHop, LeavesALeaderThatCameDown) {
  Sky sky;
  Association& first = sky.add(0);
  Association& second = sky.add(0);
  EXPECT_EQ(sky.choose()->peer, &first);

  first.peer.stratum = 3;

  EXPECT_EQ(sky.choose()->peer, &second);
}

TEST(MitigationStart, WaitsUntilMoreThanHalfHaveASay) {
  Sky sky;
  for (int i = 0; i < 4; ++i) sky.add(0).peer.dispersion_s = 8;
  sky.context.must_wait_for_more = true;

  for (std::size_t i = 0; i < 4; ++i) {
    sky.all[i]->peer.dispersion_s = 0.01;
    EXPECT_EQ(sky.choose().has_value(), i >= 2) << i + 1 << " of 4";
  }
}

TEST(MitigationStart, DoesNotFollowTwoOfFourWhoAreFirst) {
  Sky sky;
  sky.add(50);
  sky.add(50);
  sky.add(0);
  sky.add(0).peer.dispersion_s = 8;
  sky.context.must_wait_for_more = true;

  EXPECT_FALSE(sky.choose()) << "two of the three that are fit, but not of the four";
}

TEST(MitigationStart, DoesNotWaitForNoselect) {
  Sky sky;
  sky.add(0);
  sky.add(0).settings.is_never_selected = true;
  sky.context.must_wait_for_more = true;

  EXPECT_TRUE(sky.choose());
}

TEST(MitigationLocalClock, IsForTimesWithoutAnybodyElse) {
  Sky sky;
  Association& source = sky.add(0.3);
  Association& local = sky.add_local_clock();
  EXPECT_EQ(sky.choose()->peer, &source);

  source.peer.stratum = 16;
  EXPECT_FALSE(sky.choose()) << "others may come back";

  sky.context.is_orphaned = true;
  const auto choice = sky.choose();
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->peer, &local);
  EXPECT_EQ(choice->offset_s, 0);
}

TEST(MitigationLeap, IsWhatMoreThanHalfOfTheSurvivorsSay) {
  Sky sky;
  for (int i = 0; i < 4; ++i) sky.add(0);
  sky.selection.min_clock = 4;
  sky.all[0]->peer.leap = sky.all[1]->peer.leap = wire::Leap::insert;
  EXPECT_EQ(sky.choose()->leap, wire::Leap::none) << "2 of 4";

  sky.all[2]->peer.leap = wire::Leap::insert;
  EXPECT_EQ(sky.choose()->leap, wire::Leap::insert) << "3 of 4";

  for (int i = 0; i < 3; ++i) sky.all[static_cast<std::size_t>(i)]->peer.leap = wire::Leap::remove;
  EXPECT_EQ(sky.choose()->leap, wire::Leap::remove);
}

}  // namespace
}  // namespace ntp::engine
