// SPDX-License-Identifier: BSD-2-Clause
#include "client/variables.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8.h"

namespace ntp::client {
namespace {

TEST(ParseVariables, ReadsPlainQuotedAndFoldedItems) {
  const auto variables = parse_variables(
      "version=\"ntpd 4.2.8p18-o, Fri\", leap=0,\r\nrefid=127.127.1.0, empty=, alone,\r\nfiltdelay= 0.11 0.09\r\n");

  const std::vector<Variable> expected = {{"version", "ntpd 4.2.8p18-o, Fri", true},
                                          {"leap", "0", false},
                                          {"refid", "127.127.1.0", false},
                                          {"empty", "", false},
                                          {"alone", "", false},
                                          {"filtdelay", "0.11 0.09", false}};
  EXPECT_EQ(variables, expected);
  EXPECT_EQ(find_value(variables, "leap"), "0");
  EXPECT_EQ(find_value(variables, "nosuch"), std::nullopt);
}

TEST(ParseVariables, BlanksAloneAreNoVariables) {
  EXPECT_TRUE(parse_variables("").empty());
  EXPECT_TRUE(parse_variables(" ,, \r\n , ").empty());
  EXPECT_TRUE(parse_variables(std::string(464, ' ')).empty());
}

// CVE-2015-7852, CVE-2015-7975: names and values that are longer than anybody planned for.
TEST(ParseVariables, TakesNamesAndValuesOfAnyLength) {
  const std::string name(40000, 'n');
  const std::string value(20000, 'v');

  const auto variables = parse_variables(name + "=" + value);

  ASSERT_EQ(variables.size(), 1U);
  EXPECT_EQ(variables[0].name, name);
  EXPECT_EQ(variables[0].value, value);
}

// CVE-2018-7183: more items than the reader has places for.
TEST(ParseVariables, TakesSoManyAndNoMore) {
  std::string text;
  for (std::size_t i = 0; i < kMaxVariables + 100; ++i) text += "a=1,";

  EXPECT_EQ(parse_variables(text).size(), kMaxVariables);
}

TEST(ParseVariables, AQuoteThatIsNeverClosedEndsWithTheText) {
  const auto variables = parse_variables("a=\"b, c=d");

  ASSERT_EQ(variables.size(), 1U);
  EXPECT_EQ(variables[0].value, "b, c=d");
}

TEST(ParseVariables, NamesHaveNoControlCharacters) {
  const auto variables = parse_variables("a\tb\x1b[2J=1");

  ASSERT_EQ(variables.size(), 1U);
  EXPECT_EQ(variables[0].name, "ab[2J");
}

TEST(Printable, KeepsTextAndReplacesWhatMovesTheTerminal) {
  EXPECT_EQ(printable("caf\u00e9 \u65e5\u672c"), "caf\u00e9 \u65e5\u672c");
  EXPECT_EQ(printable("\x1b[31mred\x07\x7f"), "?[31mred??");
  EXPECT_EQ(printable("a\u009b31m\u202eb\ufeff"), "a?31m?b?");
  EXPECT_EQ(printable("\xff\xc3(\xed\xa0\x80"), "?" "?(?" "?" "?");
  EXPECT_EQ(printable("a\r\n\tb"), "a  b");
  EXPECT_EQ(printable("a\r\nb\r", true), "a\nb");
}

RC_GTEST_PROP(Printable, OfAnyOctetsIsValidTextWithoutControls, (const std::string& text)) {
  std::string rest = printable(text);
  std::string_view left = rest;
  while (!left.empty()) {
    const std::size_t length = utf8_length(left);
    RC_ASSERT(length != 0U);
    const char32_t c = utf8_character(left.substr(0, length));
    RC_ASSERT(c >= 0x20 && (c < 0x7f || c >= 0xa0));
    left.remove_prefix(length);
  }
}

}  // namespace
}  // namespace ntp::client
