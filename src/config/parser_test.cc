// SPDX-License-Identifier: BSD-2-Clause
#include "config/parser.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "config/commands.h"
#include "config/lexer.h"
#include "config/test_kit.h"

namespace ntp::config {
namespace {

using test::config_of;
using test::messages_of;
using test::parse_text;
using test::Texts;

TEST(ParseServer, KeepsEveryOption) {
  const Config config =
      config_of("server -6 a.example minpoll 4 maxpoll 12 version 3 iburst burst prefer noselect true preempt\n");

  const Server expected{.name = "a.example",
                        .family = Family::ipv6,
                        .min_poll_log2s = 4,
                        .max_poll_log2s = 12,
                        .version = 3,
                        .has_iburst = true,
                        .has_burst = true,
                        .is_preferred = true,
                        .is_never_selected = true,
                        .is_always_true = true,
                        .is_preemptable = true};
  EXPECT_EQ(config.servers, std::vector{expected});
}

TEST(ParseServer, TellsAddressesNamesPoolsAndTheLocalClockApart) {
  const Config config =
      config_of("server 192.0.2.1\npool 0.pool.example iburst\nserver 127.127.1.0\nserver fe80::1%eth0\n");

  ASSERT_EQ(config.servers.size(), 4U);
  EXPECT_EQ(config.servers[0].address, Address::v4(0xc0000201));
  EXPECT_EQ(config.servers[1].kind, Server::Kind::pool);
  EXPECT_FALSE(config.servers[1].address);
  EXPECT_EQ(config.servers[2].kind, Server::Kind::local_clock);
  EXPECT_EQ(config.servers[3].name, "fe80::1%eth0");
}

TEST(ParseServer, TheSecondLineOfAHostIsNotUsed) {
  const ParseResult result = parse_text("server a.example prefer\nserver a.example\nserver -4 a.example\n");

  EXPECT_EQ(result.config.servers.size(), 2U);
  EXPECT_TRUE(is_clean(result.messages));
}

TEST(ParseFudge, LinesOfOneClockAddUp) {
  const Config config = config_of(
      "server 127.127.1.0\nfudge 127.127.1.0 stratum 10 refid ABC\nfudge 127.127.1.0 time1 -0.5 stratum 12\n");

  const Fudge expected{.clock = Address::v4(0x7f7f0100), .time1_s = -0.5, .stratum = 12, .refid = "ABC"};
  EXPECT_EQ(config.fudges, std::vector{expected});
}

TEST(ParseRestrict, DefaultWithoutFamilyIsBothFamilies) {
  const Config config = config_of("restrict default nomodify noquery\nrestrict -6 default ignore\n");

  ASSERT_EQ(config.restricts.size(), 3U);
  using policy::Access;
  EXPECT_TRUE(config.restricts[0].rule.mask.is_v4());
  EXPECT_FALSE(config.restricts[1].rule.mask.is_v4());
  EXPECT_TRUE(config.restricts[1].rule.mask.is_unspecified());
  EXPECT_EQ(config.restricts[1].rule.flags, Access::nomodify | Access::noquery);
  EXPECT_FALSE(config.restricts[2].rule.mask.is_v4());
  EXPECT_EQ(config.restricts[2].rule.flags, Access::ignore);
}

TEST(ParseRestrict, MasksPrefixLengthsAndHostsMeanTheSame) {
  const Config config = config_of(
      "restrict 192.0.2.0 mask 255.255.255.0 ntpport\nrestrict 192.0.2.0/24 ntpport\nrestrict ::1\nrestrict 10.0.0.1 "
      "mask "
      "255.0.0.255\n");

  ASSERT_EQ(config.restricts.size(), 4U);
  EXPECT_EQ(config.restricts[0], config.restricts[1]);
  EXPECT_TRUE(config.restricts[0].rule.only_from_ntp_port);
  EXPECT_EQ(config.restricts[2].rule.mask.text(), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  EXPECT_EQ(config.restricts[2].rule.flags, policy::Access::none);
  EXPECT_EQ(config.restricts[3].rule.mask.text(), "255.0.0.255");
}

TEST(ParseRestrict, EveryFlagThatWorksIsKept) {
  const Config config = config_of(
      "restrict source ignore noserve noquery nomodify notrap nomrulist nopeer noepeer notrust version ntpport");

  ASSERT_EQ(config.restricts.size(), 1U);
  EXPECT_TRUE(config.restricts[0].is_source);
  EXPECT_EQ(static_cast<unsigned>(config.restricts[0].rule.flags),
            0x1U | 0x2U | 0x40U | 0x80U | 0x100U | 0x2000U | 0x10U | 0x4000U | 0x4U | 0x8U);
}

TEST(ParseSettings, TosAndTinkerKeepWhatIsWritten) {
  const Config config = config_of(
      "tos minclock 4 maxclock 6 minsane 2 floor 2 ceiling 15 mindist 0.005 maxdist 16 orphanwait 1\n"
      "tinker allan 9 dispersion 10 freq -1.5 panic 0 step 0.4 stepback 2 stepout 900\n"
      "tos minclock 5\n");

  const Tos tos{.min_clock = 5,
                .max_clock = 6,
                .min_sane = 2,
                .floor_stratum = 2,
                .ceiling_stratum = 15,
                .min_distance_s = 0.005,
                .max_distance_s = 16,
                .orphan_wait_s = 1};
  const Tinker tinker{.allan_intercept_log2s = 9,
                      .dispersion_ppm = 10,
                      .frequency_ppm = -1.5,
                      .panic_s = 0,
                      .step_back_s = 2,
                      .step_forward_s = 0.4,
                      .stepout_s = 900};
  EXPECT_EQ(config.tos, tos);
  EXPECT_EQ(config.tinker, tinker);
}

TEST(ParseFiles, DriftFileAndLogFileTakeWordsAndQuotedStrings) {
  const Config config = config_of("driftfile /var/lib/ntp/drift\nlogfile \"/var/log/my ntp.log\"\n");

  EXPECT_EQ(config.drift_file, "/var/lib/ntp/drift");
  EXPECT_EQ(config.log_file, "/var/log/my ntp.log");
}

TEST(ParseLogconfig, SignsSetAddAndTakeAway) {
  const LogClasses sync = kDefaultLogClasses;
  const auto classes = [](std::string_view line) { return config_of(line).log_classes; };

  EXPECT_EQ(classes("logconfig =syncall"), sync);
  EXPECT_EQ(classes("logconfig = allsync"), sync);
  EXPECT_EQ(classes("logconfig all"), kAllLogClasses);
  EXPECT_EQ(classes("logconfig =allall -allall"), LogClasses{0});
  EXPECT_EQ(classes("logconfig +clockinfo"), static_cast<LogClasses>(sync | 0x1U));
  EXPECT_EQ(classes("logconfig =allevents"), LogClasses{0x2222});
  EXPECT_EQ(classes("logconfig + sysstatus - syncall"), log_class(LogSource::sys, LogKind::status));
}

TEST(ParseInterface, KeepsRulesInTheirOrder) {
  const Config config = config_of(
      "interface ignore wildcard\nnic listen eth0\ninterface drop 192.0.2.0/24\ninterface listen ::1\ninterface ignore "
      "all\n"
      "interface listen ipv6");

  using Rule = InterfaceRule;
  const std::vector<Rule> expected{
      {.action = Rule::Action::ignore, .match = Rule::Match::wildcard},
      {.action = Rule::Action::listen, .match = Rule::Match::name, .name = "eth0"},
      {.action = Rule::Action::drop,
       .match = Rule::Match::address,
       .address = Address::v4(0xc0000200),
       .prefix_length = 24},
      {.action = Rule::Action::listen,
       .match = Rule::Match::address,
       .address = *Address::parse("::1"),
       .prefix_length = 128},
      {.action = Rule::Action::ignore, .match = Rule::Match::all},
      {.action = Rule::Action::listen, .match = Rule::Match::ipv6},
  };
  EXPECT_EQ(config.interfaces, expected);
}

TEST(ParseEnd, TheRestOfTheFileIsNotRead) { EXPECT_EQ(config_of("server a\nend\nnonsense\n").servers.size(), 1U); }

TEST(ParseSimulate, ItsBlockIsSkippedAsAWhole) {
  const ParseResult result = parse_text("simulate {\n beep_delay = 1\n server = x {\n duration = 1\n }\n}\nserver a\n");

  EXPECT_EQ(result.messages.size(), 1U);
  EXPECT_EQ(result.config.servers.size(), 1U);
}

TEST(ParseInclude, ReadsFilesRelativeToTheIncluder) {
  const ParseResult result =
      parse_text("includefile ntp.d/a.conf\nserver z\n", {{"/etc/ntp.d/a.conf", "server a\nincludefile b.conf\n"},
                                                          {"/etc/ntp.d/b.conf", "includefile /opt/c.conf\n"},
                                                          {"/opt/c.conf", "server c\n"}});

  ASSERT_EQ(result.config.servers.size(), 3U);
  EXPECT_EQ(result.config.servers[1].name, "c");
  EXPECT_EQ(result.config.servers[2].name, "z");
  EXPECT_TRUE(result.messages.empty());
}

TEST(ParseInclude, MessagesNameTheIncludedFile) {
  EXPECT_EQ(messages_of("includefile a\n", {{"/etc/a", "\nsever x\n"}}),
            Texts{"/etc/a:2:1: error: unknown command \"sever\": perhaps \"server\""});
}

TEST(ParseInclude, CyclesDepthAndMissingFilesRefuseTheStart) {
  EXPECT_EQ(messages_of("includefile a\n",
                        {{"/etc/a", "includefile b\n"}, {"/etc/b", "includefile ./../etc/a\nincludefile a\n"}}),
            (Texts{"/etc/b:1:13: error: includefile /etc/./../etc/a: no such file [refuses start]",
                   "/etc/b:2:13: error: includefile /etc/a: this file is being read already [refuses start]"}));
  EXPECT_EQ(
      messages_of("includefile 1", {{"/etc/1", "includefile 2"},
                                    {"/etc/2", "includefile 3"},
                                    {"/etc/3", "includefile 4"},
                                    {"/etc/4", "includefile 5"},
                                    {"/etc/5", "server ok\nincludefile 6"},
                                    {"/etc/6", ""}}),
      Texts{"/etc/5:2:13: error: includefile /etc/6: expected at most 5 files inside one another [refuses start]"});
}

TEST(ParseInclude, TheNumberOfIncludedFilesIsBounded) {
  std::string text;
  for (int i = 0; i < 1001; ++i) text += "includefile a\n";

  EXPECT_EQ(
      messages_of(text, {{"/etc/a", ""}}),
      Texts{"/etc/ntp.conf:1001:13: error: includefile /etc/a: expected at most 1000 included files [refuses start]"});
}

struct MessageCase {
  std::string line;
  std::string message;  ///< without the file's name; "" = none
};

class EveryMessage : public testing::TestWithParam<MessageCase> {};

TEST_P(EveryMessage, SaysWhereWhatAndWhatWasExpected) {
  const Texts expected{"/etc/ntp.conf:" + GetParam().message};
  const std::string text = GetParam().line + "\n";
  EXPECT_EQ(messages_of(text), expected) << GetParam().line;

  // A faulty line is never half applied.
  if (GetParam().message.find(" error: ") != std::string::npos) {
    EXPECT_EQ(parse_text(text).config, Config{});
  }
}

INSTANTIATE_TEST_SUITE_P(
    Unknown, EveryMessage,
    testing::Values(
        MessageCase{"sevrer a", "1:1: error: unknown command \"sevrer\": perhaps \"server\""},
        MessageCase{"Server a", "1:1: error: unknown command \"Server\": perhaps \"server\""},
        MessageCase{"frobnicate", "1:1: error: unknown command \"frobnicate\": expected a command of ntp.conf"},
        MessageCase{"restirct default ignore",
                    "1:1: error: unknown command \"restirct\": perhaps \"restrict\" [refuses start]"},
        MessageCase{"\"server\" a", "1:1: error: unknown command \"server\": perhaps \"server\""},
        MessageCase{"server a ibrust", "1:10: error: unknown option of server \"ibrust\": perhaps \"iburst\""},
        MessageCase{"pool a zzzzzz",
                    "1:8: error: unknown option of pool \"zzzzzz\": expected one of: iburst burst minpoll maxpoll "
                    "version prefer noselect true key"},
        MessageCase{"logconfig =sycnall", "1:12: error: unknown log class \"sycnall\": perhaps \"syncall\""},
        MessageCase{"interface lisen all", "1:11: error: unknown action \"lisen\": perhaps \"listen\""},
        MessageCase{"enable montior", "1:8: error: unknown option of enable \"montior\": perhaps \"monitor\""}));

INSTANTIATE_TEST_SUITE_P(
    Associations, EveryMessage,
    testing::Values(
        MessageCase{"server", "1:7: error: server: expected a host name or an address"},
        MessageCase{"server -4", "1:10: error: server: expected a host name or an address"},
        MessageCase{"server -4 ::1", "1:11: error: ::1: expected an IPv4 address after -4"},
        MessageCase{"server -6 192.0.2.1", "1:11: error: 192.0.2.1: expected an IPv6 address after -6"},
        MessageCase{"server 192.0.2", "1:8: error: \"192.0.2\": expected a host name or an address"},
        MessageCase{"server a/b", "1:8: error: \"a/b\": expected a host name or an address"},
        MessageCase{"server 224.0.1.1", "1:8: error: 224.0.1.1: expected the address of a host"},
        MessageCase{"pool 127.127.1.0", "1:6: error: pool: expected a host name, not a reference clock"},
        MessageCase{"server a minpoll", "1:17: error: minpoll: expected a whole number, -4 to 17 (log2 of seconds)"},
        MessageCase{"server a minpoll x",
                    "1:18: error: minpoll x: expected a whole number, -4 to 17 (log2 of seconds)"},
        MessageCase{"server a minpoll 6.5",
                    "1:18: error: minpoll 6.5: expected a whole number, -4 to 17 (log2 of seconds)"},
        MessageCase{"server a minpoll 30", "1:18: error: minpoll 30: expected -4 to 17 (log2 of seconds)"},
        MessageCase{"server a maxpoll -5", "1:18: error: maxpoll -5: expected -4 to 17 (log2 of seconds)"},
        MessageCase{"server a version 5", "1:18: error: version 5: expected 1 to 4"},
        MessageCase{"server a minpoll 10 maxpoll 6",
                    "1:8: error: minpoll 10 and maxpoll 6: expected minpoll not above maxpoll"},
        MessageCase{"server a nts",
                    "1:10: unsupported: nts: network time security is not part of this version; this association is "
                    "not started"},
        MessageCase{"server a xleave",
                    "1:10: unsupported: xleave: interleaved mode is not part of this version; basic mode is used"},
        MessageCase{
            "server a preempt",
            "1:10: obsolete: preempt: a source that is named stays; those of a pool are replaced by themselves"},
        MessageCase{"server a xmtnonce", "1:10: obsolete: xmtnonce: requests always carry a random transmit stamp"},
        MessageCase{"server 127.127.28.0",
                    "1:8: unsupported: 127.127.28.0 (type 28: shared memory): reference clocks other than the local "
                    "clock (127.127.1.u) are not part of this version; this clock is not used"},
        MessageCase{"fudge", "1:6: error: fudge: expected the address of a reference clock, 127.127.t.u"},
        MessageCase{"fudge a stratum 1", "1:7: error: \"a\": expected the address of a reference clock, 127.127.t.u"},
        MessageCase{"fudge 127.127.1.0",
                    "1:18: error: fudge: expected one of: time1 stratum refid time2 flag1 flag2 flag3 flag4"},
        MessageCase{"fudge 127.127.1.0 stratum 17", "1:27: error: stratum 17: expected 0 to 16"},
        MessageCase{"fudge 127.127.1.0 refid TOOLONG",
                    "1:19: error: refid \"TOOLONG\": expected one to four printable characters"},
        MessageCase{"fudge 127.127.28.0 time1 0.1",
                    "1:7: unsupported: 127.127.28.0 (type 28: shared memory): reference clocks other than the local "
                    "clock (127.127.1.u) are not part of this version; this line is not used"}));

INSTANTIATE_TEST_SUITE_P(
    Access, EveryMessage,
    testing::Values(
        MessageCase{"restrict",
                    "1:9: error: restrict: expected default, source, an address or a host name [refuses start]"},
        MessageCase{"restrict 10.0.0.0/33", "1:10: error: prefix length \"33\": expected 0 to 32 [refuses start]"},
        MessageCase{"restrict ::/x", "1:10: error: prefix length \"x\": expected 0 to 128 [refuses start]"},
        MessageCase{"restrict -4 ::1", "1:13: error: ::1: expected an IPv4 address after -4 [refuses start]"},
        MessageCase{"restrict -6 source", "1:13: error: source: expected neither -4 nor -6 before it [refuses start]"},
        MessageCase{"restrict 10.0.0.0 mask ffff::",
                    "1:24: error: mask \"ffff::\": expected an IPv4 mask [refuses start]"},
        MessageCase{"restrict 10.0.0.0 mask", "1:23: error: restrict: expected a mask after mask [refuses start]"},
        MessageCase{"restrict 10.0.0.0/8 mask 255.0.0.0",
                    "1:26: error: mask: expected a prefix length or a mask, not both [refuses start]"},
        MessageCase{"restrict default ignoer",
                    "1:18: error: unknown option of restrict \"ignoer\": perhaps \"ignore\" [refuses start]"},
        MessageCase{"restrict 10.1.2.3/8",
                    "1:10: warning: 10.1.2.3 has bits outside the mask 255.0.0.0: read as 10.0.0.0"},
        MessageCase{"restrict default mssntp",
                    "1:18: unsupported: mssntp: signing for Windows domains is not part of this version; those clients "
                    "get no signed answers"},
        MessageCase{"restrict default \"ignore",
                    "1:18: error: the quoted string does not end on its line: expected \" [refuses start]"},
        MessageCase{"server a \"b", "1:10: error: the quoted string does not end on its line: expected \""},
        MessageCase{"\x02restrict", "1:1: error: a control character (0x02): expected text [refuses start]"}));

INSTANTIATE_TEST_SUITE_P(
    Settings, EveryMessage,
    testing::Values(
        MessageCase{"tos",
                    "1:4: error: tos: expected one of: minclock maxclock minsane floor ceiling mindist maxdist "
                    "orphanwait orphan"},
        MessageCase{"tos minclock 4 maxclock 0", "1:25: error: maxclock 0: expected 1 to 1000"},
        MessageCase{"tos maxdist nan", "1:13: error: maxdist nan: expected a number, 0 to 16 (seconds)"},
        MessageCase{"tinker panic -1", "1:14: error: panic -1: expected 0 to 1000000000 (seconds; 0: never)"},
        MessageCase{"tinker step 0.1 freq 501", "1:22: error: freq 501: expected -500 to 500 (ppm)"},
        MessageCase{"logfile", "1:8: error: logfile: expected the name of a file"},
        MessageCase{"logconfig", "1:10: error: logconfig: expected =, + or - and a class such as sysevents"},
        MessageCase{"logconfig =", "1:12: error: logconfig: expected a class such as sysevents after ="},
        MessageCase{"interface", "1:10: error: interface: expected listen, ignore or drop"},
        MessageCase{
            "interface drop",
            "1:15: error: interface: expected all, ipv4, ipv6, wildcard, the name of an interface or an address"},
        MessageCase{"interface drop 10.0.0.0/40", "1:16: error: prefix length \"40\": expected 0 to 32"},
        MessageCase{"interface drop all now", "1:20: error: interface: expected nothing more, found \"now\""},
        MessageCase{"includefile", "1:12: error: includefile: expected the name of a file or folder [refuses start]"},
        MessageCase{"end it", "1:5: error: end: expected nothing more, found \"it\""},
        MessageCase{
            "peer a",
            "1:1: unsupported: peer: symmetric mode is not part of this version; this association is not started"},
        MessageCase{"calldelay 3",
                    "1:1: obsolete: calldelay: modem calls have no such delay any more; remove the line"}));

TEST(ParseMessages, FudgeWithoutItsServerAndKodWithoutLimitedAreWarnings) {
  EXPECT_EQ(messages_of("fudge 127.127.1.0 stratum 10"),
            Texts{"/etc/ntp.conf: warning: fudge 127.127.1.0 has no effect: there is no line server 127.127.1.0"});
  EXPECT_EQ(messages_of("restrict default kod"),
            Texts{"/etc/ntp.conf:1:18: warning: kod does nothing without limited"});
}

TEST(ParseMessages, EveryKnownCommandThatDoesNotWorkIsNamed) {
  const std::map<std::string, std::string> well_formed{{"nts", " enable"}};
  for (const CommandEntry& entry : commands()) {
    if (entry.status == Status::works) continue;
    const std::string line(entry.name);
    const auto found = well_formed.find(line);
    const std::string argument = found == well_formed.end() ? "" : found->second;
    const ParseResult result = parse_text(line + argument);
    ASSERT_EQ(result.messages.size(), 1U) << line;
    EXPECT_EQ(result.messages[0].severity == Severity::obsolete, entry.status == Status::obsolete) << line;
    EXPECT_EQ(starts(result.messages), entry.safety != Safety::refuses_start) << line;
  }
}

TEST(ParseMessages, TheDaemonStartsWithoutAnUnknownLineButTheCheckFails) {
  const ParseResult result = parse_text("nonsense\nserver a\n");

  EXPECT_TRUE(starts(result.messages));
  EXPECT_FALSE(is_clean(result.messages));
  EXPECT_EQ(result.config.servers.size(), 1U);
}

TEST(ParseLimits, HugeAndBinaryFilesAreRefusedWhole) {
  const std::string huge(kMaxFileOctets + 1, '\n');
  EXPECT_EQ(messages_of(huge),
            Texts{"/etc/ntp.conf: error: the file has 16777217 octets: expected at most 16777216 [refuses start]"});
  EXPECT_EQ(messages_of(std::string_view("server a\nb\0c", 12)),
            Texts{"/etc/ntp.conf:2:2: error: a NUL octet: expected text, the file is not read [refuses start]"});
}

TEST(ParseLimits, ALineOfAMillionLettersIsQuotedShort) {
  const auto messages = messages_of(std::string(1'000'000, 'a'));

  ASSERT_EQ(messages.size(), 1U);
  EXPECT_LT(messages[0].size(), 200U);
}

TEST(ParseLimits, AThousandMessagesAreShownAndTheVerdictIsKept) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "qqq\n";
  text += "restrict 10.0.0.0/99\n";

  const ParseResult result = parse_text(text);
  EXPECT_EQ(result.messages.size(), MessageLog::kMaxMessages + 1);
  EXPECT_EQ(result.messages.back().text, "1001 more messages are not shown");
  EXPECT_EQ(result.messages.back().severity, Severity::error);
  EXPECT_FALSE(starts(result.messages));
}

TEST(ParseLimits, AfterTenThousandFaultyLinesTheRestIsNotRead) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "qqq\n";
  text += "server a\n";

  const ParseResult result = parse_text(text);
  EXPECT_TRUE(result.config.servers.empty());
  EXPECT_FALSE(starts(result.messages));
}

TEST(Nearest, FindsSwapsCaseAndSingleLettersButNoStrangers) {
  const auto names = command_names();
  EXPECT_EQ(nearest("DRIFTFILE", names), "driftfile");
  EXPECT_EQ(nearest("resrtict", names), "restrict");
  EXPECT_EQ(nearest("poool", names), "pool");
  EXPECT_EQ(nearest("xylophone", names), "");
  EXPECT_EQ(nearest("", names), "");
}

RC_GTEST_PROP(Parse, RandomTextNeverCrashesAndEveryMessageHasItsPlace, ()) {
  const std::string text = *rc::gen::arbitrary<std::string>();
  for (const Message& message : parse_text(text).messages) {
    RC_ASSERT(message.file == "/etc/ntp.conf");
    RC_ASSERT(!message.text.empty());
  }
}

}  // namespace
}  // namespace ntp::config
