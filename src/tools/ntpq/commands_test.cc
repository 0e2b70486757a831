// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/commands.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "client/credentials.h"
#include "tools/ntpq/names.h"
#include "tools/ntpq/numbers.h"
#include "tools/ntpq/replay_test_kit.h"
#include "tools/ntpq/status_text.h"

namespace ntp::ntpq {
namespace {

using client::test::error_reply;
using client::test::Octets;
using client::test::reply;
using client::test::Request;
using test::Stage;
using Replies = std::vector<Octets>;

TEST(FindCommand, TakesWholeNamesAndClearBeginnings) {
  const auto name = [](std::string_view typed) {
    const auto found = find_command(typed);
    return found ? std::string((*found)->name) : found.error().text;
  };
  EXPECT_EQ(name("as"), "associations");
  EXPECT_EQ(name("pe"), "peers");
  EXPECT_EQ(name("cl"), "cl");
  EXPECT_EQ(name("?"), "help");
  EXPECT_EQ(name("p"), "***Command `p' ambiguous");
  EXPECT_EQ(name("nosuch\x1b"), "***Command `nosuch?' unknown");
}

TEST(FindCommand, TheTableIsInOrder) {
  EXPECT_TRUE(
      std::ranges::is_sorted(commands(), {}, [](const Command& command) { return std::string_view(command.name); }));
}

TEST(FindCommand, TheManualNamesEveryCommand) {
  std::ifstream file(test::capture_folder().parent_path().parent_path().parent_path() / "docs/man/ntpq.1");
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_FALSE(page.empty());
  for (const Command& command : commands()) {
    const std::string name = command.name;
    const bool is_there =
        page.find(" " + name + " ") != std::string::npos || page.find(" " + name + "\n") != std::string::npos;
    EXPECT_TRUE(is_there) << name;
  }
}

TEST(ReadLine, SplitsWordsQuotesAndTheFileBehind) {
  const auto line = read_line("  rv 0 \"leap, stratum\" > out.txt ");

  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->words, (Words{"0", "leap, stratum"}));
  EXPECT_EQ(line->redirect, "out.txt");
  EXPECT_EQ(read_line("rv 0 >").error().text, "***No file name follows `>'");
}

TEST(ReadLine, AConfigurationIsTakenAsItStands) {
  const auto line = read_line(":config setvar a = \"b  c\" > d");

  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->words, (Words{"setvar a = \"b  c\" > d"}));
  EXPECT_TRUE(line->redirect.empty());
}

TEST(ReadLine, SaysHowACommandIsUsed) {
  EXPECT_EQ(read_line("pstats").error().text, "***Command `pstats' needs more arguments\nusage: pstats assocID");
  EXPECT_NE(read_line("version 1").error().text.find("takes fewer arguments"), std::string::npos);
  EXPECT_EQ(read_line("  \t")->command, nullptr);
}

TEST(Complete, OffersCommandsAndTheArgumentsOfHelp) {
  EXPECT_EQ(complete("pst"), std::vector<std::string>{"pstats"});
  EXPECT_EQ(complete("help mrul"), std::vector<std::string>{"mrulist"});
  EXPECT_TRUE(complete("rv le").empty());
  EXPECT_EQ(complete("").size(), commands().size());
}

TEST(IntervalText, ChangesItsUnitAsTheReferenceImplementation) {
  const std::pair<std::int64_t, const char*> rows[] = {
      {-5, "-"},     {0, "-"},        {1, "1"},       {2048, "2048"},     {2049, "34m"},   {18000, "300m"},
      {18060, "5h"}, {345600, "96h"}, {349200, "4d"}, {86313600, "999d"}, {86400000, "3y"}};
  for (const auto& [seconds, text] : rows) EXPECT_EQ(interval_text(seconds), text) << seconds;
  EXPECT_LE(interval_text(4294967295).size(), 4U);
}

