// SPDX-License-Identifier: BSD-2-Clause
#include "control/answer_text.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "control/request_items.h"

namespace ntp::control {
namespace {

std::string of_length(std::size_t length) { return std::string(length, 'x'); }

TEST(AnswerText, FoldsBeforeColumn72) {
  AnswerText text;
  text.word("a", of_length(60));  // 62 columns, then ", "
  text.word("b", "123456");       // 8 more would reach column 72 with a comma behind it
  text.word("c", "1");
  text.finish();

  EXPECT_EQ(text.text(), "a=" + of_length(60) + ",\r\nb=123456, c=1\r\n");
}

TEST(AnswerText, AnItemThatJustFitsStaysOnItsLine) {
  AnswerText text;
  text.word("a", of_length(60));
  text.word("b", "12345");
  text.finish();

  EXPECT_EQ(text.text(), "a=" + of_length(60) + ", b=12345\r\n");
}

TEST(AnswerText, EmptyTextHasNoLineEnd) {
  AnswerText text;
  text.finish();

  EXPECT_EQ(text.text(), "");
  EXPECT_EQ(text.fragment_count(), 1U);
  EXPECT_EQ(text.fragment(0).length, 0U);
}

TEST(AnswerText, OctetsAreNeitherJoinedNorEnded) {
  AnswerText text;
  const std::array<std::byte, 4> pair = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  for (int i = 0; i < 118; ++i) text.binary(pair);
  text.finish();

  ASSERT_EQ(text.fragment_count(), 2U);
  EXPECT_EQ(text.fragment(0).length, 468U);
  EXPECT_TRUE(text.fragment(0).has_more);
  EXPECT_EQ(text.fragment(1).length, 4U);
}

TEST(AnswerText, CutsBehindAPieceThatLeavesNoRoomForASeparator) {
  AnswerText text;
  text.word("a", of_length(464));  // 466 of 468: less than three are left

  text.word("b", "1");
  text.finish();

  ASSERT_EQ(text.fragment_count(), 2U);
  EXPECT_EQ(text.fragment(0).length, 466U);
  EXPECT_EQ(text.text().substr(466), ",\r\nb=1\r\n");
}

TEST(AnswerText, QuotesAnEmptyText) {
  AnswerText text;
  text.quoted("timecode", "");
  text.finish();

  EXPECT_EQ(text.text(), "timecode=\"\"\r\n");
}

RC_GTEST_PROP(AnswerText, FragmentsAreTheTextWithoutGaps, ()) {
  AnswerText text;
  const auto count = *rc::gen::inRange(0, 40);
  for (int i = 0; i < count; ++i) {
    const auto value = of_length(*rc::gen::inRange<std::size_t>(0, 300));
    if (*rc::gen::arbitrary<bool>())
      text.quoted("name", value);
    else
      text.word("name", value);
  }
  text.finish();

  std::size_t at = 0;
  for (std::size_t i = 0; i < text.fragment_count(); ++i) {
    const Fragment fragment = text.fragment(i);
    RC_ASSERT(fragment.offset == at);
    RC_ASSERT(fragment.length <= 468U);
    RC_ASSERT(fragment.has_more == (i + 1 < text.fragment_count()));
    RC_ASSERT(!fragment.has_more || fragment.length >= 466U);
    at += fragment.length;
  }
  RC_ASSERT(at == text.text().size());
}

TEST(RequestItems, TakesNamesValuesAndQuotes) {
  RequestItems items(" a , b=1,c = x y ,, d=\"p, q\" , e=\r\n\0\0");

  const auto expect = [&](std::string_view name, std::optional<std::string_view> value) {
    const auto item = items.next();
    ASSERT_TRUE(item.has_value()) << name;
    EXPECT_EQ(item->name, name);
    EXPECT_EQ(item->value, value) << name;
  };
  expect("a", std::nullopt);
  expect("b", "1");
  expect("c", "x y");
  expect("d", "p, q");
  expect("e", "");
  EXPECT_FALSE(items.next().has_value());
}

RC_GTEST_PROP(RequestItems, EndsWhateverTheTextIs, (const std::string& text)) {
  RequestItems items(text);
  std::size_t count = 0;
  while (const auto item = items.next()) {
    RC_ASSERT(!item->name.empty());
    ++count;
  }
  RC_ASSERT(count <= text.size());
}

}  // namespace
}  // namespace ntp::control
