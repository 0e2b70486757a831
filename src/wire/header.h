// SPDX-License-Identifier: BSD-2-Clause
//
// The fixed NTP header: 48 octets, big-endian (RFC 5905 section 7.3, figure 8).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "base/bytes.h"
#include "base/time.h"
#include "wire/refid.h"

namespace ntp::wire {

inline constexpr std::size_t kHeaderLength = 48;
inline constexpr std::uint8_t kVersion = 4;
inline constexpr std::uint16_t kPort = 123;

enum class Leap : std::uint8_t { none = 0, insert = 1, remove = 2, unsynchronized = 3 };

enum class Mode : std::uint8_t {
  reserved = 0,
  symmetric_active = 1,
  symmetric_passive = 2,
  client = 3,
  server = 4,
  broadcast = 5,
  control = 6,
  private_use = 7,
};

/// Every bit pattern of 48 octets is a Header and back: decoding judges nothing but the length.
struct Header {
  Leap leap = Leap::none;
  std::uint8_t version = kVersion;  ///< 0 to 7
  Mode mode = Mode::client;
  std::uint8_t stratum = 0;  ///< 0 unspecified or kiss code, 1 primary, 2 to 15 secondary
  std::int8_t poll_log2s = 0;
  std::int8_t precision_log2s = 0;
  ShortTime root_delay;
  ShortTime root_dispersion;
  Refid refid;
  Timestamp reference;
  Timestamp origin;    ///< T1 as the server returns it
  Timestamp receive;   ///< T2
  Timestamp transmit;  ///< T3 (or the client's T1, in a request)

  friend bool operator==(const Header&, const Header&) = default;
};

enum class DecodeError : std::uint8_t {
  too_short,         ///< fewer than 48 octets
  not_word_aligned,  ///< what follows the header is no multiple of four octets
  bad_extension,     ///< an extension field that is shorter than its minimum or runs over the end
};

/// The header at the start of a datagram; what follows it is not looked at.
[[nodiscard]] std::expected<Header, DecodeError> decode_header(Bytes datagram);

/// Writes the 48 octets to the start of `out`, which holds at least that many.
void encode_header(const Header& header, MutableBytes out);

}  // namespace ntp::wire
