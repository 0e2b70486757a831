// SPDX-License-Identifier: BSD-2-Clause
#include "wire/datagram.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::wire {
namespace {

/// A datagram in the making: a header of zeros, then what is appended.
class Builder {
 public:
  Builder& field(std::uint16_t type, std::size_t length) {
    const std::size_t at = octets_.size();
    octets_.resize(at + length);
    store_big_endian(MutableBytes(octets_), at, type);
    store_big_endian(MutableBytes(octets_), at + 2, static_cast<std::uint16_t>(length));
    return *this;
  }
  Builder& mac(std::uint32_t key_id, std::size_t digest_length) {
    const std::size_t at = octets_.size();
    octets_.resize(at + 4 + digest_length, std::byte{0xdd});
    store_big_endian(MutableBytes(octets_), at, key_id);
    return *this;
  }
  Builder& zeros(std::size_t count) {
    octets_.resize(octets_.size() + count);
    return *this;
  }
  [[nodiscard]] Bytes bytes() const { return octets_; }
  [[nodiscard]] auto decode() const { return decode_layout(octets_); }

 private:
  std::vector<std::byte> octets_ = std::vector<std::byte>(kHeaderLength);
};

TEST(DecodeLayout, OfABareHeaderIsEmpty) {
  const auto layout = Builder().decode().value();

  EXPECT_EQ(layout.field_count, 0U);
  EXPECT_FALSE(layout.has_mac);
}

TEST(DecodeLayout, TellsTheTailsOfRfc7822Apart) {
  struct Row {
    std::size_t rest;
    bool is_good;
    bool has_mac;
  };
  // What is no MAC here has a length field of zero, so it can't be an extension field either.
  const std::array<Row, 11> rows = {{{0, true, false},
                                     {4, true, true},
                                     {8, false, false},
                                     {12, false, false},
                                     {16, false, false},
                                     {20, true, true},
                                     {24, true, true},
                                     {28, false, false},
                                     {32, false, false},
                                     {36, false, false},
                                     {40, false, false}}};

  for (const Row& row : rows) {
    const auto layout = Builder().zeros(row.rest).decode();

    ASSERT_EQ(layout.has_value(), row.is_good) << row.rest;
    if (!layout) {
      EXPECT_EQ(layout.error(), DecodeError::bad_extension);
      continue;
    }
    EXPECT_EQ(layout->has_mac, row.has_mac) << row.rest;
    EXPECT_EQ(layout->mac.digest_length, row.has_mac ? row.rest - 4 : 0U);
  }
}

TEST(DecodeLayout, ReadsAFieldOf20Or24OctetsAtTheEndAsAMac) {
  for (const std::size_t length : {20U, 24U}) {
    const auto layout = Builder().field(0x0104, length).decode().value();

    EXPECT_EQ(layout.field_count, 0U);
    EXPECT_TRUE(layout.has_mac);
    EXPECT_EQ(layout.mac.key_id, 0x01040000U | length);
  }
}

TEST(DecodeLayout, RefusesALastFieldOf16OctetsWithoutAMac) {
  EXPECT_EQ(Builder().field(0x0104, 16).decode().error(), DecodeError::bad_extension);
  EXPECT_EQ(Builder().field(0x0104, 28).field(0x0104, 16).decode().error(), DecodeError::bad_extension);
}

TEST(DecodeLayout, ReadsALastFieldOf28OctetsAsAField) {
  const auto layout = Builder().field(0x0104, 28).decode().value();

  EXPECT_EQ(layout.field_count, 1U);
  EXPECT_FALSE(layout.has_mac);
}

TEST(DecodeLayout, TakesShortFieldsBeforeAMac) {
  const auto builder = Builder().field(0x0104, 16).field(0x0204, 20).mac(7, 20);
  const auto layout = builder.decode().value();

  ASSERT_EQ(layout.field_count, 2U);
  EXPECT_EQ(layout.fields[0].type, 0x0104);
  EXPECT_EQ(layout.fields[1].offset, 64U);
  EXPECT_EQ(layout.fields[1].body(builder.bytes()).size(), 16U);
  EXPECT_EQ(layout.mac.key_id, 7U);
  EXPECT_EQ(layout.mac.offset, 84U);
  EXPECT_EQ(layout.mac.digest(builder.bytes()).size(), 20U);
  EXPECT_EQ(layout.mac.digest(builder.bytes()).front(), std::byte{0xdd});
}

TEST(DecodeLayout, KnowsACryptoNakAlsoBehindFields) {
  EXPECT_TRUE(Builder().mac(0, 0).decode()->is_crypto_nak());
  EXPECT_TRUE(Builder().field(0x0104, 32).mac(0, 0).decode()->is_crypto_nak());
  EXPECT_FALSE(Builder().mac(0, 16).decode()->is_crypto_nak());
}

TEST(DecodeLayout, RefusesEveryLengthThatIsNoMultipleOfFour) {
  for (std::size_t rest = 1; rest < 80; ++rest) {
    if (rest % 4 == 0) continue;
    EXPECT_EQ(Builder().zeros(rest).decode().error(), DecodeError::not_word_aligned);
  }
}

TEST(DecodeLayout, RefusesAFieldLengthThatIsUnalignedTooShortOrTooLong) {
  for (const std::uint16_t length : std::to_array<std::uint16_t>({0, 4, 12, 15, 17, 30, 36, 0xffff, 0xfffc})) {
    std::vector<std::byte> octets(kHeaderLength + 32);
    store_big_endian(MutableBytes(octets), kHeaderLength + 2, length);

    EXPECT_EQ(decode_layout(octets).error(), DecodeError::bad_extension) << length;
  }
}

TEST(DecodeLayout, LimitsTheNumberOfFields) {
  Builder builder;
  for (std::size_t i = 0; i < kMaxExtensionFields; ++i) builder.field(0x2005, 28);
  EXPECT_EQ(builder.decode()->field_count, kMaxExtensionFields);
  EXPECT_TRUE(Builder(builder).mac(1, 16).decode()->has_mac);

  builder.field(0x2005, 28);
  EXPECT_EQ(builder.decode().error(), DecodeError::bad_extension);
}

RC_GTEST_PROP(DecodeLayout, FindsEveryFieldThatWasWritten, (const std::vector<std::uint8_t>& drawn, bool has_mac)) {
  Builder builder;
  const std::size_t count = std::min(drawn.size(), kMaxExtensionFields);
  for (std::size_t i = 0; i < count; ++i) builder.field(drawn[i], 28 + std::size_t{4} * (drawn[i] % 16));
  if (has_mac) builder.mac(9, 16);

  const auto layout = builder.decode().value();

  RC_ASSERT(layout.field_count == count);
  RC_ASSERT(layout.has_mac == has_mac);
  for (std::size_t i = 0; i < count; ++i) RC_ASSERT(layout.fields[i].type == drawn[i]);
}

RC_GTEST_PROP(DecodeLayout, CoversTheDatagramWithoutGapOrOverlap, (const std::vector<std::uint8_t>& tail)) {
  std::vector<std::uint8_t> octets(kHeaderLength);
  octets.insert(octets.end(), tail.begin(), tail.end());
  octets.resize(octets.size() / 4 * 4);
  // A random length field is hardly ever a good one: cut it down to something that may fit.
  for (std::size_t at = kHeaderLength; at + 4 <= octets.size(); at += 16) {
    octets[at + 2] = 0;
    octets[at + 3] = static_cast<std::uint8_t>(octets[at + 3] & 0x3cU);
  }

  const auto layout = decode_layout(std::as_bytes(std::span(octets)));

  if (!layout) return;
  std::size_t end = kHeaderLength;
  for (std::size_t i = 0; i < layout->field_count; ++i) {
    RC_ASSERT(layout->fields[i].offset == end);
    RC_ASSERT(layout->fields[i].length >= kMinExtensionLength);
    end += layout->fields[i].length;
  }
  if (layout->has_mac) end = layout->mac.offset + 4 + layout->mac.digest_length;
  RC_ASSERT(end == octets.size());
}

}  // namespace
}  // namespace ntp::wire
