// SPDX-License-Identifier: BSD-2-Clause
//
// Private messages, NTP mode 7: the header, the operations with the lengths of their items, and where a request's proof stands.
// There is no RFC: this is what ntp.org's ntpd and ntpdc 4.2.8 say to each other (`enable mode7`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/time.h"
#include "wire/header.h"

namespace ntp::wire {

inline constexpr std::size_t kPrivateHeaderLength = 8;
/// Most octets of items that a response carries.
inline constexpr std::size_t kMaxPrivateData = 500;
/// Most octets of items in a request. Without a proof it is always as long as if it were full, and has room for a time stamp.
inline constexpr std::size_t kMaxPrivateRequestData = 176;
inline constexpr std::size_t kPrivateRequestLength = kPrivateHeaderLength + kMaxPrivateRequestData + 8;
/// Responses count from 0 to this: an answer has at most 128 datagrams.
inline constexpr std::uint8_t kMaxPrivateSequence = 127;
/// A proof counts while its time stamp is no farther from the clock than this.
inline constexpr double kMaxPrivateSkew_s = 10;

/// Who speaks: the choice decides how long the items are.
enum class Implementation : std::uint8_t {
  universal = 0,
  old = 2,      ///< items of IPv4 alone: what stands before the flag of IPv6
  current = 3,  ///< items that have room for IPv6
};

enum class PrivateCode : std::uint8_t {
  peer_list = 0,
  peer_summary = 1,
  peer_info = 2,
  peer_stats = 3,
  system_info = 4,
  system_stats = 5,
  io_stats = 6,
  memory_stats = 7,
  loop_info = 8,
  timer_stats = 9,
  configure = 10,
  unconfigure = 11,
  set_flags = 12,
  clear_flags = 13,
  restrict_list = 16,
  add_restriction = 17,
  subtract_restriction = 18,
  delete_restriction = 19,
  client_list_old = 20,  ///< monlist of old programs
  reset_stats = 21,
  reset_peer = 22,
  read_keys = 23,
  trust_key = 26,
  untrust_key = 27,
  authentication_info = 28,
  traps = 29,
  add_trap = 30,
  clear_trap = 31,
  request_key = 32,
  control_key = 33,
  control_stats = 34,
  clock_info = 36,
  set_fudge = 37,
  kernel_info = 38,
  clock_debug = 39,
  client_list = 42,  ///< monlist
  interface_stats = 44,
  interface_reload = 45,
};

enum class PrivateError : std::uint8_t {
  none = 0,
  implementation = 1,
  request = 2,  ///< no such operation
  format = 3,
  no_data = 4,
  authentication = 7,
};

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-----+-----+-+-------------+---------------+---------------+
// |R|M| VN  |  7  |A|  sequence   |implementation |   operation   |
// +-+-+---+-+-----+-+-----+-------+-------+-------+---------------+
// | error |   items       | reserved (0)  |    length of an item  |
// +-------+---------------+---------------+-----------------------+
// |                          items                                |
// +---------------------------------------------------------------+
struct PrivateHeader {
  bool is_response = false;
  bool has_more = false;
  std::uint8_t version = 2;
  bool is_authenticated = false;
  std::uint8_t sequence = 0;  ///< 0 to 127
  std::uint8_t implementation = static_cast<std::uint8_t>(Implementation::current);
  std::uint8_t code = 0;          ///< a PrivateCode, or none
  std::uint8_t error = 0;         ///< 0 to 15: a PrivateError, or none
  std::uint16_t item_count = 0;   ///< 12 bits
  std::uint8_t reserved = 0;      ///< 4 bits
  std::uint16_t item_length = 0;  ///< 12 bits

  friend bool operator==(const PrivateHeader&, const PrivateHeader&) = default;
};

/// The header at the start of a datagram whose mode is 7; judges nothing but the length.
[[nodiscard]] std::expected<PrivateHeader, DecodeError> decode_private_header(Bytes datagram);
/// Writes 8 octets.
void encode_private_header(const PrivateHeader& header, MutableBytes out);

/// Octets of an item in each of the two layouts.
struct ItemLengths {
  std::uint16_t current = 0;
  std::uint16_t old = 0;

  [[nodiscard]] constexpr std::uint16_t of(bool is_old) const { return is_old ? old : current; }
};

/// What an operation takes and gives. Lengths of 0: no items.
struct PrivateOperation {
  PrivateCode code = PrivateCode::peer_list;
  ItemLengths request;
  ItemLengths response;
  bool needs_proof = false;
};
/// Nothing: there is no such operation.
[[nodiscard]] std::optional<PrivateOperation> find_private_operation(std::uint8_t code);
[[nodiscard]] std::span<const PrivateOperation> private_operations();

/// Where the proof of a request stands: time stamp, key id and digest; the digest is over all that stands before the key id.
struct PrivateProof {
  Timestamp stamp;
  std::uint32_t key_id = 0;
  std::size_t key_offset = 0;
  std::size_t digest_length = 0;

  [[nodiscard]] Bytes message(Bytes datagram) const { return datagram.first(key_offset); }
  [[nodiscard]] Bytes digest(Bytes datagram) const { return datagram.subspan(key_offset + 4, digest_length); }
};
/// There are two layouts: behind the items (digests of 20 octets), and at octet 184 whatever the items are (of 16). Gives
/// those that the datagram's length allows, the first one first; `expected_key` tells them apart.
[[nodiscard]] std::optional<PrivateProof> find_private_proof(const PrivateHeader& header, Bytes datagram,
                                                             std::uint32_t expected_key, std::size_t digest_length);

}  // namespace ntp::wire
