// SPDX-License-Identifier: BSD-2-Clause
#include "wire/header.h"

namespace ntp::wire {

std::expected<Header, DecodeError> decode_header(Bytes datagram) {
  if (datagram.size() < kHeaderLength) return std::unexpected(DecodeError::too_short);
  const auto first = load_big_endian<std::uint8_t>(datagram, 0);
  const auto stamp = [&](std::size_t offset) {
    return Timestamp::from_bits(load_big_endian<std::uint64_t>(datagram, offset));
  };
  const auto short_time = [&](std::size_t offset) {
    return ShortTime::from_bits(load_big_endian<std::uint32_t>(datagram, offset));
  };
  return Header{
      .leap = static_cast<Leap>(first >> 6U),
      .version = static_cast<std::uint8_t>((first >> 3U) & 7U),
      .mode = static_cast<Mode>(first & 7U),
      .stratum = load_big_endian<std::uint8_t>(datagram, 1),
      .poll_log2s = static_cast<std::int8_t>(load_big_endian<std::uint8_t>(datagram, 2)),
      .precision_log2s = static_cast<std::int8_t>(load_big_endian<std::uint8_t>(datagram, 3)),
      .root_delay = short_time(4),
      .root_dispersion = short_time(8),
      .refid = {load_big_endian<std::uint32_t>(datagram, 12)},
      .reference = stamp(16),
      .origin = stamp(24),
      .receive = stamp(32),
      .transmit = stamp(40),
  };
}

void encode_header(const Header& header, MutableBytes out) {
  const auto first =
      (static_cast<unsigned>(header.leap) << 6U) | ((header.version & 7U) << 3U) | static_cast<unsigned>(header.mode);
  store_big_endian(out, 0, static_cast<std::uint8_t>(first));
  store_big_endian(out, 1, header.stratum);
  store_big_endian(out, 2, static_cast<std::uint8_t>(header.poll_log2s));
  store_big_endian(out, 3, static_cast<std::uint8_t>(header.precision_log2s));
  store_big_endian(out, 4, header.root_delay.bits());
  store_big_endian(out, 8, header.root_dispersion.bits());
  store_big_endian(out, 12, header.refid.bits);
  store_big_endian(out, 16, header.reference.bits());
  store_big_endian(out, 24, header.origin.bits());
  store_big_endian(out, 32, header.receive.bits());
  store_big_endian(out, 40, header.transmit.bits());
}

}  // namespace ntp::wire
