// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntp-wait/waiting.h"

#include <vector>

#include <gtest/gtest.h>

namespace ntp::tools::ntp_wait {
namespace {

using Answer = std::expected<std::uint16_t, std::string>;

constexpr std::uint16_t kInSync = 0x0615;
constexpr std::uint16_t kStarting = 0xc016;

struct Played {
  Outcome outcome{};
  std::size_t asked = 0;
  int pauses = 0;
  std::string said;
};

Played play(const std::vector<Answer>& answers) {
  Played played;
  played.outcome = wait({.tries = static_cast<std::int64_t>(answers.size()),
                         .ask = [&] { return answers.at(played.asked++); },
                         .pause = [&] { ++played.pauses; },
                         .say = [&](const std::string& text) { played.said += text; }});
  return played;
}

TEST(NtpWait, EndsWithTheFirstSynchronisedAnswer) {
  const Played played = play({std::unexpected("refused"), kStarting, kInSync, kStarting});

  EXPECT_EQ(played.outcome, Outcome::synchronised);
  EXPECT_EQ(played.asked, 3U);
  EXPECT_EQ(played.pauses, 2);
  EXPECT_EQ(played.said, "Waiting for ntpd to synchronise... OK!\n");
}

TEST(NtpWait, AnAnnouncedLeapSecondIsSynchronised) { EXPECT_EQ(play({Answer(0x4615)}).outcome, Outcome::synchronised); }

TEST(NtpWait, GivesUpAfterItsTriesWithoutAPauseBehindThem) {
  const Played played = play({kStarting, kStarting});

  EXPECT_EQ(played.outcome, Outcome::not_synchronised);
  EXPECT_EQ(played.pauses, 1);
  EXPECT_EQ(played.said, "Waiting for ntpd to synchronise... no!\nntpd did not synchronise in 2 tries.\n");
}

TEST(NtpWait, TheLastTryTellsSilenceFromAnAnswer) {
  EXPECT_EQ(play({kStarting, std::unexpected("nobody listens")}).outcome, Outcome::no_contact);
  EXPECT_EQ(play({std::unexpected("nobody listens"), kStarting}).outcome, Outcome::not_synchronised);
  EXPECT_NE(play({std::unexpected("nobody listens")}).said.find("nobody listens"), std::string::npos);
}

TEST(NtpWait, OutcomesAreTheExitStatus) {
  EXPECT_EQ(static_cast<int>(Outcome::synchronised), 0);
  EXPECT_EQ(static_cast<int>(Outcome::not_synchronised), 1);
  EXPECT_EQ(static_cast<int>(Outcome::no_contact), 2);
}

}  // namespace
}  // namespace ntp::tools::ntp_wait
