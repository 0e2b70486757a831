// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: the fixed header. Every 48 octets decode, and encode to the same 48 octets.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"
#include "wire/header.h"
#include "wire/refid.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const ntp::Bytes datagram = std::as_bytes(std::span(octets, size));
  const auto header = ntp::wire::decode_header(datagram);
  NTP_ASSERT(header.has_value() == (size >= ntp::wire::kHeaderLength));
  if (!header) return 0;

  std::array<std::byte, ntp::wire::kHeaderLength> again{};
  ntp::wire::encode_header(*header, again);
  NTP_ASSERT(std::equal(again.begin(), again.end(), datagram.begin()));
  NTP_ASSERT(ntp::wire::to_text(header->refid, header->stratum).size() <= 15);
  // No operation on stamps from the network may overflow; the sanitizers watch.
  NTP_ASSERT((header->receive - header->origin) + (header->origin - header->transmit) ==
             header->receive - header->transmit);
  NTP_ASSERT(ntp::ShortTime::from_seconds(header->root_delay.seconds()) == header->root_delay);
  return 0;
}
