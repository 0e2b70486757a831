// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/refid_of.h"

#include <gtest/gtest.h>

namespace ntp::crypto {
namespace {

TEST(RefidOf, Ipv4AddressIsItsOwnRefid) { EXPECT_EQ(refid_of(*Address::parse("192.0.2.1")).bits, 0xc0000201U); }

TEST(RefidOf, Ipv6AddressIsTheStartOfItsMd5) {
  // md5(16 octets of ::1) = cf404dc8..., by md5sum.
  EXPECT_EQ(refid_of(*Address::parse("::1")).bits, 0xcf404dc8U);
}

}  // namespace
}  // namespace ntp::crypto
