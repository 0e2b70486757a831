// SPDX-License-Identifier: BSD-2-Clause
#include "client/options.h"

#include <array>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::client {
namespace {

constexpr std::array kOptions{
    Option{'c', "command", "COMMAND", "run it"},
    Option{'p', "peers", "", "the same as -c peers"},
    Option{'n', "numeric", "", "addresses, not names"},
    Option{'4', "ipv4", "", "IPv4 alone"},
    Option{0, "json", "", "as JSON"},
    Option{0, "watch", "SECONDS", "again and again"},
    Option{0, "wait", "", "until it is right"},
    Option{'s', "", "STRIP", "letters alone are options, too"},
};
constexpr Tool kTool{.name = "ntpx",
                     .usage = "[options] [HOST...]",
                     .purpose = "tests a command line.",
                     .notes = "Exit status: 0.\n",
                     .options = kOptions};

std::expected<Arguments, std::string> parse(const std::vector<std::string>& words) {
  return Arguments::parse(kTool, words);
}

template <class T>
std::string error_of(const std::expected<T, std::string>& result) {
  return result ? "none" : result.error();
}
std::string mistake(const std::vector<std::string>& words) { return error_of(parse(words)); }

using Words = std::vector<std::string>;

TEST(ToolOptions, ValuesFollowInTheSameWordOrTheNext) {
  const auto found = parse({"-cas", "-c", "rv 0", "--command=peers", "--command", "-p"});

  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->values("command"), (Words{"as", "rv 0", "peers", "-p"}));
  EXPECT_EQ(found->value("command"), "-p");
  EXPECT_FALSE(found->has("peers"));
}

TEST(ToolOptions, LettersMayBeJoinedAndTheLastMayTakeAValue) {
  const auto found = parse({"-pn4cas", "-pp"});

  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->count("peers"), 3U);
  EXPECT_TRUE(found->has("numeric"));
  EXPECT_TRUE(found->has("ipv4"));
  EXPECT_EQ(found->value("command"), "as");
}

TEST(ToolOptions, TheOrderOfTheCommandLineIsKept) {
  const auto found = parse({"-p", "-c", "as", "--json"});

  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->given().size(), 3U);
  EXPECT_EQ(found->given()[0].name, "peers");
  EXPECT_EQ(found->given()[1].name, "command");
  EXPECT_EQ(found->given()[1].value, "as");
  EXPECT_EQ(found->given()[2].name, "json");
}

TEST(ToolOptions, LongNamesMayBeCutWhileTheyAreClear) {
  EXPECT_EQ(parse({"--comm", "as"})->value("command"), "as");
  EXPECT_TRUE(parse({"--wai"})->has("wait"));
  EXPECT_EQ(mistake({"--wa"}), "option '--wa' may mean --watch or --wait");
  EXPECT_TRUE(parse({"--vers"})->wants_version());
}

TEST(ToolOptions, AWholeNameWinsOverThoseThatItBegins) {
  constexpr std::array kNested{Option{0, "wait-long", "", ""}, Option{0, "wait", "", ""}};
  const Tool tool{.name = "x", .options = kNested};

  EXPECT_TRUE(Arguments::parse(tool, Words{"--wait"})->has("wait"));
}

TEST(ToolOptions, OptionsMayFollowArgumentsAndTwoDashesEndThem) {
  const auto found = parse({"a.example", "-n", "-", "--", "-p", "--"});

  ASSERT_TRUE(found) << found.error();
  EXPECT_TRUE(found->has("numeric"));
  EXPECT_FALSE(found->has("peers"));
  EXPECT_EQ(found->rest(), (Words{"a.example", "-", "-p", "--"}));
}

TEST(ToolOptions, AnOptionWithoutLongNameIsNamedByItsLetter) {
  const auto found = parse({"-s", ".example"});

  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->value("s"), ".example");
}

TEST(ToolOptions, HelpAndVersionBelongToEveryTool) {
  EXPECT_TRUE(parse({"-?"})->wants_help());
  EXPECT_TRUE(parse({"-n?"})->wants_help());
  EXPECT_TRUE(parse({"--help"})->wants_help());
  EXPECT_TRUE(parse({"--version"})->wants_version());
  EXPECT_FALSE(parse({"-n"})->wants_help());
  EXPECT_EQ(mistake({"--help=me"}), "option '--help' takes no argument");
}

