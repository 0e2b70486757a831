// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: the answer to a private message (mode 7) from a hostile server. The input is cut into datagrams by length
// octets; what is put together holds whole items, and no more of them than datagrams can carry.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"
#include "client/private_answer.h"
#include "wire/private_items.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  ntp::Bytes rest = std::as_bytes(std::span(octets, size));
  if (rest.empty()) return 0;
  ntp::client::PrivateAssembly assembly(3, std::to_integer<std::uint8_t>(rest[0]));
  rest = rest.subspan(1);
  while (rest.size() >= 2) {
    const std::size_t length = std::min<std::size_t>(ntp::load_big_endian<std::uint16_t>(rest, 0), rest.size() - 2);
    const auto added = assembly.add(rest.subspan(2, length));
    rest = rest.subspan(2 + length);
    if (added != ntp::client::PrivateAssembly::Added::complete) continue;
    if (assembly.error()) return 0;
    const ntp::client::PrivateItems items = assembly.take();
    NTP_ASSERT(items.octets.size() == items.count * items.length);
    NTP_ASSERT(items.octets.size() <= 128 * ntp::wire::kMaxPrivateData);
    for (std::size_t i = 0; i < items.count; ++i) {
      (void)ntp::wire::decode_item<ntp::wire::PeerInfoItem>(items[i]);
      (void)ntp::wire::decode_item<ntp::wire::InterfaceItem>(items[i]);
      (void)ntp::wire::decode_item<ntp::wire::ClientItem>(items[i]);
    }
    return 0;
  }
  return 0;
}
