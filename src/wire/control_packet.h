// SPDX-License-Identifier: BSD-2-Clause
//
// Control messages, NTP mode 6: the fixed header (RFC 9327 section 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "base/bytes.h"
#include "wire/header.h"

namespace ntp::wire {

inline constexpr std::size_t kControlHeaderLength = 12;
/// Most data that a message carries: 480 octets with the header.
inline constexpr std::size_t kMaxControlData = 468;
/// The MAC of a control message begins at a multiple of this, counted from the start; NTPsec's tools pad to 4.
inline constexpr std::size_t kControlMacAlignment = 8;

enum class ControlOpcode : std::uint8_t {
  unspecified = 0,
  read_status = 1,
  read_variables = 2,
  write_variables = 3,
  read_clock = 4,
  write_clock = 5,
  set_trap = 6,
  asynchronous = 7,
  configure = 8,
  save_configuration = 9,
  read_clients = 10,  ///< the list of clients, READ_MRU
  read_ordered_list = 11,
  request_nonce = 12,
  unset_trap = 31,
};

/// In the high octet of an error reply's status.
enum class ControlError : std::uint8_t {
  unspecified = 0,
  permission = 1,
  bad_format = 2,
  bad_opcode = 3,
  unknown_association = 4,
  unknown_variable = 5,
  bad_value = 6,
  restricted = 7,
};

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---+-----+-----+-+-+-+---------+-------------------------------+
// |LI | VN  |  6  |R|E|M| opcode  |           sequence            |
// +---+-----+-----+-+-+-+---------+-------------------------------+
// |            status             |        association id         |
// +-------------------------------+-------------------------------+
// |            offset             |             count             |
// +-------------------------------+-------------------------------+
// |   data (count octets), padding, key id and digest if proven   |
// +---------------------------------------------------------------+
struct ControlHeader {
  Leap leap = Leap::none;
  std::uint8_t version = 2;
  bool is_response = false;
  bool is_error = false;
  bool has_more = false;
  std::uint8_t opcode = 0;  ///< 0 to 31: a ControlOpcode, or none
  std::uint16_t sequence = 0;
  std::uint16_t status = 0;
  std::uint16_t association_id = 0;
  std::uint16_t offset = 0;  ///< of this message's data in the whole answer
  std::uint16_t count = 0;   ///< octets of data

  friend bool operator==(const ControlHeader&, const ControlHeader&) = default;
};

/// The header at the start of a datagram whose mode is 6; judges nothing but the length: `count` may be more than there is.
[[nodiscard]] std::expected<ControlHeader, DecodeError> decode_control_header(Bytes datagram);
/// Writes 12 octets.
void encode_control_header(const ControlHeader& header, MutableBytes out);

}  // namespace ntp::wire