TEST(ToolOptions, WhatIsWrongIsNamed) {
  EXPECT_EQ(mistake({"-z"}), "'-z' is no option of ntpx; 'ntpx --help' lists them");
  EXPECT_EQ(mistake({"-nz"}), "'-z' is no option of ntpx; 'ntpx --help' lists them");
  EXPECT_EQ(mistake({"--frob=1"}), "'--frob' is no option of ntpx; 'ntpx --help' lists them");
  EXPECT_EQ(mistake({"--=1"}), "'--' is no option of ntpx; 'ntpx --help' lists them");
  EXPECT_EQ(mistake({"-c"}), "option '-c' needs an argument (COMMAND)");
  EXPECT_EQ(mistake({"--watch"}), "option '--watch' needs an argument (SECONDS)");
  EXPECT_EQ(mistake({"--json=yes"}), "option '--json' takes no argument");
}

TEST(ToolOptions, NumbersHaveLimitsThatTheirErrorsName) {
  EXPECT_EQ(parse({"--watch", "0.5"})->number("watch", 1, 0.1, 60), 0.5);
  EXPECT_EQ(parse({"--watch", "+5"})->number("watch", 1, 0.1, 60), 5);
  EXPECT_EQ(parse({})->number("watch", 1, 0.1, 60), 1);
  EXPECT_EQ(parse({"-s7"})->whole("s", 1, 0, 60), 7);
  for (const char* text : {"61", "0", "nan", "inf", "5s", "", "-5", "+-5", "1e400"})
    EXPECT_EQ(error_of(parse({"--watch", text})->number("watch", 1, 0.1, 60)),
              std::string("--watch ") + text + ": expected a number from 0.1 to 60");
  EXPECT_EQ(error_of(parse({"-s", "1.5"})->whole("s", 1, 0, 60)), "-s 1.5: expected a whole number from 0 to 60");
}

TEST(ToolOptions, HelpNamesEveryOptionAndStaysWithinTheWidth) {
  const std::string text = help_text(kTool);

  EXPECT_EQ(text,
            "ntpx: tests a command line.\n"
            "\n"
            "usage: ntpx [options] [HOST...]\n"
            "\n"
            "  -c, --command COMMAND    run it\n"
            "  -p, --peers              the same as -c peers\n"
            "  -n, --numeric            addresses, not names\n"
            "  -4, --ipv4               IPv4 alone\n"
            "      --json               as JSON\n"
            "      --watch SECONDS      again and again\n"
            "      --wait               until it is right\n"
            "  -s STRIP                 letters alone are options, too\n"
            "  -?, --help               print this\n"
            "      --version            print the version\n"
            "\n"
            "Exit status: 0.\n");
}

TEST(ToolOptions, LongMeaningsAreBrokenBetweenWords) {
  const std::string meaning(40, 'a');
  const std::string text_of_meaning = meaning + " " + meaning;
  const std::array options{Option{0, "one-that-is-long-by-itself", "VALUE", text_of_meaning.c_str()}};

  const std::string text = help_text({.name = "x", .options = options});

  EXPECT_NE(text.find("      --one-that-is-long-by-itself VALUE\n" + std::string(27, ' ') + meaning + "\n" +
                      std::string(27, ' ') + meaning + "\n"),
            std::string::npos)
      << text;
}

TEST(ToolOptions, VersionNamesToolAndSuite) {
  EXPECT_TRUE(version_text(kTool).starts_with("ntpx meridian "));
  EXPECT_TRUE(version_text(kTool).ends_with("\n"));
}

TEST(ToolOptions, RunsTheToolOnlyWithWordsThatMakeSense) {
  const auto run = [](std::vector<const char*> words) {
    words.insert(words.begin(), "ntpx");
    return run_tool(kTool, static_cast<int>(words.size()), words.data(), 9,
                    [](const Arguments& arguments) { return static_cast<int>(arguments.count("peers")); });
  };

  EXPECT_EQ(run({"-pp"}), 2);
  EXPECT_EQ(run({"-pz"}), 9);
  EXPECT_EQ(run({"-p", "--version"}), 0);
  EXPECT_EQ(run_tool(kTool, 0, nullptr, 9, [](const Arguments&) -> int { throw std::runtime_error("no"); }), 9);
}

RC_GTEST_PROP(ToolOptions, NoWordsAreLost, (const std::vector<std::string>& words)) {
  const auto found = parse(words);
  if (!found) {
    RC_ASSERT(!found.error().empty());
    return;
  }
  // After "--" everything is an argument, whatever it looks like.
  Words all{"--"};
  all.insert(all.end(), words.begin(), words.end());
  RC_ASSERT(parse(all)->rest() == words);
}

RC_GTEST_PROP(ToolOptions, AValueComesBackAsItWas, (const std::string& value)) {
  RC_ASSERT(parse({"-c", value})->value("command") == value);
  RC_ASSERT(parse({"--command=" + value})->value("command") == value);
  if (!value.empty()) RC_ASSERT(parse({"-c" + value})->value("command") == value);
}

}  // namespace
}  // namespace ntp::client
