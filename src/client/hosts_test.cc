// SPDX-License-Identifier: BSD-2-Clause
#include "client/hosts.h"

#include <string>

#include <gtest/gtest.h>

namespace ntp::client {
namespace {

std::string only(const std::string& name, std::optional<Family> family = {}) {
  const auto found = find_hosts(name, family);
  return found && found->size() == 1 ? found->front().text() : "error";
}

TEST(FindHosts, ReadsAddressesWithAndWithoutPorts) {
  EXPECT_EQ(only("192.0.2.1"), "192.0.2.1:123");
  EXPECT_EQ(only("192.0.2.1:1123"), "192.0.2.1:1123");
  EXPECT_EQ(only("::1"), "[::1]:123");
  EXPECT_EQ(only("[::1]"), "[::1]:123");
  EXPECT_EQ(only("[2001:db8::1]:65535"), "[2001:db8::1]:65535");
  EXPECT_EQ(only("2001:db8::1:123"), "[2001:db8::1:123]:123");
}

TEST(FindHosts, RefusesOddPlaces) {
  for (const char* odd :
       {"", "[::1", "[::1]x", "[::1]:", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:12x", ":123"})
    EXPECT_FALSE(find_hosts(odd, {}).has_value()) << odd;
}

// CVE-2018-12327: a host name longer than the place that it was copied to.
TEST(FindHosts, RefusesALongName) {
  EXPECT_FALSE(find_hosts(std::string(5000, 'a'), {}).has_value());
  EXPECT_FALSE(find_hosts("[" + std::string(5000, 'a') + "]", {}).has_value());
}

TEST(FindHosts, ObeysTheFamily) {
  EXPECT_EQ(only("192.0.2.1", Family::ipv4), "192.0.2.1:123");
  EXPECT_EQ(only("192.0.2.1", Family::ipv6), "error");
  EXPECT_EQ(only("::1", Family::ipv4), "error");
}

}  // namespace
}  // namespace ntp::client
