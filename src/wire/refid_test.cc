// SPDX-License-Identifier: BSD-2-Clause
#include "wire/refid.h"

#include <gtest/gtest.h>

namespace ntp::wire {
namespace {

Refid smear(double seconds) { return Refid::smear(Span::from_seconds(seconds)); }

// Pairs that ntp.org's own test of this format uses: 2 bits of whole seconds with sign, 22 of a fraction.
TEST(SmearRefid, Is254AndTheSmearIn24Bits) {
  EXPECT_EQ(smear(0).bits, 0xfe000000U);
  EXPECT_EQ(smear(0x1.0p-22).bits, 0xfe000001U);
  EXPECT_EQ(smear(1.75).bits, 0xfe700000U);
  EXPECT_EQ(smear(-0.25).bits, 0xfef00000U);
  EXPECT_EQ(smear(-0x1.0p-22).bits, 0xfeffffffU);
  EXPECT_EQ(smear(-2).bits, 0xfe800000U);
  EXPECT_EQ(smear(-1).bits, 0xfec00000U);
  EXPECT_EQ(to_text(smear(-0.5), 2), "254.224.0.0");
}

TEST(SmearRefid, RoundsToTheNearestBit) {
  EXPECT_EQ(smear(0x1.7p-22).bits, 0xfe000001U);
  EXPECT_EQ(smear(0x1.8p-22).bits, 0xfe000002U);
  EXPECT_EQ(smear(-0x1.7p-22).bits, 0xfeffffffU);
}

}  // namespace
}  // namespace ntp::wire
