// SPDX-License-Identifier: BSD-2-Clause
//
// A new configuration while the engine runs: what stays, what goes, what starts anew.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/sources.h"
#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::address;
using test::all_of;
using test::count_of;
using test::Driver;
using test::logs_with;
using test::now;
using test::server;

SourceSettings named(const std::string& name, SourceSettings::Kind kind = SourceSettings::Kind::server) {
  SourceSettings source;
  source.kind = kind;
  source.name = name;
  return source;
}
SourceSettings pool(const std::string& name) { return named(name, SourceSettings::Kind::pool); }

SourceSettings local_clock() {
  SourceSettings source;
  source.kind = SourceSettings::Kind::local_clock;
  source.address = Address::parse("127.127.1.0");
  source.name = source.address->text();
  return source;
}

Settings with(std::vector<SourceSettings> sources) {
  Settings settings;
  settings.sources = std::move(sources);
  return settings;
}

/// Sources that have started at 0 s; names are not answered yet.
struct Lines {
  explicit Lines(std::vector<SourceSettings> lines) : sources(with(std::move(lines))) { sources.start(now(0), out); }
  void answer(const std::string& name, const std::vector<Address>& found) {
    for (const Resolve& question : all_of<Resolve>(out))
      if (question.name == name) last_token = question.token;
    sources.name_resolved(now(1), {last_token, found, found.empty() ? "not known" : ""}, out);
  }
  SourceChanges reconfigure(std::vector<SourceSettings> lines) {
    out.clear();
    return sources.reconfigure(now(100), with(std::move(lines)), nullptr, out);
  }
  Association* find(std::uint32_t last) {
    for (const auto& a : sources.associations())
      if (a->remote.address == address(last)) return a.get();
    return nullptr;
  }

  Effects out;
  Sources sources;
  Token last_token = 0;
};

TEST(SourcesCounters, CountFromZeroAgainWhereItIsAskedFor) {
  Lines lines({server(1), server(2)});
  for (const std::uint32_t last : {1U, 2U}) {
    lines.find(last)->counters.sent = 7;
    lines.find(last)->counters.last_refused = kPacketAuth;
  }

  EXPECT_FALSE(lines.sources.reset_counters(Endpoint{address(3), 0}));
  EXPECT_FALSE(lines.sources.reset_counters(Endpoint{address(1), 9}));
  EXPECT_TRUE(lines.sources.reset_counters(Endpoint{address(1), wire::kPort}));

  EXPECT_EQ(lines.find(1)->counters.sent, 0U);
  EXPECT_EQ(lines.find(1)->counters.last_refused, kPacketAuth) << "no count";
  EXPECT_EQ(lines.find(2)->counters.sent, 7U);
  EXPECT_TRUE(lines.sources.reset_counters({}));
  EXPECT_EQ(lines.find(2)->counters.sent, 0U);
}

TEST(SourcesReconfigure, SameLinesChangeNothingInAnyOrder) {
  Lines lines({server(1), server(2), named("ntp.example"), local_clock()});
  lines.answer("ntp.example", {address(9)});
  const auto id_1 = lines.find(1)->id;
  const auto id_9 = lines.find(9)->id;

  const SourceChanges changes = lines.reconfigure({named("ntp.example"), local_clock(), server(2), server(1)});

  EXPECT_EQ(changes, (SourceChanges{.unchanged = 4}));
  EXPECT_TRUE(lines.out.empty());
  EXPECT_TRUE(lines.sources.take_forgotten().empty());
  ASSERT_EQ(lines.sources.associations().size(), 4U);
  EXPECT_EQ(lines.find(1)->id, id_1);
  EXPECT_EQ(lines.find(9)->id, id_9);
  EXPECT_EQ(lines.find(9)->source_index, 0U);
  EXPECT_EQ(lines.find(1)->source_index, 3U);
}

TEST(SourcesReconfigure, RemovedLineIsDemobilisedAndAddedOneMobilised) {
  Lines lines({server(1), server(2)});
  const EndpointId endpoint = lines.find(1)->endpoint;
  const auto id_1 = lines.find(1)->id;
  const auto id_2 = lines.find(2)->id;

  const SourceChanges changes = lines.reconfigure({server(2), server(3), named("ntp.example")});

  EXPECT_EQ(changes, (SourceChanges{.added = 2, .removed = 1, .unchanged = 1}));
  ASSERT_EQ(count_of<CloseEndpoint>(lines.out), 1U);
  EXPECT_EQ(all_of<CloseEndpoint>(lines.out)[0].endpoint, endpoint);
  ASSERT_EQ(count_of<OpenEndpoint>(lines.out), 1U);
  EXPECT_EQ(all_of<OpenEndpoint>(lines.out)[0].remote.address, address(3));
  ASSERT_EQ(count_of<Resolve>(lines.out), 1U);
  EXPECT_EQ(lines.find(1), nullptr);
  EXPECT_EQ(lines.find(2)->id, id_2);
  EXPECT_EQ(lines.sources.take_forgotten(), std::vector<AssociationId>{id_1});
}

