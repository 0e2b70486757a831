// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: the walk over extension fields and MAC. What is found covers the datagram without gap or overlap.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"
#include "wire/datagram.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const ntp::Bytes datagram = std::as_bytes(std::span(octets, size));
  const auto layout = ntp::wire::decode_layout(datagram);
  if (!layout) return 0;

  NTP_ASSERT(layout->field_count <= ntp::wire::kMaxExtensionFields);
  std::size_t end = ntp::wire::kHeaderLength;
  for (std::size_t i = 0; i < layout->field_count; ++i) {
    const auto& field = layout->fields[i];
    NTP_ASSERT(field.offset == end);
    NTP_ASSERT(field.length >= ntp::wire::kMinExtensionLength && field.length % 4 == 0);
    NTP_ASSERT(field.body(datagram).size() == field.length - ntp::wire::kExtensionHeaderLength);
    end += field.length;
  }
  if (layout->has_mac) {
    NTP_ASSERT(layout->mac.offset == end);
    NTP_ASSERT(layout->mac.digest(datagram).size() == layout->mac.digest_length);
    end += 4 + layout->mac.digest_length;
  }
  NTP_ASSERT(end == size);
  return 0;
}
