// SPDX-License-Identifier: BSD-2-Clause
#include "policy/prefix_tree.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::policy {
namespace {

using Tree = PrefixTree<std::uint32_t>;

TEST(PrefixTree, WithoutPrefixesFindsNothing) { EXPECT_EQ(Tree().find(0x0a000001), Tree::kNothing); }

TEST(PrefixTree, TheEmptyPrefixMatchesEverything) {
  const Tree tree(std::vector<Tree::Prefix>{{.key = 0, .length = 0, .value = 7}});

  EXPECT_EQ(tree.find(0), 7U);
  EXPECT_EQ(tree.find(0xffffffff), 7U);
}

TEST(PrefixTree, FallsBackToWhatEnclosesAPathThatEndsElsewhere) {
  // The figure above the class.
  const Tree tree(std::vector<Tree::Prefix>{
      {.key = 0x0a000000, .length = 8, .value = 0},
      {.key = 0x0a400000, .length = 10, .value = 1},
      {.key = 0x0a410700, .length = 24, .value = 2},
  });

  EXPECT_EQ(tree.find(0x0a000001), 0U);
  EXPECT_EQ(tree.find(0x0a410901), 1U);
  EXPECT_EQ(tree.find(0x0a410701), 2U);
  EXPECT_EQ(tree.find(0x0b000001), Tree::kNothing);
}

TEST(PrefixTree, HoldsAChainOfAllLengths) {
  std::vector<PrefixTree<Uint128>::Prefix> chain;
  for (unsigned length = 0; length <= 128; ++length) chain.push_back({.key = 0, .length = length, .value = length});
  const PrefixTree<Uint128> tree(chain);

  EXPECT_EQ(tree.find(0), 128U);
  for (unsigned bit = 0; bit < 128; ++bit) EXPECT_EQ(tree.find(Uint128{1} << bit), 127 - bit);
}

/// Keys whose bits differ in few places, so that prefixes nest and fork.
rc::Gen<std::uint32_t> narrow_key() {
  return rc::gen::map(rc::gen::arbitrary<std::uint32_t>(), [](std::uint32_t bits) { return bits & 0xe0180703U; });
}

RC_GTEST_PROP(PrefixTree, FindsTheLongestOfAnyPrefixes, ()) {
  const auto drawn = *rc::gen::container<std::vector<std::pair<std::uint32_t, unsigned>>>(
      rc::gen::pair(narrow_key(), rc::gen::inRange(0U, 33U)));
  std::vector<Tree::Prefix> prefixes;
  const auto cut = [](std::uint32_t key, unsigned length) {
    return length == 0 ? 0U : key & (0xffffffffU << (32U - length));
  };
  for (const auto& [key, length] : drawn) prefixes.push_back({.key = cut(key, length), .length = length});
  const auto rank = [](const Tree::Prefix& p) { return std::pair(p.key, p.length); };
  std::sort(prefixes.begin(), prefixes.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  prefixes.erase(
      std::unique(prefixes.begin(), prefixes.end(), [&](const auto& a, const auto& b) { return rank(a) == rank(b); }),
      prefixes.end());
  for (std::size_t i = 0; i < prefixes.size(); ++i) prefixes[i].value = static_cast<std::uint32_t>(i);
  const std::uint32_t key = *narrow_key();

  std::uint32_t expected = Tree::kNothing;
  for (const Tree::Prefix& p : prefixes)
    if (cut(key, p.length) == p.key) expected = p.value;  // an enclosing prefix comes before what it encloses

  RC_ASSERT(Tree(prefixes).find(key) == expected);
}

}  // namespace
}  // namespace ntp::policy