TEST(SourcesReconfigure, AnswerForALineThatIsGoneIsForNobody) {
  Lines lines({named("gone.example"), server(1)});
  const Token token = all_of<Resolve>(lines.out)[0].token;

  lines.reconfigure({server(1)});
  lines.sources.name_resolved(now(101), {token, {address(7)}, ""}, lines.out);

  EXPECT_EQ(lines.find(7), nullptr);
  EXPECT_EQ(lines.sources.associations().size(), 1U);
}

TEST(SourcesReconfigure, OptionsTakeEffectInPlace) {
  Lines lines({server(1)});
  Association& before = *lines.find(1);
  before.poll.received();
  SourceSettings other = server(1);
  other.min_poll_log2s = 4;
  other.max_poll_log2s = 5;
  other.has_iburst = true;
  other.is_preferred = true;
  other.is_never_selected = true;
  other.is_always_true = true;
  other.version = 3;

  const SourceChanges changes = lines.reconfigure({other});

  EXPECT_EQ(changes, (SourceChanges{.changed = 1}));
  EXPECT_TRUE(lines.out.empty());
  Association& after = *lines.find(1);
  EXPECT_EQ(&after, &before);
  EXPECT_EQ(after.settings, other);
  EXPECT_EQ(after.poll.reach(), 1);
  EXPECT_EQ(after.poll.max_poll_log2s(), 5);
}

TEST(SourcesReconfigure, AnotherKeyVoidsWhatWasMeasuredUnderTheOldOne) {
  for (const auto& [before, after] : {std::pair{0U, 5U}, std::pair{5U, 0U}, std::pair{5U, 6U}}) {
    SourceSettings source = server(1);
    source.key_id = before;
    Lines lines({source, server(2)});
    Association& a = *lines.find(1);
    a.poll.received();
    a.peer.stratum = 2;
    a.request.is_outstanding = true;
    const auto id = a.id;
    source.key_id = after;

    const SourceChanges changes = lines.reconfigure({source, server(2)});

    EXPECT_EQ(changes, (SourceChanges{.restarted = 1, .unchanged = 1}));
    ASSERT_EQ(lines.find(1), &a);
    EXPECT_EQ(a.id, id);
    EXPECT_EQ(a.settings.key_id, after);
    EXPECT_EQ(a.poll.reach(), 0);
    EXPECT_EQ(a.peer.stratum, kMaxStratum);
    EXPECT_FALSE(a.request.is_outstanding);
    EXPECT_EQ(a.poll.due(), now(100).mono);
    EXPECT_EQ(lines.sources.take_forgotten(), std::vector<AssociationId>{id});
  }
}

TEST(SourcesReconfigure, PoolKeepsItsMembersAndTellsThemItsOptions) {
  Lines lines({pool("pool.example")});
  lines.answer("pool.example", {address(1), address(2), address(3)});
  std::vector<AssociationId> ids;
  for (const auto& a : lines.sources.associations()) ids.push_back(a->id);
  SourceSettings other = pool("pool.example");
  other.has_iburst = true;
  other.max_poll_log2s = 8;

  const SourceChanges changes = lines.reconfigure({server(9), other});

  EXPECT_EQ(changes, (SourceChanges{.added = 1, .changed = 1}));
  EXPECT_EQ(count_of<Resolve>(lines.out), 0U);
  ASSERT_EQ(lines.sources.associations().size(), 4U);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Association& a = *lines.sources.associations()[i];
    EXPECT_EQ(a.id, ids[i]);
    EXPECT_EQ(a.source_index, 1U);
    EXPECT_TRUE(a.settings.has_iburst);
    EXPECT_EQ(a.poll.max_poll_log2s(), 8);
  }
}

TEST(SourcesReconfigure, PoolThatIsGoneTakesItsMembersAlong) {
  Lines lines({pool("pool.example"), server(9)});
  lines.answer("pool.example", {address(1), address(2), address(3)});

  lines.reconfigure({server(9)});

  EXPECT_EQ(lines.sources.associations().size(), 1U);
  EXPECT_EQ(count_of<CloseEndpoint>(lines.out), 3U);
}

