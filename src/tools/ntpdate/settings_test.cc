// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpdate/settings.h"

#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ntp::tools::ntpdate {
namespace {

std::expected<Settings, std::string> settings(const std::vector<std::string>& words) {
  const auto arguments = client::Arguments::parse(kTool, words);
  if (!arguments) return std::unexpected(arguments.error());
  return settings_of(*arguments);
}

TEST(NtpdateSettings, TheClassicsDefaults) {
  const auto plain = settings({"a.example", "b.example"});

  ASSERT_TRUE(plain) << plain.error();
  EXPECT_EQ(plain->questions.samples, 4);
  EXPECT_EQ(plain->questions.timeout_s, 2);
  EXPECT_EQ(plain->questions.version, 4);
  EXPECT_TRUE(plain->checks_port);
  EXPECT_EQ(plain->servers, (std::vector<std::string>{"a.example", "b.example"}));
}

TEST(NtpdateSettings, BeyondHalfASecondIsAStep) {
  const auto plain = settings({"a"});

  EXPECT_EQ(action_for(*plain, 0.5), Action::adjust);
  EXPECT_EQ(action_for(*plain, -0.5), Action::adjust);
  EXPECT_EQ(action_for(*plain, 0.500001), Action::step);
  EXPECT_EQ(action_for(*plain, -0.500001), Action::step);
  EXPECT_EQ(action_for(*settings({"-b", "a"}), 0), Action::step);
  EXPECT_EQ(action_for(*settings({"-B", "a"}), 100), Action::adjust);
}

TEST(NtpdateSettings, WhatOnlyMeasuresRunsBesideADaemon) {
  for (const char* option : {"-q", "-d", "-u"}) EXPECT_FALSE(settings({option, "a"})->checks_port) << option;
  EXPECT_TRUE(settings({"-b", "a"})->checks_port);
}

TEST(NtpdateSettings, EveryOptionOfTheClassicIsTaken) {
  EXPECT_TRUE(settings({"-4",    "-b", "-d", "-q", "-s", "-u", "-v", "-a", "1",   "-e",
                        "0.001", "-k", "/f", "-o", "3",  "-p", "8",  "-t", "0.4", "a"}));
  EXPECT_EQ(settings({"-o3", "a"})->questions.version, 3);
}

TEST(NtpdateSettings, WhatScriptsPassIsTaken) {
  EXPECT_EQ(action_for(*settings({"-b", "-B", "a"}), 0), Action::step);
  EXPECT_EQ(action_for(*settings({"-B", "-b", "a"}), 0), Action::step);
  for (const auto& [given, taken] : {std::pair("0", 0.2), std::pair("0.1", 0.2), std::pair("60", 30.0)}) {
    const auto clamped = settings({"-t", given, "a"});
    ASSERT_TRUE(clamped) << clamped.error();
    EXPECT_EQ(clamped->questions.timeout_s, taken);
    EXPECT_EQ(clamped->questions.spacing_s, taken);
    EXPECT_EQ(clamped->warning, fmt::format("-t {}: taken as {}, for it goes from 0.2 to 30", given, taken));
  }
  for (const char* within : {"0.2", "30"}) EXPECT_EQ(settings({"-t", within, "a"})->warning, "");
}

TEST(NtpdateSettings, WhatMakesNoSenseIsSaid) {
  EXPECT_EQ(settings({"-4", "-6", "a"}).error(), "-4 and -6 exclude each other");
  EXPECT_EQ(settings({"-p", "9", "a"}).error(), "-p 9: expected a whole number from 1 to 8");
  EXPECT_EQ(settings({"-t", "-1", "a"}).error(), "-t -1: expected a number from 0 to 100000");
  EXPECT_EQ(settings({"-o", "5", "a"}).error(), "-o 5: expected a whole number from 1 to 4");
  EXPECT_EQ(settings({"-e", "x", "a"}).error(), "-e x: expected a number from 0 to 10");
}

}  // namespace
}  // namespace ntp::tools::ntpdate