TEST(MillisecondsText, HasThreeDecimalsAndNoNegativeZero) {
  EXPECT_EQ(milliseconds_text("0.0301", true), "+0.030");
  EXPECT_EQ(milliseconds_text("-0.0001", true), "+0.000");
  EXPECT_EQ(milliseconds_text("-1.5", true), "-1.500");
  EXPECT_EQ(milliseconds_text("12", false), "12.000");
  EXPECT_EQ(milliseconds_text("inf", false), "-");
}

TEST(Columns, CountCharactersNotOctets) {
  EXPECT_EQ(left("m\u00fcnchen", 9), "m\u00fcnchen  ");
  EXPECT_EQ(left("m\u00fcnchen", 2), "m\u00fc");
  EXPECT_EQ(right("1234567890", 4), "1234");
}

TEST(Names, PlacesAreReadWithAndWithoutPorts) {
  EXPECT_EQ(parse_place("10.0.0.1:123")->text(), "10.0.0.1:123");
  EXPECT_EQ(parse_place("[::1]:123")->text(), "[::1]:123");
  EXPECT_EQ(parse_place("[::1]")->port, 0);
  EXPECT_EQ(parse_place("::1")->address.text(), "::1");
  for (const char* odd :
       {"", "[", "[]", "[::1", "[10.0.0.1:5", "10.0.0.1:", "10.0.0.1:99999", "::1:1:1:1:1:1:1:1:1", "name:1"})
    EXPECT_FALSE(parse_place(odd).has_value()) << odd;
}

TEST(Names, ReferenceIdsAreClocksAddressesOrDottedWords) {
  Stage stage([](const Request&) { return Replies(); });
  EXPECT_EQ(refid_text(stage.context, "127.127.1.0"), "LOCAL(0)");
  EXPECT_EQ(refid_text(stage.context, "127.127.28.2"), "SHM(2)");
  EXPECT_EQ(refid_text(stage.context, "127.127.200.1"), "UNKNOWN(1)");
  EXPECT_EQ(refid_text(stage.context, "INIT"), ".INIT.");
  EXPECT_EQ(refid_text(stage.context, "10.77.0.3"), "10.77.0.3");
  stage.context.settings.refid = RefidDisplay::hash;
  EXPECT_EQ(refid_text(stage.context, "10.77.0.3"), "0x0a4d0003");
}

TEST(StatusText, SaysEveryPart) {
  EXPECT_EQ(status_text({.status = 0xc016}), "associd=0 status=c016 leap_alarm, sync_unspec, 1 event, restart,\n");
  EXPECT_EQ(status_text({.association_id = 9, .status = 0xffff, .kind = StatusKind::peer}),
            "associd=9 status=ffff conf, authenb, auth, reach, bcast, sel_pps.peer, 15 events, interleave_error,\n");
  EXPECT_EQ(status_text({.status = 0x0011, .kind = StatusKind::clock}),
            "associd=0 status=0011 1 event, clk_noreply,\n");
  EXPECT_EQ(flash_text(0x1400), "1400 peer_dist, peer_unreach");
  EXPECT_EQ(flash_text(0), "00 ok");
}

Replies one_source(const Request& request, const std::string& variables) {
  if (request.header.opcode == 1) return {reply(request, std::string("\x00\x07\x96\x1a", 4))};
  Octets answer = reply(request, variables);
  if (request.header.association_id != 0) {
    answer[4] = std::byte{0x96};
    answer[5] = std::byte{0x1a};
  }
  return {answer};
}

constexpr const char* kSource =
    "srcadr=2001:db8:1234:5678:9abc:def0:1111:2222, dstadr=::1, refid=192.168.100.200, stratum=2, hmode=3, hpoll=6, "
    "ppoll=10, "
    "reach=0x7f, delay=1.5, offset=-0.25, jitter=0.1, srchost=ntp.example.org";

TEST(Peers, ALongNameGetsALineOfItsOwnWhereWide) {
  Stage stage([](const Request& request) { return one_source(request, kSource); });
  stage.context.settings.is_wide = true;

  stage.run({"peers"});

  EXPECT_NE(
      stage.out.find("\n*2001:db8:1234:5678:9abc:def0:1111:2222\n                 192.168.100.200  2 u    -   64  177"),
      std::string::npos)
      << stage.out;
}

