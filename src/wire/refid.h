// SPDX-License-Identifier: BSD-2-Clause
//
// Reference identifier: four ASCII characters (stratum 0: kiss code, stratum 1: kind of clock), an IPv4 address, or the
// first four octets of the MD5 of an IPv6 address (RFC 5905 section 7.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"

namespace ntp::wire {

struct Refid {
  std::uint32_t bits = 0;

  /// Up to four characters, left-justified, padded with zeros; longer text is cut.
  static constexpr Refid ascii(std::string_view text) {
    Refid id;
    for (std::size_t i = 0; i < 4; ++i)
      id.bits = (id.bits << 8U) | (i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U);
    return id;
  }
  static constexpr Refid v4(const Address& address) { return {address.v4_host_order()}; }

  friend constexpr bool operator==(Refid, Refid) = default;
};

/// As people read it: text for stratum 0 and 1 (non-printing octets as '.'), dotted quad above.
std::string to_text(Refid refid, std::uint8_t stratum);

/// Kiss codes that a server may send in the refid of a stratum 0 reply (RFC 5905 section 7.4).
inline constexpr Refid kKissDeny = Refid::ascii("DENY");
inline constexpr Refid kKissRestrict = Refid::ascii("RSTR");
inline constexpr Refid kKissRate = Refid::ascii("RATE");
inline constexpr Refid kRefidInit = Refid::ascii("INIT");

}  // namespace ntp::wire