TEST(SourcesReconfigure, PoolsMemberThatALineNamesNowIsNotAskedTwice) {
  Lines lines({pool("pool.example")});
  lines.answer("pool.example", {address(1), address(2)});
  Association* const before = lines.find(2);
  before->poll.received();
  SourceSettings line = server(2);
  line.is_preferred = true;

  const SourceChanges changes = lines.reconfigure({pool("pool.example"), line});

  EXPECT_EQ(changes, (SourceChanges{.added = 1, .unchanged = 1}));
  ASSERT_EQ(lines.sources.associations().size(), 2U);
  EXPECT_EQ(lines.find(2), before);
  EXPECT_EQ(before->source_index, 1U);
  EXPECT_EQ(before->poll.reach(), 1);
  EXPECT_EQ(before->settings, line);
  ASSERT_EQ(count_of<Resolve>(lines.out), 1U) << "the pool has room for another one";
}

TEST(SourcesReconfigure, NameThatFailedIsTriedAtOnceAndItsFailureSaidAgain) {
  Lines lines({named("ntp.example")});
  lines.answer("ntp.example", {});
  ASSERT_EQ(count_of<Log>(lines.out), 1U);

  lines.reconfigure({named("ntp.example")});
  ASSERT_EQ(count_of<Resolve>(lines.out), 1U);
  lines.answer("ntp.example", {});

  EXPECT_EQ(count_of<Log>(lines.out), 1U);
}

TEST(SourcesReconfigure, NameThatIsBeingLookedUpIsNotAskedTwice) {
  Lines lines({named("ntp.example")});

  for (int i = 0; i < 10; ++i) {
    lines.reconfigure({named("ntp.example")});
    ASSERT_EQ(count_of<Resolve>(lines.out), 0U);
  }
}

TEST(SourcesReconfigure, SourceThatRestsForADayRestsOn) {
  Lines lines({server(1)});
  Association& a = *lines.find(1);
  a.denials_in_a_row = kDenialLimit;
  a.poll.rest(now(50).mono, 86400);
  SourceSettings other = server(1);
  other.max_poll_log2s = 7;

  lines.reconfigure({other});

  EXPECT_EQ(a.poll.due(), now(50).mono + 86400.0);
}

/// One of a few lines, with one of a few option sets.
SourceSettings line_of(int n) {
  const int what = n % 6;
  SourceSettings source = what < 3 ? server(static_cast<std::uint32_t>(what) + 1)
                                   : (what == 3   ? named("name.example")
                                      : what == 4 ? pool("pool.example")
                                                  : local_clock());
  const int options = n / 6 % 4;
  source.has_iburst = (options & 1) != 0;
  source.key_id = (options & 2) != 0 && what < 3 ? 7 : 0;
  return source;
}

/// Whatever follows upon whatever: each line has its association, each association its line, what stays keeps its number, and
/// every socket that was opened and not closed belongs to an association.
RC_GTEST_PROP(SourcesReconfigure, LinesAndAssociationsBelongTogetherWhateverFollows, ()) {
  Lines lines({});
  std::set<EndpointId> open;
  std::vector<SourceSettings> before;
  const auto steps =
      *rc::gen::container<std::vector<std::vector<int>>>(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 24)));
  for (const std::vector<int>& step : steps) {
    std::vector<SourceSettings> wanted;
    for (const int n : step) {
      const SourceSettings line = line_of(n);
      const auto is_same = [&](const SourceSettings& other) { return other.name == line.name; };
      if (std::none_of(wanted.begin(), wanted.end(), is_same)) wanted.push_back(line);
    }
    std::map<std::string, AssociationId> ids;
    for (const auto& a : lines.sources.associations()) ids[a->settings.name] = a->id;

    const SourceChanges changes = lines.reconfigure(wanted);
    lines.answer("name.example", {address(4), address(1)});
    lines.answer("pool.example", {address(1), address(2), address(5), address(6)});

    RC_ASSERT(changes.unchanged + changes.changed + changes.restarted + changes.added == wanted.size());
    RC_ASSERT(changes.unchanged + changes.changed + changes.restarted + changes.removed == before.size());
    std::set<AssociationId> used;
    std::set<Endpoint> remotes;
    for (const auto& a : lines.sources.associations()) {
      RC_ASSERT(used.insert(a->id).second);
      RC_ASSERT(remotes.insert(a->remote).second);
      RC_ASSERT(a->settings == wanted.at(a->source_index));
      if (a->settings.address) RC_ASSERT(a->remote.address == *a->settings.address);
    }
    for (const SourceSettings& line : wanted) {
      const auto is_its = [&](const auto& a) { return a->settings.name == line.name; };
      const auto all = lines.sources.associations();
      const auto found = std::find_if(all.begin(), all.end(), is_its);
      if (line.address) RC_ASSERT(found != all.end());
      const bool has_stayed =
          std::any_of(before.begin(), before.end(), [&](const auto& b) { return b.name == line.name; });
      if (line.address && has_stayed) RC_ASSERT((*found)->id == ids.at(line.name));
    }
    for (const Effect& effect : lines.out) {
      if (const auto* opened = std::get_if<OpenEndpoint>(&effect)) RC_ASSERT(open.insert(opened->endpoint).second);
      if (const auto* closed = std::get_if<CloseEndpoint>(&effect)) RC_ASSERT(open.erase(closed->endpoint) == 1);
    }
    std::set<EndpointId> owned;
    for (const auto& a : lines.sources.associations())
      if (a->endpoint != 0) owned.insert(a->endpoint);
    RC_ASSERT(open == owned);
    before = wanted;
  }
}

