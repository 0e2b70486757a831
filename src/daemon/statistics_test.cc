// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

using Period = config::StatisticsFile::Period;

/// 2027-01-15 08:00:00 UTC: day 61420 of MJD.
constexpr std::uint32_t kMorning = 2208988800U + 1800000000U;
constexpr std::uint32_t kDay = 86400;

constexpr Timestamp at(std::uint32_t seconds, double fraction = 0) {
  return Timestamp::from_parts(seconds, static_cast<std::uint32_t>(fraction * kTwo32));
}

/// A folder of this test's own, removed with all it holds.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "statisticsXXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool has(const std::string& name) const { return std::filesystem::exists(path(name)); }

 private:
  std::string path_;
};

/// A log that keeps its messages for the test.
class Quiet {
 public:
  Quiet() { log_.keep_last_only(); }
  Log& log() { return log_; }

 private:
  Log log_;
};

engine::WriteStatistics error_record(Timestamp when) {
  return {.at = when,
          .record = engine::ErrorRecord{
              .offset_s = -1.5e-7, .deviation_s = 2e-8, .root_distance_s = 0.0104, .leap = wire::Leap::none}};
}

TEST(StatisticsLine, ErrorstatsTellTheEstimateItsDeviationAndTheBound) {
  EXPECT_EQ(statistics_line(error_record(at(kMorning, 0.25))),
            "61420 28800.250000000 -0.000000150000 0.000000020000 0.010400000000 0\n");
}

TEST(StatisticsLine, RawstatsAreTheClassics) {
  wire::Header header{.leap = wire::Leap::insert, .version = 4, .mode = wire::Mode::server, .stratum = 1};
  header.poll_log2s = 6;
  header.precision_log2s = -20;
  header.root_delay = ShortTime::from_seconds(0.5);
  header.root_dispersion = ShortTime::from_seconds(0.25);
  header.refid = wire::Refid::ascii("GPS");
  const engine::ExchangeRecord exchange{.remote = {.address = *Address::parse("2001:db8::1"), .port = 123},
                                        .local = *Address::parse("2001:db8::2"),
                                        .t1 = at(kMorning, 0.5),
                                        .t2 = at(kMorning, 0.625),
                                        .t3 = at(kMorning, 0.75),
                                        .t4 = at(kMorning, 0.875),
                                        .header = header};

  const std::string seconds = std::to_string(kMorning);
  EXPECT_EQ(statistics_line({.at = at(kMorning, 0.9), .record = exchange}),
            "61420 28800.899 2001:db8::1 2001:db8::2 " + seconds + ".500000000 " + seconds + ".625000000 " + seconds +
                ".750000000 " + seconds + ".875000000 1 4 4 1 6 -20 0.500000 0.250000 .GPS.\n");
}

TEST(StatisticsLine, TheDayGoesOnWhereTheSecondsWrap) {
  // 2036-02-07 06:28:15.999..., and the second after it, whose number is 0.
  const std::string before = statistics_line(error_record(Timestamp::from_bits(~std::uint64_t{0})));
  const std::string after = statistics_line(error_record(at(0)));

  EXPECT_TRUE(before.starts_with("64730 23295.999999999 ")) << before;
  EXPECT_TRUE(after.starts_with("64730 23296.000000000 ")) << after;
}

TEST(StatisticsSuffix, IsTheClassics) {
  EXPECT_EQ(file_suffix(Period::none, at(kMorning), 0), "");
  EXPECT_EQ(file_suffix(Period::pid, at(kMorning), 0), "." + std::to_string(getpid()));
  EXPECT_EQ(file_suffix(Period::day, at(kMorning), 0), ".20270115");
  EXPECT_EQ(file_suffix(Period::week, at(kMorning), 0), ".2027W02");
  EXPECT_EQ(file_suffix(Period::month, at(kMorning), 0), ".202701");
  EXPECT_EQ(file_suffix(Period::year, at(kMorning), 0), ".2027");
  EXPECT_EQ(file_suffix(Period::age, at(kMorning), 86399.9), ".a00000000");
  EXPECT_EQ(file_suffix(Period::age, at(kMorning), 2 * 86400.0 + 1), ".a00172800");
}

TEST(StatisticsSuffix, AWeekBelongsToTheYearOfItsThursday) {
  EXPECT_EQ(file_suffix(Period::week, at(kMorning - 12 * kDay), 0), ".2026W53");  // Sunday, 3 January 2027
  EXPECT_EQ(file_suffix(Period::week, at(kMorning - 11 * kDay), 0), ".2027W01");  // Monday
}

