// SPDX-License-Identifier: BSD-2-Clause
#include "config/lexer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::config {
namespace {

std::vector<Line> lex(std::string_view text) {
  std::vector<Line> lines;
  Lexer lexer(text);
  while (auto line = lexer.next()) lines.push_back(std::move(*line));
  return lines;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const Line& line : lex(text))
    for (const Token& token : line.tokens) out.emplace_back(token.text);
  return out;
}

using Words = std::vector<std::string>;

TEST(Lexer, CutsLinesIntoWordsAtBlanksTabsAndFormFeeds) {
  EXPECT_EQ(words(" server\ta.example \f iburst\t\n"), (Words{"server", "a.example", "iburst"}));
}

TEST(Lexer, CommentsRunToTheEndOfTheLineAndStartWhereAWordWould) {
  EXPECT_EQ(words("# nothing\nserver a # b\n#\nserver c#d"), (Words{"server", "a", "server", "c#d"}));
}

TEST(Lexer, CarriageReturnsBeforeLineEndsAreBlanks) {
  EXPECT_EQ(words("driftfile /d\r\nlogfile /l\r\n"), (Words{"driftfile", "/d", "logfile", "/l"}));
}

TEST(Lexer, SkipsAByteOrderMark) { EXPECT_EQ(words("\xef\xbb\xbfserver a"), (Words{"server", "a"})); }

TEST(Lexer, QuotedStringsKeepBlanksAndHashes) {
  const auto lines = lex("logfile \"/var/log/a b#c\"");

  ASSERT_EQ(lines.size(), 1U);
  ASSERT_EQ(lines[0].tokens.size(), 2U);
  EXPECT_EQ(lines[0].tokens[1].kind, TokenKind::quoted);
  EXPECT_EQ(lines[0].tokens[1].text, "/var/log/a b#c");
  EXPECT_EQ(lines[0].tokens[1].column, 9U);
}

TEST(Lexer, EqualsStandsAloneOnlyWhereTheCommandKnowsIt) {
  EXPECT_EQ(words("setvar a=b"), (Words{"setvar", "a", "=", "b"}));
  EXPECT_EQ(words("logconfig =syncall"), (Words{"logconfig", "=", "syncall"}));
  EXPECT_EQ(words("driftfile /a=b"), (Words{"driftfile", "/a=b"}));
}

TEST(Lexer, RangesOfKeysAreParenthesesAndEllipsis) {
  const auto lines = lex("trustedkey 1 (4 ... 7)");

  ASSERT_EQ(lines.size(), 1U);
  std::vector<TokenKind> kinds;
  for (const Token& token : lines[0].tokens) kinds.push_back(token.kind);
  EXPECT_EQ(kinds, (std::vector{TokenKind::word, TokenKind::word, TokenKind::open, TokenKind::word, TokenKind::ellipsis,
                                TokenKind::word, TokenKind::close}));
}

struct FaultCase {
  std::string text;
  std::size_t column;
  std::string fault;
};

TEST(Lexer, NamesWhatIsWrongAndWhere) {
  const std::vector<FaultCase> cases{
      {"logfile \"/var", 9, "the quoted string does not end on its line: expected \""},
      {"logfile \"/var\"x", 15, "expected a blank after a quoted string"},
      {"logfile /v\"ar\"", 11, "a quote inside a word: expected a blank before it"},
      {"server a\x01 b", 9, "a control character (0x01): expected text"},
      {"logfile \"a\x7f\"", 11, "a control character (0x7f): expected text"},
  };
  for (const FaultCase& each : cases) {
    const auto lines = lex(each.text);
    ASSERT_EQ(lines.size(), 1U) << each.text;
    ASSERT_TRUE(lines[0].fault.has_value()) << each.text;
    EXPECT_EQ(lines[0].fault->column, each.column) << each.text;
    EXPECT_EQ(lines[0].fault->text, each.fault);
  }
}

TEST(Lexer, RefusesMoreThan1024WordsOnALine) {
  std::string text;
  for (int i = 0; i < 1024; ++i) text += "a ";

  EXPECT_FALSE(lex(text)[0].fault.has_value());
  const auto lines = lex(text + "b");
  ASSERT_TRUE(lines[0].fault.has_value());
  EXPECT_EQ(lines[0].tokens.size(), kMaxLineTokens);
  EXPECT_EQ(lines[0].fault->column, 2049U);
}

TEST(FindNul, GivesLineAndColumn) {
  using std::string_literals::operator""s;
  EXPECT_FALSE(find_nul("server a\n"));
  const auto at = find_nul("ab\ncd\0"s);
  ASSERT_TRUE(at);
  EXPECT_EQ(at->line, 2U);
  EXPECT_EQ(at->column, 3U);
}

/// The octet at a one-based position.
std::size_t offset_of(std::string_view text, std::size_t line, std::size_t column) {
  std::size_t at = 0;
  for (; line > 1; --line) at = text.find('\n', at) + 1;
  return at + column - 1;
}

std::string random_text() {
  static const std::string kAlphabet = "ab0 \t\r\n\n#\"=()..-/\x01\xc3\xa9";
  return *rc::gen::container<std::string>(rc::gen::oneOf(rc::gen::elementOf(kAlphabet), rc::gen::arbitrary<char>()));
}

RC_GTEST_PROP(Lexer, EveryTokenStandsWhereItsPositionPoints, ()) {
  const std::string text = *rc::gen::element<std::string>("", "trustedkey ", "setvar ") + random_text();
  for (const Line& line : lex(text)) {
    for (const Token& token : line.tokens) {
      const std::size_t skip_quote = token.kind == TokenKind::quoted ? 1 : 0;
      const std::size_t at = offset_of(text, token.line, token.column) + skip_quote;
      RC_ASSERT(text.compare(at, token.text.size(), token.text) == 0);
      RC_ASSERT(token.line == line.number);
    }
    if (line.fault) RC_ASSERT(line.fault->column >= 1U);
  }
}

}  // namespace
}  // namespace ntp::config
