// SPDX-License-Identifier: BSD-2-Clause
//
// leapfile, leapsmearinterval, setvar, enable and disable, driftfile, tos orphan, and NTPsec's refclock.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/print.h"
#include "config/test_kit.h"

namespace ntp::config {
namespace {

using test::config_of;
using test::expect_messages;
using test::messages_of;
using test::parse_text;
using test::Texts;

TEST(ParseLeap, FileHashAndSmear) {
  EXPECT_EQ(config_of("leapfile /usr/share/zoneinfo/leap-seconds.list").leap_file,
            (LeapFile{"/usr/share/zoneinfo/leap-seconds.list", true}));
  EXPECT_EQ(config_of("leapfile \"/a b\" ignorehash").leap_file, (LeapFile{"/a b", false}));
  EXPECT_EQ(config_of("leapfile /a ignorehash\nleapfile /b checkhash").leap_file, (LeapFile{"/b", true}));
  EXPECT_EQ(config_of("leapsmearinterval 86400").leap_smear_interval_s, 86400.0);
  expect_messages({
      {"leapfile", "1:9: error: leapfile: expected the name of a file"},
      {"leapfile /a ignorhash", "1:13: error: leapfile ignorhash: perhaps \"ignorehash\""},
      {"leapfile /a yes", "1:13: error: leapfile yes: expected checkhash or ignorehash after the file"},
      {"leapfile /a checkhash b", "1:23: error: leapfile: expected nothing more, found \"b\""},
      {"leapsmearinterval -1", "1:19: error: leapsmearinterval -1: expected a time in seconds, 0 to 604800"},
  });
}

TEST(ParseSetvar, KeepsNameValueAndWhetherItIsTold) {
  const Config config = config_of(
      "setvar location=\"Hall 4, rack 7\" default\nsetvar rack=7\nsetvar empty = \"\"\nsetvar rack = \"a=b # c\"\n");

  EXPECT_EQ(config.variables,
            (std::vector<SetVariable>{
                {"location", "Hall 4, rack 7", true}, {"rack", "a=b # c", false}, {"empty", "", false}}));
  EXPECT_EQ(config_of(print(config)), config);
}

TEST(ParseSetvar, FaultyLinesCostThemselves) {
  expect_messages({
      {"setvar", "1:7: error: setvar: expected NAME=VALUE"},
      {"setvar =b",
       "1:8: error: setvar: \"=\": expected a name of 1 to 64 letters, digits, dots, hyphens and underscores"},
      {"setvar a", "1:9: error: setvar: expected = and a value after the name"},
      {"setvar a b", "1:10: error: setvar: expected = after a, found \"b\""},
      {"setvar a=", "1:10: error: setvar: expected a value after = (in quotes if it has blanks; \"\" if it is empty)"},
      {"setvar a=b=c", "1:11: error: setvar: a value with = stands in quotes: NAME=\"VALUE\""},
      {"setvar a=b c", "1:12: error: setvar: expected nothing more, found \"c\""},
      {"setvar a$=b",
       "1:8: error: setvar: \"a$\": expected a name of 1 to 64 letters, digits, dots, hyphens and underscores"},
  });
  EXPECT_EQ(messages_of("setvar a=" + std::string(401, 'x')),
            Texts{"/etc/ntp.conf:1:10: error: setvar: expected at most 400 octets"});
}

TEST(ParseSetvar, TheirNumberIsBounded) {
  std::string text;
  for (int i = 0; i < 257; ++i) text += "setvar v" + std::to_string(i) + "=x\n";
  EXPECT_EQ(messages_of(text), Texts{"/etc/ntp.conf:257:8: error: setvar: expected at most 256 variables"});
}

TEST(ParseSetvar, AllOfThemTogetherAreBounded) {
  std::string text;
  for (int i = 0; i < 82; ++i) text += "setvar v" + std::to_string(i) + "=" + std::string(395, 'x') + "\n";
  EXPECT_EQ(messages_of(text), Texts{});
  EXPECT_EQ(messages_of(text + "setvar v0=" + std::string(400, 'y') + "\n"), Texts{}) << "in place of another value";
  EXPECT_EQ(
      messages_of(text + "setvar more=" + std::string(395, 'x') + "\n"),
      Texts{"/etc/ntp.conf:83:8: error: setvar: expected at most 32768 octets of names and values in all variables"});
}

TEST(ParseSwitches, Mode7IsOnWhereItIsTurnedOn) {
  EXPECT_FALSE(config_of("enable ntp").switches.mode7);
  EXPECT_EQ(config_of("enable mode7").switches.mode7, true);
}

TEST(ParseSwitches, TheLastWordCountsAndWhatIsOffCostsNothing) {
  const Config config = config_of("disable auth monitor ntp\nenable monitor\ndisable mode7 bclient calibrate\n");

  EXPECT_EQ(config.switches, (Switches{.auth = false, .monitor = true, .ntp = false, .kernel = {}, .mode7 = false}));
  expect_messages({
      {"enable bclient",
       "1:8: unsupported: bclient: broadcast mode is not part of this version; broadcasts are ignored"},
      {"disable kernel", "1:9: obsolete: kernel: the daemon steers the clock itself, by its frequency"},
      {"enable", "1:7: error: enable: expected one of: mode7 monitor ntp stats"},
      {"disable auth",
       "1:9: obsolete: auth: packets that nobody asked for make no associations in this version, authenticated or not"},
      {"disable ntp montior", "1:13: error: unknown option of disable \"montior\": perhaps \"monitor\""},
  });
}

TEST(ParseDriftfile, NoneOrAnEmptyOneMeansNowhere) {
  EXPECT_EQ(config_of("driftfile").drift_file, "");
  EXPECT_EQ(config_of("driftfile \"\"").drift_file, "");
  EXPECT_EQ(config_of(print(config_of("driftfile"))).drift_file, "");
  EXPECT_EQ(
      messages_of("driftfile /a 0.5"),
      Texts{"/etc/ntp.conf:1:14: obsolete: driftfile: the number is not used: the file is written at its usual times"});
  expect_messages({{"driftfile /a b", "1:14: error: driftfile b: expected the least change in ppm, 0 to 1000000"}});
}

TEST(ParseTos, OrphanModeAndCohort) {
  EXPECT_EQ(config_of("tos orphan 10 orphanwait 20").tos.orphan_stratum, 10);
  EXPECT_EQ(parse_text("tos cohort 1").config.tos.has_cohort, true);
  expect_messages({
      {"tos orphan 17", "1:12: error: orphan 17: expected 1 to 16 (stratum; 16: off)"},
      {"tos cohort maybe", "1:12: error: cohort maybe: expected 0, 1, true or false"},
      {"tos cohort 2", "1:12: error: cohort 2: expected 0, 1, true or false"},
      {"tos orphn 7", "1:5: error: unknown option of tos \"orphn\": perhaps \"orphan\""},
  });
}

TEST(ParseFudge, TheLocalClockTakesWhatADriverWould) {
  const Config config =
      config_of("server 127.127.1.0\nfudge 127.127.1.0 time2 0.5 flag1 1 flag2 0 flag3 true flag4 false\n");

  ASSERT_EQ(config.fudges.size(), 1U);
  EXPECT_EQ(config.fudges[0].time2_s, 0.5);
  EXPECT_EQ(config.fudges[0].flags, (std::array<std::optional<bool>, 4>{true, false, true, false}));
  EXPECT_EQ(config_of(print(config)), config);
}

TEST(ParseRefclock, LocalIsServerAndFudgeOnOneLine) {
  const Config config =
      config_of("refclock LOCAL unit 3 stratum 10 refid ABC time1 0.25 prefer minpoll 4 maxpoll 5 flag1 1\n");

  EXPECT_EQ(config, config_of("server 127.127.1.3 prefer minpoll 4 maxpoll 5\n"
                              "fudge 127.127.1.3 stratum 10 refid ABC time1 0.25 flag1 1\n"));
  EXPECT_EQ(config_of("refclock local").servers[0].name, "127.127.1.0");
}

TEST(ParseRefclock, OtherTypesAreNamed) {
  expect_messages({
      {"refclock shm unit 0 refid GPS",
       "1:10: unsupported: refclock shm (type 28: shared memory): reference clocks other than the local clock "
       "(127.127.1.u) "
       "are not part of this version; this clock is not used"},
      {"refclock", "1:9: error: refclock: expected the type of a reference clock, such as local"},
      {"refclock nmae", "1:10: error: unknown type of reference clock \"nmae\": perhaps \"nmea\""},
      {"refclock sundial",
       "1:10: error: unknown type of reference clock \"sundial\": expected local, shm, gpsd, nmea, pps or another one "
       "of "
       "NTPsec's"},
      {"refclock local unit 256", "1:21: error: unit 256: expected 0 to 255"},
      {"refclock local refid TOOLONG", "1:16: error: refid \"TOOLONG\": expected one to four printable characters"},
      {"refclock local minpoll 9 maxpoll 4",
       "1:10: error: minpoll 9 and maxpoll 4: expected minpoll not above maxpoll"},
      {"refclock local stratm 3", "1:16: error: unknown option of refclock \"stratm\": perhaps \"stratum\""},
  });
  EXPECT_EQ(messages_of("refclock gpsd path /dev/a baud 9600").size(), 3U);
}

TEST(ParseInclude, AFolderGivesItsConfFilesByName) {
  const test::Files files{{"/etc/d/20-b.conf", "server b\n"},
                          {"/etc/d/10-a.conf", "server a\nincludefile x\n"},
                          {"/etc/d/x", "server x\n"},
                          {"/etc/d/readme", "nonsense\n"},
                          {"/etc/d/15.conf/1.conf", "server d\n"},
                          {"/etc/d/15.conf/note.txt", "nonsense\n"}};

  const ParseResult result = parse_text("server first\nincludefile d\nserver last\n", files);

  std::vector<std::string> names;
  for (const Server& server : result.config.servers) names.push_back(server.name);
  EXPECT_EQ(names, (std::vector<std::string>{"first", "a", "x", "d", "b", "last"}));
  EXPECT_TRUE(result.messages.empty());
  EXPECT_EQ(parse_text("server first\nend\n", files, "/etc/d/").config.servers.size(), 5U);
  EXPECT_EQ(parse_text("server first\n", files, "/etc/nothing").messages.size(), 0U);
}

TEST(ParseInclude, AFolderThatCantBeReadRefusesTheStart) {
  EXPECT_EQ(messages_of("includefile locked\n"),
            Texts{"/etc/ntp.conf:1:13: error: includefile /etc/locked: permission denied [refuses start]"});
  EXPECT_EQ(messages_of("", {}, "/etc/locked"), Texts{"/etc/locked: error: permission denied [refuses start]"});
  EXPECT_EQ(messages_of("", {{"/etc/d/a.conf", "sever a\n"}}, "/etc/d"),
            Texts{"/etc/d/a.conf:1:1: error: unknown command \"sever\": perhaps \"server\""});
}

TEST(ParseInclude, FoldersInOneAnotherEnd) {
  const std::string deep = "/etc/d/1.conf/2.conf/3.conf/4.conf/5.conf/6.conf";
  EXPECT_EQ(
      messages_of("", {{deep, "server a\n"}}, "/etc/d"),
      Texts{"/etc/d: error: /etc/d/1.conf/2.conf/3.conf/4.conf/5.conf/6.conf: expected at most 5 files inside one "
            "another [refuses start]"});
}

TEST(SavedConfiguration, KeepsWhatIsNotAppliedAsComments) {
  const ParseResult result = parse_text(
      "server a xleave\r\ncrypto pw secret\nbroadcastclient\nserver b minpoll 99\nincludefile x\nsimulate {\n a = "
      "1\n}\n"
      "server c\n",
      {{"/etc/x", "peer d key 7\n"}});

  EXPECT_EQ(saved_configuration(result),
            "server a\nserver c\n\n# Not applied, or not in full; ntpd --check-config says why:\n"
            "# /etc/ntp.conf:1: server a xleave\n# /etc/ntp.conf:2: crypto pw secret\n"
            "# /etc/ntp.conf:3: broadcastclient\n# /etc/ntp.conf:4: server b minpoll 99\n# /etc/x:1: peer d key 7\n"
            "# /etc/ntp.conf:6: simulate {\n# /etc/ntp.conf:7:  a = 1\n# /etc/ntp.conf:8: }\n");
  EXPECT_EQ(saved_configuration(parse_text("server a\n")), "server a\n");
}

TEST(SavedConfiguration, TheLinesThatAreKeptAreBounded) {
  std::string text;
  for (int i = 0; i < 10'010; ++i) text += "broadcastclient\n";

  const ParseResult result = parse_text(text);
  EXPECT_EQ(result.unapplied.size(), 10'000U);
  EXPECT_TRUE(saved_configuration(result).ends_with("# and 10 more lines\n"));
}

}  // namespace
}  // namespace ntp::config