TEST(StatisticsWriter, ANewDayBeginsANewFileAndTheBareNameFollows) {
  const Folder folder;
  Quiet quiet;
  StatisticsWriter writer(folder.path("raw"), {}, quiet.log());

  writer.write(at(kMorning), 0, "one\n");
  writer.write(at(kMorning + kDay), 0, "two\n");
  writer.write(at(kMorning + kDay + 1), 0, "three\n");
  writer.close();

  EXPECT_EQ(folder.read("raw.20270115"), "one\n");
  EXPECT_EQ(folder.read("raw.20270116"), "two\nthree\n");
  EXPECT_EQ(folder.read("raw"), "two\nthree\n");
  EXPECT_EQ(std::filesystem::hard_link_count(folder.path("raw.20270115")), 1U);
}

TEST(StatisticsWriter, LinesOfTheSameSecondsAreWrittenTogether) {
  const Folder folder;
  Quiet quiet;
  StatisticsWriter writer(folder.path("raw"), {.period = Period::none}, quiet.log());

  writer.write(at(kMorning), 0, "1\n");
  EXPECT_EQ(folder.read("raw"), "1\n");
  for (std::uint32_t second = 1; second < 10; ++second) writer.write(at(kMorning + second), 0, "x\n");
  EXPECT_EQ(folder.read("raw"), "1\n");
  writer.write(at(kMorning + 10), 0, "11\n");
  EXPECT_EQ(folder.read("raw").size(), 2 + 9 * 2 + 3U);
}

TEST(StatisticsWriter, AClockThatWasSteppedBackDoesNotHoldLinesUp) {
  const Folder folder;
  Quiet quiet;
  StatisticsWriter writer(folder.path("raw"), {.period = Period::none}, quiet.log());

  writer.write(at(kMorning), 0, "1\n");
  writer.write(at(kMorning - 3600), 0, "2\n");

  EXPECT_EQ(folder.read("raw"), "1\n2\n");
}

TEST(StatisticsWriter, LinesAreAppendedAndNolinkMakesNoLink) {
  const Folder folder;
  Quiet quiet;
  std::ofstream(folder.path("raw.20270115")) << "old\n";
  {
    StatisticsWriter writer(folder.path("raw"), {.has_link = false}, quiet.log());
    writer.write(at(kMorning), 0, "new\n");
  }

  EXPECT_EQ(folder.read("raw.20270115"), "old\nnew\n");
  EXPECT_FALSE(folder.has("raw"));
}

TEST(StatisticsWriter, AFileThatStandsAtTheBareNameIsKept) {
  const Folder folder;
  Quiet quiet;
  std::ofstream(folder.path("raw")) << "precious\n";
  StatisticsWriter writer(folder.path("raw"), {}, quiet.log());

  writer.write(at(kMorning), 0, "new\n");

  EXPECT_EQ(folder.read("raw"), "new\n");
  EXPECT_EQ(folder.read("raw." + std::to_string(getpid()) + "C0"), "precious\n");
}

TEST(StatisticsWriter, ALinkInTheFilesPlaceIsNotFollowed) {
  const Folder folder;
  Quiet quiet;
  std::ofstream(folder.path("elsewhere")) << "precious\n";
  std::filesystem::create_symlink(folder.path("elsewhere"), folder.path("raw.20270115"));
  StatisticsWriter writer(folder.path("raw"), {}, quiet.log());

  writer.write(at(kMorning), 0, "new\n");

  EXPECT_EQ(folder.read("elsewhere"), "precious\n");
  EXPECT_NE(quiet.log().last().find("statistics are lost"), std::string::npos);
}

TEST(StatisticsWriter, AMissingFolderIsToldOnceAndWorksWhenItIsThere) {
  const Folder folder;
  Quiet quiet;
  StatisticsWriter writer(folder.path("later/raw"), {.period = Period::none}, quiet.log());

  writer.write(at(kMorning), 0, "lost\n");
  EXPECT_NE(quiet.log().last().find("statistics are lost until this is mended: open "), std::string::npos);
  quiet.log().write(Log::Level::notice, "all quiet");
  writer.write(at(kMorning + 20), 0, "lost\n");
  EXPECT_EQ(quiet.log().last().find("statistics"), std::string::npos);
  std::filesystem::create_directory(folder.path("later"));
  writer.write(at(kMorning + 40), 0, "found\n");

  EXPECT_EQ(folder.read("later/raw"), "found\n");
}

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

}  // namespace
}  // namespace ntp::daemon
