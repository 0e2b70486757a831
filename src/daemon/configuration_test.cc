// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/configuration.h"

#include <gtest/gtest.h>

#include "config/parser.h"

namespace ntp::daemon {
namespace {

engine::Settings settings_of(std::string_view text, const Options& options = {}) {
  const config::IncludeReader no_files;
  const config::ParseResult parsed = config::parse(text, "ntp.conf", no_files);
  for (const config::Message& message : parsed.messages) ADD_FAILURE() << config::text(message);
  return engine_settings(parsed.config, options);
}

TEST(EngineSettings, EveryOptionOfAServerArrives) {
  const auto settings = settings_of(
      "server -6 a.example iburst burst minpoll 4 maxpoll 12 version 3 prefer true\n"
      "pool b.example noselect\n");

  ASSERT_EQ(settings.sources.size(), 2U);
  const engine::SourceSettings& a = settings.sources[0];
  EXPECT_EQ(a.kind, engine::SourceSettings::Kind::server);
  EXPECT_EQ(a.name, "a.example");
  EXPECT_EQ(a.wanted, engine::Resolve::Wanted::ipv6);
  EXPECT_EQ(a.min_poll_log2s, 4);
  EXPECT_EQ(a.max_poll_log2s, 12);
  EXPECT_EQ(a.version, 3);
  EXPECT_TRUE(a.has_iburst && a.has_burst && a.is_preferred && a.is_always_true && !a.is_never_selected);
  EXPECT_EQ(settings.sources[1].kind, engine::SourceSettings::Kind::pool);
  EXPECT_TRUE(settings.sources[1].is_never_selected);
}

TEST(EngineSettings, DisableNtpLeavesTheClockAlone) {
  EXPECT_TRUE(settings_of("enable ntp\n").sets_clock);
  EXPECT_FALSE(settings_of("disable ntp\n").sets_clock);
  Options options;
  options.sets_clock = false;
  EXPECT_FALSE(settings_of("enable ntp\n", options).sets_clock);
}

TEST(EngineSettings, OneEndOfThePollRangeMovesTheDefaultOfTheOther) {
  const auto settings = settings_of("server a maxpoll 4\nserver b minpoll 12\nserver c maxpoll 8\nserver d\n");

  const auto range = [&](std::size_t i) {
    return std::pair<int, int>(settings.sources[i].min_poll_log2s, settings.sources[i].max_poll_log2s);
  };
  EXPECT_EQ(range(0), std::pair(4, 4));
  EXPECT_EQ(range(1), std::pair(12, 12));
  EXPECT_EQ(range(2), std::pair(6, 8));
  EXPECT_EQ(range(3), std::pair(6, 10));
}

TEST(EngineSettings, FudgeOfTheLocalClockArrives) {
  const auto settings = settings_of("server 127.127.1.0\nfudge 127.127.1.0 stratum 7 refid ABC time1 0.25\n");

  ASSERT_EQ(settings.sources.size(), 1U);
  EXPECT_EQ(settings.sources[0].kind, engine::SourceSettings::Kind::local_clock);
  EXPECT_EQ(settings.sources[0].stratum, 7);
  EXPECT_EQ(settings.sources[0].refid, wire::Refid::ascii("ABC"));
  EXPECT_EQ(settings.sources[0].time_offset_s, 0.25);
}

TEST(EngineSettings, EveryWordOfTosArrives) {
  const auto selection =
      settings_of("tos minclock 2 maxclock 9 minsane 3 floor 2 ceiling 8 mindist 0.02 maxdist 3 orphanwait 7\n")
          .selection;

  EXPECT_EQ(selection.min_clock, 2);
  EXPECT_EQ(selection.max_clock, 9);
  EXPECT_EQ(selection.min_sane, 3);
  EXPECT_EQ(selection.floor_stratum, 2);
  EXPECT_EQ(selection.ceiling_stratum, 8);
  EXPECT_EQ(selection.min_distance_s, 0.02);
  EXPECT_EQ(selection.max_distance_s, 3);
  EXPECT_EQ(selection.orphan_wait_s, 7);
}

TEST(EngineSettings, EveryWordOfTinkerArrives) {
  const auto settings =
      settings_of("tinker allan 9 dispersion 20 freq -12.5 panic 60 stepback 0.5 stepfwd 0.25 stepout 90\n");

  EXPECT_EQ(settings.discipline.allan_intercept_log2s, 9);
  EXPECT_DOUBLE_EQ(settings.discipline.dispersion_rate, 20e-6);
  ASSERT_TRUE(settings.drift);
  EXPECT_EQ(settings.drift->frequency_ppm, -12.5);
  EXPECT_EQ(settings.discipline.panic_threshold_s, 60);
  EXPECT_EQ(settings.discipline.step_back_threshold_s, 0.5);
  EXPECT_EQ(settings.discipline.step_threshold_s, 0.25);
  EXPECT_EQ(settings.discipline.stepout_s, 90);
  const auto both = settings_of("tinker step 0.4\n").discipline;
  EXPECT_EQ(both.step_threshold_s, 0.4);
  EXPECT_EQ(both.step_back_threshold_s, 0.4);
}

TEST(EngineSettings, TheEstimatorSteersUnlessTheClassicLoopIsAskedFor) {
  using Algorithm = engine::DisciplineSettings::Algorithm;
  EXPECT_EQ(settings_of("").discipline.algorithm, Algorithm::estimator);
  EXPECT_EQ(settings_of("tinker discipline classic\n").discipline.algorithm, Algorithm::classic);
  EXPECT_EQ(settings_of("tinker discipline estimator\n").discipline.algorithm, Algorithm::estimator);
}

TEST(EngineSettings, RecordsAreMadeForFilesThatAreWritten) {
  const auto statistics = settings_of("statsdir /s\nstatistics rawstats errorstats\n").statistics;
  EXPECT_TRUE(statistics.has_raw && statistics.has_error);
  EXPECT_FALSE(settings_of("statistics rawstats\n").statistics.has_raw);
}

TEST(EngineSettings, PollsGoBelowASecond) {
  const auto settings = settings_of("server 10.0.0.1 minpoll -4 maxpoll -4\nserver 10.0.0.2 minpoll -3\n");

  ASSERT_EQ(settings.sources.size(), 2U);
  EXPECT_EQ(settings.sources[0].min_poll_log2s, -4);
  EXPECT_EQ(settings.sources[0].max_poll_log2s, -4);
  EXPECT_EQ(settings.sources[1].max_poll_log2s, 10);
}

TEST(EngineSettings, OptionsDecideAboutTheClock) {
  Options options;
  options.slews = true;
  EXPECT_EQ(settings_of("tinker step 0.4\n", options).discipline.step_threshold_s, 600);
  EXPECT_EQ(settings_of("tinker step 0.4\n", options).discipline.step_back_threshold_s, 600);

  options = {};
  options.lifts_panic_once = options.quits_after_set = true;
  options.sets_clock = false;
  const auto settings = settings_of("", options);
  EXPECT_TRUE(settings.lifts_panic_once && settings.quits_after_set && settings.steps_once && !settings.sets_clock);
}

TEST(EngineSettings, FamilyOptionsHoldForLinesThatNameNone) {
  Options options;
  options.only_ipv4 = true;
  options.servers = {"c.example", "192.0.2.1"};
  const auto settings = settings_of("server a.example\nserver -6 b.example\n", options);

  ASSERT_EQ(settings.sources.size(), 4U);
  EXPECT_EQ(settings.sources[0].wanted, engine::Resolve::Wanted::ipv4);
  EXPECT_EQ(settings.sources[1].wanted, engine::Resolve::Wanted::ipv6);
  EXPECT_EQ(settings.sources[2].wanted, engine::Resolve::Wanted::ipv4);
  EXPECT_TRUE(settings.sources[2].has_iburst);
  EXPECT_EQ(settings.sources[3].address, Address::parse("192.0.2.1"));
}

}  // namespace
}  // namespace ntp::daemon
