// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpstat/verdict.h"

#include <gtest/gtest.h>

namespace ntp::tools::ntpstat {
namespace {

using client::Variable;

/// leap none, NTP server, one event.
constexpr std::uint16_t kInSync = 0x0615;
constexpr std::uint16_t kStarting = 0xc011;

const std::vector<Variable> kSystem{{"stratum", "3"},       {"rootdelay", "10.5"}, {"rootdisp", "18.25"},
                                    {"refid", "192.0.2.9"}, {"peer", "31337"},     {"tc", "6"}};
const std::vector<Variable> kSource{{"srcadr", "192.0.2.1"}, {"srcport", "123"}};

TEST(NtpstatVerdict, ASynchronisedClockReadsAsScriptsKnowIt) {
  EXPECT_EQ(to_text(judge("localhost", kInSync, kSystem, kSource)),
            "synchronised to NTP server (192.0.2.1) at stratum 3\n"
            "   time correct to within 24 ms\n"
            "   polling server every 64 s\n");
}

TEST(NtpstatVerdict, TheRefidStandsInForASourceThatIsNotTold) {
  EXPECT_EQ(judge("localhost", kInSync, kSystem, {}).server, "192.0.2.9");
}

TEST(NtpstatVerdict, OtherClocksHaveTheirWords) {
  EXPECT_EQ(to_text(judge("localhost", 0x0515, kSystem, kSource)).substr(0, 38),
            "synchronised to local net at stratum 3");
  EXPECT_EQ(to_text(judge("localhost", 0x0115, kSystem, kSource)).substr(0, 28), "synchronised to atomic clock");
  EXPECT_EQ(judge("localhost", 0x3f15, kSystem, kSource).source, "unspecified");
}

TEST(NtpstatVerdict, AnUnsynchronisedClockSaysWhy) {
  EXPECT_EQ(to_text(judge("localhost", kStarting, {{"tc", "3"}}, {})),
            "unsynchronised\n   time server re-starting\n   polling server every 8 s\n");
  EXPECT_EQ(to_text(judge("localhost", 0xc615, {}, {})), "unsynchronised\n   poll interval unknown\n");
}

TEST(NtpstatVerdict, TheStatusIsTheAnswer) {
  const Verdict in_sync = judge("localhost", kInSync, kSystem, kSource);

  EXPECT_EQ(exit_status(in_sync, {}), 0);
  EXPECT_EQ(exit_status(in_sync, 0.0235), 0);
  EXPECT_EQ(exit_status(in_sync, 0.0234), 1);
  EXPECT_EQ(exit_status(judge("localhost", kStarting, kSystem, kSource), 100), 1);
  // Whose error isn't known isn't within it.
  EXPECT_EQ(exit_status(judge("localhost", kInSync, {}, {}), 100), 1);
}

TEST(NtpstatVerdict, JsonHasTheSame) {
  EXPECT_EQ(
      to_json(judge("a\"b", kInSync, kSystem, kSource)),
      "{\"host\":\"a\\\"b\",\"synchronised\":true,\"source\":\"NTP server\",\"server\":\"192.0.2.1\",\"stratum\":3,"
      "\"error_ms\":23.5,\"poll_s\":64}\n");
  EXPECT_EQ(to_json(judge("h", kStarting, {}, {})),
            "{\"host\":\"h\",\"synchronised\":false,\"source\":\"unspecified\",\"server\":null,\"stratum\":null,"
            "\"error_ms\":null,\"poll_s\":null}\n");
}

TEST(NtpstatVerdict, OddNumbersAreUnknownNumbers) {
  const Verdict odd =
      judge("h", kInSync, {{"stratum", "1e99"}, {"rootdelay", "nan"}, {"rootdisp", "inf"}, {"tc", "99"}}, {});

  EXPECT_FALSE(odd.stratum);
  EXPECT_FALSE(odd.max_error_s);
  EXPECT_FALSE(odd.poll_s);
}

TEST(NtpstatVerdict, WhatAServerSaysCannotTouchTheTerminal) {
  const std::string text = to_text(judge("h", kInSync, {{"refid", "\x1b[2J\r"}}, {}));

  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

}  // namespace
}  // namespace ntp::tools::ntpstat
