// SPDX-License-Identifier: BSD-2-Clause
//
// The shape of a whole datagram: header, extension fields, message authentication code (RFC 7822 section 7.5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "base/bytes.h"
#include "wire/header.h"

namespace ntp::wire {

/// More fields than any protocol over NTP uses; a datagram with more is malformed.
inline constexpr std::size_t kMaxExtensionFields = 32;
inline constexpr std::size_t kExtensionHeaderLength = 4;
/// An extension field is at least 16 octets, and at least 28 where it is the last and no MAC follows (RFC 7822).
inline constexpr std::size_t kMinExtensionLength = 16;
inline constexpr std::size_t kMinLastExtensionLength = 28;
/// Key id and digest: 4 + 16 (MD5, AES-CMAC) or 4 + 20 (SHA-1 and all that is cut to its length).
inline constexpr std::size_t kShortMacLength = 20;
inline constexpr std::size_t kLongMacLength = 24;
inline constexpr std::size_t kCryptoNakLength = 4;

/// One extension field, as offsets into the datagram.
struct ExtensionField {
  std::uint16_t type = 0;
  std::size_t offset = 0;  ///< of the field's first octet
  std::size_t length = 0;  ///< of the whole field, with header and padding

  [[nodiscard]] constexpr Bytes body(Bytes datagram) const {
    return datagram.subspan(offset + kExtensionHeaderLength, length - kExtensionHeaderLength);
  }
};

/// Key id 0 with no digest is a crypto-NAK.
struct MacTrailer {
  std::uint32_t key_id = 0;
  std::size_t offset = 0;         ///< of the key id: what is authenticated lies before it
  std::size_t digest_length = 0;  ///< 0 for a crypto-NAK, else 16 or 20

  [[nodiscard]] constexpr Bytes digest(Bytes datagram) const { return datagram.subspan(offset + 4, digest_length); }
};

struct Layout {
  std::array<ExtensionField, kMaxExtensionFields> fields{};
  std::size_t field_count = 0;
  bool has_mac = false;
  MacTrailer mac;

  [[nodiscard]] constexpr bool is_crypto_nak() const { return has_mac && mac.digest_length == 0; }
};

/// Walks what follows the header. With r octets left: 0 is the end, 4 a crypto-NAK (no field can be that short), 20 or 24
/// a MAC, 28 or more a field; every other rest is malformed. A field of 20 or 24 octets at the very end therefore reads as
/// a MAC: that is the ambiguity RFC 7822 settles this way.
[[nodiscard]] std::expected<Layout, DecodeError> decode_layout(Bytes datagram);

}  // namespace ntp::wire
