// SPDX-License-Identifier: BSD-2-Clause
//
// Configuration that comes in control messages. Each class of the attacks' history that came in this way is named here.
#include "config/remote.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "config/fold.h"
#include "config/print.h"
#include "config/test_kit.h"
#include "policy/keys_file.h"

namespace ntp::config {
namespace {

using test::parse_text;

constexpr std::string_view kFile =
    "server 192.0.2.1\nserver ntp.example iburst\npool pool.example\nserver 127.127.1.0\nfudge 127.127.1.0 stratum 7\n"
    "driftfile /var/lib/ntp/drift\nkeys /etc/ntp.keys\ntrustedkey 1 2\ncontrolkey 1\nrestrict default nomodify\n";

policy::KeyRing two_keys() { return policy::KeyRing(policy::parse_keys_file("1 MD5 secret\n3 MD5 another\n").keys, 1); }

class Running {
 public:
  explicit Running(std::string_view file = kFile) : config_(parse_text(file).config) {}

  /// Takes the text as the daemon would; gives the messages that refused it.
  std::vector<std::string> say(std::string_view text) {
    ParseResult result =
        parse_remote({.text = text, .running = config_, .sources = sources_, .keys = &keys_, .own = own_});
    resets_ = result.resets;
    std::vector<std::string> faults;
    for (const Message& message : result.messages)
      if (message.severity == Severity::error || message.severity == Severity::unsupported)
        faults.push_back(message.text);
    if (faults.empty()) config_ = std::move(result.config);
    return faults;
  }
  bool takes(std::string_view text) { return say(text).empty(); }
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const auto& resets() const { return resets_; }

