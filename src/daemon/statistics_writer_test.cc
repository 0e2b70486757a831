// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics_writer.h"

#include <filesystem>
#include <fstream>
#include <limits>

#include <unistd.h>

#include <gtest/gtest.h>

#include "daemon/statistics_test_kit.h"

namespace ntp::daemon {
namespace {

using Period = config::StatisticsFile::Period;
using test::at;
using test::Folder;
using test::kDay;
using test::kMorning;
using test::Quiet;

TEST(StatisticsWriter, ANewDayBeginsANewFileAndTheBareNameFollows) {
  const Folder folder;
  Quiet quiet;
  StatisticsWriter writer(folder.path("raw"), {}, quiet.log());

  writer.write(at(kMorning), 0, "one\n");
  writer.write(at(kMorning + kDay), kDay, "two\n");
  writer.write(at(kMorning + kDay + 1), kDay + 1, "three\n");
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
  for (std::uint32_t second = 1; second < 10; ++second) writer.write(at(kMorning + second), second, "x\n");
  EXPECT_EQ(folder.read("raw"), "1\n");
  writer.write(at(kMorning + 10), 10, "11\n");
  EXPECT_EQ(folder.read("raw").size(), 2 + 9 * 2 + 3U);
}

TEST(StatisticsWriter, KeptLinesFallDue) {
  const Folder folder;
  Quiet quiet;
  StatisticsWriter writer(folder.path("raw"), {.period = Period::none}, quiet.log());
  EXPECT_EQ(writer.due_age_s(), std::numeric_limits<double>::infinity());

  writer.write(at(kMorning), 0, "1\n");
  EXPECT_EQ(writer.due_age_s(), std::numeric_limits<double>::infinity()) << "it is written";
  writer.write(at(kMorning + 2), 2, "2\n");
  writer.write(at(kMorning + 5), 5, "3\n");
  EXPECT_EQ(writer.due_age_s(), 12);
  writer.tick(11.9);
  EXPECT_EQ(folder.read("raw"), "1\n");
  writer.tick(12);
  EXPECT_EQ(folder.read("raw"), "1\n2\n3\n");
}

TEST(StatisticsWriter, AClockThatWasSteppedBackDoesNotHoldLinesUp) {
  const Folder folder;
  Quiet quiet;
  StatisticsWriter writer(folder.path("raw"), {.period = Period::none}, quiet.log());

  writer.write(at(kMorning), 0, "1\n");
  writer.write(at(kMorning - 3600), 30, "2\n");

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
  writer.write(at(kMorning + 20), 20, "lost\n");
  EXPECT_EQ(quiet.log().last().find("statistics"), std::string::npos);
  std::filesystem::create_directory(folder.path("later"));
  writer.write(at(kMorning + 40), 40, "found\n");

  EXPECT_EQ(folder.read("later/raw"), "found\n");
}

TEST(StatisticsWriter, ADiskThatFillsUpCostsLinesAndTheNextOneStandsAlone) {
  const Folder folder;
  Quiet quiet;
  StatisticsWriter writer(folder.path("raw"), {.period = Period::none}, quiet.log());
  writer.write(at(kMorning), 0, "one\n");
  {
    // As small as a full disk: two octets more and no further.
    const test::FileLimit limit(6);
    writer.write(at(kMorning + 20), 20, "two\n");
    EXPECT_NE(quiet.log().last().find("statistics are lost until this is mended: write "), std::string::npos);
  }
  writer.write(at(kMorning + 40), 40, "three\n");

  EXPECT_EQ(folder.read("raw"), "one\ntw\nthree\n");
}

}  // namespace
}  // namespace ntp::daemon
