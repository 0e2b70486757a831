// SPDX-License-Identifier: BSD-2-Clause
#include "wire/control_packet.h"

#include <array>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::wire {
namespace {

RC_GTEST_PROP(ControlHeader, AnyTwelveOctetsSurviveTheRoundTrip, (std::array<std::uint8_t, 12> octets)) {
  octets[0] = static_cast<std::uint8_t>((octets[0] & 0xf8U) | 6U);
  const Bytes datagram = std::as_bytes(std::span(octets));
  const auto header = decode_control_header(datagram);
  RC_ASSERT(header.has_value());
  std::array<std::byte, 12> out{};
  encode_control_header(*header, out);
  RC_ASSERT(std::equal(out.begin(), out.end(), datagram.begin()));
}

TEST(ControlHeader, ReadsACapturedReply) {
  // The first fragment of a peer's variables, of the reference implementation.
  constexpr std::array<std::uint8_t, 12> kReply{0x16, 0xa2, 0, 2, 0xf4, 0x1a, 0x07, 0xbd, 0, 0, 0x01, 0xd4};
  const auto header = decode_control_header(std::as_bytes(std::span(kReply)));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(*header, (ControlHeader{.version = 2,
                                    .is_response = true,
                                    .has_more = true,
                                    .opcode = static_cast<std::uint8_t>(ControlOpcode::read_variables),
                                    .sequence = 2,
                                    .status = 0xf41a,
                                    .association_id = 1981,
                                    .count = 468}));
}

TEST(ControlHeader, NeedsTwelveOctets) {
  const std::array<std::byte, 11> octets{};
  EXPECT_EQ(decode_control_header(octets).error(), DecodeError::too_short);
}

}  // namespace
}  // namespace ntp::wire
