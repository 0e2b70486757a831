// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics.h"

#include <gtest/gtest.h>

#include "daemon/statistics_test_kit.h"
#include "daemon/system_statistics.h"
#include "state/status.h"

namespace ntp::daemon {
namespace {

using Period = config::StatisticsFile::Period;
using test::at;
using test::error_record;
using test::Folder;
using test::kMorning;
using test::Quiet;

TEST(StatisticsFiles, OnlyWhatIsAskedForIsWrittenBelowTheFolder) {
  const Folder folder;
  Quiet quiet;
  config::Statistics wanted;
  wanted.folder = folder.path("");
  wanted.error.is_enabled = true;
  wanted.error.period = Period::none;
  {
    StatisticsFiles files(wanted, quiet.log());
    files.write(error_record(at(kMorning)));
    files.write({.at = at(kMorning), .record = engine::ExchangeRecord{}});
  }

  EXPECT_TRUE(folder.read("errorstats").starts_with("61420 28800.000000000 "));
  EXPECT_FALSE(folder.has("rawstats"));
}

TEST(StatisticsFiles, TheEngineIsAskedForWhatHasAFileAlone) {
  config::Statistics wanted;
  wanted.raw.is_enabled = true;
  EXPECT_FALSE(statistics_settings(wanted).has_raw);
  wanted.folder = "/var/log/ntpstats";
  EXPECT_TRUE(statistics_settings(wanted).has_raw);
  EXPECT_FALSE(statistics_settings(wanted).has_error);
  wanted.is_enabled = false;
  EXPECT_FALSE(statistics_settings(wanted).has_raw);
}

TEST(StatisticsFiles, WithoutAFolderTheyAreToldToBeMissing) {
  Quiet quiet;
  config::Statistics wanted;
  wanted.raw.is_enabled = true;

  const StatisticsFiles files(wanted, quiet.log());

  EXPECT_NE(quiet.log().last().find("there is no statsdir line"), std::string::npos) << quiet.log().last();
}

/// All types, each in a file of its name without suffix.
config::Statistics everything(const Folder& folder) {
  config::Statistics wanted;
  wanted.folder = folder.path("");
  for (auto file : {&config::Statistics::raw, &config::Statistics::error, &config::Statistics::loop,
                    &config::Statistics::peer, &config::Statistics::clock, &config::Statistics::protocol,
                    &config::Statistics::system, &config::Statistics::crypto})
    wanted.*file = {.period = Period::none, .is_enabled = true};
  return wanted;
}

TEST(StatisticsFiles, EachRecordGoesToItsType) {
  const Folder folder;
  Quiet quiet;
  {
    StatisticsFiles files(everything(folder), quiet.log());
    files.write({.at = at(kMorning), .record = engine::ExchangeRecord{}});
    files.write(error_record(at(kMorning)));
    files.write({.at = at(kMorning), .record = engine::LoopRecord{}});
    files.write({.at = at(kMorning), .record = engine::PeerRecord{}});
    files.write({.at = at(kMorning), .record = engine::ClockRecord{}});
    files.write(engine::ReportEvent{.at = at(kMorning), .code = 6, .name = "restart"});
    files.write(engine::ReportEvent{.at = at(kMorning), .code = 0x8c, .name = "bad_auth"});
    files.write_system(at(kMorning), 3600, {.received = 7});
  }

  for (const char* name :
       {"rawstats", "errorstats", "loopstats", "peerstats", "clockstats", "sysstats", "protostats", "cryptostats"})
    EXPECT_TRUE(folder.read(name).starts_with("61420 28800.")) << name;
  EXPECT_TRUE(folder.read("loopstats").ends_with(" 6\n"));
  EXPECT_TRUE(folder.read("sysstats").ends_with(" 3600 7 0 0 0 0 0 0 0 0 0\n"));
  EXPECT_NE(folder.read("protostats").find("restart\n"), std::string::npos);
  EXPECT_NE(folder.read("protostats").find("bad_auth\n"), std::string::npos);
  EXPECT_EQ(folder.read("cryptostats").find("restart"), std::string::npos);
  EXPECT_NE(folder.read("cryptostats").find("bad_auth\n"), std::string::npos);
}

TEST(StatisticsFiles, AllFlagsFollowTheTypes) {
  const Folder folder;
  config::Statistics wanted = everything(folder);
  const engine::StatisticsSettings all = statistics_settings(wanted);
  EXPECT_TRUE(all.has_raw && all.has_error && all.has_loop && all.has_peer && all.has_clock);
  wanted.loop.is_enabled = false;
  wanted.peer.is_enabled.reset();
  const engine::StatisticsSettings some = statistics_settings(wanted);
  EXPECT_TRUE(some.has_raw && some.has_clock);
  EXPECT_FALSE(some.has_loop || some.has_peer);
}

TEST(StatisticsFiles, OtherSettingsTakeEffectAndKeepWhatWasWritten) {
  const Folder folder;
  Quiet quiet;
  config::Statistics wanted = everything(folder);
  StatisticsFiles files(wanted, quiet.log());
  files.write(error_record(at(kMorning)));
  files.write(error_record(at(kMorning + 1)));
  wanted.error.name = "other";
  wanted.loop.is_enabled = false;
  files.configure(wanted);
  files.write(error_record(at(kMorning + 2)));
  files.write({.at = at(kMorning), .record = engine::LoopRecord{}});
  files.reopen();

  EXPECT_NE(folder.read("errorstats").find("28801."), std::string::npos);
  EXPECT_TRUE(folder.read("other").starts_with("61420 28802."));
  EXPECT_FALSE(folder.has("loopstats"));
}

TEST(StatisticsFiles, KeptLinesWantToBeWrittenWithinTenSeconds) {
  const Folder folder;
  Quiet quiet;
  StatisticsFiles files(everything(folder), quiet.log());
  EXPECT_EQ(files.next_deadline(), MonoTime::never());
  const engine::ReportEvent event{.at = at(kMorning), .name = "restart"};
  files.write(event);
  files.write(event);

  const MonoTime due = files.next_deadline();
  ASSERT_NE(due, MonoTime::never());
  files.tick(due + 1);
  EXPECT_EQ(files.next_deadline(), MonoTime::never());
  const std::string lines = folder.read("protostats");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
}

TEST(SystemStatistics, TellWhatCameInEachHour) {
  const MonoTime start = MonoTime::from_nanoseconds(5'000'000'000);
  SystemStatistics hours(start);
  EXPECT_EQ(hours.next_deadline(), start + 3600);

  const auto first = hours.take(start + 3600, {.received = 10, .processed = 8, .kisses = 1});
  EXPECT_EQ(first.since_reset_s, 3600);
  EXPECT_EQ(first.counts, (state::PacketCounts{.received = 10, .processed = 8, .kisses = 1}));
  EXPECT_EQ(hours.next_deadline(), start + 7200);

  const auto rest = hours.take(start + 3660, {.received = 14, .processed = 11, .denied = 1, .kisses = 1});
  EXPECT_EQ(rest.since_reset_s, 60);
  EXPECT_EQ(rest.counts, (state::PacketCounts{.received = 4, .processed = 3, .denied = 1}));
}

}  // namespace
}  // namespace ntp::daemon
