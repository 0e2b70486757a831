// SPDX-License-Identifier: BSD-2-Clause
#include "wire/refid.h"

namespace ntp::wire {

std::string to_text(Refid refid, std::uint8_t stratum) {
  if (stratum > 1) return Address::v4(refid.bits).text();
  std::string text;
  for (unsigned shift = 32; shift > 0;) {
    shift -= 8;
    const auto octet = static_cast<std::uint8_t>(refid.bits >> shift);
    if (octet == 0) break;
    text += octet > 0x20 && octet < 0x7f ? static_cast<char>(octet) : '.';
  }
  return text;
}

}  // namespace ntp::wire