// ------------------------------------------------------------------------------------------------------- the whole engine

using Algorithm = DisciplineSettings::Algorithm;
Algorithm algorithm = Algorithm::estimator;

class EngineReconfigure : public testing::TestWithParam<Algorithm> {
 protected:
  void SetUp() override { algorithm = GetParam(); }
};

Settings settings_of(std::vector<SourceSettings> sources) {
  Settings settings = with(std::move(sources));
  settings.discipline.algorithm = algorithm;
  settings.drift = DriftRecord{.frequency_ppm = 0};
  for (SourceSettings& source : settings.sources) source.has_iburst = true;
  return settings;
}

struct World : Driver {
  explicit World(const std::vector<SourceSettings>& lines) : Driver(settings_of(lines)) {
    for (std::uint32_t i = 1; i < 10; ++i) servers[address(i)];
    start();
  }
  std::optional<state::SourceView> source(std::uint32_t last) {
    for (const auto& s : view().sources)
      if (s.remote.address == address(last)) return s;
    return std::nullopt;
  }
};

TEST_P(EngineReconfigure, AThousandReloadsOfTheSameChangeNothingAtAll) {
  const std::vector<SourceSettings> lines{server(1), server(2), server(3), local_clock()};
  World left_alone(lines);
  World reloaded(lines);
  for (World* world : {&left_alone, &reloaded}) {
    world->servers[address(2)].offset_s = 0.002;
    world->clock.drift_ppm = 12;
  }

  for (int i = 0; i < 1000; ++i) {
    left_alone.run(7.3);
    reloaded.run(7.3);
    ASSERT_TRUE(reloaded.reconfigure(settings_of(lines)).is_none());
  }

  EXPECT_EQ(left_alone.clock.error_s(), reloaded.clock.error_s());
  EXPECT_EQ(left_alone.log.size(), reloaded.log.size());
  const auto as_was = left_alone.view();
  const auto as_is = reloaded.view();
  ASSERT_EQ(as_was.sources.size(), as_is.sources.size());
  for (std::size_t i = 0; i < as_was.sources.size(); ++i) {
    EXPECT_EQ(as_was.sources[i].association_id, as_is.sources[i].association_id);
    EXPECT_EQ(as_was.sources[i].reach, as_is.sources[i].reach);
    EXPECT_EQ(as_was.sources[i].sent, as_is.sources[i].sent);
    EXPECT_EQ(as_was.sources[i].offset_s, as_is.sources[i].offset_s);
    EXPECT_EQ(as_was.sources[i].selection, as_is.sources[i].selection);
  }
  EXPECT_EQ(as_was.system.root_distance_s, as_is.system.root_distance_s);
}

TEST_P(EngineReconfigure, WhatStaysKeepsReachAndSamplesWhenOthersComeAndGo) {
  World world({server(1), server(2)});
  world.run(600);
  ASSERT_TRUE(world.is_synchronized());
  const auto before = *world.source(1);

  for (int i = 0; i < 1000; ++i) {
    world.reconfigure(settings_of({server(1), server(3), server(4)}));
    ASSERT_EQ(world.view().sources.size(), 3U);
    world.reconfigure(settings_of({server(2), server(1)}));
    ASSERT_EQ(world.view().sources.size(), 2U);
  }

  const auto after = *world.source(1);
  EXPECT_EQ(after.association_id, before.association_id);
  EXPECT_EQ(after.reach, before.reach);
  EXPECT_EQ(after.sent, before.sent);
  EXPECT_NEAR(after.offset_s, before.offset_s, 1e-6);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_EQ(count_of<CloseEndpoint>(world.log) + 2, count_of<OpenEndpoint>(world.log));
  world.run(600);
  EXPECT_TRUE(world.is_synchronized());
  EXPECT_LT(std::abs(world.clock.error_s()), 1e-3);
}

