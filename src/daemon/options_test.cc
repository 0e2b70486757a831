// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/options.h"

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

std::expected<Options, std::string> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "ntpd");
  return parse_options(words);
}

TEST(Options, LettersMayStandTogetherAndServersAnywhere) {
  const auto options = parse({"-gq", "a.example", "-n", "-c", "/x", "b.example"});

  ASSERT_TRUE(options);
  EXPECT_TRUE(options->lifts_panic_once);
  EXPECT_TRUE(options->quits_after_set);
  EXPECT_TRUE(options->stays_in_foreground);
  EXPECT_TRUE(options->is_config_file_named);
  EXPECT_EQ(options->config_file, "/x");
  EXPECT_EQ(options->servers, (std::vector<std::string>{"a.example", "b.example"}));
}

TEST(Options, EveryWayToStayInTheForegroundDoes) {
  EXPECT_FALSE(parse({})->stays_in_foreground);
  for (const char* word : {"-n", "-d", "-D1", "-q", "--live", "--nofork", "--quit"})
    EXPECT_TRUE(parse({word})->stays_in_foreground) << word;
}

TEST(Options, LongNamesMeanTheirLetters) {
  const auto options = parse({"--ipv6", "--driftfile=/d", "--force_step_once", "--jaildir=/j", "--logfile=/l", "--nice",
                              "--pidfile=/p", "--user=ntp:ntp", "--updateinterval=60", "--slew", "--workers=3"});

  ASSERT_TRUE(options);
  EXPECT_TRUE(options->only_ipv6);
  EXPECT_EQ(options->drift_file, "/d");
  EXPECT_TRUE(options->steps_once);
  EXPECT_EQ(options->jail, "/j");
  EXPECT_EQ(options->log_file, "/l");
  EXPECT_TRUE(options->raises_priority);
  EXPECT_EQ(options->pid_file, "/p");
  EXPECT_EQ(options->user, "ntp:ntp");
  EXPECT_EQ(options->update_interval_s, 60);
  EXPECT_TRUE(options->slews);
  EXPECT_EQ(options->workers, 3);
}

TEST(Options, SavingIsATaskOfItsOwn) {
  const auto options = parse({"--saveconfigquit", "-", "-c", "/x"});

  ASSERT_TRUE(options);
  EXPECT_EQ(options->task, Options::Task::save_config);
  EXPECT_EQ(options->save_file, "-");
  EXPECT_FALSE(parse({"--saveconfigquit"}));
}

TEST(Options, LocalMeansTheEmbeddedConfigurationOfTheLocalClock) {
  const auto options = parse({"--local"});

  EXPECT_TRUE(options->serves_local_clock);
  EXPECT_TRUE(options->uses_default_config);
}

TEST(Options, ClassicOptionsWithoutAFunctionLeaveANotice) {
  const auto options = parse({"-a", "-k", "/keys", "-t", "7", "-s", "/stats"});

  ASSERT_TRUE(options);
  ASSERT_EQ(options->notices.size(), 1U);
  EXPECT_EQ(options->notices[0], "option -a: authentication is not part of this version");
  EXPECT_EQ(options->statistics_folder, "/stats");
}

TEST(Options, KeysAreNamedAndTrusted) {
  const auto options = parse({"-k", "/keys", "-t", "7", "--trustedkey", "65535"});

  ASSERT_TRUE(options);
  EXPECT_TRUE(options->notices.empty());
  EXPECT_EQ(options->key_file, "/keys");
  EXPECT_EQ(options->trusted_keys, (std::vector<std::uint32_t>{7, 65535}));
}

TEST(Options, VariablesAreThoseOfSetvar) {
  const auto options = parse({"-v", "site=the roof", "--dvar", "owner=ops"});

  ASSERT_TRUE(options) << options.error();
  const std::vector<config::SetVariable> expected{{.name = "site", .value = "the roof"},
                                                  {.name = "owner", .value = "ops", .is_default = true}};
  EXPECT_EQ(options->variables, expected);
  EXPECT_TRUE(options->notices.empty());
}

TEST(Options, AWrongOneIsNamed) {
  struct Case {
    std::vector<std::string> words;
    std::string message;
  };
  const std::vector<Case> cases{
      {{"-nz"}, "'-z' is no option of ntpd, or not one alone; 'ntpd --help' lists them"},
      {{"a", "--frob=1"}, "'--frob' is no option of ntpd, or not one alone; 'ntpd --help' lists them"},
      {{"-nc"}, "option '-c' needs an argument; 'ntpd --help' tells which"},
      {{"--workers"}, "option '--workers' needs an argument; 'ntpd --help' tells which"},
      {{"--live=1"}, "option '--live' takes no argument"},
      {{"--workers", "1x"}, "--workers 1x: expected a number from 0 to 256"},
      {{"-t", "0"}, "-t 0: expected a number from 1 to 65535"},
      {{"-v", "site"}, "-v site: expected NAME=VALUE, in one line and without quotation marks"},
      {{"-V", "a=\"b"}, "-V a=\"b: expected NAME=VALUE, in one line and without quotation marks"},
      {{"-v", "a b=c"}, "-v a b=c: setvar: expected = after a, found \"b\""},
      {{"-I", "::1/129"}, "-I ::1/129: expected a prefix length from 0 to 128"},
      {{"-4", "-6"}, "-4 and -6 exclude each other"},
      {{"--json"}, "--json belongs to --check-config"},
      {{"-q", "--no-set-clock"}, "-q sets the clock and --no-set-clock leaves it alone: they exclude each other"},
  };
  for (const Case& c : cases) {
    const auto options = parse(c.words);
    ASSERT_FALSE(options) << c.message;
    EXPECT_EQ(options.error(), c.message);
  }
}

}  // namespace
}  // namespace ntp::daemon
