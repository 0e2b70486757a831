// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/refid_of.h"

#include <span>

#include "crypto/digest.h"

namespace ntp::crypto {

wire::Refid refid_of(const Address& address) {
  if (address.is_v4()) return wire::Refid::v4(address);
  const auto digest = md5(std::as_bytes(std::span(address.octets())));
  const auto octet = [&](std::size_t i) { return std::uint32_t{digest[i]}; };
  return {(octet(0) << 24U) | (octet(1) << 16U) | (octet(2) << 8U) | octet(3)};
}

}  // namespace ntp::crypto