 private:
  Config config_;
  LineCounts own_ = line_counts(config_);
  policy::KeyRing keys_ = two_keys();
  std::vector<KnownSource> sources_{
      {.association_id = 101, .address = *Address::parse("192.0.2.1"), .line = "192.0.2.1"},
      {.association_id = 102, .address = *Address::parse("192.0.2.2"), .line = "ntp.example"},
      {.association_id = 103, .address = *Address::parse("192.0.2.3"), .line = "pool.example"},
      {.association_id = 104, .address = *Address::parse("192.0.2.4"), .line = "-"}};
  std::vector<std::string_view> resets_;
};

std::vector<std::string> names(const Config& config) {
  std::vector<std::string> out;
  for (const Server& server : config.servers) out.push_back(server.name);
  return out;
}

TEST(RemoteConfiguration, ComesOnTopOfWhatIsInForce) {
  Running ntpd;

  EXPECT_TRUE(ntpd.takes("server 192.0.2.9 iburst\ntos minsane 2\nsetvar token = abc default\ntinker step 0.3\n"));

  Running expected(std::string(kFile) +
                   "server 192.0.2.9 iburst\ntos minsane 2\nsetvar token=abc default\ntinker step 0.3\n");
  EXPECT_EQ(ntpd.config(), expected.config());
  EXPECT_TRUE(ntpd.takes("")) << "nothing is a configuration, too";
  EXPECT_TRUE(ntpd.takes("# a comment"));
  EXPECT_EQ(ntpd.config(), expected.config());
}

TEST(RemoteConfiguration, IsTakenWholeOrNotAtAll) {
  Running ntpd;
  const Config before = ntpd.config();

  const auto faults = ntpd.say("tos minsane 2\nbogus directive\nserver 192.0.2.9 minpol 4\n");

  ASSERT_EQ(faults.size(), 2U);
  EXPECT_NE(faults[0].find("bogus"), std::string::npos);
  EXPECT_EQ(ntpd.config(), before);
}

TEST(RemoteConfiguration, WhatThisVersionLacksIsRefusedByName) {
  Running ntpd;

  for (const char* line : {"peer 192.0.2.9", "broadcastclient", "server 192.0.2.9 autokey", "tinker huffpuff 900"})
    EXPECT_EQ(ntpd.say(line).size(), 1U) << line;
}

// CVE-2015-7703 (driftfile, pidfile), CVE-2015-7851 and CVE-2015-7976 (saveconfig, names with ..), CVE-2015-7850 (a keys file that
// is the log), CVE-2015-5196: a file's name from afar.
TEST(RemoteConfiguration, Cve2015_7703FilesAndFoldersAreTheHostsOwn) {
  Running ntpd;
  const Config before = ntpd.config();

  for (const char* line :
       {"driftfile /etc/passwd", "pidfile /etc/passwd", "logfile /etc/passwd", "statsdir /etc/", "keys /etc/passwd",
        "keysdir /etc", "crypto pw x randfile /etc/passwd", "includefile /etc/passwd", "leapfile /etc/passwd",
        "saveconfigdir /etc", "tempcomp /etc/passwd", "filegen loopstats file ../../etc/passwd type none enable",
        "filegen peerstats file x", "ntpsigndsocket /tmp", "nts key /etc/passwd", "rlimit memlock 0",
        "device 127.127.8.0 timedata /etc/passwd", "simulate { }"}) {
    const auto faults = ntpd.say(line);
    ASSERT_EQ(faults.size(), 1U) << line;
    EXPECT_NE(faults[0].find("only the host's own configuration file may say this"), std::string::npos) << faults[0];
    EXPECT_EQ(ntpd.config(), before) << line;
  }
  EXPECT_TRUE(ntpd.takes("filegen loopstats enable")) << "whether, but not where";
}

TEST(RemoteConfiguration, Mode7AndStatisticsAreTheHostsOwn) {
  Running ntpd;

  for (const char* line : {"enable mode7", "disable mode7", "enable stats", "disable stats", "enable monitor mode7"})
    EXPECT_EQ(ntpd.say(line).size(), 1U) << line;
  EXPECT_TRUE(ntpd.takes("disable monitor"));
}

// CVE-2016-2517: after one such command nobody could prove anything any more.
TEST(RemoteConfiguration, Cve2016_2517NobodyIsLockedOut) {
  Running ntpd;

  for (const char* line :
       {"controlkey 0", "controlkey 65536", "controlkey 99", "controlkey 2", "controlkey 3", "requestkey 99",
        "requestkey 0", "trustedkey 0", "trustedkey 65536", "controlkey", "controlkey -1", "controlkey 4294967297"})
    EXPECT_EQ(ntpd.say(line).size(), 1U) << line;
  EXPECT_EQ(ntpd.config().keys.control_key, 1U);

  EXPECT_TRUE(ntpd.takes("trustedkey 3\ncontrolkey 3"));
  EXPECT_EQ(ntpd.config().keys.control_key, 3U);
}

// CVE-2015-5146, CVE-2015-5194, CVE-2015-5195, CVE-2015-7849, CVE-2015-7854, CVE-2016-2516, CVE-2017-6463, CVE-2017-6464,
// CVE-2019-6442: each of these ended a daemon.
TEST(RemoteConfiguration, Cve2015_5146WhatEndedOtherDaemonsIsAFault) {
  using namespace std::string_literals;
  Running ntpd;
  const Config before = ntpd.config();

  for (const std::string& text :
       {"setvar a\0b=c"s, "tos minsane 1\0"s, "logconfig a"s, "logconfig =allx"s, "statistics timingstat"s,
        "filegen nostats enable"s, "unpeer 0"s, "unconfig 0"s, "unpeer 65535"s, "unpeer"s, "mode 9223372036854775808"s,
        "trustedkey (1 ... )"s, "setvar "s + std::string(100'000, 'x') + "=1", "server "s + std::string(70'000, 'a'),
        "restrict 1.2.3.4 mask 256.0.0.0"s, "fudge 127.127.1.0 stratum 99"s, "\"unterminated"s, "{"s, "tos minsane"s}) {
    EXPECT_FALSE(ntpd.takes(text)) << text.substr(0, 40);
    EXPECT_EQ(ntpd.config(), before) << text.substr(0, 40);
  }
}

TEST(RemoteConfiguration, UnpeerFindsALineByNameAddressAndNumber) {
  Running ntpd;

  EXPECT_TRUE(ntpd.takes("unpeer 192.0.2.2"));
  EXPECT_EQ(names(ntpd.config()), (std::vector<std::string>{"192.0.2.1", "pool.example", "127.127.1.0"}));
  EXPECT_TRUE(ntpd.takes("unconfig 101"));
  EXPECT_EQ(names(ntpd.config()), (std::vector<std::string>{"pool.example", "127.127.1.0"}));
  EXPECT_TRUE(ntpd.takes("unpeer 127.127.1.0\nunpeer pool.example"));
  EXPECT_EQ(names(ntpd.config()), std::vector<std::string>());
  EXPECT_TRUE(ntpd.config().fudges.empty()) << "they go with their clock";
}

TEST(RemoteConfiguration, UnpeerSaysWhyAnAssociationStays) {
  Running ntpd;

  EXPECT_NE(ntpd.say("unpeer 103").at(0).find("unpeer pool.example removes the pool"), std::string::npos);
  EXPECT_NE(ntpd.say("unpeer 104").at(0).find("command line"), std::string::npos);
  EXPECT_NE(ntpd.say("unpeer 7").at(0).find("no such association"), std::string::npos);
  EXPECT_NE(ntpd.say("unpeer 192.0.2.1\nunpeer 192.0.2.1").at(0).find("command line"), std::string::npos)
      << "the second one finds it gone, CVE-2015-7854";
  EXPECT_EQ(names(ntpd.config()).size(), 4U);
}

TEST(ChangedTrust, TouchesNoOtherKey) {
  const auto after = [](std::string_view lines, std::uint32_t id, bool is_trusted) {
    Keys keys = parse_text(lines).config.keys;
    change_trust(keys.trusted, id, is_trusted);
    return print({.keys = keys});
  };

  EXPECT_EQ(after("trustedkey (1 ... 100)\n", 7, true), "trustedkey (1 ... 100)\n");
  EXPECT_EQ(after("trustedkey (1 ... 100)\n", 7, false), "trustedkey (1 ... 6) (8 ... 100)\n");
  EXPECT_EQ(after("trustedkey (1 ... 100)\n", 1, false), "trustedkey (2 ... 100)\n");
  EXPECT_EQ(after("trustedkey (1 ... 100)\n", 100, false), "trustedkey (1 ... 99)\n");
  EXPECT_EQ(after("trustedkey 7 (5 ... 9)\n", 7, false), "trustedkey (5 ... 6) (8 ... 9)\n");
  EXPECT_EQ(after("trustedkey 1 2\n", 3, true), "trustedkey 1 2 3\n");
}

TEST(ParseTrap, OnlyAHostIsToldOfEvents) {
  EXPECT_EQ(test::messages_of("trap 192.0.2.5\ntrap ::1 port 9\n"), test::Texts());
  for (const char* address : {"0.0.0.0", "::", "224.0.0.1", "239.1.2.3", "255.255.255.255", "ff02::1", "host.example"})
    EXPECT_EQ(test::messages_of(std::string("trap ") + address + "\n").size(), 1U) << address;
}

TEST(ParseUnpeer, InAFileRemovesALineBeforeItAndWarnsWithoutOne) {
  EXPECT_EQ(names(test::config_of("server 192.0.2.1\nserver 192.0.2.2 iburst\nunpeer 192.0.2.1\n")),
            std::vector<std::string>{"192.0.2.2"});
  EXPECT_EQ(test::messages_of("unpeer 7\n"),
            test::Texts{"/etc/ntp.conf:1:8: warning: unpeer 7: no line before this one names it: nothing is removed"});
  EXPECT_EQ(test::messages_of("unpeer\n").size(), 1U);
}

TEST(RemoteConfiguration, ResetsAreNamedInTheirOrder) {
  Running ntpd;

  EXPECT_TRUE(ntpd.takes("reset sys io\nreset allpeers sys"));
  EXPECT_EQ(ntpd.resets(), (std::vector<std::string_view>{"sys", "io", "allpeers", "sys"}));
  EXPECT_FALSE(ntpd.takes("reset"));
  EXPECT_FALSE(ntpd.takes("reset everything"));
}

TEST(RemoteConfiguration, WhatIsSaidAThousandTimesIsKeptOnce) {
  const std::vector<std::string> texts{"restrict 192.0.2.7 nomodify limited",
                                       "restrict default noquery",
                                       "setvar a=b",
                                       "trustedkey 1 3",
                                       "interface listen 192.0.2.1",
                                       "restrict source nomodify",
                                       "server 192.0.2.9",
                                       "unrestrict 192.0.2.7 limited",
                                       "restrict host.example noserve",
                                       "trap 192.0.2.5",
                                       "fudge 127.127.1.0 stratum 9",
                                       "delrestrict 192.0.2.8",
                                       "tos minsane 1",
                                       "discard average 3"};
  Running once;
  Running often;

  for (const std::string& text : texts) ASSERT_TRUE(once.takes(text)) << text;
  for (int i = 0; i < 1000; ++i)
    for (const std::string& text : texts) ASSERT_TRUE(often.takes(text)) << text;

  EXPECT_LE(print(often.config()).size(), print(once.config()).size() + 200);
  EXPECT_EQ(often.config().keys.trusted.size(), once.config().keys.trusted.size());
  EXPECT_EQ(often.config().restricts.size(), once.config().restricts.size());
}

TEST(RemoteConfiguration, RestrictLinesOfOneRuleAreFolded) {
  const auto fold = [](std::string_view text) {
    return print({.restricts = folded(parse_text(text).config.restricts)});
  };

  EXPECT_EQ(fold("restrict 192.0.2.7 limited\nrestrict 192.0.2.7 kod limited\n"), "restrict 192.0.2.7 limited kod\n");
  EXPECT_EQ(fold("restrict 192.0.2.7 limited kod\nunrestrict 192.0.2.7 kod\n"), "restrict 192.0.2.7 limited\n");
  EXPECT_EQ(fold("restrict 192.0.2.7 limited kod\ndelrestrict 192.0.2.7\n"), "");
  EXPECT_EQ(fold("unrestrict default limited\nunrestrict default noquery\n"), "unrestrict default noquery limited\n");
  EXPECT_EQ(fold("unrestrict default limited\nrestrict default noquery\n"), "restrict default noquery\n");
  EXPECT_EQ(fold("restrict source limited\nrestrict source noquery\n"), "restrict source noquery\n");
  EXPECT_EQ(fold("restrict 192.0.2.7 limited\nrestrict 192.0.2.7 ntpport noquery\n"),
            "restrict 192.0.2.7 limited\nrestrict 192.0.2.7 noquery ntpport\n");
}

/// Lines about addresses from 10.0.0.0 on.
std::string restrict_lines_from(std::uint32_t first, std::size_t count) {
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i)
    text += "restrict " + Address::v4(0x0a000000 + first + i).text() + " nomodify\n";
  return text;
}

// Each line once looked through all of the others, twice: seconds for a datagram, on the thread that keeps the time.
TEST(RemoteConfiguration, ManyLinesInForceCostLittle) {
  Running ntpd(restrict_lines_from(0, 40'000));
  const std::clock_t start = std::clock();

  EXPECT_TRUE(ntpd.takes("restrict 192.0.2.7 nomodify\nrestrict 10.0.0.9 limited\ndelrestrict 10.0.0.10"));

  EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC);
  EXPECT_EQ(ntpd.config().restricts.size(), 40'000U);
  EXPECT_TRUE(has(ntpd.config().restricts[9].rule.flags, policy::Access::limited));
}

TEST(RemoteConfiguration, AddsOnlySoManyLinesToThoseOfTheFile) {
  constexpr std::uint32_t kOwn = 10'500;
  Running ntpd(restrict_lines_from(0, kOwn));

  EXPECT_TRUE(ntpd.takes("restrict 192.0.2.7 nomodify")) << "a long file is no reason to refuse";
  EXPECT_TRUE(ntpd.takes(restrict_lines_from(kOwn, kMaxRemoteLines - 1)));
  EXPECT_EQ(ntpd.say("restrict 192.0.2.8 nomodify"),
            std::vector<std::string>{
                "restrict lines: expected at most 20500: 10500 of the configuration file, and 10000 that "
                "control messages add"});
  EXPECT_TRUE(ntpd.takes("restrict 192.0.2.7 limited")) << "which is there already";
  EXPECT_TRUE(ntpd.takes("delrestrict 192.0.2.7"));
  EXPECT_TRUE(ntpd.takes("restrict 192.0.2.8 nomodify"));
}

TEST(RemoteConfiguration, LinesOfOtherRulesStayAsTheyWereWritten) {
  Running ntpd(
      "restrict 192.0.2.7 limited\nrestrict 192.0.2.7 kod\nrestrict 192.0.2.8 kod limited\ndelrestrict 192.0.2.8\n");

  EXPECT_TRUE(ntpd.takes("restrict 192.0.2.8 noquery"));

  EXPECT_EQ(print({.restricts = ntpd.config().restricts}),
            "restrict 192.0.2.7 limited\nrestrict 192.0.2.7 kod\nrestrict 192.0.2.8 noquery\n")
      << "the limits of a rule that was removed don't come back";
}

RC_GTEST_PROP(RemoteConfigurationProperties, AnyTextIsRefusedOrGivesAConfigurationThatCanBePrinted,
              (std::vector<std::uint8_t> octets)) {
  Running ntpd;
  const std::string text(octets.begin(), octets.end());

  ntpd.say(text);

  const ParseResult again = parse_text(print(ntpd.config()));
  RC_ASSERT(print(again.config) == print(ntpd.config()));
}

}  // namespace
}  // namespace ntp::config
