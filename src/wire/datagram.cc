// SPDX-License-Identifier: BSD-2-Clause
#include "wire/datagram.h"

namespace ntp::wire {
namespace {

bool is_mac_length(std::size_t rest) {
  return rest == kCryptoNakLength || rest == kShortMacLength || rest == kLongMacLength;
}

}  // namespace

std::expected<Layout, DecodeError> decode_layout(Bytes datagram) {
  if (datagram.size() < kHeaderLength) return std::unexpected(DecodeError::too_short);
  if (datagram.size() % 4 != 0) return std::unexpected(DecodeError::not_word_aligned);

  Layout layout;
  std::size_t offset = kHeaderLength;
  while (offset < datagram.size()) {
    const std::size_t rest = datagram.size() - offset;
    if (is_mac_length(rest)) {
      layout.has_mac = true;
      layout.mac = {.key_id = load_big_endian<std::uint32_t>(datagram, offset),
                    .offset = offset,
                    .digest_length = rest - kCryptoNakLength};
      return layout;
    }
    if (rest < kMinLastExtensionLength || layout.field_count == kMaxExtensionFields)
      return std::unexpected(DecodeError::bad_extension);
    const std::size_t length = load_big_endian<std::uint16_t>(datagram, offset + 2);
    if (length < kMinExtensionLength || length % 4 != 0 || length > rest)
      return std::unexpected(DecodeError::bad_extension);
    layout.fields[layout.field_count++] = {
        .type = load_big_endian<std::uint16_t>(datagram, offset), .offset = offset, .length = length};
    offset += length;
  }
  return layout;
}

}  // namespace ntp::wire
