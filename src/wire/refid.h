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
#include "base/time.h"

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
  /// 254.x.y.z: what a server has added to its time to spread a leap second, to 2^-22 s; +-2 s (ntpd's leap smear).
  static constexpr Refid smear(Span offset) {
    constexpr std::uint64_t kHalfUnit = 1U << 9U;  // of 22 fraction bits in 32
    const std::uint64_t rounded = (static_cast<std::uint64_t>(offset.units()) + kHalfUnit) >> 10U;
    return {0xfe000000U | static_cast<std::uint32_t>(rounded & 0xffffffU)};
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
