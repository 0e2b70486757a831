// SPDX-License-Identifier: BSD-2-Clause
//
// Events and statistics records: what is told when, and how often.
#include "engine/event_log.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using state::PeerEvent;
using state::SystemEvent;
using test::address;
using test::all_of;
using test::count_of;
using test::Driver;
using test::now;

Settings one_server(DisciplineSettings::Algorithm algorithm = DisciplineSettings::Algorithm::estimator) {
  Settings settings;
  settings.sources.push_back(test::server(1));
  settings.discipline.algorithm = algorithm;
  return settings;
}

/// "0.0.0.0 restart", "192.0.2.1 mobilize", ...
std::vector<std::string> told(const Effects& effects) {
  std::vector<std::string> names;
  for (const ReportEvent& event : all_of<ReportEvent>(effects)) names.push_back(event.source.text() + " " + event.name);
  return names;
}

std::vector<ReportEvent> events_named(const Effects& effects, std::string_view name) {
  auto events = all_of<ReportEvent>(effects);
  std::erase_if(events, [&](const ReportEvent& event) { return event.name != name; });
  return events;
}

template <class Record>
std::vector<Record> records_of(const Effects& effects) {
  std::vector<Record> found;
  for (const WriteStatistics& line : all_of<WriteStatistics>(effects))
    if (const auto* record = std::get_if<Record>(&line.record)) found.push_back(*record);
  return found;
}

TEST(EventCount, TheSameEventIsToldFifteenTimes) {
  state::EventCount event;
  for (int i = 1; i <= 15; ++i) {
    EXPECT_TRUE(count_event(event, 12));
    EXPECT_EQ(event.count, i);
  }
  EXPECT_FALSE(count_event(event, 12));
  EXPECT_EQ(event.count, 15);

  EXPECT_TRUE(count_event(event, 4));
  EXPECT_EQ(event, (state::EventCount{.code = 4, .count = 1}));
  EXPECT_TRUE(count_event(event, 12)) << "another event in between: it is news again";
}

RC_GTEST_PROP(EventCount, CountsRowsOfTheSameEvent, ()) {
  state::EventCount event;
  int row = 0;
  int last = 0;
  for (const int code : *rc::gen::container<std::vector<int>>(100, rc::gen::inRange(1, 3))) {
    row = code == last ? row + 1 : 1;
    last = code;
    RC_ASSERT(count_event(event, static_cast<std::uint8_t>(code)) == (row <= 15));
    RC_ASSERT(event.code == code);
    RC_ASSERT(event.count == std::min(row, 15));
  }
}

TEST(PeerStatus, TellsKeysAndWhatTheyProved) {
  SourceSettings settings = test::server(1);
  settings.key_id = 7;
  Association a(settings);
  EXPECT_EQ(state::status_word(status_of(a)), 0xc000);
  a.peer.is_authenticated = true;
  EXPECT_EQ(state::status_word(status_of(a)), 0xe000);
  a.settings.kind = SourceSettings::Kind::pool;
  EXPECT_EQ(state::status_word(status_of(a)), 0x6000) << "what a pool spawned is not configured by itself";
}

TEST(Events, AStartIsToldInTheOrderOfThings) {
  Driver world(one_server());
  world.servers[address(1)] = {};
  world.start();
  world.run(20);

  const std::vector<std::string> expected = {"0.0.0.0 freq_not_set", "0.0.0.0 restart",    "192.0.2.1 mobilize",
                                             "192.0.2.1 reachable",  "192.0.2.1 sys_peer", "0.0.0.0 freq_mode"};
  auto names = told(world.log);
  ASSERT_GE(names.size(), expected.size());
  names.resize(expected.size());
  EXPECT_EQ(names, expected);
  const auto restart = events_named(world.log, "restart");
  EXPECT_EQ(restart[0].status, 0xc016);
  EXPECT_EQ(restart[0].code, 0x06);
  const auto mobilize = events_named(world.log, "mobilize");
  EXPECT_EQ(mobilize[0].status, 0x8011);
  EXPECT_EQ(mobilize[0].code, 0x81);
  EXPECT_EQ(mobilize[0].detail, "assoc 1");
  EXPECT_EQ(events_named(world.log, "reachable")[0].status, 0x9014);
  EXPECT_EQ(events_named(world.log, "sys_peer")[0].status, 0x961a);
}

