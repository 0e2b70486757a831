// SPDX-License-Identifier: BSD-2-Clause
#include "config/advice.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/test_kit.h"

namespace ntp::config {
namespace {

using Texts = std::vector<std::string>;

Texts advice_on(const std::string& text) {
  Texts out;
  for (const Message& message : advice(test::parse_text(text), "/etc/ntp.conf")) {
    EXPECT_EQ(message.severity, Severity::warning);
    EXPECT_FALSE(message.refuses_start);
    out.push_back(config::text(message));
  }
  return out;
}

TEST(Advice, AnOrdinaryConfigurationNeedsNone) {
  EXPECT_EQ(
      advice_on("server a iburst key 4\nkeys /k\ntrustedkey (1 ... 4)\ncontrolkey 2\nserver 127.127.1.0\n"
                "fudge 127.127.1.0 stratum 10\nrestrict 10.0.0.0/8 limited kod\nstatistics loopstats\nstatsdir /s\n"),
      Texts{});
}

TEST(Advice, ALocalClockAtALowStratumLies) {
  EXPECT_EQ(
      advice_on("server a\nserver 127.127.1.0 # local clock\nfudge 127.127.1.0 stratum 1\n"),
      Texts{"/etc/ntp.conf:2:8: warning: 127.127.1.0 with fudge stratum 1: clients would believe this machine's own "
            "clock, which nobody sets, more than most true servers; stratum 10 is usual"});
  EXPECT_EQ(advice_on("server 127.127.1.0\nfudge 127.127.1.0 stratum 4\n").size(), 1U);
  EXPECT_EQ(advice_on("server 127.127.1.0\nfudge 127.127.1.0 stratum 5\n").size(), 0U);
  EXPECT_EQ(advice_on("server 127.127.1.0\n").size(), 0U);
}

TEST(Advice, KeysThatNobodyTrustsAreOfNoUse) {
  EXPECT_EQ(advice_on("keys /k\n"), Texts{"/etc/ntp.conf: warning: keys without trustedkey: none of them may be used"});
  EXPECT_EQ(advice_on("keys /k\ntrustedkey 1\n"), Texts{});
}

TEST(Advice, LinesThatCancelOneAnother) {
  EXPECT_EQ(advice_on("disable monitor\nrestrict 10.0.0.0/8 limited\n").size(), 1U);
  EXPECT_EQ(advice_on("disable monitor\n").size(), 0U);
  EXPECT_EQ(advice_on("discard average 3\nlimit burst 10\n"),
            Texts{"/etc/ntp.conf: warning: discard and limit: discard counts, limit is not used"});
  EXPECT_EQ(advice_on("statistics peerstats loopstats\n"),
            Texts{"/etc/ntp.conf: warning: loopstats without statsdir: nothing is written, unless -s names a folder"});
}

}  // namespace
}  // namespace ntp::config
