// SPDX-License-Identifier: BSD-2-Clause
//
// The expected line is the one that sntp of ntp.org 4.2.8p18 printed (capture ntptrace-sntp-ntpdate in tests/data/classic); the
// members of the JSON are those of NTPsec's ntpdig.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tools/sntp/kiss_file.h"
#include "tools/sntp/report.h"
#include "tools/sntp/settings.h"

namespace ntp::tools::sntp {
namespace {

const client::TimeServer kServer{"time.example", {Address::v4(0x0a4d0004), 123}};
const client::TimeAnswer kAnswer{
    .header = {.leap = wire::Leap::none, .stratum = 2},
    .sample = client::TimeSample{.offset_s = -0.001953, .delay_s = 0.0002, .root_distance_s = 0.011739}};
const WallTime kWhen{.parts = {.tm_sec = 39, .tm_min = 24, .tm_hour = 21, .tm_mday = 20, .tm_mon = 10, .tm_year = 126},
                     .microseconds = 528330};

TEST(SntpReport, ALineReadsAsTheClassics) {
  client::TimeServer numeric = kServer;
  numeric.name = "10.77.0.4";

  EXPECT_EQ(line_of(numeric, kAnswer, kWhen),
            "2026-11-20 21:24:39.528330 (+0000) -0.001953 +/- 0.011739 10.77.0.4 s2 no-leap\n");
  EXPECT_EQ(line_of(kServer, kAnswer, kWhen),
            "2026-11-20 21:24:39.528330 (+0000) -0.001953 +/- 0.011739 time.example 10.77.0.4 s2 no-leap\n");
}

TEST(SntpReport, AnAddressWithItsPortIsNoName) {
  client::TimeServer numeric = kServer;
  numeric.name = "10.77.0.4:123";

  EXPECT_EQ(line_of(numeric, kAnswer, kWhen).find("10.77.0.4:123"), std::string::npos);
}

TEST(SntpReport, ZonesEastAndWest) {
  WallTime when = kWhen;
  when.parts.tm_gmtoff = 5 * 3600 + 45 * 60;
  EXPECT_NE(line_of(kServer, kAnswer, when).find("(+0545)"), std::string::npos);
  when.parts.tm_gmtoff = -(3 * 3600 + 30 * 60);
  EXPECT_NE(line_of(kServer, kAnswer, when).find("(-0330)"), std::string::npos);
}

TEST(SntpReport, LeapsHaveTheirWords) {
  EXPECT_STREQ(leap_text(wire::Leap::none), "no-leap");
  EXPECT_STREQ(leap_text(wire::Leap::insert), "add-leap");
  EXPECT_STREQ(leap_text(wire::Leap::remove), "del-leap");
  EXPECT_STREQ(leap_text(wire::Leap::unsynchronized), "unsync");
}

TEST(SntpReport, JsonHasTheMembersOfNtpdig) {
  EXPECT_EQ(json_of(kServer, kAnswer, kWhen, Adjusted::yes),
            "{\"time\":\"2026-11-20T21:24:39.528330+0000\",\"offset\":-0.001953,\"precision\":0.011739,"
            "\"host\":\"time.example\",\"ip\":\"10.77.0.4\",\"stratum\":2,\"leap\":\"no-leap\",\"adjusted\":true,"
            "\"delay\":0.000200}\n");
  EXPECT_EQ(json_of_failure({"a\"b", kServer.endpoint}, "no answer"),
            "{\"host\":\"a\\\"b\",\"ip\":\"10.77.0.4\",\"error\":\"no answer\"}\n");
}

std::expected<Settings, std::string> settings(const std::vector<std::string>& words) {
  const auto arguments = client::Arguments::parse(kTool, words);
  if (!arguments) return std::unexpected(arguments.error());
  return settings_of(*arguments);
}

TEST(SntpSettings, WithoutSAndSTheClockIsLeftAlone) {
  EXPECT_FALSE(settings({"a"})->sets_clock());
  EXPECT_TRUE(settings({"a"})->waits_for_all);
  EXPECT_FALSE(settings({"--no-wait", "a"})->waits_for_all);
  EXPECT_FALSE(settings({"-S", "a"})->waits_for_all);
  EXPECT_TRUE(settings({"-S", "--wait", "a"})->waits_for_all);
}

TEST(SntpSettings, TheLimitTellsStepsFromSlews) {
  using enum clock::OneCorrection;
  const auto both = settings({"-S", "-s", "-M", "128", "a"});

  EXPECT_EQ(correction_for(*both, 0.128), slew);
  EXPECT_EQ(correction_for(*both, -0.129), step);
  EXPECT_EQ(correction_for(*settings({"-S", "-s", "a"}), 1e-6), step);
  EXPECT_EQ(correction_for(*settings({"-S", "-M", "128", "a"}), 0.001), step);
  EXPECT_EQ(correction_for(*settings({"-s", "-M", "128", "a"}), 5), slew);
}

TEST(SntpSettings, EveryOptionOfTheClassicIsTaken) {
  EXPECT_TRUE(
      settings({"-4", "-a", "1",  "-c", "b",  "-d", "-D", "2",  "-g", "50", "-K", "/k", "-k", "/f", "-l",        "/l",
                "-M", "10", "-o", "4",  "-r", "-S", "-s", "-u", "5",  "-w", "-j", "-p", "2",  "-I", "127.0.0.1", "a"}));
  EXPECT_EQ(settings({"-d", "-d", "-D", "2", "a"})->debug_level, 4);
  EXPECT_EQ(settings({"-u", "3", "a"})->questions.timeout_s, 3);
  EXPECT_EQ(settings({"-t", "3", "a"})->questions.timeout_s, 3);
}

TEST(SntpSettings, WhatMakesNoSenseIsSaid) {
  EXPECT_EQ(settings({}).error(), "expected a server; 'sntp --help' shows how");
  EXPECT_EQ(settings({"-I", "eth0", "a"}).error(), "-I eth0: expected an address of this host");
  EXPECT_EQ(settings({"-w", "--no-wait", "a"}).error(), "--wait and --no-wait exclude each other");
  EXPECT_EQ(settings({"-p", "0", "a"}).error(), "-p 0: expected a whole number from 1 to 8");
  EXPECT_EQ(settings({"-g", "-1", "a"}).error(), "-g -1: expected a number from 0 to 10000");
}

TEST(SntpSettings, ABroadcastSetsTheClockOnlyWithAKey) {
  EXPECT_EQ(settings({"-b", "224.0.1.1"})->broadcast, "224.0.1.1");
  EXPECT_EQ(settings({"-b", "224.0.1.1", "-S"}).error(),
            "-b with -S or -s needs -a: anybody on the link may send a broadcast");
  EXPECT_TRUE(settings({"-b", "224.0.1.1", "-S", "-a", "1"}));
  EXPECT_EQ(settings({"-b", "224.0.1.1", "-B", "3"})->broadcast_timeout_s, 3);
}

constexpr std::int64_t kNow = 1795209879;

TEST(KissFile, AServerRestsForAnHourOrADay) {
  const std::vector<KissEntry> entries{{kNow, "RATE", Address::v4(1)}, {kNow, "DENY", Address::v4(2)}};

  EXPECT_TRUE(wants_rest(entries, Address::v4(1), kNow + kRateRest_s - 1));
  EXPECT_FALSE(wants_rest(entries, Address::v4(1), kNow + kRateRest_s));
  EXPECT_TRUE(wants_rest(entries, Address::v4(2), kNow + kDenialRest_s - 1));
  EXPECT_FALSE(wants_rest(entries, Address::v4(2), kNow + kDenialRest_s));
  EXPECT_FALSE(wants_rest(entries, Address::v4(3), kNow));
  EXPECT_FALSE(wants_rest(entries, Address::v4(2), kNow - 1)) << "from a clock that was wrong";
}

TEST(KissFile, LinesThatMakeNoSenseAreLeftOut) {
  EXPECT_EQ(parse_kiss_file("6b00be57 DENY 192.0.2.1\n\nnonsense\n6b00be57 DENY\nzz DENY 192.0.2.1\n6b00be57 X\n"
                            "-1 DENY 192.0.2.1\n6b00be57 EVIL 192.0.2.1\n6b00be57 RATE 2001:db8::1"),
            (std::vector<KissEntry>{{0x6b00be57, "DENY", *Address::parse("192.0.2.1")},
                                    {0x6b00be57, "RATE", *Address::parse("2001:db8::1")}}));
}

TEST(KissFile, ANewKissReplacesTheOldOneAndWhatHasExpired) {
  const std::vector<KissEntry> entries{{kNow - 10 * kDenialRest_s, "DENY", Address::v4(9)},
                                       {kNow, "RATE", Address::v4(1)}};

  EXPECT_EQ(with_kiss(entries, {kNow + 5, "DENY", Address::v4(1)}),
            (std::vector<KissEntry>{{kNow + 5, "DENY", Address::v4(1)}}));
}

TEST(KissFile, NeverGrowsBeyondItsLimit) {
  std::vector<KissEntry> entries;
  for (std::uint32_t i = 0; i < kMaxKissEntries + 50; ++i) entries = with_kiss(entries, {kNow, "DENY", Address::v4(i)});

  EXPECT_EQ(entries.size(), kMaxKissEntries);
  EXPECT_EQ(parse_kiss_file(to_text(entries)), entries);
}

RC_GTEST_PROP(KissFile, AnyTextIsRead, (const std::string& text)) {
  RC_ASSERT(parse_kiss_file(text).size() <= kMaxKissEntries);
}

}  // namespace
}  // namespace ntp::tools::sntp