TEST(Events, AFrequencyThatIsKnownIsTold) {
  Settings settings = one_server(DisciplineSettings::Algorithm::classic);
  settings.drift = DriftRecord{.frequency_ppm = -12.3456, .model = std::nullopt};
  Driver world(settings);
  world.servers[address(1)] = {};
  world.start();
  world.run(300);

  const auto events = all_of<ReportEvent>(world.log);
  EXPECT_STREQ(events[0].name, "freq_set");
  EXPECT_EQ(events[0].detail, "ntpd -12.346 PPM");
  EXPECT_EQ(events[0].status, 0xc012);
  EXPECT_EQ(events_named(world.log, "clock_sync").size(), 1U);
  EXPECT_EQ(events_named(world.log, "clock_sync")[0].status, 0x0615);
  EXPECT_EQ(world.view().system.status, 0x0615);
}

TEST(Events, AServerThatFallsSilentIsUnreachableAndNoLongerFollowed) {
  Driver world(one_server());
  world.servers[address(1)] = {};
  world.start();
  world.run(300);
  world.servers[address(1)].is_silent = true;
  world.run(20000);

  EXPECT_EQ(events_named(world.log, "unreachable").size(), 1U);
  EXPECT_EQ(events_named(world.log, "unreachable")[0].status & 0x1000, 0) << "it is not reachable any more";
  EXPECT_EQ(events_named(world.log, "no_sys_peer").size(), 1U);
  EXPECT_EQ(world.view().system.event.code, static_cast<std::uint8_t>(SystemEvent::no_system_peer));
  EXPECT_EQ(world.view().sources[0].event.code, static_cast<std::uint8_t>(PeerEvent::unreachable));
}

TEST(Events, AStepIsToldWithItsAmount) {
  Driver world(one_server());
  world.servers[address(1)].offset_s = 5;
  world.start();
  world.run(300);

  const auto steps = events_named(world.log, "clock_step");
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].detail.substr(0, 5), "+5.00");
  EXPECT_EQ(steps[0].code, 0x0c);
}

TEST(Events, APanicIsToldBeforeTheEnd) {
  Driver world(one_server());
  world.servers[address(1)].offset_s = 5000;
  world.start();
  world.run(300);

  ASSERT_GE(events_named(world.log, "panic_stop").size(), 1U);
  EXPECT_NE(events_named(world.log, "panic_stop")[0].detail.find("5000 s; set clock manually within 1000 s."),
            std::string::npos);
}

TEST(Events, KissesAreTold) {
  Driver world(one_server());
  world.servers[address(1)].header.stratum = 0;
  world.servers[address(1)].header.leap = wire::Leap::unsynchronized;
  world.servers[address(1)].header.refid = wire::kKissRate;
  world.start();
  world.run(10);
  EXPECT_EQ(events_named(world.log, "rate_exceeded").size(), 1U);

  world.servers[address(1)].header.refid = wire::kKissDeny;
  world.run(3000);
  EXPECT_GE(events_named(world.log, "access_denied").size(), 1U);
  EXPECT_EQ(events_named(world.log, "access_denied")[0].detail, "DENY");
  EXPECT_EQ(events_named(world.log, "access_denied")[0].code, 0x88);
}

class EventsOfBothWays : public testing::TestWithParam<DisciplineSettings::Algorithm> {};

TEST_P(EventsOfBothWays, ASampleFarFromTheOthersIsPopcorn) {
  Driver world(one_server(GetParam()));
  world.servers[address(1)] = {};
  world.start();
  world.run(2000);
  ASSERT_EQ(events_named(world.log, "popcorn").size(), 0U);
  world.servers[address(1)].offset_s = 0.5;
  world.run_until<Send>(2000);
  world.run(0.1);

  const auto spikes = events_named(world.log, "popcorn");
  ASSERT_EQ(spikes.size(), 1U);
  EXPECT_EQ(spikes[0].code, 0x8d);
  EXPECT_NEAR(std::stod(spikes[0].detail), 0.5, 0.01);
  EXPECT_EQ(spikes[0].detail.substr(spikes[0].detail.size() - 2), " s");
}