TEST_P(EngineReconfigure, AddedSourcesAreFollowedWhenTheOldOnesAreGone) {
  World world({server(1)});
  world.run(300);
  ASSERT_TRUE(world.is_synchronized());

  const SourceChanges changes = world.reconfigure(settings_of({server(2), server(3)}));
  EXPECT_EQ(changes, (SourceChanges{.added = 2, .removed = 1}));
  EXPECT_TRUE(world.is_synchronized()) << "the clock is as right as it was";
  world.run(300);

  EXPECT_TRUE(world.is_synchronized());
  const std::uint16_t leader = world.view().system.peer_association_id;
  EXPECT_TRUE(leader == world.source(2)->association_id || leader == world.source(3)->association_id);
  EXPECT_EQ(world.source(2)->reach & 1U, 1U);
}

TEST_P(EngineReconfigure, ShorterIntervalIsKeptAtOnce) {
  World world({server(1)});
  world.run(40'000);
  ASSERT_GE(world.source(1)->poll_log2s, 8);
  const auto sent = world.source(1)->sent;
  Settings settings = settings_of({server(1)});
  settings.sources[0].min_poll_log2s = 4;
  settings.sources[0].max_poll_log2s = 4;

  EXPECT_EQ(world.reconfigure(settings), (SourceChanges{.changed = 1}));
  world.run(180);

  EXPECT_EQ(world.source(1)->poll_log2s, 4);
  EXPECT_GE(world.source(1)->sent, sent + 9);
}

TEST_P(EngineReconfigure, PanicThresholdTakesEffect) {
  World world({server(1)});
  world.run(600);
  Settings settings = settings_of({server(1)});
  settings.discipline.panic_threshold_s = 20;
  world.reconfigure(settings);

  world.servers[address(1)].offset_s = 60;

  EXPECT_TRUE(world.run_until<Terminate>(4000));
}

TEST_P(EngineReconfigure, StepThresholdTakesEffect) {
  World world({server(1)});
  world.run(600);
  Settings settings = settings_of({server(1)});
  settings.discipline.step_threshold_s = 0;
  settings.discipline.step_back_threshold_s = 0;
  world.reconfigure(settings);
  const std::size_t steps = count_of<StepClock>(world.log);

  world.servers[address(1)].offset_s = 5;
  world.run(4000);

  EXPECT_EQ(count_of<StepClock>(world.log), steps);
}

TEST_P(EngineReconfigure, ErrorRecordsBeginAndEnd) {
  World world({server(1)});
  Settings settings = settings_of({server(1)});
  world.run(10);
  ASSERT_EQ(count_of<WriteStatistics>(world.log), 0U);

  settings.statistics.has_error = true;
  world.reconfigure(settings);
  world.run(10);
  EXPECT_EQ(count_of<WriteStatistics>(world.log), 10U);
  settings.statistics.has_error = false;
  world.reconfigure(settings);
  world.run(10);

  EXPECT_EQ(count_of<WriteStatistics>(world.log), 10U);
}

TEST_P(EngineReconfigure, LocalClocksStratumIsSeenAtOnce) {
  World world({local_clock()});
  world.run(100);
  ASSERT_EQ(world.view().system.stratum, kLocalClockStratum + 1);
  Settings settings = settings_of({local_clock()});
  settings.sources[0].stratum = 12;
  world.reconfigure(settings);
  world.run(1);

  EXPECT_EQ(world.view().system.stratum, 13);
}

TEST_P(EngineReconfigure, OrphanModeEndsWithItsLine) {
  Settings orphan = settings_of({server(1)});
  orphan.selection.orphan_stratum = 6;
  orphan.selection.orphan_wait_s = 60;
  World world({server(1)});
  world.servers[address(1)].is_silent = true;
  world.reconfigure(orphan);
  world.run(400);
  ASSERT_EQ(world.view().system.stratum, 6);

  orphan.selection.orphan_stratum = 9;
  world.reconfigure(orphan);
  world.run(1);
  EXPECT_EQ(world.view().system.stratum, 9);
  world.reconfigure(settings_of({server(1)}));
  world.run(1);

  EXPECT_FALSE(world.is_synchronized());
}

INSTANTIATE_TEST_SUITE_P(Following, EngineReconfigure, testing::Values(Algorithm::estimator, Algorithm::classic),
                         [](const auto& way) {
                           return way.param == Algorithm::estimator ? std::string("Estimator") : std::string("Classic");
                         });

}  // namespace
}  // namespace ntp::engine
