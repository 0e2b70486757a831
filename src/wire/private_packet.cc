// SPDX-License-Identifier: BSD-2-Clause
#include "wire/private_packet.h"

#include <algorithm>
#include <array>

namespace ntp::wire {
namespace {

constexpr unsigned kResponse = 0x80;
constexpr unsigned kMore = 0x40;
constexpr unsigned kAuthenticated = 0x80;
constexpr unsigned kTwelveBits = 0xfff;

constexpr std::size_t kStampLength = 8;
constexpr std::size_t kKeyIdLength = 4;

constexpr bool kOpen = false;
constexpr bool kProven = true;

// In the order of the codes. Lengths: of the captures in tests/data/classic; the old ones end before the flag of IPv6.
constexpr std::array kOperations{
    PrivateOperation{PrivateCode::peer_list, {0, 0}, {32, 8}, kOpen},
    PrivateOperation{PrivateCode::peer_summary, {0, 0}, {72, 32}, kOpen},
    PrivateOperation{PrivateCode::peer_info, {32, 8}, {280, 240}, kOpen},
    PrivateOperation{PrivateCode::peer_stats, {32, 8}, {120, 80}, kOpen},
    PrivateOperation{PrivateCode::system_info, {0, 0}, {80, 56}, kOpen},
    PrivateOperation{PrivateCode::system_stats, {0, 0}, {52, 52}, kOpen},
    PrivateOperation{PrivateCode::io_stats, {0, 0}, {40, 40}, kOpen},
    PrivateOperation{PrivateCode::memory_stats, {0, 0}, {148, 148}, kOpen},
    PrivateOperation{PrivateCode::loop_info, {0, 0}, {24, 24}, kOpen},
    PrivateOperation{PrivateCode::timer_stats, {0, 0}, {16, 16}, kOpen},
    PrivateOperation{PrivateCode::configure, {168, 144}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::unconfigure, {24, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::set_flags, {4, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::clear_flags, {4, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::restrict_list, {0, 0}, {56, 16}, kOpen},
    PrivateOperation{PrivateCode::add_restriction, {60, 24}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::subtract_restriction, {60, 24}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::delete_restriction, {60, 24}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::client_list_old, {0, 0}, {48, 24}, kOpen},
    PrivateOperation{PrivateCode::reset_stats, {4, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::reset_peer, {24, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::read_keys, {0, 0}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::trust_key, {8, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::untrust_key, {8, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::authentication_info, {0, 0}, {36, 36}, kOpen},
    PrivateOperation{PrivateCode::traps, {0, 0}, {64, 28}, kOpen},
    PrivateOperation{PrivateCode::add_trap, {48, 12}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::clear_trap, {48, 12}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::request_key, {8, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::control_key, {8, 4}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::control_stats, {0, 0}, {60, 60}, kOpen},
    PrivateOperation{PrivateCode::clock_info, {4, 4}, {52, 52}, kOpen},
    PrivateOperation{PrivateCode::set_fudge, {20, 20}, {0, 0}, kProven},
    PrivateOperation{PrivateCode::kernel_info, {0, 0}, {60, 60}, kOpen},
    PrivateOperation{PrivateCode::clock_debug, {4, 4}, {332, 332}, kOpen},
    PrivateOperation{PrivateCode::client_list, {0, 0}, {72, 32}, kOpen},
    PrivateOperation{PrivateCode::interface_stats, {0, 0}, {136, 136}, kProven},
    PrivateOperation{PrivateCode::interface_reload, {0, 0}, {136, 136}, kProven},
};

}  // namespace

std::expected<PrivateHeader, DecodeError> decode_private_header(Bytes datagram) {
  if (datagram.size() < kPrivateHeaderLength) return std::unexpected(DecodeError::too_short);
  const auto first = std::to_integer<unsigned>(datagram[0]);
  const auto second = std::to_integer<unsigned>(datagram[1]);
  const unsigned counts = load_big_endian<std::uint16_t>(datagram, 4);
  const unsigned lengths = load_big_endian<std::uint16_t>(datagram, 6);
  return PrivateHeader{
      .is_response = (first & kResponse) != 0,
      .has_more = (first & kMore) != 0,
      .version = static_cast<std::uint8_t>((first >> 3U) & 7U),
      .is_authenticated = (second & kAuthenticated) != 0,
      .sequence = static_cast<std::uint8_t>(second & 0x7fU),
      .implementation = load_big_endian<std::uint8_t>(datagram, 2),
      .code = load_big_endian<std::uint8_t>(datagram, 3),
      .error = static_cast<std::uint8_t>(counts >> 12U),
      .item_count = static_cast<std::uint16_t>(counts & kTwelveBits),
      .reserved = static_cast<std::uint8_t>(lengths >> 12U),
      .item_length = static_cast<std::uint16_t>(lengths & kTwelveBits),
  };
}

void encode_private_header(const PrivateHeader& header, MutableBytes out) {
  const unsigned first = (header.is_response ? kResponse : 0U) | (header.has_more ? kMore : 0U) |
                         ((header.version & 7U) << 3U) | static_cast<unsigned>(Mode::private_use);
  const unsigned second = (header.is_authenticated ? kAuthenticated : 0U) | (header.sequence & 0x7fU);
  store_big_endian(out, 0, static_cast<std::uint8_t>(first));
  store_big_endian(out, 1, static_cast<std::uint8_t>(second));
  store_big_endian(out, 2, header.implementation);
  store_big_endian(out, 3, header.code);
  store_big_endian(out, 4,
                   static_cast<std::uint16_t>(((header.error & 15U) << 12U) | (header.item_count & kTwelveBits)));
  store_big_endian(out, 6,
                   static_cast<std::uint16_t>(((header.reserved & 15U) << 12U) | (header.item_length & kTwelveBits)));
}

std::optional<PrivateOperation> find_private_operation(std::uint8_t code) {
  const auto* const found = std::ranges::find_if(
      kOperations, [code](const PrivateOperation& each) { return static_cast<std::uint8_t>(each.code) == code; });
  if (found == kOperations.end()) return std::nullopt;
  return *found;
}

std::span<const PrivateOperation> private_operations() { return kOperations; }

std::optional<PrivateProof> find_private_proof(const PrivateHeader& header, Bytes datagram, std::uint32_t expected_key,
                                               std::size_t digest_length) {
  const std::size_t items = std::size_t{header.item_count} * header.item_length;
  for (const std::size_t stamp : {kPrivateHeaderLength + items, kPrivateHeaderLength + kMaxPrivateRequestData}) {
    const std::size_t key = stamp + kStampLength;
    if (stamp < kPrivateHeaderLength + items || datagram.size() != key + kKeyIdLength + digest_length) continue;
    const PrivateProof proof{.stamp = Timestamp::from_bits(load_big_endian<std::uint64_t>(datagram, stamp)),
                             .key_id = load_big_endian<std::uint32_t>(datagram, key),
                             .key_offset = key,
                             .digest_length = digest_length};
    if (proof.key_id == expected_key) return proof;
  }
  return std::nullopt;
}

}  // namespace ntp::wire
