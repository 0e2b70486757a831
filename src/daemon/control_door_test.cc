// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_door.h"

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

Address at(const char* text) { return Address::parse(text).value(); }

TEST(ControlDoor, ThisHostIsWhoCantHaveComeOverANetwork) {
  const std::vector<net::LocalAddress> own{{.address = at("192.0.2.1")}, {.address = at("2001:db8::1")}};

  EXPECT_TRUE(is_this_host(at("127.0.0.1"), at("127.0.0.1"), own));
  EXPECT_TRUE(is_this_host(at("127.0.0.9"), at("127.0.0.1"), own));
  EXPECT_TRUE(is_this_host(at("::1"), at("::1"), own));
  EXPECT_TRUE(is_this_host(at("127.0.0.1"), Address(), own)) << "the socket doesn't say where it came to";
  EXPECT_TRUE(is_this_host(at("192.0.2.1"), at("192.0.2.1"), own));
  EXPECT_FALSE(is_this_host(at("192.0.2.2"), at("192.0.2.1"), own));
  EXPECT_FALSE(is_this_host(at("127.0.0.1"), at("192.0.2.1"), own));
}

// Linux drops what comes from outside with one of its own IPv4 addresses; with an IPv6 address of its own it lets it in. A
// change that was overheard must not become this host's own by its sender's address.
TEST(ControlDoor, AnIpv6AddressOfThisHostProvesNothing) {
  const std::vector<net::LocalAddress> own{{.address = at("2001:db8::1")}, {.address = at("fe80::1%2")}};

  EXPECT_FALSE(is_this_host(at("2001:db8::1"), at("2001:db8::1"), own));
  EXPECT_FALSE(is_this_host(at("fe80::1%2"), at("fe80::1%2"), own));
}

}  // namespace
}  // namespace ntp::daemon
