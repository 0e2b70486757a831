// SPDX-License-Identifier: BSD-2-Clause
#include "engine/orphan.h"

#include <gtest/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::address;
using test::count_of;
using test::Driver;
using test::FakeServer;
using test::logs_with;

using Algorithm = DisciplineSettings::Algorithm;

constexpr int kOrphanStratum = 8;

/// This host is 192.0.2.200; its sources are 192.0.2.1 to 192.0.2.`count`.
Settings mesh(Algorithm algorithm, std::uint32_t count) {
  Settings settings;
  settings.discipline.algorithm = algorithm;
  settings.drift = DriftRecord{.frequency_ppm = 0};
  settings.selection.orphan_stratum = kOrphanStratum;
  for (std::uint32_t i = 1; i <= count; ++i) {
    settings.sources.push_back(test::server(i));
    settings.sources.back().has_iburst = true;
  }
  return settings;
}

struct Host : Driver {
  Host(Algorithm algorithm, std::uint32_t count) : Host(mesh(algorithm, count)) {}
  explicit Host(const Settings& settings) : Driver(settings) {
    for (const SourceSettings& source : settings.sources) servers[*source.address];
  }
  FakeServer& server(std::uint32_t last) { return servers[address(last)]; }
  void make_orphan(std::uint32_t last) {
    server(last).header.stratum = kOrphanStratum;
    server(last).header.refid = orphan_refid(kOrphanStratum);
    server(last).header.root_delay = server(last).header.root_dispersion = {};
  }
  state::SystemView system() { return view().system; }
  [[nodiscard]] Address leader() {
    const state::View seen = view();
    for (const state::SourceView& source : seen.sources)
      if (source.selection == state::Selection::system_peer) return source.remote.address;
    return {};
  }
};

class EngineOrphan : public testing::TestWithParam<Algorithm> {};
INSTANTIATE_TEST_SUITE_P(Both, EngineOrphan, testing::Values(Algorithm::estimator, Algorithm::classic),
                         [](const auto& test) { return test.param == Algorithm::classic ? "classic" : "estimator"; });

TEST(Orphan, IsNobodyWithoutTheMode) {
  Association a{test::server(1)};
  a.peer.stratum = 15;
  SelectionSettings settings;
  EXPECT_FALSE(is_orphan(a, settings));
  settings.orphan_stratum = 15;
  EXPECT_TRUE(is_orphan(a, settings));
  a.peer.stratum = 14;
  EXPECT_FALSE(is_orphan(a, settings)) << "one who has a source is followed as ever";
}

TEST(Orphan, OfTwoHostsOneRanksBelow) {
  Association a{test::server(1)};
  SelectionSettings settings;
  settings.orphan_stratum = a.peer.stratum = kOrphanStratum;
  EXPECT_FALSE(may_be_parent(a, settings)) << "nothing was ever heard from it";
  a.remote = {address(1), 123};
  a.peer.local = address(2);
  EXPECT_TRUE(may_be_parent(a, settings));
  std::swap(a.remote.address, *a.peer.local);
  EXPECT_FALSE(may_be_parent(a, settings));
  a.remote.address = *a.peer.local;
  EXPECT_FALSE(may_be_parent(a, settings)) << "nobody is his own parent";
}

TEST_P(EngineOrphan, BecomesTheParentAfterOrphanwait) {
  Host host(GetParam(), 2);
  host.server(1).is_silent = host.server(2).is_silent = true;
  host.start();
  host.run(290);
  EXPECT_FALSE(host.is_synchronized());

  host.run(11);
  EXPECT_EQ(host.system().stratum, kOrphanStratum);
  EXPECT_EQ(host.system().refid, orphan_refid(kOrphanStratum));
  EXPECT_EQ(host.system().root_delay_s, 0);
  EXPECT_EQ(logs_with(host.log, "orphan mode"), 1U);

  host.run(86400);
  EXPECT_EQ(host.system().stratum, kOrphanStratum) << "an orphan's own time doesn't wear out";
  EXPECT_EQ(host.system().root_dispersion_s, kMinDistance_s);
  EXPECT_EQ(logs_with(host.log, "orphan mode"), 1U);
  EXPECT_EQ(count_of<StepClock>(host.log), 0U);
}

TEST_P(EngineOrphan, WithoutTheModeStaysUnsynchronised) {
  Settings settings = mesh(GetParam(), 1);
  settings.selection.orphan_stratum = kMaxStratum;
  Host host(settings);
  host.server(1).is_silent = true;
  host.start();
  host.run(2000);
  EXPECT_FALSE(host.is_synchronized());
}

TEST_P(EngineOrphan, LeavesTheModeWhenASourceComesBack) {
  Host host(GetParam(), 1);
  host.server(1).is_silent = true;
  host.start();
  host.run(400);
  ASSERT_EQ(host.system().stratum, kOrphanStratum);

  host.server(1).is_silent = false;
  host.run(2000);
  EXPECT_EQ(host.system().stratum, 3);
  EXPECT_EQ(host.leader(), address(1));

  host.server(1).is_silent = true;
  host.run(3000);
  EXPECT_EQ(host.system().stratum, kOrphanStratum) << "and enters it again";
}

TEST_P(EngineOrphan, FollowsTheParentWithTheLeastRank) {
  Host host(GetParam(), 3);
  for (const std::uint32_t last : {1U, 2U, 3U}) host.make_orphan(last);
  host.server(1).is_silent = true;
  host.server(2).offset_s = 0.02;
  host.start();
  host.run(200);
  EXPECT_FALSE(host.is_synchronized()) << "orphans wait for better ones, too";

  host.run(1200);
  EXPECT_EQ(host.leader(), address(2));
  EXPECT_EQ(host.system().stratum, kOrphanStratum + 1);
  EXPECT_NEAR(host.clock.error_s(), 0.02, 0.002);

  host.server(1).is_silent = false;
  host.run(20000);
  EXPECT_EQ(host.leader(), address(1));
}

TEST_P(EngineOrphan, NobodyFollowsAParentOfHigherRank) {
  Host host(GetParam(), 2);
  host.make_orphan(1);
  host.make_orphan(2);
  host.local = address(0);
  host.start();
  host.run(1000);
  EXPECT_EQ(host.system().stratum, kOrphanStratum) << "this host has the least rank: it is the parent itself";
  EXPECT_EQ(host.leader(), Address());
}

TEST_P(EngineOrphan, AFollowerIsNobodysParent) {
  Host host(GetParam(), 1);
  host.make_orphan(1);
  host.server(1).header.stratum = kOrphanStratum + 1;
  host.server(1).header.refid = wire::Refid::v4(address(99));
  host.start();
  host.run(1000);
  EXPECT_EQ(host.leader(), Address());
  EXPECT_EQ(host.system().stratum, kOrphanStratum);
}

TEST_P(EngineOrphan, AnySourceBelowTheOrphanStratumWins) {
  Host host(GetParam(), 2);
  host.make_orphan(1);
  host.start();
  host.run(1000);
  EXPECT_EQ(host.leader(), address(2));
  EXPECT_EQ(host.system().stratum, 3);
}

TEST_P(EngineOrphan, IsTheParentAgainAfterTheClockWasMoved) {
  Host host(GetParam(), 1);
  host.server(1).is_silent = true;
  host.start();
  host.run(400);
  host.clock.jump(5);
  host.run(40);
  EXPECT_EQ(host.system().stratum, kOrphanStratum);
}

}  // namespace
}  // namespace ntp::engine
