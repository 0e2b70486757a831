// SPDX-License-Identifier: BSD-2-Clause
#include "wire/control_packet.h"

namespace ntp::wire {
namespace {

constexpr unsigned kResponse = 0x80;
constexpr unsigned kError = 0x40;
constexpr unsigned kMore = 0x20;
constexpr unsigned kOpcode = 0x1f;

}  // namespace

std::expected<ControlHeader, DecodeError> decode_control_header(Bytes datagram) {
  if (datagram.size() < kControlHeaderLength) return std::unexpected(DecodeError::too_short);
  const auto first = std::to_integer<unsigned>(datagram[0]);
  const auto second = std::to_integer<unsigned>(datagram[1]);
  return ControlHeader{
      .leap = static_cast<Leap>(first >> 6U),
      .version = static_cast<std::uint8_t>((first >> 3U) & 7U),
      .is_response = (second & kResponse) != 0,
      .is_error = (second & kError) != 0,
      .has_more = (second & kMore) != 0,
      .opcode = static_cast<std::uint8_t>(second & kOpcode),
      .sequence = load_big_endian<std::uint16_t>(datagram, 2),
      .status = load_big_endian<std::uint16_t>(datagram, 4),
      .association_id = load_big_endian<std::uint16_t>(datagram, 6),
      .offset = load_big_endian<std::uint16_t>(datagram, 8),
      .count = load_big_endian<std::uint16_t>(datagram, 10),
  };
}

void encode_control_header(const ControlHeader& header, MutableBytes out) {
  const unsigned first =
      (static_cast<unsigned>(header.leap) << 6U) | ((header.version & 7U) << 3U) | static_cast<unsigned>(Mode::control);
  const unsigned second = (header.is_response ? kResponse : 0U) | (header.is_error ? kError : 0U) |
                          (header.has_more ? kMore : 0U) | (header.opcode & kOpcode);
  store_big_endian(out, 0, static_cast<std::uint16_t>((first << 8U) | second));
  store_big_endian(out, 2, header.sequence);
  store_big_endian(out, 4, header.status);
  store_big_endian(out, 6, header.association_id);
  store_big_endian(out, 8, header.offset);
  store_big_endian(out, 10, header.count);
}

}  // namespace ntp::wire