TEST(Peers, ALongReferenceIdKeepsABlankBeforeTheAssociation) {
  Stage stage([](const Request& request) { return one_source(request, kSource); });
  stage.context.settings.shows_names = true;

  stage.run({"apeers"});

  EXPECT_NE(stage.out.find("*ntp.example.org 192.168.100.200  2 u"), std::string::npos) << stage.out;
}

TEST(Peers, AClockThatPollsNobodyHasOurInterval) {
  Stage stage([](const Request& request) {
    return one_source(request, "srcadr=127.127.1.0, hmode=3, hpoll=6, ppoll=0, refid=LOCL");
  });

  stage.run({"peers"});

  EXPECT_NE(stage.out.find("*LOCAL(0)        .LOCL.           0 l    -   64    0"), std::string::npos) << stage.out;
}

TEST(Peers, SeveralHostsGetAColumn) {
  Stage stage([](const Request& request) { return one_source(request, kSource); });

  stage.run({"peers"}, {"192.0.2.1", "192.0.2.100"});

  EXPECT_NE(stage.out.find("server           remote           refid"), std::string::npos) << stage.out;
  EXPECT_NE(stage.out.find("\n192.0.2.1   *2001:db8:1234:5"), std::string::npos) << stage.out;
}

TEST(Peers, OneFamilyAloneWhereAskedFor) {
  Stage stage([](const Request& request) { return one_source(request, kSource); });

  stage.run({"peers -4", "peers -6"});

  EXPECT_EQ(std::ranges::count(stage.out, '*'), 1);
}

TEST(Json, HasNumbersAsNumbersAndErrorsAsMembers) {
  Stage stage([](const Request& request) {
    return request.data == "nosuch" ? Replies{error_reply(request, wire::ControlError::unknown_variable)}
                                    : one_source(request, kSource);
  });
  stage.context.settings.is_json = true;

  EXPECT_EQ(stage.run({"rv 7 offset"}), Ended::well);
  EXPECT_NE(stage.out.find(R"("command": "rv 7 offset", "result": {"variables": {"srcadr")"), std::string::npos)
      << stage.out;
  EXPECT_NE(stage.out.find(R"("offset": -0.25)"), std::string::npos);
  stage.out.clear();
  EXPECT_EQ(stage.run({"rv 0 nosuch"}), Ended::badly);
  EXPECT_EQ(stage.out,
            "{\"host\": \"10.77.0.5\", \"command\": \"rv 0 nosuch\", \"error\": \"***A request variable unknown to the "
            "server\"}\n");
}

/// Ten sources, of which those up to `last` answer.
client::test::FakeTransport::Server sources_up_to(int last, int* asked) {
  return [last, asked](const Request& request) {
    if (request.header.opcode == 1) {
      std::string list;
      for (char id = 1; id <= 10; ++id) list += std::string("\x00", 1) + id + std::string("\x96\x1a", 2);
      return Replies{reply(request, list)};
    }
    ++*asked;
    return request.header.association_id <= last ? one_source(request, kSource) : Replies();
  };
}

TEST(Peers, StopAfterThreeSourcesWithoutAnAnswer) {
  int asked = 0;
  Stage stage(sources_up_to(2, &asked));

  stage.run({"peers"});

  EXPECT_EQ(std::ranges::count(stage.out, '*'), 2) << stage.out;
  EXPECT_EQ(asked, 2 + 3 * 2);  // each silent one twice
  EXPECT_EQ(stage.error, "10.77.0.5: timed out, nothing received\n***Request timed out\n");
}

TEST(Peers, PrintWhatThereIsAfterTwoMinutes) {
  int asked = 0;
  Stage stage(sources_up_to(10, &asked));
  stage.context.world.uptime_s = [&] { return asked * 30.0; };

  stage.run({"peers"});

  EXPECT_EQ(std::ranges::count(stage.out, '*'), 4) << stage.out;
  EXPECT_EQ(stage.error, "***Stopped after 120 seconds\n");
}

