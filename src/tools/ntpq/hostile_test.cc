// SPDX-License-Identifier: BSD-2-Clause
//
// What a hostile server can do to whoever asks it: nothing. Row 36 of the history of attacks, by their ids, and any octets
// for any command.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8.h"
#include "client/credentials.h"
#include "tools/ntpq/commands.h"
#include "tools/ntpq/replay_test_kit.h"

namespace ntp::ntpq {
namespace {

using client::test::Octets;
using client::test::Request;
using test::Stage;

constexpr std::size_t kFragment = 468;

/// A server with one association, which answers everything else with `answer`, in as many fragments as that takes.
client::test::FakeTransport::Server server_saying(std::string answer) {
  return [answer](const Request& request) {
    using client::test::reply;
    if (request.header.opcode == 1) return std::vector<Octets>{reply(request, std::string("\x12\x34\x96\x1a", 4))};
    std::vector<Octets> out;
    for (std::size_t at = 0; at == 0 || at < answer.size(); at += kFragment)
      out.push_back(reply(request, std::string_view(answer).substr(at, kFragment), at, at + kFragment < answer.size()));
    return out;
  };
}

std::string printed(const std::string& command, const std::string& answer) {
  Stage stage(server_saying(answer));
  stage.context.set_credentials(*client::key_of_password(1, "MD5", "x"));
  stage.run({command});
  return stage.error + stage.out;
}

const std::vector<std::string> kAsking = {"peers",    "apeers",    "opeers",    "as",           "rv",
                                          "rv &1",    "rv 0 leap", "cv",        "mrv &1 &1",    "sysinfo",
                                          "sysstats", "pstats &1", "kerninfo",  "mrulist",      "ifstats",
                                          "reslist",  "why",       ":config a", "saveconfig a", "writevar 0 a=b"};

/// Lines and text that a terminal can take.
bool is_harmless(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    const char32_t c = utf8_character(text.substr(0, length));
    if ((c < 0x20 && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0)) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// RFC 8259, as a machine of a few lines.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : rest_(text) {}
  bool is_valid() { return value(0) && rest_ == "\n"; }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool word(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool string() {
    if (!take('"')) return false;
    while (!rest_.empty() && rest_.front() != '"') {
      const std::size_t length = utf8_length(rest_);
      if (length == 0 || static_cast<unsigned char>(rest_.front()) < 0x20) return false;
      const bool is_escape = rest_.front() == '\\';
      rest_.remove_prefix(length);
      if (is_escape && rest_.empty()) return false;
      if (is_escape) rest_.remove_prefix(rest_.front() == 'u' ? 5 : 1);
    }
    return take('"');
  }
  bool number() {
    const std::size_t length = std::min(rest_.find_first_not_of("-.0123456789"), rest_.size());
    const std::string_view digits = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return !digits.empty() && digits.find_last_of('-') + 1 <= 1 && digits.back() != '.' && digits.front() != '.';
  }
  bool value(int depth) {
    if (depth > 10) return false;
    if (rest_.starts_with('"')) return string();
    if (take('{')) return members(depth, '}', true);
    if (take('[')) return members(depth, ']', false);
    return word("null") || word("true") || word("false") || number();
  }
  bool members(int depth, char end, bool has_names) {
    if (take(end)) return true;
    do {
      if (has_names && !(string() && word(": "))) return false;
      if (!value(depth + 1)) return false;
    } while (word(", "));
    return take(end);
  }
  std::string_view rest_;
};

TEST(HostileServer, Cve2009_0159_ALongTimecodeIsPrintedWhole) {
  const std::string value(30000, 'x');

  EXPECT_NE(printed("cv", "timecode=\"" + value + "\"\r\n").find(value), std::string::npos);
}

TEST(HostileServer, Cve2015_7852_ValuesThatFillEveryBufferAreBounded) {
  for (const char* name :
       {"reftime", "refid", "leap", "reach", "flash", "offset", "filtdelay", "filtoffset", "srcadr", "version"})
    for (const std::size_t length : {127U, 128U, 255U, 256U, 511U, 512U, 4096U, 60000U})
      EXPECT_LE(printed("rv 0 leap", std::string(name) + "=" + std::string(length, '9')).size(), length + 600)
          << name << length;
}

TEST(HostileServer, Cve2015_7975_ALongNameIsAName) {
  const std::string name(40000, 'n');

  EXPECT_EQ(printed("rv 0 leap", name + "=1\r\n"), name + "=1\n");
}

TEST(HostileServer, Cve2017_6460_ALongLineOfFlagsIsPrintedWhole) {
  const std::string flags(20000, 'f');

  const std::string text = printed("reslist", "addr.0=10.0.0.0, mask.0=255.0.0.0, hits.0=1, flags.0=" + flags);

  EXPECT_NE(text.find("10.0.0.0/8\n           " + flags + "\n"), std::string::npos);
}

TEST(HostileServer, Cve2018_7183_AListIsCutWhereNobodyReadsOn) {
  std::string list = "filtdelay=";
  for (int i = 0; i < 5000; ++i) list += " 1.00";

  const std::string text = printed("rv 0 leap", list);

  EXPECT_EQ(std::ranges::count(text, '.'), 16);
}

// Numbers and times that an own reader of fractions stumbled over.
TEST(HostileServer, Cve2023_26551To26554_OddNumbersAreShownAsTheyStand) {
  const std::string digits(300, '7');
  for (const std::string& odd :
       {std::string("nan"), std::string("1e999"), std::string("-"), std::string("."), std::string("-."),
        std::string("1.2.3"), std::string("0x"), std::string("+-1"), digits, "0." + digits, "-" + digits}) {
    EXPECT_EQ(printed("rv 0 leap", "offset=" + odd).substr(0, 7), "offset=") << odd;
    const std::string line =
        printed("peers", "srcadr=192.0.2.1, stratum=" + odd + ", hpoll=" + odd + ", ppoll=" + odd + ", reach=" + odd +
                             ", rec=" + odd + ", delay=" + odd + ", offset=" + odd + ", jitter=" + odd);
    EXPECT_EQ(line.size(), 79U * 3) << odd << "\n" << line;
  }
}

TEST(HostileServer, Row36_TerminalEscapesAreGone) {
  const std::string escape = "\x1b]0;owned\x07\x1b[2J\xc2\x9b\xe2\x80\xae";
  for (const std::string& command : kAsking) {
    for (const std::string& answer :
         {"srcadr=" + escape + ", srchost=" + escape + ", refid=" + escape + ", version=\"" + escape + "\", " + escape +
              "=1",
          "why=\"" + escape + "\", changes=\"a | " + escape + "\", nonce=" + escape + ", now=1", escape}) {
      const std::string text = printed(command, answer);
      EXPECT_TRUE(is_harmless(text)) << command << ": " << text;
    }
  }
}

TEST(HostileServer, Row36_EveryAssociationThatAnAnswerHasRoomForIsListed) {
  Stage stage([](const Request& request) {
    std::vector<Octets> out;
    const std::string part(kFragment, '\xff');
    for (std::size_t at = 0; at < kFragment * 140; at += kFragment)
      out.push_back(client::test::reply(request, part, at, at + kFragment < kFragment * 140));
    return out;
  });

  stage.run({"as"});

  EXPECT_EQ(std::ranges::count(stage.out, '\n'), 140 * 468 / 4 + 2);
}

RC_GTEST_PROP(HostileServer, AnyOctetsMakeHarmlessTextAndValidJson, ()) {
  // Mostly what looks like variables, so that more than the first reader is reached.
  const auto noise = *rc::gen::arbitrary<std::string>();
  const auto names = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("srcadr", "refid", "leap", "reach", "rec", "offset", "delay", "filtdelay", "addr.0",
                                    "last.0", "first.0", "ct.0", "mv.0", "rs.0", "now", "nonce", "flags.0", "mask.0",
                                    "name.0", "why", "changes", "peeradr", "peermode", "hmode", "stratum", "cert"));
  std::string answer;
  for (const std::string& name : names) {
    const auto value = *rc::gen::oneOf(
        rc::gen::arbitrary<std::string>(),
        rc::gen::element<std::string>("10.0.0.1:123", "0x12345678.9abcdef0", "-1.25", "\"a,b\"", "::1", ""));
    answer += name + "=" + value + ",";
  }
  answer += noise;
  const auto command = *rc::gen::elementOf(kAsking);

  RC_ASSERT(is_harmless(printed(command, answer)));

  Stage stage(server_saying(answer));
  stage.context.set_credentials(*client::key_of_password(1, "MD5", "x"));
  stage.context.settings.is_json = true;
  stage.run({command});
  RC_ASSERT(JsonReader(stage.out).is_valid());
}

}  // namespace
}  // namespace ntp::ntpq
