// SPDX-License-Identifier: BSD-2-Clause
#include "client/fragments.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::client {
namespace {

using Added = Fragments::Added;

TEST(Fragments, OneWithoutMoreIsTheAnswer) {
  Fragments fragments;

  EXPECT_EQ(fragments.add(0, "leap=0\r\n", false), Added::taken);

  EXPECT_TRUE(fragments.is_complete());
  EXPECT_EQ(fragments.take(), "leap=0\r\n");
}

TEST(Fragments, AnEmptyAnswerIsOne) {
  Fragments fragments;
  EXPECT_FALSE(fragments.has_any());

  EXPECT_EQ(fragments.add(0, "", false), Added::taken);

  EXPECT_TRUE(fragments.has_any());
  EXPECT_TRUE(fragments.is_complete());
  EXPECT_EQ(fragments.take(), "");
}

TEST(Fragments, TheLastMayComeFirstAndCanBeEmpty) {
  Fragments fragments;

  EXPECT_EQ(fragments.add(6, "", false), Added::taken);
  EXPECT_EQ(fragments.add(3, "def", true), Added::taken);
  EXPECT_FALSE(fragments.is_complete());
  EXPECT_EQ(fragments.length_from_start(), 0U);
  EXPECT_EQ(fragments.add(0, "abc", true), Added::taken);

  EXPECT_TRUE(fragments.is_complete());
  EXPECT_EQ(fragments.take(), "abcdef");
}

TEST(Fragments, WhatComesTwiceIsKnown) {
  Fragments fragments;
  EXPECT_EQ(fragments.add(0, "abc", true), Added::taken);

  EXPECT_EQ(fragments.add(0, "abc", true), Added::known);
  EXPECT_EQ(fragments.add(1, "b", true), Added::known);
  EXPECT_EQ(fragments.add(2, "cd", true), Added::taken);

  EXPECT_EQ(fragments.length_from_start(), 4U);
}

TEST(Fragments, ContradictionsAreRefused) {
  Fragments fragments;
  ASSERT_EQ(fragments.add(4, "efgh", true), Added::taken);

  EXPECT_EQ(fragments.add(6, "GH", true), Added::refused) << "other octets in the same place";
  EXPECT_EQ(fragments.add(0, "ab", false), Added::refused) << "an end before what is there";
  ASSERT_EQ(fragments.add(8, "ij", false), Added::taken);
  EXPECT_EQ(fragments.add(8, "ijk", false), Added::refused) << "a second end";
  EXPECT_EQ(fragments.add(10, "k", true), Added::refused) << "something behind the end";
}

TEST(Fragments, NothingGrowsBeyondTheLimit) {
  Fragments fragments;

  EXPECT_EQ(fragments.add(kMaxControlAnswer - 1, "a", true), Added::taken);
  EXPECT_EQ(fragments.add(kMaxControlAnswer - 1, "ab", true), Added::refused);
  EXPECT_EQ(fragments.add(kMaxControlAnswer + 1, "", true), Added::refused);
  EXPECT_EQ(fragments.add(std::string::npos, "a", true), Added::refused);
}

TEST(Fragments, AGapGivesWhatStandsBeforeIt) {
  Fragments fragments;
  ASSERT_EQ(fragments.add(0, "abc", true), Added::taken);
  ASSERT_EQ(fragments.add(9, "xyz", false), Added::taken);

  EXPECT_FALSE(fragments.is_complete());
  EXPECT_EQ(fragments.take(), "abc");
}

RC_GTEST_PROP(Fragments, AnyOrderAndAnyRepetitionGiveTheSameAnswer, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange('a', 'z'));
  const auto size = *rc::gen::inRange<std::size_t>(1, 8);
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  for (std::size_t at = 0; at < text.size(); at += size) parts.emplace_back(at, std::min(size, text.size() - at));
  if (parts.empty()) parts.emplace_back(0, 0);
  const auto twice = *rc::gen::inRange<std::size_t>(0, parts.size());
  parts.push_back(parts[twice]);
  for (std::size_t i = parts.size(); i > 1; --i) std::swap(parts[i - 1], parts[*rc::gen::inRange<std::size_t>(0, i)]);

  Fragments fragments;
  for (const auto& [at, length] : parts)
    RC_ASSERT(fragments.add(at, std::string_view(text).substr(at, length), at + length < text.size()) !=
              Added::refused);

  RC_ASSERT(fragments.is_complete());
  RC_ASSERT(fragments.take() == text);
}

}  // namespace
}  // namespace ntp::client