TEST(Json, ABillboardThatLacksSourcesIsAnError) {
  int asked = 0;
  Stage stage(sources_up_to(2, &asked));
  stage.context.settings.is_json = true;

  EXPECT_EQ(stage.run({"peers"}), Ended::badly);

  EXPECT_NE(stage.out.find(R"("result": {"rows": [{)"), std::string::npos) << stage.out;
  EXPECT_NE(stage.out.find(R"(, "error": "10.77.0.5: timed out, nothing received\u000a***Request timed out"})"),
            std::string::npos)
      << stage.out;
}

TEST(Json, AListOfClientsThatIsCutShortIsAnError) {
  std::sig_atomic_t interrupt = 0;
  Stage stage([&](const Request& request) {
    if (request.header.opcode == 12) return Replies{reply(request, "nonce=1")};
    interrupt = 1;
    return Replies{
        reply(request, "nonce=2, addr.0=192.0.2.7:123, last.0=0x1.0, first.0=0x1.0, ct.0=1, mv.0=35, rs.0=0x0")};
  });
  stage.context.world.interrupt = &interrupt;
  stage.context.settings.is_json = true;

  EXPECT_EQ(stage.run({"mrulist"}), Ended::badly);

  EXPECT_NE(stage.out.find(R"("address": "192.0.2.7"}]}, "error": "***Interrupted"})"), std::string::npos) << stage.out;
}

