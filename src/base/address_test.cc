// SPDX-License-Identifier: BSD-2-Clause
#include "base/address.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include <arpa/inet.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp {
namespace {

using Octets = std::array<std::uint8_t, 16>;

/// What the C library makes of a text without a scope.
std::optional<Address> system_parse(const std::string& text) {
  Octets octets{};
  if (text.find(':') != std::string::npos)
    return inet_pton(AF_INET6, text.c_str(), octets.data()) == 1 ? std::optional(Address::v6(octets)) : std::nullopt;
  std::uint32_t network_order = 0;
  if (inet_pton(AF_INET, text.c_str(), &network_order) != 1) return std::nullopt;
  return Address::v4(ntohl(network_order));
}

std::string system_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.is_v4() ? AF_INET : AF_INET6, address.octets().data(), text.data(), text.size());
  return text.data();
}

/// Random octets with many zero groups, where "::" matters.
rc::Gen<Octets> sparse_octets() {
  return rc::gen::map(rc::gen::pair(rc::gen::arbitrary<Octets>(), rc::gen::arbitrary<std::uint8_t>()),
                      [](std::pair<Octets, std::uint8_t> drawn) {
                        for (std::size_t i = 0; i < drawn.first.size(); ++i)
                          if (((drawn.second >> (i / 2)) & 1) != 0) drawn.first[i] = 0;
                        return drawn.first;
                      });
}

TEST(ParseAddress, AgreesWithTheSystemOnUsualAndUnusualTexts) {
  // clang-format off
  const std::array texts = {
      "0.0.0.0", "192.0.2.1", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "1..2.3",
      "1.2.3.", ".1.2.3", "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "-1.2.3.4", "0x1.2.3.4", "", "a.b.c.d", "1.2.3.4\n",
      "::", "::1", "1::", "1::8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::",
      "::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1::2::3", ":::", ":", "1:", ":1", "::1:", ":::1", "1:::", "fe80::1",
      "FE80::ABCD", "12345::", "::g", "::ffff:192.0.2.1", "::192.0.2.1", "1:2:3:4:5:6:192.0.2.1",
      "1:2:3:4:5:6:7:192.0.2.1", "192.0.2.1::", "::192.0.2.1:1", "::ffff:192.0.2", "::ffff:192.0.2.256", "0x1::", "::-1",
      "::+1", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "00001::", "0001::"};
  // clang-format on

  for (const char* text : texts) EXPECT_EQ(Address::parse(text), system_parse(text)) << '"' << text << '"';
}

RC_GTEST_PROP(ParseAddress, AgreesWithTheSystemOnRandomTexts, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789abcf:::::....")));

  RC_ASSERT(Address::parse(text) == system_parse(text));
}

RC_GTEST_PROP(AddressText, OfIpv4IsTheSystems, (std::uint32_t host_order)) {
  const Address address = Address::v4(host_order);

  RC_ASSERT(address.text() == system_text(address));
  RC_ASSERT(Address::parse(address.text()) == std::optional(address));
  RC_ASSERT(address.v4_host_order() == host_order);
}

RC_GTEST_PROP(AddressText, OfIpv6IsTheSystems, ()) {
  const Octets octets = *sparse_octets();
  // The system writes the obsolete IPv4-compatible addresses as a dotted quad; RFC 5952 section 5 has no such form.
  RC_PRE(std::any_of(octets.begin(), octets.begin() + 12, [](auto o) { return o != 0; }));
  const Address address = Address::v6(octets);

  RC_ASSERT(address.text() == system_text(address));
}

RC_GTEST_PROP(AddressText, OfIpv6ParsesBackWithItsScope, (std::uint32_t scope)) {
  const Address address = Address::v6(*sparse_octets(), scope);

  RC_ASSERT(Address::parse(address.text()) == std::optional(address));
}

TEST(AddressText, FollowsTheExamplesOfRfc5952) {
  const std::array<std::array<const char*, 2>, 7> rows = {{
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // section 4.2.3: the first of equal runs
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longest run
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // section 4.2.2: not a single group
      {"2001:DB8::AAAA", "2001:db8::aaaa"},              // section 4.3
      {"0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"},  // section 5
      {"0:0:0:0:0:0:0:0", "::"},
      {"1:0:0:0:0:0:0:0", "1::"},
  }};

  for (const auto& [text, canonical] : rows) EXPECT_EQ(Address::parse(text).value().text(), canonical);
}

TEST(ParseAddress, TakesANumericScope) {
  EXPECT_EQ(Address::parse("fe80::1%3")->scope(), 3U);
  EXPECT_EQ(Address::parse("fe80::1%4294967295")->scope(), 4294967295U);
  for (const char* text : {"fe80::1%", "fe80::1%eth0", "fe80::1%4294967296", "fe80::1%-1", "fe80::1%1%1", "%1"})
    EXPECT_FALSE(Address::parse(text)) << text;
  EXPECT_EQ(Address::parse("fe80::1%3")->text(), "fe80::1%3");
}

TEST(Address, KnowsItsKind) {
  const auto at = [](const char* text) { return Address::parse(text).value(); };

  EXPECT_TRUE(at("127.0.0.1").is_loopback() && at("127.255.0.1").is_loopback() && at("::1").is_loopback());
  EXPECT_FALSE(at("128.0.0.1").is_loopback() || at("::2").is_loopback() || at("::ffff:127.0.0.1").is_loopback());
  EXPECT_TRUE(at("0.0.0.0").is_unspecified() && at("::").is_unspecified());
  EXPECT_FALSE(at("0.0.0.1").is_unspecified());
  EXPECT_TRUE(at("224.0.1.1").is_multicast() && at("239.255.255.255").is_multicast() && at("ff02::101").is_multicast());
  EXPECT_FALSE(at("223.255.255.255").is_multicast() || at("240.0.0.1").is_multicast() || at("fe80::1").is_multicast());
  EXPECT_TRUE(at("127.127.1.0").is_refclock());
  EXPECT_FALSE(at("127.0.0.1").is_refclock() || at("7f7f::1").is_refclock());
}

TEST(Endpoint, IsWrittenWithBracketsForIpv6) {
  EXPECT_EQ((Endpoint{Address::v4(0xc0000201), 123}).text(), "192.0.2.1:123");
  EXPECT_EQ((Endpoint{Address::parse("2001:db8::1").value(), 4460}).text(), "[2001:db8::1]:4460");
}

}  // namespace
}  // namespace ntp
