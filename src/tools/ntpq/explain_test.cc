// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/explain.h"

#include <string>

#include <gtest/gtest.h>

namespace ntp::ntpq {
namespace {

std::string source(std::uint16_t status, const std::string& variables) {
  return explain_source(status, client::parse_variables(variables));
}
std::string clock(const std::string& variables, const std::vector<std::uint16_t>& statuses) {
  return explain_clock(client::parse_variables(variables), statuses);
}

// Status words of the capture ntpq-all-commands, and others made from them (RFC 9327 section 3.2.2).
TEST(Explain, SelectionIsSaidInWords) {
  EXPECT_EQ(source(0x961a, ""), "system peer: it agrees with the majority and leads");
  EXPECT_EQ(source(0xf41a, ""), "candidate: it agrees with the majority, and counts");
  EXPECT_EQ(source(0x911a, "offset=12.2"), "falseticker: its interval misses the majority's; its offset is 12.2 ms");
  EXPECT_EQ(source(0x931a, ""), "outlier: it agrees, and differs more than the others do");
}

TEST(Explain, RejectedSourceIsExplainedByWhatFailed) {
  EXPECT_EQ(source(0x8011, "rec=0x00000000.00000000, flash=0x1200"), "silent: no answer yet");
  EXPECT_EQ(source(0x8013, "rec=0xeeab38c0.00000000, flash=0x1000"), "unreachable: the last polls got no answer");
  EXPECT_EQ(source(0x9014, "flash=0x400, rec=0xeeab38c0.00000000"), "refused: it is too far from the root");
  EXPECT_EQ(source(0x9014, "flash=1536"),
            "refused: its leap or stratum is not allowed here; it is too far from the root");
  EXPECT_EQ(source(0x8011, "stratum=16, refid=DENY"), "refused: it answers with the kiss code DENY");
  EXPECT_EQ(source(0x9014, "flash=0"),
            "rejected: it passes the tests of its packets, and is not selected; it may be new, or no majority agrees");
}

TEST(Explain, ClockInSync) {
  EXPECT_EQ(clock("leap=0, refid=192.0.2.1, offset=0.3", {0x961a, 0x941a, 0x911a}),
            "following 192.0.2.1 with 1 other: offset 0.3 ms");
  EXPECT_EQ(clock("leap=1, refid=GPS, offset=0", {0x961a}), "following GPS: offset 0 ms");
}

TEST(Explain, WhatIsMissingIsNotInvented) {
  EXPECT_EQ(clock("offset=1", {0x961a}), "the server doesn't tell whether it is synchronised");
  EXPECT_EQ(clock("leap=0", {0x961a}), "following a source");
  for (const char* nothing : {"", "offset", "offset=", "offset=\"\"", "offset=\" \"", "offset=\"\t\""}) {
    EXPECT_EQ(source(0x911a, nothing), "falseticker: its interval misses the majority's") << nothing;
    EXPECT_EQ(clock(std::string("leap=0, refid=GPS, ") + nothing, {0x961a}), "following GPS") << nothing;
  }
}

TEST(Explain, ClockOutOfSync) {
  EXPECT_EQ(clock("leap=3", {}), "not in sync: there is no source");
  EXPECT_EQ(clock("leap=3", {0x8011, 0x9014}), "not in sync: 1 of 2 sources reachable, none is followed yet");
  EXPECT_EQ(clock("leap=0x3", {0x8011}), "not in sync: 0 of 1 source reachable");
}

TEST(Explain, HostileValuesAreMadePlain) {
  EXPECT_EQ(source(0x911a, "offset=\x1b[2J"), "falseticker: its interval misses the majority's; its offset is ?[2J ms");
}

}  // namespace
}  // namespace ntp::ntpq
