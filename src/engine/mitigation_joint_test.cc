// SPDX-License-Identifier: BSD-2-Clause
//
// The choice for the clock estimator: everybody who is right, and who leads.
#include <algorithm>

#include <gtest/gtest.h>

#include "engine/mitigation.h"
#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using state::Selection;

class Sky {
 public:
  Association& add(double offset_s, double distance_s) {
    auto source = std::make_unique<Association>(test::server(static_cast<std::uint32_t>(all.size()) + 1));
    Association& a = *source;
    a.id = static_cast<AssociationId>(all.size() + 1);
    a.remote = {*a.settings.address, 123};
    a.peer.leap = wire::Leap::none;
    a.peer.stratum = 2;
    a.peer.refid = wire::Refid::v4(test::address(99));
    a.peer.offset_s = offset_s;
    a.peer.dispersion_s = distance_s;
    a.peer.filtered_at = test::raw(0);
    a.poll.received();
    all.push_back(std::move(source));
    return a;
  }
  std::optional<SystemChoice> choose() {
    context.now = test::raw(0);
    context.selection = &selection;
    context.own = &own;
    context.combining = Combining::joint;
    return mitigation.choose(all, context);
  }

  std::vector<std::unique_ptr<Association>> all;
  SelectionSettings selection;
  OwnNames own;
  MitigationContext context;
  Mitigation mitigation;
};

TEST(MitigationJoint, FollowsAllThatAgree) {
  Sky sky;
  for (int i = 0; i < 6; ++i) sky.add(0.001 * i, 0.05);
  Association& liar = sky.add(5, 0.05);

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->followed.size(), 6U) << "no outlier is cast off: the estimator knows their noise";
  EXPECT_EQ(liar.selection, Selection::falseticker);
}

TEST(MitigationJoint, IsLedByTheLeastBound) {
  Sky sky;
  sky.add(0, 0.05);
  Association& nearest = sky.add(0.001, 0.01);
  nearest.peer.stratum = 3;

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->peer, &nearest);
  EXPECT_EQ(nearest.selection, Selection::system_peer);
}

TEST(MitigationJoint, FollowsThePreferredSourceAlone) {
  Sky sky;
  sky.add(0, 0.01);
  Association& preferred = sky.add(0.001, 0.05);
  preferred.settings.is_preferred = true;

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->peer, &preferred);
  EXPECT_EQ(choice->followed, (std::vector<Association*>{&preferred}));
  EXPECT_EQ(choice->survivors, 2U);
}

TEST(MitigationJoint, NeverFollowsAConvictedSource) {
  Sky sky;
  sky.add(0, 0.05);
  sky.add(0, 0.05);
  Association& drifting = sky.add(0, 0.05);
  drifting.is_convicted = true;

  const auto choice = sky.choose();

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->followed.size(), 2U);
  EXPECT_EQ(drifting.selection, Selection::falseticker);
}

TEST(MitigationJoint, CountsTheVotesOfTheConvicted) {
  Sky sky;
  for (int i = 0; i < 4; ++i) sky.add(0, 0.05);
  sky.all[0]->is_convicted = sky.all[1]->is_convicted = true;

  EXPECT_FALSE(sky.choose());
  EXPECT_EQ(sky.mitigation.reason(), "2 of 4 sources agree, 2 drift");
}

TEST(MitigationJoint, WaitsForLinesWithoutAnAddress) {
  Sky sky;
  sky.add(0, 0.05);
  sky.context.must_wait_for_more = true;
  sky.context.unresolved = 1;
  EXPECT_FALSE(sky.choose());

  sky.context.must_wait_for_more = false;
  EXPECT_TRUE(sky.choose());
}

TEST(MitigationJoint, HonoursMaxclockAndMinsane) {
  Sky sky;
  for (int i = 0; i < 5; ++i) sky.add(0, 0.01 * (i + 1));
  sky.selection.max_clock = 3;

  const auto choice = sky.choose();
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->followed.size(), 3U);
  EXPECT_EQ(sky.all[4]->selection, Selection::excess);

  sky.selection.min_sane = 6;
  EXPECT_FALSE(sky.choose());
}

}  // namespace
}  // namespace ntp::engine
