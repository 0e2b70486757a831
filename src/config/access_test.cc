// SPDX-License-Identifier: BSD-2-Clause
//
// restrict, unrestrict, delrestrict, discard, limit and mru.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/print.h"
#include "config/test_kit.h"

namespace ntp::config {
namespace {

using policy::Access;
using test::config_of;
using test::expect_messages;
using test::messages_of;
using test::parse_text;
using test::Texts;

TEST(ParseRestrict, NamesAreKeptForTheDaemonToResolve) {
  const Config config = config_of("restrict time.example nomodify\nrestrict -6 ntp1\nrestrict \"default\" ignore\n");

  ASSERT_EQ(config.restricts.size(), 3U);
  EXPECT_EQ(config.restricts[0].host, "time.example");
  EXPECT_EQ(config.restricts[0].rule.flags, Access::nomodify);
  EXPECT_EQ(config.restricts[1].family, Family::ipv6);
  EXPECT_EQ(config.restricts[2].host, "default");
}

TEST(ParseRestrict, AMaskAfterANameIsNotUsed) {
  EXPECT_EQ(
      messages_of("restrict time.example mask 255.255.255.0 ignore"),
      Texts{"/etc/ntp.conf:1:28: warning: mask: not used after the name time.example: each of its addresses gets a "
            "rule for itself alone"});
  EXPECT_EQ(parse_text("restrict a.example mask 255.0.0.0 ignore").config.restricts[0].rule.flags, Access::ignore);
}

TEST(ParseRestrict, AMisspeltDefaultIsNoHost) {
  expect_messages({
      {"restrict defualt ignore", "1:10: error: unknown target \"defualt\": perhaps \"default\" [refuses start]"},
      {"restrict Default ignore", "1:10: error: unknown target \"Default\": perhaps \"default\" [refuses start]"},
      {"restrict sorce noquery", "1:10: error: unknown target \"sorce\": perhaps \"source\" [refuses start]"},
      {"restrict \"sorce\" noquery", ""},
      {"restrict 192.168.1 ignore",
       "1:10: error: \"192.168.1\": expected default, source, an address or a host name [refuses start]"},
      {"restrict 192.168.1.x/24 ignore",
       "1:10: error: \"192.168.1.x/24\": expected an IPv4 or IPv6 address [refuses start]"},
  });
}

TEST(ParseRestrict, TheScopeOfAnAddressNeedsNoInterface) {
  EXPECT_EQ(config_of("restrict fe80::1%eth0 nomodify").restricts[0].rule.address, *Address::parse("fe80::1"));
}

TEST(ParseRestrict, LimitedKodFlakeAndTheRestWorkWithoutAWord) {
  const Config config = config_of("restrict -4 default limited kod flake\nrestrict source noepeer epeer nopeer\n");

  ASSERT_EQ(config.restricts.size(), 2U);
  EXPECT_EQ(config.restricts[0].rule.flags, Access::limited | Access::kod | Access::flake);
  EXPECT_EQ(config.restricts[1].rule.flags, Access::nopeer);
}

TEST(ParseRestrict, ThePeerLimitStandsAnywhereAmongTheFlags) {
  EXPECT_EQ(config_of("restrict -4 default ippeerlimit 0 nomodify").restricts[0].peer_limit, 0);
  EXPECT_EQ(config_of("restrict 10.0.0.0 mask 255.0.0.0 nomodify ippeerlimit -1").restricts[0].peer_limit, -1);
  expect_messages(
      {{"restrict -4 default ippeerlimit many",
        "1:33: error: ippeerlimit many: expected a whole number, -1 to 1000000 (-1: any number) [refuses start]"},
       {"restrict default nomodify ippeerlimit 2",
        "1:27: obsolete: ippeerlimit: requests make no associations in this version, whoever sends them"},
       {"restrict default kod limited nomodify nopeer noquery notrap", ""}});
}

TEST(ParseRestrict, SignedAnswersAndTrapsAreNamedAndTheirFlagsKept) {
  const ParseResult result = parse_text("restrict -4 default mssntp\nrestrict -6 default lowpriotrap\n");

  EXPECT_EQ(result.config.restricts[0].rule.flags, Access::mssntp);
  EXPECT_EQ(result.config.restricts[1].rule.flags, Access::lowpriotrap);
  ASSERT_EQ(result.messages.size(), 1U) << "traps do give way to others";
  EXPECT_EQ(text(result.messages[0]),
            "/etc/ntp.conf:1:21: unsupported: mssntp: signing for Windows domains is not part of this version; those "
            "clients get no signed answers");
}

TEST(ParseUnrestrict, WithFlagsTheyGoAndWithoutTheLineGoes) {
  const Config config = config_of(
      "unrestrict 10.0.0.0/8 noquery nomodify\nunrestrict source\nunrestrict -6 default ntpport\n"
      "delrestrict 10.0.0.0 mask 255.0.0.0\ndelrestrict a.example ntpport\n");

  using Action = Restrict::Action;
  ASSERT_EQ(config.restricts.size(), 5U);
  EXPECT_EQ(config.restricts[0].action, Action::remove_flags);
  EXPECT_EQ(config.restricts[0].rule.flags, Access::noquery | Access::nomodify);
  EXPECT_TRUE(config.restricts[1].is_source);
  EXPECT_EQ(config.restricts[1].action, Action::remove_rule);
  EXPECT_EQ(config.restricts[2].action, Action::remove_rule);
  EXPECT_TRUE(config.restricts[2].rule.only_from_ntp_port);
  EXPECT_EQ(config.restricts[3].action, Action::remove_rule);
  EXPECT_EQ(config.restricts[3].rule.mask.text(), "255.0.0.0");
  EXPECT_EQ(config.restricts[4].host, "a.example");
}

TEST(ParseUnrestrict, FaultyLinesRefuseTheStart) {
  expect_messages({
      {"unrestrict", "1:11: error: unrestrict: expected default, source, an address or a host name [refuses start]"},
      {"unrestrict 10.0.0.1 noqurey",
       "1:21: error: unknown option of unrestrict \"noqurey\": perhaps \"noquery\" [refuses start]"},
      {"delrestrict source",
       "1:19: error: delrestrict: expected default, source, an address or a host name [refuses start]"},
      {"delrestrict source source",
       "1:13: error: delrestrict: expected an address; unrestrict source removes the template [refuses start]"},
      {"delrestrict 10.0.0.1 noquery",
       "1:22: error: unknown option of delrestrict \"noquery\": expected one of: ntpport [refuses start]"},
      {"delrestrict source 10.0.0.1",
       "1:13: warning: delrestrict source: has no effect in a file: what restrict source adds comes with an "
       "association, "
       "and goes with it"},
      {"unrestirct 10.0.0.1", "1:1: error: unknown command \"unrestirct\": perhaps \"unrestrict\" [refuses start]"},
  });
}

TEST(ParseUnrestrict, TakesNoLimit) {
  const std::string line = "unrestrict 10.0.0.1 ippeerlimit 3";
  EXPECT_EQ(messages_of(line).back(),
            "/etc/ntp.conf:1:21: error: unrestrict: expected flags, not a limit [refuses start]");
  EXPECT_EQ(parse_text(line).config, Config{});
}

TEST(ParseUnrestrict, AWordWithoutAFlagDoesNotRemoveTheLine) {
  for (const char* line : {"unrestrict 10.0.0.1 epeer", "unrestrict 10.0.0.1 serverresponse fuzz",
                           "unrestrict 10.0.0.1 ntpport epeer", "unrestrict source epeer"})
    EXPECT_EQ(parse_text(line).config, Config{}) << line;

  const Config config = config_of("unrestrict 10.0.0.1 ntpport\nunrestrict 10.0.0.1 epeer nopeer\n");

  ASSERT_EQ(config.restricts.size(), 2U);
  EXPECT_EQ(config.restricts[0].action, Restrict::Action::remove_rule) << "ntpport names the rule";
  EXPECT_EQ(config.restricts[1].action, Restrict::Action::remove_flags);
}

TEST(ParseLimits, EveryNumberIsKept) {
  const Config config = config_of(
      "discard average 4 minimum 1 monitor 2000\ndiscard average 5\nlimit average 2.5 burst 40 kod 0.25\n"
      "mru maxdepth 5000 maxmem 2048 mindepth 100 maxage 300 minage 30 initalloc 10 initmem 20 incmem 7 incalloc 8\n");

  EXPECT_EQ(config.discard, (Discard{.average_log2s = 5, .minimum_s = 1, .monitor_probability = 2000}));
  EXPECT_EQ(config.limit, (Limit{.average_per_s = 2.5, .burst = 40, .kod_per_s = 0.25}));
  EXPECT_EQ(
      config.mru,
      (Mru{
          .initial_kB = 20, .step_entries = 8, .min_entries = 100, .max_kB = 2048, .min_age_s = 30, .max_age_s = 300}));
}

TEST(ParseLimits, FaultyLinesCostThemselves) {
  expect_messages({
      {"discard", "1:8: error: discard: expected one of: average minimum monitor"},
      {"discard average", "1:16: error: average: expected a whole number, 0 to 255 (log2 of seconds)"},
      {"discard average 3.5", "1:17: error: average 3.5: expected a whole number, 0 to 255 (log2 of seconds)"},
      {"discard averge 3", "1:9: error: unknown option of discard \"averge\": perhaps \"average\""},
      {"limit burst -1", "1:13: error: burst -1: expected 0 to 1000000 (packets)"},
      {"limit kodd 1", "1:7: error: unknown option of limit \"kodd\": perhaps \"kod\""},
      {"mru maxmem -2", "1:12: error: maxmem -2: expected -1 to 2147483647 (kB; -1: any number)"},
      {"mru maxdepth 10 maxdeth 3", "1:17: error: unknown option of mru \"maxdeth\": perhaps \"maxdepth\""},
  });
}

TEST(PrintRestrict, LinesAreShortAndKeepTheirOrder) {
  EXPECT_EQ(
      print(config_of("restrict default kod limited\nrestrict -4 default\nrestrict 10.0.0.0 mask 255.255.0.0 ntpport\n"
                      "restrict 10.0.0.1 mask 255.0.0.255\nrestrict ::1\nrestrict 2001:db8::/33 ippeerlimit 3\n"
                      "unrestrict default kod\nrestrict \"source\"\nrestrict source nopeer\n")),
      "restrict default limited kod\nrestrict -4 default\nrestrict 10.0.0.0/16 ntpport\n"
      "restrict 10.0.0.1 mask 255.0.0.255\nrestrict ::1\nrestrict 2001:db8::/33 ippeerlimit 3\n"
      "unrestrict default kod\nrestrict \"source\"\nrestrict source nopeer\n");
}

}  // namespace
}  // namespace ntp::config
