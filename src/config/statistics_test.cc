// SPDX-License-Identifier: BSD-2-Clause
//
// statsdir, statistics, filegen, tempcomp, and what else the clock estimator brought into ntp.conf.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/parser.h"

namespace ntp::config {
namespace {

ParseResult parse_text(std::string_view text) { return parse(text, "ntp.conf", {}); }

std::string first_message(std::string_view text) {
  const ParseResult result = parse_text(text);
  return result.messages.empty() ? "" : config::text(result.messages.front());
}

TEST(ParseStatistics, LinesAddUpAndTheLastWordCounts) {
  const Config config =
      parse_text(
          "statsdir /var/log/s\nstatistics rawstats errorstats\nfilegen rawstats file raw type month nolink\n"
          "filegen errorstats disable\ndisable stats\n")
          .config;

  const StatisticsFile raw{
      .name = "raw", .period = StatisticsFile::Period::month, .has_link = false, .is_enabled = true};
  EXPECT_EQ(config.statistics.folder, "/var/log/s");
  EXPECT_EQ(config.statistics.raw, raw);
  EXPECT_EQ(config.statistics.error.is_enabled, false);
  EXPECT_EQ(config.statistics.is_enabled, false);
}

TEST(ParseStatistics, AFilegenLineAsksForItsFiles) {
  EXPECT_EQ(parse_text("filegen rawstats file raw type day\n").config.statistics.raw.is_enabled, true);
}

TEST(ParseStatistics, OtherTypesAreNamedAndTheRestOfTheLineCounts) {
  const ParseResult result = parse_text("statistics timingstats rawstats\nfilegen usestats file p type day enable\n");

  ASSERT_EQ(result.messages.size(), 2U);
  EXPECT_EQ(text(result.messages[0]),
            "ntp.conf:1:12: unsupported: timingstats: statistics of this type are not part of this version; none are "
            "written");
  EXPECT_EQ(result.messages[1].severity, Severity::unsupported);
  EXPECT_EQ(result.config.statistics.raw.is_enabled, true);
}

TEST(ParseStatistics, EveryTypeHasItsFiles) {
  const Statistics statistics =
      parse_text(
          "statistics loopstats peerstats clockstats rawstats sysstats protostats cryptostats "
          "errorstats\nfilegen sysstats file s type week nolink\n")
          .config.statistics;

  for (const StatisticsFile* file : {&statistics.loop, &statistics.peer, &statistics.clock, &statistics.raw,
                                     &statistics.system, &statistics.protocol, &statistics.crypto, &statistics.error})
    EXPECT_EQ(file->is_enabled, true);
  EXPECT_EQ(statistics.system.name, "s");
  EXPECT_EQ(statistics.system.period, StatisticsFile::Period::week);
}

TEST(ParseStatistics, FaultyLinesCostThemselves) {
  for (const char* line : {"statistics", "statistics rawstat", "statsdir", "statsdir \"\"", "statsdir a b", "filegen",
                           "filegen rawstats type", "filegen rawstats type daily", "filegen rawstats file \"\"",
                           "filegen rawstats file ../a", "filegen rawstats file a/../../b", "filegen rawstats file a/",
                           "filegen rawstats link frob"}) {
    const ParseResult result = parse_text(line);
    ASSERT_EQ(result.messages.size(), 1U) << line;
    EXPECT_EQ(result.messages[0].severity, Severity::error) << line;
    EXPECT_EQ(result.config, Config{}) << line;
  }
  EXPECT_EQ(first_message("filegen rawstats type daily"),
            "ntp.conf:1:23: error: type daily: expected none, pid, day, week, month, year or age");
}

TEST(ParseTempcomp, TakesASensorAndAnInterval) {
  EXPECT_EQ(parse_text("tempcomp /sys/t\n").config.temperature_sensor, (TemperatureSensor{"/sys/t", std::nullopt}));
  EXPECT_EQ(parse_text("tempcomp /sys/t 30\n").config.temperature_sensor, (TemperatureSensor{"/sys/t", 30.0}));
}

TEST(ParseTempcomp, CoefficientsAreToldToBeUnused) {
  for (const char* line : {"tempcomp /sys/t 30 26000 0.0 0.000183 0.0", "tempcomp /sys/t 30 /etc/points"}) {
    const ParseResult result = parse_text(line);
    ASSERT_EQ(result.messages.size(), 1U) << line;
    EXPECT_EQ(text(result.messages[0]),
              "ntp.conf:1:20: warning: tempcomp: the coefficients are not used: what the temperature does to the clock "
              "is learnt, and kept in the drift file");
    EXPECT_EQ(result.config.temperature_sensor, (TemperatureSensor{"/sys/t", 30.0})) << line;
  }
}

TEST(ParseTempcomp, FaultyLinesCostThemselves) {
  for (const char* line : {"tempcomp", "tempcomp \"\"", "tempcomp /a 0", "tempcomp /a nan", "tempcomp /a 30 1 2 3",
                           "tempcomp /a 30 1 2 3 x", "tempcomp /a 30 1 2 3 4 5", "tempcomp /a 30 /b c"}) {
    const ParseResult result = parse_text(line);
    ASSERT_EQ(result.messages.size(), 1U) << line;
    EXPECT_EQ(result.messages[0].severity, Severity::error) << line;
    EXPECT_EQ(result.config, Config{}) << line;
  }
}

TEST(ParseTinker, TheDisciplineCanBeChosen) {
  using Discipline = Tinker::Discipline;
  EXPECT_EQ(parse_text("tinker discipline classic\n").config.tinker.discipline, Discipline::classic);
  EXPECT_EQ(parse_text("tinker step 1 discipline estimator\n").config.tinker.discipline, Discipline::estimator);
  EXPECT_EQ(first_message("tinker discipline clasic"), "ntp.conf:1:19: error: discipline clasic: perhaps \"classic\"");
}

TEST(ParseServer, PollsMayBeShorterThanASecond) {
  const ParseResult result = parse_text("server 192.168.1.1 minpoll -4 maxpoll -2\n");

  ASSERT_EQ(result.config.servers.size(), 1U);
  EXPECT_EQ(result.config.servers[0].min_poll_log2s, -4);
  EXPECT_EQ(result.config.servers[0].max_poll_log2s, -2);
  EXPECT_TRUE(result.messages.empty());
}

TEST(ParseServer, FastPollsOfStrangersGiveAWarning) {
  for (const char* host : {"server 192.0.2.1", "server 2001:db8::1", "server time.example.com", "pool home.lan",
                           "server 172.32.0.1", "server 11.0.0.1"})
    EXPECT_EQ(first_message(std::string(host) + " minpoll 2"),
              "ntp.conf:1:" + std::string(std::string_view(host).starts_with("pool") ? "6" : "8") +
                  ": warning: " + std::string(host).substr(std::string_view(host).find(' ') + 1) +
                  ": minpoll 2 is below 3: only where the server's operator allows it");
  for (const char* host :
       {"server 10.1.2.3", "server 172.31.0.1", "server 169.254.1.1", "server fe80::1%2", "server fd00::1",
        "server 127.0.0.1", "server ::1", "server ntp", "server ntp.home.arpa", "server 127.127.1.0"})
    EXPECT_EQ(first_message(std::string(host) + " minpoll 2"), "") << host;
  EXPECT_EQ(first_message("pool a.example minpoll 3"), "");
}

}  // namespace
}  // namespace ntp::config
