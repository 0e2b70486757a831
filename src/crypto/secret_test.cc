// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/secret.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace ntp::crypto {
namespace {

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(Secret, IsACopyThatMovesWithItsOwner) {
  Secret first(bytes_of("one"));
  const std::byte* place = first.octets().data();
  Secret second(std::move(first));

  EXPECT_EQ(second.octets().data(), place);
  EXPECT_TRUE(std::ranges::equal(second.octets(), bytes_of("one")));
  second = Secret(bytes_of("another"));
  EXPECT_TRUE(std::ranges::equal(second.octets(), bytes_of("another")));
  EXPECT_TRUE(Secret().octets().empty());
}

TEST(Wipe, LeavesZerosAndNothingElse) {
  std::array<std::byte, 40> octets;
  octets.fill(std::byte{0xaa});

  wipe(std::span(octets).subspan(1, 38));

  EXPECT_EQ(octets.front(), std::byte{0xaa});
  EXPECT_EQ(octets.back(), std::byte{0xaa});
  EXPECT_TRUE(std::ranges::all_of(std::span(octets).subspan(1, 38), [](std::byte b) { return b == std::byte{}; }));
}

TEST(SecretText, HoldsWhatAnyContainerHolds) {
  SecretText text;
  for (int i = 0; i < 1000; ++i) text.push_back(static_cast<char>('a' + i % 26));

  EXPECT_EQ(std::string_view(text.data(), 3), "abc");
  EXPECT_EQ(text.size(), 1000U);
}

}  // namespace
}  // namespace ntp::crypto