TEST_P(EventsOfBothWays, RecordsFollowTheSamples) {
  Settings settings = one_server(GetParam());
  settings.statistics.has_loop = settings.statistics.has_peer = true;
  Driver world(settings);
  world.servers[address(1)] = {.offset_s = 0.001, .delay_s = 0.02};
  world.start();
  world.run(3000);

  const auto peers = records_of<PeerRecord>(world.log);
  const auto loops = records_of<LoopRecord>(world.log);
  const std::size_t samples = count_of<Send>(world.log);
  EXPECT_GE(peers.size(), samples / 8) << "the clock filter uses one of eight at least";
  EXPECT_LE(peers.size(), samples);
  EXPECT_GE(loops.size(), 2U);
  EXPECT_EQ(peers.back().address, address(1));
  EXPECT_EQ(peers.back().status & 0xff00, 0x9600) << "configured, reachable, system peer";
  EXPECT_NEAR(peers.back().delay_s, 0.02, 1e-3);
  EXPECT_NEAR(loops.back().offset_s, 0, 1e-3);
  EXPECT_GT(loops.back().jitter_s, 0);
  EXPECT_EQ(records_of<ExchangeRecord>(world.log).size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Steering, EventsOfBothWays,
                         testing::Values(DisciplineSettings::Algorithm::estimator,
                                         DisciplineSettings::Algorithm::classic));

TEST(Records, ALocalClockIsReadForClockstatsAndPeerstats) {
  Settings settings;
  SourceSettings local = test::server();
  local.kind = SourceSettings::Kind::local_clock;
  local.address = Address::parse("127.127.1.0");
  settings.sources.push_back(local);
  settings.statistics.has_clock = settings.statistics.has_peer = settings.statistics.has_loop = true;
  Driver world(settings);
  world.start();
  world.run(200);

  const auto readings = records_of<ClockRecord>(world.log);
  ASSERT_GE(readings.size(), 3U);
  EXPECT_EQ(readings[0].text, "stratum 5 refid LOCL offset 0.000000000");
  EXPECT_EQ(records_of<PeerRecord>(world.log).size(), readings.size());
  EXPECT_GE(records_of<LoopRecord>(world.log).size(), 1U);
  EXPECT_EQ(world.view().system.status & 0xff00, 0x0500) << "the local clock";
}

TEST(Records, TypesThatNobodyAskedForCostNothing) {
  Driver world(one_server());
  world.servers[address(1)] = {};
  world.start();
  world.run(500);

  EXPECT_EQ(count_of<WriteStatistics>(world.log), 0U);
}

TEST(PacketCounts, SortWhatComesIn) {
  Driver world(one_server());
  world.servers[address(1)] = {};
  world.start();
  world.run(60);
  const state::PacketCounts before = world.view().system.packets;
  const auto opened = all_of<OpenEndpoint>(world.log);
  ASSERT_FALSE(opened.empty());
  PacketReceived packet{.endpoint = opened.back().endpoint, .remote = opened.back().remote, .at = world.clock.system()};
  const std::vector<std::byte> stump(20);
  packet.payload = stump;
  world.deliver(packet);
  wire::Header foreign = test::good_header();
  foreign.version = 3;
  std::vector<std::byte> octets(wire::kHeaderLength);
  wire::encode_header(foreign, octets);
  packet.payload = octets;
  world.deliver(packet);

  const state::PacketCounts came = world.view().system.packets.since(before);
  EXPECT_GE(before.processed, 1U);
  EXPECT_EQ(before.current_version, before.received);
  EXPECT_EQ(came, (state::PacketCounts{.received = 2, .older_version = 1, .bad_format = 1, .declined = 1}));
}

}  // namespace
}  // namespace ntp::engine
