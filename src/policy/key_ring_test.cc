// SPDX-License-Identifier: BSD-2-Clause
#include "policy/key_ring.h"

#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::policy {
namespace {

Key key(std::uint32_t id, std::string_view type = "MD5", bool is_trusted = true) {
  return {.id = id,
          .mac = crypto::MacKey::make(type, std::as_bytes(std::span(std::string_view("secret")))).value(),
          .addresses = {},
          .is_trusted = is_trusted};
}

template <class... Keys>
std::vector<Key> list(Keys... keys) {
  std::vector<Key> out;
  (out.push_back(std::move(keys)), ...);
  return out;
}

Key limited(std::vector<KeyAddress> addresses) {
  Key out = key(1);
  out.addresses = std::move(addresses);
  return out;
}

Address at(const char* text) { return Address::parse(text).value(); }

TEST(KeyRing, FindsNothingInAnEmptyRing) {
  const KeyRing ring;

  EXPECT_EQ(ring.find(0), nullptr);
  EXPECT_EQ(ring.find(1), nullptr);
  EXPECT_EQ(ring.find_trusted(0xffffffffU), nullptr);
}

TEST(KeyRing, FindsAKeyByItsIdAlone) {
  const KeyRing ring(list(key(65535), key(7), key(1)), 7, 1);

  for (const std::uint32_t id : {1U, 7U, 65535U}) {
    ASSERT_NE(ring.find(id), nullptr) << id;
    EXPECT_EQ(ring.find(id)->id, id);
  }
  for (const std::uint32_t id : {0U, 2U, 6U, 8U, 65534U, 65536U, 65543U, 0xffffffffU})
    EXPECT_EQ(ring.find(id), nullptr);
  EXPECT_EQ(ring.control_key(), 7U);
  EXPECT_EQ(ring.request_key(), 1U);
}

TEST(KeyRing, GivesTheSameKeysOtherUses) {
  const KeyRing ring(list(key(1), key(2, "SHA1", false), key(7)), 1, 7);
  std::vector<bool> is_trusted(3);
  is_trusted[2] = true;

  const KeyRing other = ring.with_uses(is_trusted, 2, std::nullopt);

  EXPECT_EQ(other.find_trusted(1), nullptr);
  ASSERT_NE(other.find_trusted(2), nullptr);
  EXPECT_EQ(other.find_trusted(7), nullptr) << "nothing is said of it";
  EXPECT_EQ(other.control_key(), 2U);
  EXPECT_EQ(other.request_key(), std::nullopt);
  EXPECT_EQ(other.find(2)->mac, ring.find(2)->mac);
  EXPECT_NE(ring.find_trusted(1), nullptr) << "the first ring is as it was";
}

TEST(KeyRing, DiffersInTrustSecretTypeUsesAndIds) {
  const auto ring = [] { return KeyRing(list(key(1), key(2)), 1, 2); };
  Key other_secret = key(2);
  other_secret.mac = crypto::MacKey::make("MD5", std::as_bytes(std::span(std::string_view("sEcret")))).value();
  Key other_place = key(2);
  other_place.addresses.push_back({.address = at("192.0.2.1"), .prefix_length = 32});

  EXPECT_EQ(ring(), ring());
  EXPECT_NE(ring(), KeyRing(list(key(1), key(2)), 1));
  EXPECT_NE(ring(), KeyRing(list(key(1), key(2)), 2, 2));
  EXPECT_NE(ring(), KeyRing(list(key(1)), 1, 2));
  EXPECT_NE(ring(), KeyRing(list(key(1), key(3)), 1, 2));
  EXPECT_NE(ring(), KeyRing(list(key(1), key(2, "SHA1")), 1, 2));
  EXPECT_NE(ring(), KeyRing(list(key(1), key(2, "MD5", false)), 1, 2));
  EXPECT_NE(ring(), KeyRing(list(key(1), std::move(other_secret)), 1, 2));
  EXPECT_NE(ring(), KeyRing(list(key(1), std::move(other_place)), 1, 2));
}

TEST(KeyRing, KeepsKeysThatAreNotTrustedFromUse) {
  const KeyRing ring(list(key(1, "MD5", false), key(2)));

  EXPECT_NE(ring.find(1), nullptr);
  EXPECT_EQ(ring.find_trusted(1), nullptr);
  EXPECT_NE(ring.find_trusted(2), nullptr);
}

TEST(KeyRing, LetsTheLaterOfTwoKeysCount) {
  const KeyRing ring(list(key(3, "MD5"), key(2), key(3, "SHA1")));

  EXPECT_EQ(ring.size(), 2U);
  EXPECT_EQ(ring.find(3)->mac.type(), "SHA1");
}

TEST(KeyRing, LeavesOutIdsThatNoKeyCanHave) {
  EXPECT_EQ(KeyRing(list(key(0), key(65536), key(0xffffffffU))).size(), 0U);
}

TEST(KeyRing, HoldsAsManyKeysAsThereAreIds) {
  std::vector<Key> keys;
  for (std::uint32_t id = 1; id <= kMaxKeyId; ++id) keys.push_back(key(id));
  const KeyRing ring(std::move(keys));

  EXPECT_EQ(ring.size(), 65535U);
  EXPECT_EQ(ring.find(65535)->id, 65535U);
  EXPECT_EQ(ring.find(1)->id, 1U);
}

TEST(MayUse, IsTrueForEverybodyWithoutAList) {
  EXPECT_TRUE(may_use(limited({}), at("192.0.2.1")));
  EXPECT_TRUE(may_use(limited({}), at("2001:db8::1")));
}

TEST(MayUse, ComparesAsManyBitsAsThePrefixHas) {
  const Key some = limited({{at("192.0.2.128"), 25}, {at("198.51.100.7"), 32}, {at("2001:db8::"), 33}});

  EXPECT_TRUE(may_use(some, at("192.0.2.255")));
  EXPECT_FALSE(may_use(some, at("192.0.2.127")));
  EXPECT_TRUE(may_use(some, at("198.51.100.7")));
  EXPECT_FALSE(may_use(some, at("198.51.100.6")));
  EXPECT_TRUE(may_use(some, at("2001:db8:7fff::1")));
  EXPECT_FALSE(may_use(some, at("2001:db8:8000::1")));
  EXPECT_FALSE(may_use(some, at("::ffff:198.51.100.7"))) << "an IPv4-mapped address is an IPv6 address";
}

TEST(MayUse, OfPrefixLength0IsTheWholeFamily) {
  const Key some = limited({{at("0.0.0.0"), 0}});

  EXPECT_TRUE(may_use(some, at("255.255.255.255")));
  EXPECT_FALSE(may_use(some, at("::")));
}

RC_GTEST_PROP(MayUse, IsEqualityOfTheLeadingBits, (std::uint32_t rule, std::uint32_t flipped)) {
  const unsigned prefix = *rc::gen::inRange(0U, 33U);
  const unsigned bit = *rc::gen::inRange(0U, 32U);
  const std::uint32_t low_bits = prefix == 32 ? 0 : 0xffffffffU >> prefix;
  const Key some = limited({{Address::v4(rule), prefix}});

  RC_ASSERT(may_use(some, Address::v4(rule ^ (flipped & low_bits))));
  RC_ASSERT(may_use(some, Address::v4(rule ^ (1U << (31 - bit)))) == (bit >= prefix));
}

}  // namespace
}  // namespace ntp::policy
