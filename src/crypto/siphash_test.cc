// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/siphash.h"

#include <gtest/gtest.h>

namespace ntp::crypto {
namespace {

constexpr SipKey kPublishedKey = {0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

TEST(SipHash, GivesThePublishedValuesOfTwoAndFourRounds) {
  // vectors.h of the reference code: key 00 to 0f, messages 00, 01, ...
  EXPECT_EQ((siphash<2, 4>(kPublishedKey, std::array<std::uint64_t, 0>{})), 0x726fdb47dd0e0e31U);
  EXPECT_EQ((siphash<2, 4>(kPublishedKey, std::array<std::uint64_t, 1>{0x0706050403020100U})), 0x93f5f5799a932462U);
  EXPECT_EQ((siphash<2, 4>(kPublishedKey, std::array<std::uint64_t, 2>{kPublishedKey[0], kPublishedKey[1]})),
            0x3f2acc7f57c29bdbU);
}

TEST(SipHash, GivesPythonsValuesOfOneAndThreeRounds) {
  // hash(bytes(...)) of CPython 3.11 with PYTHONHASHSEED=0, which makes its key zero.
  struct Row {
    std::array<std::uint64_t, 2> message;
    std::uint64_t hash;
  };
  for (const Row& row : {
           Row{.message = {0, 0}, .hash = 0x76be999e3e25b2a0U},
           Row{.message = kPublishedKey, .hash = 0x8972188433a5c5b7U},
           Row{.message = {~std::uint64_t{0}, ~std::uint64_t{0}}, .hash = 0x35029a3b6274a39bU},
           Row{.message = {0xf7f6f5f4f3f2f1f0U, 0xfffefdfcfbfaf9f8U}, .hash = 0x2064a761e9372da2U},
       })
    EXPECT_EQ(siphash(SipKey{}, row.message), row.hash);
}

TEST(SipHash, DependsOnEveryBitOfKeyAndMessage) {
  const std::array<std::uint64_t, 2> message = {1, 2};
  const std::uint64_t hash = siphash(kPublishedKey, message);
  for (unsigned bit = 0; bit < 128; ++bit) {
    SipKey key = kPublishedKey;
    key[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    auto other = message;
    other[bit / 64] ^= std::uint64_t{1} << (bit % 64);

    EXPECT_NE(siphash(key, message), hash) << bit;
    EXPECT_NE(siphash(kPublishedKey, other), hash) << bit;
  }
}

}  // namespace
}  // namespace ntp::crypto
