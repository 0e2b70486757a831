// SPDX-License-Identifier: BSD-2-Clause
#include "wire/header.h"

#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::wire {
namespace {

using Packet = std::array<std::uint8_t, kHeaderLength>;

RC_GTEST_PROP(Header, DecodesAndEncodesEveryStringOf48Octets, (const Packet& octets)) {
  const auto header = decode_header(std::as_bytes(std::span(octets)));
  Packet again{};
  encode_header(header.value(), std::as_writable_bytes(std::span(again)));

  RC_ASSERT(again == octets);
}

RC_GTEST_PROP(Header, SurvivesAnyAlignmentAndIgnoresWhatFollows, (const Packet& octets, std::uint8_t any)) {
  const std::size_t shift = 1 + any % 7;
  std::vector<std::uint8_t> moved(shift + kHeaderLength + 5, 0xaa);
  std::copy(octets.begin(), octets.end(), moved.begin() + static_cast<std::ptrdiff_t>(shift));

  const Header from_moved = decode_header(std::as_bytes(std::span(moved)).subspan(shift)).value();
  const Header from_octets = decode_header(std::as_bytes(std::span(octets))).value();

  RC_ASSERT((from_moved == from_octets));
}

TEST(DecodeHeader, RefusesEveryDatagramThatIsTooShort) {
  const Packet octets{};

  for (std::size_t length = 0; length < kHeaderLength; ++length)
    EXPECT_EQ(decode_header(std::as_bytes(std::span(octets)).first(length)).error(), DecodeError::too_short);
}

TEST(DecodeHeader, ReadsTheFieldsOfFigure8) {
  // Leap 3, version 4, mode 3 and a different octet in every other place.
  Packet octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(i);
  octets[0] = 0xe3;
  octets[2] = 0xfd;
  octets[3] = 0xe9;

  const Header header = decode_header(std::as_bytes(std::span(octets))).value();

  EXPECT_EQ(header.leap, Leap::unsynchronized);
  EXPECT_EQ(header.version, 4);
  EXPECT_EQ(header.mode, Mode::client);
  EXPECT_EQ(header.stratum, 1);
  EXPECT_EQ(header.poll_log2s, -3);
  EXPECT_EQ(header.precision_log2s, -23);
  EXPECT_EQ(header.root_delay.bits(), 0x04050607U);
  EXPECT_EQ(header.root_dispersion.bits(), 0x08090a0bU);
  EXPECT_EQ(header.refid.bits, 0x0c0d0e0fU);
  EXPECT_EQ(header.reference.bits(), 0x1011121314151617U);
  EXPECT_EQ(header.origin.bits(), 0x18191a1b1c1d1e1fU);
  EXPECT_EQ(header.receive.bits(), 0x2021222324252627U);
  EXPECT_EQ(header.transmit.bits(), 0x28292a2b2c2d2e2fU);
}

TEST(EncodeHeader, WritesNothingBeyond48Octets) {
  std::array<std::uint8_t, 50> octets{};
  octets.fill(0xaa);

  encode_header(Header{}, std::as_writable_bytes(std::span(octets)));

  EXPECT_EQ(octets[47], 0);
  EXPECT_EQ(octets[48], 0xaa);
}

TEST(Refid, IsLeftJustifiedAsciiCutAtFour) {
  EXPECT_EQ(Refid::ascii("GPS").bits, 0x47505300U);
  EXPECT_EQ(Refid::ascii("GALILEO"), Refid::ascii("GALI"));
  EXPECT_EQ(Refid::ascii("").bits, 0U);
  EXPECT_EQ(kKissRate.bits, 0x52415445U);
}

TEST(RefidText, DependsOnTheStratum) {
  EXPECT_EQ(to_text(Refid::ascii("GPS"), 1), "GPS");
  EXPECT_EQ(to_text(kRefidInit, 0), "INIT");
  EXPECT_EQ(to_text(Refid::v4(Address::v4(0xc0000201)), 2), "192.0.2.1");
  EXPECT_EQ(to_text(Refid{0x41000042}, 1), "A") << "ends at the first zero";
  EXPECT_EQ(to_text(Refid{0x1b5b0aff}, 0), ".[..") << "nothing that a terminal would obey";
}

RC_GTEST_PROP(RefidText, IsPrintableForAllBits, (std::uint32_t bits, std::uint8_t stratum)) {
  for (const char c : to_text(Refid{bits}, stratum)) RC_ASSERT(c > 0x20 && c < 0x7f);
}

}  // namespace
}  // namespace ntp::wire
