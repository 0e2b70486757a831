// SPDX-License-Identifier: BSD-2-Clause
#include "config/message.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8.h"

namespace ntp::config {
namespace {

TEST(EscapedText, ControlCharactersAndWhatIsNoTextAreShownAsOctets) {
  EXPECT_EQ(escaped("a\x1b[2J\x7f\n"), "a\\x1b[2J\\x7f\\x0a");
  EXPECT_EQ(escaped("\xc2\x9b\x32J"), "\\xc2\\x9b2J") << "U+009B begins a terminal's command as ESC [ does";
  EXPECT_EQ(escaped("a\x9b\x32J"), "a\\x9b2J") << "the same for a terminal without UTF-8";
  EXPECT_EQ(escaped("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(escaped("Zeit\u00fc\u00a0\u20ac\U0001f552"), "Zeit\u00fc\u00a0\u20ac\U0001f552");
}

TEST(QuotableText, IsCutBetweenCharacters) {
  const auto behind = [](std::size_t count, std::string_view text) {
    return fmt::format("{:a<{}}{}", "", count, text);
  };

  EXPECT_EQ(quotable(behind(63, "b")), behind(63, "b"));
  EXPECT_EQ(quotable(behind(63, "bc")), behind(63, "b..."));
  EXPECT_EQ(quotable(behind(63, "\u00fc")), behind(63, "..."));
  EXPECT_EQ(quotable(behind(63, "\xff\xff")), behind(63, "\\xff..."));
  EXPECT_EQ(quotable(behind(61, "\U0001f552x")), behind(61, "..."));
}

RC_GTEST_PROP(EscapedTextProperties, IsWholeAndHarmlessUtf8, (const std::string& text)) {
  const std::string shown = escaped(text);
  for (std::string_view rest = shown; !rest.empty(); rest.remove_prefix(utf8_length(rest))) {
    RC_ASSERT(utf8_length(rest) > 0);
    const char32_t character = utf8_character(rest.substr(0, utf8_length(rest)));
    RC_ASSERT(character >= 0x20 && (character < 0x7f || character >= 0xa0));
  }
}

}  // namespace
}  // namespace ntp::config