TEST(Json, AVariableListThatLacksAssociationsIsAnError) {
  int asked = 0;
  Stage stage(sources_up_to(2, &asked));
  stage.context.settings.is_json = true;

  EXPECT_EQ(stage.run({"mrv &1 &3 offset"}), Ended::badly);

  EXPECT_NE(stage.out.find(R"("result": {"lists": [{)"), std::string::npos) << stage.out;
  EXPECT_NE(stage.out.find(R"("error": "10.77.0.5: timed out)"), std::string::npos) << stage.out;
}

TEST(Json, AHostThatIsNotFoundIsAnErrorOfEachCommand) {
  Stage stage([](const Request& request) { return one_source(request, kSource); });
  stage.context.settings.is_json = true;

  EXPECT_EQ(stage.run({"peers", "as"}, {"192.0.2.1:99999"}), Ended::badly);

  EXPECT_EQ(std::ranges::count(stage.out, '\n'), 2) << stage.out;
  EXPECT_TRUE(stage.out.starts_with(R"({"host": "192.0.2.1:99999", "command": "peers", "error": ")")) << stage.out;
  EXPECT_NE(stage.out.find(R"("command": "as", "error": ")"), std::string::npos) << stage.out;
}

TEST(Json, ARefusedChangeIsAnError) {
  Stage stage([](const Request& request) {
    const bool is_good = request.data == "tos minsane 1" || request.data == "a.conf";
    if (request.header.opcode == 9)
      return Replies{reply(request, is_good ? "Configuration saved to 'a.conf'\r\n" : "saveconfig prohibited\r\n")};
    return Replies{reply(request, is_good ? "Config Succeeded\r\n" : "column 4 syntax error\r\n")};
  });
  stage.context.set_credentials(*client::key_of_password(1, "MD5", "x"));
  stage.context.settings.is_json = true;

  EXPECT_EQ(stage.run({":config tos minsane 1", "saveconfig a.conf"}), Ended::well) << stage.out;
  EXPECT_EQ(stage.out.find("error"), std::string::npos) << stage.out;
  EXPECT_EQ(stage.run({":config tos nonsense"}), Ended::badly);
  EXPECT_NE(stage.out.find(R"("error": "column 4 syntax error"})"), std::string::npos) << stage.out;
  EXPECT_EQ(stage.run({"saveconfig b.conf"}), Ended::badly);
  EXPECT_NE(stage.out.find(R"("error": "saveconfig prohibited"})"), std::string::npos) << stage.out;
}

TEST(ClientFilters, WordsStandForBits) {
  std::string asked;
  Stage stage([&](const Request& request) {
    if (request.header.opcode != 12) asked = request.data;
    return Replies{reply(request, "nonce=1, now=0x1.0")};
  });

  stage.run({"mrulist limited"});
  EXPECT_TRUE(asked.ends_with(", resany=0x20")) << asked;
  stage.run({"mrulist kod mincount=2 limited"});
  EXPECT_TRUE(asked.ends_with(", mincount=2, resany=0x420")) << asked;
}

/// A file for the time of a test.
struct TemporaryFile {
  explicit TemporaryFile(const std::string& text)
      : path(testing::TempDir() + "ntpq_config." + std::to_string(::getpid())) {
    std::ofstream(path, std::ios::binary) << text;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(path.c_str()); }
  std::string path;
};

TEST(ConfigFromFile, RefusesWhatIsNoFileAndWhatIsTooLong) {
  Stage stage([](const Request& request) { return Replies{reply(request, "Config Succeeded\r\n")}; });
  stage.context.set_credentials(*client::key_of_password(1, "MD5", "x"));
  const TemporaryFile large(std::string((1 << 20) + 1, '#'));

  EXPECT_EQ(stage.run({"config-from-file /"}), Ended::badly);
  EXPECT_EQ(stage.error, "***`/' is neither a file nor a pipe\n");
  EXPECT_EQ(stage.run({"config-from-file /dev/zero"}), Ended::badly);
  EXPECT_EQ(stage.run({"config-from-file " + large.path}), Ended::badly);
  EXPECT_NE(stage.error.find("has more than 1048576 octets"), std::string::npos) << stage.error;
}

TEST(ConfigFromFile, SaysWhichLinesWereRefused) {
  Stage stage([](const Request& request) {
    return Replies{reply(request, request.data == "bad" ? "column 0 syntax error\r\n" : "Config Succeeded\r\n")};
  });
  stage.context.set_credentials(*client::key_of_password(1, "MD5", "x"));
  stage.context.settings.is_json = true;
  const TemporaryFile file("tos minsane 1\n# nothing\nbad\n");

  EXPECT_EQ(stage.run({"config-from-file " + file.path}), Ended::badly);

  EXPECT_NE(stage.out.find(R"("error": "line 3: column 0 syntax error"})"), std::string::npos) << stage.out;
}

TEST(Keys, AreAskedForOnceAndTakenFromAFileBefore) {
  std::vector<bool> proven;
  Stage stage([&](const Request& request) {
    proven.push_back(request.datagram.size() > 12 + request.data.size() + 7);
    return Replies{reply(request, "done")};
  });
  stage.context.world.ask_line = [](const std::string&) { return std::optional<std::string>("7"); };
  int asked = 0;
  stage.context.world.ask_hidden = [&](const std::string& question) {
    EXPECT_EQ(question, "MD5 Password: ");
    ++asked;
    return std::optional<std::string>("secret");
  };

  stage.run({"saveconfig a", "saveconfig b"});

  EXPECT_EQ(asked, 1);
  EXPECT_EQ(proven, (std::vector<bool>{true, true}));
}

TEST(Keys, AFileThatWasNamedHasToHaveTheKey) {
  Stage stage([](const Request& request) { return Replies{reply(request, "done")}; });
  stage.context.settings.key_id = 5;
  stage.context.settings.keys_files = {"/nonexistent/ntp.keys"};
  stage.context.settings.has_own_keys_file = true;

  EXPECT_EQ(stage.run({"saveconfig a"}), Ended::badly);

  EXPECT_NE(stage.error.find("***/nonexistent/ntp.keys: No such file"), std::string::npos) << stage.error;
}

TEST(Keys, AListOfClientsIsProvenWhereItWasRefused) {
  int proven = 0;
  Stage stage([&](const Request& request) {
    if (request.datagram.size() < 12 + request.data.size() + 20)
      return Replies{error_reply(request, wire::ControlError::permission)};
    ++proven;
    return Replies{reply(
        request,
        request.header.opcode == 12
            ? "nonce=1"
            : "nonce=2, now=0x1.0, addr.0=192.0.2.7:123, last.0=0x1.0, first.0=0x1.0, ct.0=1, mv.0=35, rs.0=0x0")};
  });
  stage.context.settings.key_id = 7;
  stage.context.world.ask_hidden = [](const std::string&) { return std::optional<std::string>("secret"); };

  EXPECT_EQ(stage.run({"mrulist"}), Ended::well) << stage.error;

  EXPECT_EQ(proven, 2);
  EXPECT_NE(stage.out.find("123 192.0.2.7\n"), std::string::npos) << stage.out;
}

TEST(Config, PointsAtTheColumnOfAFault) {
  Stage stage([](const Request& request) { return Replies{reply(request, "column 4 syntax error\r\n")}; });
  stage.context.set_credentials(*client::key_of_password(1, "MD5", "x"));

  stage.run({":config tos nonsense"});

  EXPECT_EQ(stage.out, "tos nonsense\n____^\ncolumn 4 syntax error\r\n");
}

// NTPsec's daemon knows no authkexpired, and no authdelay.
TEST(Reports, LeaveOutWhatAServerDoesNotKnow) {
  Stage stage([](const Request& request) {
    if (request.data == "authkeys" || request.data == "authreset") return Replies{reply(request, request.data + "=7")};
    return Replies{error_reply(request, wire::ControlError::unknown_variable)};
  });

  EXPECT_EQ(stage.run({"authinfo"}), Ended::well);
  EXPECT_EQ(stage.out, "time since reset:  7\nstored keys:       7\n");
  EXPECT_EQ(stage.run({"timerstats"}), Ended::badly);
  EXPECT_EQ(stage.error, "***A request variable unknown to the server\n");
}

TEST(Redirect, PutsOutputIntoAFile) {
  const std::string path = testing::TempDir() + "ntpq_redirect." + std::to_string(::getpid());
  Stage stage([](const Request& request) { return one_source(request, kSource); });

  stage.run({"as > " + path});

  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::remove(path.c_str());
  EXPECT_TRUE(text.starts_with("ind assid status"));
  EXPECT_TRUE(stage.out.empty());
  EXPECT_EQ(stage.run({"as > /nonexistent/file"}), Ended::badly);
}

TEST(Why, ExplainsTheStatusOfServersThatHaveNoWords) {
  Stage stage([](const Request& request) {
    if (request.data == "why" || request.data == "changes")
      return Replies{error_reply(request, wire::ControlError::unknown_variable)};
    if (request.header.opcode == 1) return Replies{reply(request, std::string("\x00\x07\x90\x1a", 4))};
    const bool is_clock = request.header.association_id == 0;
    return Replies{reply(request, is_clock ? "leap=0, refid=192.0.2.9, offset=0.5" : "srcadr=192.0.2.9, flash=0x400")};
  });

  stage.run({"why"});

  EXPECT_EQ(stage.out,
            "clock: following 192.0.2.9: offset 0.5 ms\n\n 192.0.2.9  refused: it is too far from the root\n\n"
            "(The server gives no reasons of its own: these are read from its status and flash words.)\n");
}

TEST(Why, TellsTheServersOwnWordsAndChanges) {
  Stage stage([](const Request& request) {
    if (request.data == "why") return Replies{reply(request, "why=\"because, of this\"")};
    if (request.data == "changes")
      return Replies{reply(request, "changes=\"2026-11-21T19:45:42Z 0 first | 2026-11-21T19:46:00Z 7 second\"")};
    return one_source(request, kSource);
  });

  stage.run({"why"});

  EXPECT_EQ(stage.out,
            "clock: because, of this\n\n*2001:db8:1234:5678:9abc:def0:1111:2222  because, of this\n\n"
            "Last changes (UTC), oldest first:\n2026-11-21 19:45:42  clock: first\n"
            "2026-11-21 19:46:00  2001:db8:1234:5678:9abc:def0:1111:2222: second\n");
}

}  // namespace
}  // namespace ntp::ntpq
