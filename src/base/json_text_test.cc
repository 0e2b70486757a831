// SPDX-License-Identifier: BSD-2-Clause
#include "base/json_text.h"

#include <gtest/gtest.h>

namespace ntp {
namespace {

TEST(Json, QuotesBackslashesAndControlCharactersAreEscaped) {
  EXPECT_EQ(json_text("a\"b\\c\nd"), "a\\\"b\\\\c\\u000ad");
}

TEST(Json, Utf8StaysAndOtherOctetsAreReplaced) {
  EXPECT_EQ(json_text("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(json_text("\xe2\x82\xac \xf0\x9f\x95\x92"), "\xe2\x82\xac \xf0\x9f\x95\x92");
  // A lone tail, an overlong '/', a surrogate, beyond U+10FFFF, a sequence that is cut short.
  EXPECT_EQ(json_text("\x80"), "\\ufffd");
  EXPECT_EQ(json_text("\xc0\xaf"), "\\ufffd\\ufffd");
  EXPECT_EQ(json_text("\xed\xa0\x80"), "\\ufffd\\ufffd\\ufffd");
  EXPECT_EQ(json_text("\xf4\x90\x80\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd");
  EXPECT_EQ(json_text("a\xe2\x82"), "a\\ufffd\\ufffd");
}

}  // namespace
}  // namespace ntp
