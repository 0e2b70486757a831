// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/why_report.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::ntpq {
namespace {

using namespace std::string_literals;
using client::ControlFault;
using wire::ControlError;
using wire::ControlOpcode;

/// Answers from a table; names that are not in it are unknown.
class WhyTest : public testing::Test {
 protected:
  WhyTest() {
    variables["1981"] = "srcadr=192.0.2.1, flash=0x0";
    variables["1982"] = "srcadr=2001:db8::17, flash=0x400, offset=12.2";
    variables["0"] = "leap=0, refid=192.0.2.1, offset=0.5";
  }
  void let_server_tell() {
    variables["0 why"] = "why=\"following 192.0.2.1 (system peer) alone: +17.4 us, bound 4.1 ms\"";
    variables["1981 why"] = "why=\"system peer: it agrees, and leads\"";
    variables["1982 why"] = "why=\"falseticker: its interval +12.1 to +12.3 ms misses the majority's -0.4 to +0.6 ms\"";
    variables["0 changes"] =
        "changes=\"2026-11-21T19:45:42Z 0 synchronised | 2026-11-21T19:46:00Z 1982 falseticker: its "
        "interval +12.1 to +12.3 ms misses | 2026-11-21T19:47:00Z 7 removed\"";
  }
  std::expected<client::ControlAnswer, client::ControlFailure> answer(const client::ControlRequest& request) {
    if (request.opcode == ControlOpcode::read_status)
      return client::ControlAnswer{.data = "\x07\xbd\x96\x1a\x07\xbe\x91\x1a"};
    std::string question = std::to_string(request.association_id);
    if (!request.data.empty()) question += " " + std::string(request.data);
    questions.push_back(question);
    if (const auto found = variables.find(question); found != variables.end())
      return client::ControlAnswer{.data = found->second};
    return std::unexpected(client::ControlFailure{.fault = fault, .code = ControlError::unknown_variable});
  }

  std::map<std::string, std::string> variables;
  std::vector<std::string> questions;
  ControlFault fault = ControlFault::told;
  Ask ask = [this](const client::ControlRequest& request) { return answer(request); };
  NameOf name_of = [](const std::string& address) { return address == "192.0.2.1" ? "time.example"s : address; };
};

TEST_F(WhyTest, ServerSaysWhyItself) {
  let_server_tell();

  const auto report = gather_why(ask, std::nullopt);

  ASSERT_TRUE(report);
  EXPECT_EQ(to_text(why_table(*report, name_of)),
            "clock: following 192.0.2.1 (system peer) alone: +17.4 us, bound 4.1 ms\n"
            "\n"
            "*time.example  system peer: it agrees, and leads\n"
            "x2001:db8::17  falseticker: its interval +12.1 to +12.3 ms misses the majority's -0.4 to +0.6 ms\n"
            "\n"
            "Last changes (UTC), oldest first:\n"
            "2026-11-21 19:45:42  clock: synchronised\n"
            "2026-11-21 19:46:00  2001:db8::17: falseticker: its interval +12.1 to +12.3 ms misses\n"
            "2026-11-21 19:47:00  association 7: removed\n");
}

TEST_F(WhyTest, ServerWithoutReasonsIsExplained) {
  const auto report = gather_why(ask, std::nullopt);

  ASSERT_TRUE(report);
  EXPECT_EQ(to_text(why_table(*report, name_of)),
            "clock: following 192.0.2.1: offset 0.5 ms\n"
            "\n"
            "*time.example  system peer: it agrees with the majority and leads\n"
            "x2001:db8::17  falseticker: its interval misses the majority's; its offset is 12.2 ms\n"
            "\n"
            "(The server gives no reasons of its own: these are read from its status and flash words.)\n");
  EXPECT_EQ(std::ranges::count(questions, "1981 why"s), 0) << "the clock's answer told that there are none";
}

TEST_F(WhyTest, OneSourceAlone) {
  let_server_tell();

  const auto report = gather_why(ask, 1982);

  ASSERT_TRUE(report);
  EXPECT_EQ(to_text(why_table(*report, name_of)),
            "x2001:db8::17  falseticker: its interval +12.1 to +12.3 ms misses the majority's -0.4 to +0.6 ms\n"
            "\n"
            "Last changes (UTC), oldest first:\n"
            "2026-11-21 19:46:00  2001:db8::17: falseticker: its interval +12.1 to +12.3 ms misses\n");
}

TEST_F(WhyTest, ClockAlone) {
  let_server_tell();

  const auto report = gather_why(ask, 0);

  ASSERT_TRUE(report);
  EXPECT_TRUE(report->sources.empty());
  ASSERT_EQ(report->changes.size(), 1U);
  EXPECT_EQ(report->changes[0].text, "synchronised");
}

TEST_F(WhyTest, UnknownAssociationIsTold) {
  const auto report = gather_why(ask, 7);

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ControlError::unknown_association);
}

TEST_F(WhyTest, SilenceIsAFailure) {
  fault = ControlFault::timeout;

  const auto report = gather_why(ask, std::nullopt);

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, ControlFault::timeout);
}

TEST_F(WhyTest, Json) {
  let_server_tell();

  const std::string text = to_json(why_table(gather_why(ask, 1982).value(), name_of)).text();

  EXPECT_EQ(
      text,
      R"({"rows": [{"associd": 1982, "subject": "2001:db8::17", "address": "2001:db8::17", "tally": "x", "status": "911a", )"
      R"("why": "falseticker: its interval +12.1 to +12.3 ms misses the majority's -0.4 to +0.6 ms", "is_told": true}, )"
      R"({"associd": 1982, "subject": "2001:db8::17", "time": "2026-11-21T19:46:00Z", )"
      R"("change": "falseticker: its interval +12.1 to +12.3 ms misses"}]})");
}

TEST(WhyChanges, OtherFormsAreLeftOut) {
  EXPECT_EQ(parse_changes("T 5 a | nothing | T x b | T 99999 c | T 6 d"),
            (std::vector<WhyChange>{{"T", 5, "a"}, {"T", 6, "d"}}));
  EXPECT_TRUE(parse_changes("").empty());
}

RC_GTEST_PROP(WhyChanges, AnyTextIsBounded, (const std::string& text)) {
  std::string all;
  for (int i = 0; i < 40; ++i) all += "2026 1 " + text + " | ";

  RC_ASSERT(parse_changes(all).size() <= kMostWhyChanges);
}

}  // namespace
}  // namespace ntp::ntpq
